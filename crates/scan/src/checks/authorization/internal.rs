//! Names of properties that a client has no business with, by what they are.
//!
//! Only names that hardly mean anything else: `cost` may be what shipping costs, `score` what a team scored, `role` what a member of a team does.

use crate::fields::normal;

/// What an internal property is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Internal {
    /// What staff writes and thinks about it: `internal_notes`, `risk_score`.
    Staff,
    /// What it costs the service: `cost_price`, `margin`.
    Cost,
    /// Who may do more than others: `is_admin`.
    Privilege,
    /// A password, in whatever form.
    Password,
}

impl Internal {
    /// In words, in the plural.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "internal notes and scores",
            Self::Cost => "costs and margins",
            Self::Privilege => "flags of privilege",
            Self::Password => "passwords",
        }
    }
}

/// What a property of this name is; none for a name like any other.
pub fn internal(name: &str) -> Option<Internal> {
    let name = normal(name);
    let name = name.as_str();
    let is = |list: &[&str]| list.contains(&name);
    if is(&[
        "password",
        "passwd",
        "pwd",
        "passwordhash",
        "hashedpassword",
        "passwordsalt",
        "passphrase",
        "plainpassword",
        "userpassword",
        "pwhash",
    ]) {
        return Some(Internal::Password);
    }
    if is(&["isadmin", "isstaff", "issuperuser", "superuser", "isroot", "isinternal", "admin"]) {
        return Some(Internal::Privilege);
    }
    if is(&[
        "costprice",
        "purchaseprice",
        "buyingprice",
        "buyprice",
        "wholesaleprice",
        "supplierprice",
        "suppliercost",
        "unitcost",
        "internalcost",
        "margin",
        "profitmargin",
        "grossmargin",
        "marginpercent",
        "profit",
        "markup",
        "commissionrate",
        "landedcost",
        "cogs",
        "costofgoods",
        "internalprice",
        "actualcost",
        "costprices",
        "costperunit",
        "costcents",
        "costpricecents",
    ]) {
        return Some(Internal::Cost);
    }
    let scores = [
        "riskscore",
        "fraudscore",
        "fraudrisk",
        "risklevel",
        "churnscore",
        "spamscore",
        "trustscore",
        "creditscore",
        "abusescore",
        "fraudflag",
        "riskrating",
        "leadscore",
    ];
    let notes = [
        "staffnotes",
        "staffnote",
        "adminnotes",
        "adminnote",
        "agentnotes",
        "moderationnotes",
        "moderatornotes",
        "debuginfo",
        "debug",
        "privatecomment",
        "staffcomment",
        "backofficenotes",
        "supportnotes",
    ];
    let prefixed = name.starts_with("internal") && name.len() > "internal".len() && name != "internalid";
    (is(&scores) || is(&notes) || prefixed).then_some(Internal::Staff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, wanted) in [
            ("internal_notes", Internal::Staff),
            ("riskScore", Internal::Staff),
            ("cost_price", Internal::Cost),
            ("is_admin", Internal::Privilege),
            ("password", Internal::Password),
        ] {
            assert_eq!(internal(name), Some(wanted), "{name}");
        }
        for name in [
            "cost",
            "score",
            "role",
            "notes",
            "price",
            "total",
            "password_changed_at",
            "international",
            "administrator",
            "passworded",
        ] {
            assert_eq!(internal(name), None, "{name}");
        }
    }
}

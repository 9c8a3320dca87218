//! What names of fields tell of people, and which of them name secrets.

use super::normal;

/// How much names tell of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privacy {
    /// Nothing.
    None,
    /// Something that belongs to somebody: an order, an account, a payment.
    Linked,
    /// Something about a person (an e-mail address, a phone number), or a secret.
    Personal,
}

const LINKED: &[&str] = &[
    "customerid",
    "customer",
    "userid",
    "username",
    "accountid",
    "account",
    "ownerid",
    "memberid",
    "patientid",
    "employeeid",
    "orderid",
    "invoiceid",
    "paymentid",
    "payment",
    "balance",
    "role",
    "permissions",
];

const PERSONAL: &[&str] = &[
    "email",
    "emailaddress",
    "mail",
    "phone",
    "phonenumber",
    "mobile",
    "mobilenumber",
    "telephone",
    "address",
    "streetaddress",
    "postaladdress",
    "shippingaddress",
    "billingaddress",
    "street",
    "birthdate",
    "birthday",
    "dateofbirth",
    "dob",
    "iban",
    "bic",
    "accountnumber",
    "cardnumber",
    "creditcard",
    "ssn",
    "nationalid",
    "taxid",
    "passportnumber",
    "salary",
    "diagnosis",
    "password",
    "passwordhash",
    "hashedpassword",
    "apikey",
    "accesskey",
    "accesskeyid",
    "privatekey",
    "accesstoken",
    "refreshtoken",
];

/// How much the name of a field tells of people.
pub fn privacy(name: &str) -> Privacy {
    let name = normal(name);
    let is_secret = name.ends_with("secret") || name.ends_with("secretkey") || name.ends_with("secretaccesskey");
    if is_secret || PERSONAL.contains(&name.as_str()) {
        Privacy::Personal
    } else if LINKED.contains(&name.as_str()) {
        Privacy::Linked
    } else {
        Privacy::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields() {
        assert_eq!(privacy("eMail"), Privacy::Personal);
        assert_eq!(privacy("client_secret"), Privacy::Personal);
        assert_eq!(privacy("customer_id"), Privacy::Linked);
        assert_eq!(privacy("colour"), Privacy::None);
    }
}

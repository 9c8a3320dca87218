//! Recognising personal data: by form and checksum where there is one, by the name of the field where the form says too little.

use std::sync::LazyLock;

use regex::Regex;

use super::bodies::is_masked;

/// A kind of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Personal {
    /// An e-mail address of a person.
    Email,
    /// A telephone number.
    Phone,
    /// A postal address.
    Address,
    /// A date of birth.
    BirthDate,
    /// A payment card number that passes the Luhn check (ISO/IEC 7812-1).
    Card,
    /// An IBAN that passes its check digits (ISO 13616).
    Iban,
    /// A national identification number.
    NationalId,
}

impl Personal {
    /// The words used in every output, in the plural.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "e-mail addresses",
            Self::Phone => "telephone numbers",
            Self::Address => "postal addresses",
            Self::BirthDate => "dates of birth",
            Self::Card => "card numbers",
            Self::Iban => "IBANs",
            Self::NationalId => "national identification numbers",
        }
    }

    /// Whether one of them is already too many: numbers that open accounts or identify a person for life.
    pub const fn is_grave(self) -> bool {
        matches!(self, Self::Card | Self::Iban | Self::NationalId)
    }
}

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}$").ok());
static EMAIL_WITHIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}").ok());
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(?:19|20)\d\d-[01]\d-[0-3]\d").ok());

/// The kind of personal data that the value of a field is. `field` is its name in lower case, letters and digits only.
pub fn of_field(field: &str, value: &str) -> Option<Personal> {
    let value = value.trim();
    if value.is_empty() || value.len() > 200 || is_masked(value) {
        return None;
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let is = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|regex| regex.is_match(value));
    if is(&EMAIL) {
        return is_a_persons(value).then_some(Personal::Email);
    }
    if is_iban(value) {
        return Some(Personal::Iban);
    }
    if named(field, &["phone", "mobile", "telephone", "cellphone", "msisdn", "fax"])
        && (7..=15).contains(&digits.len())
        && !value.contains(|c: char| c.is_ascii_alphabetic() && c != 'x')
    {
        return Some(Personal::Phone);
    }
    if is_national_id(field, value, &digits) {
        return Some(Personal::NationalId);
    }
    // Ids and amounts are numbers as well: a card needs its own name, or the separators that people write.
    let written = value.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    if written
        && is_card(&digits)
        && (named(field, &["card", "pan", "creditcard"]) || value.matches([' ', '-']).count() == 3)
    {
        return Some(Personal::Card);
    }
    if named(field, &["birthdate", "dateofbirth", "birthday", "dob"]) && is(&DATE) {
        return Some(Personal::BirthDate);
    }
    let postal = [
        "address",
        "street",
        "streetaddress",
        "shippingaddress",
        "billingaddress",
        "postaladdress",
        "homeaddress",
        "addressline1",
        "line1",
    ];
    if postal.contains(&field) && value.len() >= 8 && !digits.is_empty() && value.contains(' ') {
        return Some(Personal::Address);
    }
    None
}

/// E-mail addresses of people in a text without fields, as in CSV.
pub fn emails(text: &str) -> Vec<&str> {
    let Some(regex) = EMAIL_WITHIN.as_ref() else { return Vec::new() };
    regex
        .find_iter(text)
        .map(|found| found.as_str())
        .filter(|email| is_a_persons(email) && !is_masked(email))
        .take(1_000)
        .collect()
}

fn named(field: &str, words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| field == *word || field.ends_with(word) || field.starts_with(word) && field.len() <= word.len() + 8)
}

/// Role addresses (RFC 2142) and reserved domains (RFC 2606) are nobody's.
fn is_a_persons(email: &str) -> bool {
    let lower = email.to_ascii_lowercase();
    let Some((local, domain)) = lower.split_once('@') else { return false };
    let roles = [
        "info",
        "support",
        "sales",
        "contact",
        "admin",
        "administrator",
        "webmaster",
        "postmaster",
        "hostmaster",
        "abuse",
        "noc",
        "security",
        "noreply",
        "no-reply",
        "donotreply",
        "help",
        "helpdesk",
        "office",
        "team",
        "billing",
        "press",
        "jobs",
        "hello",
        "service",
        "news",
        "orders",
        "privacy",
        "marketing",
        "root",
        "ops",
    ];
    let reserved = domain.starts_with("example.")
        || domain.ends_with(".example")
        || domain.ends_with(".test")
        || domain.ends_with(".invalid")
        || domain == "localhost";
    !roles.contains(&local.split('+').next().unwrap_or(local)) && !reserved
}

/// Prefix, length and check digit of payment cards (ISO/IEC 7812-1).
pub fn is_card(digits: &str) -> bool {
    let prefix = |n: usize| digits.get(..n).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let issuer = match digits.len() {
        13 | 19 => prefix(1) == 4,
        14 => prefix(2) == 36 || prefix(2) == 38 || (300..=305).contains(&prefix(3)),
        15 => matches!(prefix(2), 34 | 37),
        16 => {
            prefix(1) == 4
                || (51..=55).contains(&prefix(2))
                || (2221..=2720).contains(&prefix(4))
                || prefix(4) == 6011
                || prefix(2) == 65
                || (3528..=3589).contains(&prefix(4))
        }
        _ => false,
    };
    issuer && luhn(digits)
}

/// The Luhn check digit.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if index % 2 == 1 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Country code, check digits and length of an IBAN (ISO 13616; ISO 7064 MOD 97-10).
pub fn is_iban(value: &str) -> bool {
    let compact: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = compact.as_bytes();
    let shape = (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !shape {
        return false;
    }
    let remainder = bytes[4..].iter().chain(&bytes[..4]).fold(0u32, |rest, byte| {
        let value = if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') + 10 };
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    });
    remainder == 1
}

/// National identification numbers: by check digit or form, and always with a field name that says so, because most are just digits.
fn is_national_id(field: &str, value: &str, digits: &str) -> bool {
    let names = [
        "ssn",
        "socialsecurity",
        "socialsecuritynumber",
        "nationalid",
        "nationalinsurance",
        "nino",
        "taxid",
        "steuerid",
        "dni",
        "nie",
        "nir",
        "codicefiscale",
        "personnummer",
        "bsn",
        "passport",
        "passportnumber",
        "idnumber",
        "cpf",
    ];
    if !names.iter().any(|name| field == *name || field.ends_with(name) && field.len() > name.len() + 2) {
        return false;
    }
    let alphanumeric = value.chars().filter(char::is_ascii_alphanumeric).count();
    match field {
        _ if field.ends_with("ssn") || field.contains("socialsecurity") => {
            // Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never issued.
            digits.len() == 9
                && !digits.starts_with("000")
                && !digits.starts_with("666")
                && !digits.starts_with('9')
                && &digits[3..5] != "00"
                && &digits[5..] != "0000"
        }
        _ => (8..=18).contains(&alphanumeric) && digits.len() >= 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_form_and_checksum() {
        assert_eq!(of_field("contact", "anna.berg@posteo.net"), Some(Personal::Email));
        assert_eq!(of_field("account", "DE89 3704 0044 0532 0130 00"), Some(Personal::Iban));
        assert_eq!(of_field("cardnumber", "4111111111111111"), Some(Personal::Card));
        assert_eq!(of_field("note", "4111 1111 1111 1111"), Some(Personal::Card));
        assert_eq!(of_field("customerphone", "+49 30 1234567"), Some(Personal::Phone));
        assert_eq!(of_field("ssn", "219-09-9999"), Some(Personal::NationalId));
        assert_eq!(of_field("dateofbirth", "1981-04-30"), Some(Personal::BirthDate));
        assert_eq!(of_field("address", "Hafenstr. 12, 20359 Hamburg"), Some(Personal::Address));
    }

    #[test]
    fn near_misses() {
        for (field, value) in [
            ("contact", "support@shop.net"),
            ("contact", "anna@example.com"),
            ("contact", "a***g@posteo.net"),
            ("account", "DE89 3704 0044 0532 0130 01"),
            ("cardnumber", "4111111111111112"),
            ("orderid", "4111111111111111"),
            ("ssn", "000-12-3456"),
            ("number", "219-09-9999"),
            ("createdat", "1981-04-30"),
            ("phone", "none"),
            ("address", "10.0.0.1"),
            ("ipaddress", "10.0.0.1 to 10.0.0.9"),
        ] {
            assert_eq!(of_field(field, value), None, "{field}: {value}");
        }
    }
}

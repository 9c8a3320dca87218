//! The form of an id.

/// The form of an id: values of one form stand for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Digits.
    Number,
    /// A UUID (RFC 9562).
    Uuid,
    /// An e-mail address.
    Email,
    /// Anything else.
    Word,
}

impl Form {
    /// The form of this value.
    pub fn of(value: &str) -> Self {
        let is_uuid = value.len() == 36
            && value
                .char_indices()
                .all(|(at, c)| if matches!(at, 8 | 13 | 18 | 23) { c == '-' } else { c.is_ascii_hexdigit() });
        if !value.is_empty() && value.len() <= 19 && value.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Number
        } else if is_uuid {
            Self::Uuid
        } else if value.contains('@') {
            Self::Email
        } else {
            Self::Word
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_ids() {
        assert_eq!(Form::of("17"), Form::Number);
        assert_eq!(Form::of("7f3c2a10-9b4e-4d7a-8c55-0a1b2c3d4e5f"), Form::Uuid);
        assert_eq!(Form::of("a@b.example"), Form::Email);
        assert_eq!(Form::of("ord-17"), Form::Word);
    }
}

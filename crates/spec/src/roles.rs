//! What names mean by custom: which parameter sets a page size, which field tells of a person, which array of an answer is its list.
//!
//! Known here once, for everything that reads a contract and for everything that reads answers. Names decide what is looked at; whoever reports
//! something on a name alone says so. Nothing here looks at values of a running service.

pub mod bounds;
pub mod breadth;
pub mod dependency;
pub mod lists;
pub mod paging;
pub mod people;
pub mod purpose;

/// A name in lower case without separators: `createdAt`, `created_at` and `created-at` are one.
pub fn normal(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The words of a name in lower case: `createdAt`, `created_at` and `X-Created-At` give `created`, `at`.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut before_upper = false;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        // A word begins at a capital after a small letter, and at the last capital of several before a small letter (`userID`, `XMLBody`).
        let follows_small = c.is_uppercase() && !before_upper;
        let ends_capitals = c.is_uppercase() && before_upper && chars.peek().is_some_and(|next| next.is_lowercase());
        if !open || follows_small || ends_capitals {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        open = true;
        before_upper = c.is_uppercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_word() {
        assert_eq!(words("createdAt"), ["created", "at"]);
        assert_eq!(words("X-Created_at"), ["x", "created", "at"]);
        assert_eq!(words("userID"), ["user", "id"]);
        assert_eq!(words("XMLBody"), ["xml", "body"]);
        assert_eq!(words("page[size]"), ["page", "size"]);
        assert_eq!(normal("created_At"), "createdat");
    }
}

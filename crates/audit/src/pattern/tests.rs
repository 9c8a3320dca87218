use super::*;

/// The longest text: a number, `any`, or `unbound` where the pattern binds no whole text.
fn length(pattern: &str) -> String {
    let any = |extent: Extent| extent.characters.map_or_else(|| "any".to_owned(), |characters| characters.to_string());
    extent(pattern).map_or_else(|| "unbound".to_owned(), any)
}

#[test]
fn lengths_of_patterns_that_bind_the_whole_text() {
    for (pattern, characters) in [
        ("^[A-Z]{3}$", "3"),
        ("^(a|bcd)$", "3"),
        ("^a$|^bb$", "2"),
        ("^(?:[0-9a-f]{8}-){2,4}$", "36"),
        (r"^\d{1,5}(\.\d{1,2})?$", "8"),
        (r"\A\w{4}\z", "4"),
        ("^(?=.*x)[a-z]{1,8}$", "8"),
        ("^[a-z]+$", "any"),
        ("^a{2,}$", "any"),
        ("^$", "0"),
        ("^[^]]{2}$", "2"),
        ("^[[:alpha:]]{2}$", "2"),
        ("^a{,3}$", "3"),
    ] {
        assert_eq!(length(pattern), characters, "{pattern}");
    }
    for open in ["[A-Z]{3}", "^[A-Z]{3}", "[A-Z]{3}$", "^a$|b", "^a|b$", "(?m)^a$", "(", "^a++$|(*", "^(a"] {
        assert_eq!(length(open), "unbound", "{open}");
    }
}

#[test]
fn widths_of_characters() {
    for (pattern, each) in
        [("^[a-z0-9_-]*$", 1), ("^[a-z/]*$", 3), ("^.*$", 12), (r"^\w+\s?$", 9), ("^é*$", 6), (r"^\p{L}*$", 12)]
    {
        assert_eq!(extent(pattern).unwrap().each, each, "{pattern}");
    }
}

#[test]
fn exponential_patterns() {
    for pattern in [
        "(a+)+$",
        "^(a|a)*$",
        "^(a|aa)+$",
        r"^(\d+)*$",
        r"^(\w+\s?)+$",
        "^([a-zA-Z]+)*$",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
        r"^(https?:\/\/)?([\da-z\.-]+)\.([a-z\.]{2,6})([\/\w \.-]*)*\/?$",
        r"^(?:\d+|\d+\.)+$",
        "(x+x+)+y",
        "^(a?b?)*(a*)*c$",
        "^([a-z]{1,20}){1,20}$",
        "^(a*)*$",
        r"(.*,)*\d$",
    ] {
        assert!(is_exponential(pattern), "{pattern}");
    }
}

#[test]
fn patterns_that_only_look_like_it() {
    for pattern in [
        "^([a-z]+-)+$",
        r"^(\d{3})+$",
        "^(a+b)*$",
        r"^[a-z]+(\.[a-z]+)*$",
        "^(a|b)*$",
        "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        r"^([0-9]{1,3}\.){3}[0-9]{1,3}$",
        // Nothing comes after the loop that could fail.
        "(a+)+",
        "^(a*)*",
        "^(?:ab|a)+",
        // Polynomial, not exponential.
        r"^\s*(.*?)\s*$",
        "^a*a*$",
        "^(.|\n)*$",
        // Everything matches.
        r"^([\s\S]|x)*$",
        "^(([^,]|,)+;?)*$",
        "^(?>a+)+$",
        "^((?!--)[a-z-]+)+$",
        "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        "^[a-z]([a-z0-9-]*[a-z0-9])?(\\.[a-z]([a-z0-9-]*[a-z0-9])?)*$",
        "^(?:[a-z]{1,10}){1,3}$",
        "^(foo|bar|baz)(,(foo|bar|baz))*$",
        "^([0-9]+,)*[0-9]+$",
    ] {
        assert!(!is_exponential(pattern), "{pattern}");
    }
}

#[test]
fn large_patterns_take_no_time() {
    let started = std::time::Instant::now();
    for pattern in [
        format!("^({})+$", vec!["[a-z]+"; 300].join("|")),
        format!("^({})*$", vec!["[a-z]?"; 390].join("")),
        "((((((((a{1,15}){1,15}){1,15}){1,15}){1,15}){1,15}){1,15}){1,15}".repeat(3),
        "(".repeat(10_000),
        "^(a{4000000000}){4000000000}$".to_owned(),
    ] {
        let _ = (is_exponential(&pattern), extent(&pattern), is_open_by_mistake(&pattern));
    }
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn patterns_that_are_open_by_mistake() {
    for pattern in ["[A-Z]{3}", "^[a-z]+", r"\d+$", "[0-9a-f]{24}", "([a-z]+)"] {
        assert!(is_open_by_mistake(pattern), "{pattern}");
    }
    for pattern in [
        r"\S",
        ".",
        ".+",
        "^https?://",
        "^arn:aws:",
        "^[A-Z]{3}$",
        r"\.png$",
        "(?=.*[0-9])(?=.*[a-z])",
        "^/",
        "[^/]+",
        "foo|bar",
    ] {
        assert!(!is_open_by_mistake(pattern), "{pattern}");
    }
}

#[test]
fn patterns_that_spell_out_the_origins_of_addresses() {
    for pattern in [
        r"^https://img\.example\.com/",
        r"^https?://(?:a|b)\.example\.com(:8443)?/[a-z]*$",
        r"^https:\/\/example\.com$",
        r"^(http://127\.0\.0\.1:8080)/[!-~]*$",
        r"^https://[ab]\.example\.com[/?]",
        r"^(https://a\.example|https://b\.example)(/|$)",
    ] {
        assert!(is_of_known_origins(pattern), "{pattern}");
    }
    for pattern in [
        "^https://img.example.com/",
        r"https://img\.example\.com/",
        r"^https://img\.example\.com",
        r"^https://img\.example\.com.*$",
        r"^https://[a-z]+\.example\.com/",
        r"^https://(.*\.)?example\.com/",
        r"^https://example\.com@[a-z]+/",
        r"^https://example\.com:[0-9]+/",
        "^https?://",
        "^https?://[^/]+/x$",
        r"^https://a\.example/|^ftp://",
        r"(?i)^https://a\.example/",
        r"^/[a-z]+$",
        "^[a-z]*$",
        "(",
    ] {
        assert!(!is_of_known_origins(pattern), "{pattern}");
    }
}

//! What databases and their drivers say about a statement that they cannot parse. Only syntax: that a table is locked says nothing of inputs.

use std::sync::LazyLock;

use plimsoll_model::redact;
use regex::Regex;

/// Database and the form of its message.
const FORMS: &[(&str, &str)] = &[
    (
        "SQLite",
        r#"(?:near "[^"\n]{0,40}": syntax error|unrecognized token: "|incomplete input|sqlite3?\.(?:OperationalError|Warning)|SQLITE_ERROR|SQLite3::SQLException)"#,
    ),
    (
        "PostgreSQL",
        r#"(?:syntax error at or near|unterminated quoted string|unterminated quoted identifier|psycopg2?\.errors\.SyntaxError|PG::SyntaxError|PSQLException|PostgresSyntaxError|pg_query\(\))"#,
    ),
    (
        "MySQL or MariaDB",
        r"(?:You have an error in your SQL syntax|MySQLSyntaxErrorException|pymysql\.err\.ProgrammingError|ER_PARSE_ERROR|mysql_fetch_)",
    ),
    (
        "SQL Server",
        r"(?:Unclosed quotation mark after the character string|Incorrect syntax near|System\.Data\.SqlClient\.SqlException|\[Microsoft\]\[ODBC)",
    ),
    ("Oracle", r"(?:\bORA-(?:00933|00907|00921|00936|01756|00911)\b|quoted string not properly terminated)"),
    (
        "a database",
        r"(?:SQLSTATE\[(?:42000|42601|HY000)\]|sqlalchemy\.exc\.(?:OperationalError|ProgrammingError)|org\.hibernate\.QueryException|SQL syntax.{0,60}error)",
    ),
    ("PartiQL", r"(?:Statement wasn't well formed, can't be processed|Lexer error at|PartiQL.{0,40}(?:syntax|parse))"),
];

static REGEXES: LazyLock<Vec<(&str, Regex)>> =
    LazyLock::new(|| FORMS.iter().filter_map(|(database, form)| Some((*database, Regex::new(form).ok()?))).collect());

/// Which database complains about syntax in this text, and what it says, short.
pub fn complaint(text: &str) -> Option<(&'static str, String)> {
    // Inside of JSON, quotation marks are escaped.
    let text = &text.replace("\\\"", "\"");
    REGEXES.iter().find_map(|(database, regex)| {
        let found = regex.find(text)?;
        let from = text[..found.start()].char_indices().rev().nth(30).map_or(0, |(at, _)| at);
        let shown: String = text[from..].chars().take(120).collect();
        Some((*database, redact::one_line(&shown, 140)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles() {
        assert_eq!(REGEXES.len(), FORMS.len());
    }

    #[test]
    fn messages_of_databases() {
        for (text, database) in [
            (r#"sqlite3.OperationalError: near "x": syntax error"#, "SQLite"),
            (r#"unrecognized token: "'plimsoll""#, "SQLite"),
            (r#"ERROR:  syntax error at or near "AND" at character 40"#, "PostgreSQL"),
            ("You have an error in your SQL syntax; check the manual", "MySQL or MariaDB"),
            ("Unclosed quotation mark after the character string 'a'.", "SQL Server"),
            ("ORA-01756: quoted string not properly terminated", "Oracle"),
            (r#"{"detail": "near \"%\": syntax error"}"#, "SQLite"),
            ("Statement wasn't well formed, can't be processed: Unexpected token", "PartiQL"),
        ] {
            assert_eq!(complaint(text).map(|(database, _)| database), Some(database), "{text}");
        }
        for text in
            ["syntax error", "JSON syntax error at line 1", "The SQL course begins", "invalid quotation", "ORA-12541"]
        {
            assert_eq!(complaint(text), None, "{text}");
        }
    }
}

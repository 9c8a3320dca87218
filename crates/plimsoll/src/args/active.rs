//! The arguments for what a scan tries beyond plain reading.

use std::net::{IpAddr, SocketAddr};

use clap::{Args, ValueEnum};
use plimsoll_http::Listen;
use plimsoll_run::config;

/// What a scan tries.
#[derive(Debug, Args)]
#[command(next_help_heading = "Active tests")]
pub struct Active {
    /// Also try inputs for this. Only operations that read are tried, and only in ways that change nothing. May be given several times.
    #[arg(long, value_enum, value_name = "KIND")]
    pub active: Vec<Kind>,
    /// Where to listen for requests that the target can be made to send: an address of this machine that the target reaches, or `off`
    /// [default: the loopback address, where the target is on it too].
    #[arg(long, value_name = "ADDR[:PORT]")]
    pub collaborator: Option<String>,
}

/// What inputs can be tried for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Text that is taken for code: in SQL, in store queries, in templates, in pages, in paths and in headers.
    Injection,
    /// Every path at which something customarily lies that is for nobody, also where the target's framework makes it unlikely.
    Inventory,
}

impl Active {
    /// Where to listen; `configured` is what the configuration says.
    ///
    /// # Errors
    /// One line: the address is none, or none that a target could be told.
    pub fn listen(&self, configured: Option<&str>) -> Result<Listen, String> {
        let given = self.collaborator.as_deref().or(configured);
        given.map_or(Ok(Listen::Auto), |text| listen(text.trim()))
    }

    /// Whether inputs are tried for injection; `configured` is what the configuration says.
    ///
    /// # Errors
    /// One line: a word of the configuration names no kind.
    pub fn injection(&self, configured: &[String]) -> Result<bool, String> {
        self.wants(Kind::Injection, configured)
    }

    /// Whether every path of the inventory is asked for; `configured` is what the configuration says.
    ///
    /// # Errors
    /// One line: a word of the configuration names no kind.
    pub fn inventory(&self, configured: &[String]) -> Result<bool, String> {
        self.wants(Kind::Inventory, configured)
    }

    fn wants(&self, kind: Kind, configured: &[String]) -> Result<bool, String> {
        let mut wanted = self.active.contains(&kind);
        for word in configured {
            let named = Kind::from_str(word, false).map_err(|_| {
                let meant = config::closest(word, ["injection", "inventory"]);
                let meant = meant.map(|meant| format!("; did you mean `{meant}`?"));
                format!("scan.active: {word:?} is no kind of test{}", meant.unwrap_or_default())
            })?;
            wanted |= named == kind;
        }
        Ok(wanted)
    }
}

fn listen(text: &str) -> Result<Listen, String> {
    let address = match text {
        "off" => return Ok(Listen::Off),
        "auto" => return Ok(Listen::Auto),
        _ => match (text.parse::<SocketAddr>(), text.trim_matches(['[', ']']).parse::<IpAddr>()) {
            (Ok(address), _) => address,
            (_, Ok(address)) => SocketAddr::new(address, 0),
            _ => {
                return Err(format!(
                    "--collaborator {text:?} is no address; write 192.0.2.7, 192.0.2.7:9000, [2001:db8::7]:9000, or off"
                ));
            }
        },
    };
    if address.ip().is_unspecified() {
        return Err(format!("--collaborator {text:?} is every address; name the one that the target reaches"));
    }
    Ok(Listen::At(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(collaborator: Option<&str>) -> Active {
        Active { active: Vec::new(), collaborator: collaborator.map(str::to_owned) }
    }

    #[test]
    fn where_to_listen() {
        assert_eq!(given(None).listen(None), Ok(Listen::Auto));
        assert_eq!(given(None).listen(Some("off")), Ok(Listen::Off));
        assert_eq!(given(Some("auto")).listen(Some("off")), Ok(Listen::Auto));
        for (text, address) in [
            ("192.0.2.7", "192.0.2.7:0"),
            ("192.0.2.7:9000", "192.0.2.7:9000"),
            ("[::1]:9", "[::1]:9"),
            ("::1", "[::1]:0"),
        ] {
            assert_eq!(given(Some(text)).listen(None), Ok(Listen::At(address.parse().unwrap())), "{text}");
        }
        for text in ["0.0.0.0", "[::]:80", "example.com", "127.0.0.1:99999", ""] {
            assert!(given(Some(text)).listen(None).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_tried() {
        assert_eq!(given(None).injection(&[]), Ok(false));
        assert_eq!(given(None).injection(&["injection".to_owned()]), Ok(true));
        let error = given(None).injection(&["injektion".to_owned()]).unwrap_err();
        assert!(error.ends_with("did you mean `injection`?"), "{error}");
        assert_eq!(given(None).inventory(&["injection".to_owned()]), Ok(false));
        assert_eq!(given(None).inventory(&["inventory".to_owned()]), Ok(true));
        assert_eq!(Active { active: vec![Kind::Injection], collaborator: None }.injection(&[]), Ok(true));
    }
}

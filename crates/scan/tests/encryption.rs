//! The checks of transport protection against servers with one fault each, named after the hosts of badssl.com, and against sound ones.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use plimsoll_http::{Engine, Settings, Survey, Target, Transport};
use plimsoll_model::Severity;
use plimsoll_scan::checks::encryption;
use plimsoll_scan::{Seen, judge::judge};
use plimsoll_spec::Api;
use plimsoll_testkit::tls::{self, Authority, Chain, Leaf, Running, Script, Versions};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}";
const TO_HTTPS: &str = "HTTP/1.1 308 Permanent Redirect\r\ncontent-length: 0\r\nlocation: https://127.0.0.1/\r\n\r\n";
const TO_HTTP: &str = "HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: http://127.0.0.1/welcome\r\n\r\n";

/// What a sound server of today has, and what old ones had.
const MODERN: &[u16] = &[0xc02b, 0xc02f, 0xcca9, 0xcca8];
const CBC: &[u16] = &[0xc009, 0xc013];
const STATIC: &[u16] = &[0x002f, 0x0035];

/// Name, oldest and newest version, suites, bits of the prime, findings.
type Scripted<'a> = (&'a str, (u16, u16), &'a [&'a [u16]], usize, &'a [&'a str]);

async fn survey(address: SocketAddr, authorities: &[&Authority], plain: Option<&Running>) -> Survey {
    let mut settings = Settings::new(Target::parse(&format!("https://{address}/")).unwrap());
    settings.authorities = authorities.iter().map(|authority| authority.root().to_vec()).collect();
    settings.plain_port = plain.map(|running| running.address.port());
    settings.deadlines.connect = std::time::Duration::from_secs(2);
    let mut engine = Engine::new(settings).await.unwrap();
    let survey = engine.survey().await;
    assert_eq!(engine.status().requests, u64::from(survey.connections), "every connection is paid for");
    assert!(survey.connections <= 20, "{} connections", survey.connections);
    survey
}

/// `check severity` of each finding, as if the target were in the open.
fn findings(survey: &Survey) -> Vec<String> {
    let mut seen = Seen::default();
    seen.active.survey = Some(Survey { local: false, ..survey.clone() });
    let found = judge(&Api::default(), &mut seen, encryption::ALL);
    found.iter().map(|finding| format!("{} {}", finding.check, finding.severity)).collect()
}

/// What there is above an info where the target is where it is: on loopback.
fn at_home(survey: &Survey) -> Vec<String> {
    let mut seen = Seen::default();
    seen.active.survey = Some(survey.clone());
    let found = judge(&Api::default(), &mut seen, encryption::ALL);
    let serious = found.iter().filter(|finding| finding.severity > Severity::Info);
    serious.map(|finding| format!("{} {}", finding.check, finding.severity)).collect()
}

async fn of_script(versions: (u16, u16), suites: &[&[u16]], prime: usize, authority: &Authority) -> Survey {
    let chain = authority.issue(Leaf::SOUND).unwrap().certificates;
    let running = Script { versions, suites: suites.concat(), chain, prime }.start().await.unwrap();
    survey(running.address, &[authority], None).await
}

async fn of_chain(chain: &Chain, authorities: &[&Authority]) -> Survey {
    let running = tls::serve(chain, Versions::Both, OK).await.unwrap();
    survey(running.address, authorities, None).await
}

#[tokio::test]
async fn versions_and_suites_of_badssl() {
    let authority = Authority::new().unwrap();
    let rc4: &[u16] = &[0x0005];
    let small: &[u16] = &[0xc012, 0x000a];
    let null: &[u16] = &[0x003b];
    let export: &[u16] = &[0x0003];
    let anonymous: &[u16] = &[0xc018];
    let finite: &[u16] = &[0x009e, 0x0033];
    let cases: &[Scripted<'_>] = &[
        ("ssl-v3", (0x0300, 0x0300), &[STATIC], 0, &["outdated-tls high"]),
        ("tls-v1-0", (0x0301, 0x0301), &[CBC], 0, &["outdated-tls high"]),
        ("tls-v1-1", (0x0302, 0x0302), &[CBC], 0, &["outdated-tls high"]),
        ("tls-v1-0 beside tls-v1-2", (0x0301, 0x0303), &[MODERN, CBC], 0, &["outdated-tls medium"]),
        ("rc4", (0x0303, 0x0303), &[MODERN, rc4], 0, &["weak-cipher-suite medium"]),
        ("3des", (0x0303, 0x0303), &[MODERN, small], 0, &["weak-cipher-suite medium"]),
        ("rc4-and-3des", (0x0303, 0x0303), &[MODERN, rc4, small], 0, &["weak-cipher-suite medium"]),
        ("null", (0x0303, 0x0303), &[MODERN, null], 0, &["weak-cipher-suite high"]),
        ("export", (0x0303, 0x0303), &[MODERN, export], 0, &["weak-cipher-suite high"]),
        ("anonymous", (0x0303, 0x0303), &[MODERN, anonymous], 0, &["weak-cipher-suite high"]),
        ("dh480", (0x0303, 0x0303), &[MODERN, finite], 480, &["weak-cipher-suite high"]),
        ("dh1024", (0x0303, 0x0303), &[MODERN, finite], 1_024, &["weak-cipher-suite medium"]),
        ("static-rsa", (0x0303, 0x0303), &[STATIC], 0, &["weak-cipher-suite low"]),
        ("cbc", (0x0303, 0x0303), &[CBC], 0, &["weak-cipher-suite info"]),
        ("dh2048", (0x0303, 0x0303), &[MODERN, finite], 2_048, &[]),
        ("mozilla-intermediate", (0x0303, 0x0303), &[MODERN], 0, &[]),
    ];
    for (name, versions, suites, prime, expected) in cases {
        let survey = of_script(*versions, suites, *prime, &authority).await;
        assert_eq!(findings(&survey), *expected, "{name}: {survey:?}");
    }
    let survey = of_script((0x0301, 0x0303), &[MODERN, CBC, rc4, small, null, export, anonymous], 0, &authority).await;
    assert_eq!(survey.versions, ["TLSv1.0", "TLSv1.1", "TLSv1.2"]);
    assert_eq!(survey.weak_suites.len(), 5, "{:?}", survey.weak_suites);
}

#[tokio::test]
async fn certificates_of_badssl() {
    let authority = Authority::new().unwrap();
    let other = Authority::new().unwrap();
    let sound = Leaf::SOUND;
    let issue = |leaf: Leaf| authority.issue(leaf).unwrap();
    let aia = Some("http://ca.invalid/intermediate.crt");
    let cases: Vec<(&str, Chain, &[&str])> = vec![
        ("expired", issue(Leaf { from: -90, until: -3, ..sound }), &["certificate-expired high"]),
        ("not-yet-valid", issue(Leaf { from: 5, until: 60, ..sound }), &["certificate-expired high"]),
        ("expires-soon", issue(Leaf { from: -80, until: 7, ..sound }), &["certificate-expired low"]),
        ("wrong.host", issue(Leaf { names: &["other.invalid"], ..sound }), &["certificate-untrusted high"]),
        ("no-subject-alternative-name", issue(Leaf { names: &[], ..sound }), &["certificate-untrusted high"]),
        ("self-signed", Chain::self_signed(sound).unwrap(), &["certificate-untrusted high"]),
        ("untrusted-root", other.issue(sound).unwrap(), &["certificate-untrusted high"]),
        ("incomplete-chain", issue(Leaf { issuer_at: aia, ..sound }).first(1), &["certificate-untrusted medium"]),
        ("five-years", issue(Leaf { from: -1, until: 1_800, ..sound }), &["weak-certificate low"]),
        (
            "expired and for another host",
            issue(Leaf { names: &["other.invalid"], from: -90, until: -3, ..sound }),
            &["certificate-expired high", "certificate-untrusted high"],
        ),
        ("sound", issue(sound), &[]),
        ("without the root, as most send it", issue(sound).first(2), &[]),
        ("six days, renewed by a machine", issue(Leaf { from: -2, until: 4, ..sound }), &[]),
    ];
    for (name, chain, expected) in cases {
        let survey = of_chain(&chain, &[&authority]).await;
        assert_eq!(findings(&survey), expected, "{name}: {survey:?}");
    }
    // On a machine of one's own, who signs for oneself is told and not blamed.
    for chain in [Chain::self_signed(sound).unwrap(), other.issue(sound).unwrap(), issue(sound)] {
        assert_eq!(at_home(&of_chain(&chain, &[&authority]).await), [""; 0]);
    }
    let expired = of_chain(&issue(Leaf { from: -90, until: -3, ..sound }), &[&authority]).await;
    assert_eq!(at_home(&expired), ["certificate-expired medium"]);
}

#[tokio::test]
async fn keys_and_signatures_of_badssl() {
    let authority = Authority::new().unwrap();
    for (name, leaf, expected) in [
        ("rsa512", Leaf { rsa: Some(512), ..Leaf::SOUND }, Some("weak-certificate high")),
        ("rsa1024", Leaf { rsa: Some(1_024), ..Leaf::SOUND }, Some("weak-certificate medium")),
        ("sha1", Leaf { rsa: Some(2_048), sha1: true, ..Leaf::SOUND }, Some("weak-certificate medium")),
        ("rsa2048", Leaf { rsa: Some(2_048), ..Leaf::SOUND }, None),
        ("rsa4096", Leaf { rsa: Some(4_096), ..Leaf::SOUND }, None),
    ] {
        let chain = authority.issue(leaf).unwrap().certificates;
        let script = Script { versions: (0x0303, 0x0303), suites: MODERN.to_vec(), chain, prime: 0 };
        let running = script.start().await.unwrap();
        let found = findings(&survey(running.address, &[&authority], None).await);
        // Nobody has the keys, so nothing of this chain verifies; what is asked is what the certificate itself is like.
        let weak: Vec<&String> = found.iter().filter(|line| line.starts_with("weak-certificate")).collect();
        assert_eq!(weak.first().map(|line| line.as_str()), expected, "{name}: {found:?}");
    }
}

#[tokio::test]
async fn sound_servers_are_silent() {
    let authority = Authority::new().unwrap();
    let chain = authority.issue(Leaf::SOUND).unwrap();
    let redirect = tls::plain(TO_HTTPS).await.unwrap();
    for versions in [Versions::Both, Versions::Only12, Versions::Only13] {
        let running = tls::serve(&chain, versions, OK).await.unwrap();
        let survey = survey(running.address, &[&authority], Some(&redirect)).await;
        assert_eq!(findings(&survey), [""; 0], "{versions:?}: {survey:?}");
        let expected: &[&str] = match versions {
            Versions::Both => &["TLSv1.2", "TLSv1.3"],
            Versions::Only12 => &["TLSv1.2"],
            Versions::Only13 => &["TLSv1.3"],
        };
        assert_eq!(survey.versions, expected);
        assert!(survey.connections <= 6, "{} connections", survey.connections);
        assert!(survey.weak_suites.is_empty() && survey.dh_bits.is_none() && survey.open.is_empty(), "{survey:?}");
    }
}

#[tokio::test]
async fn the_port_of_http() {
    let authority = Authority::new().unwrap();
    let chain = authority.issue(Leaf::SOUND).unwrap();
    let running = tls::serve(&chain, Versions::Both, OK).await.unwrap();
    for (answer, expected) in [
        (OK, &["plain-http medium"][..]),
        (TO_HTTP, &["plain-http low"]),
        (TO_HTTPS, &[]),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", &[]),
    ] {
        let plain = tls::plain(answer).await.unwrap();
        let survey = survey(running.address, &[&authority], Some(&plain)).await;
        assert_eq!(findings(&survey), expected, "{answer}");
    }
}

#[tokio::test]
async fn servers_that_are_none_end_the_survey_soon() {
    for hostile in plimsoll_testkit::hostile::ALL.iter().filter(|hostile| matches!(hostile.number, 41 | 42)) {
        let running = hostile.start().await.unwrap();
        let begun = std::time::Instant::now();
        let survey = survey(running.address, &[], None).await;
        assert!(begun.elapsed() < std::time::Duration::from_secs(7), "{}: {:?}", hostile.name, begun.elapsed());
        assert!(survey.certificates.len() <= 12, "{}", hostile.name);
    }
}

/// OpenSSL's own server; none where the machine has no OpenSSL, or one without what is asked for.
struct OpenSsl {
    child: Child,
    address: SocketAddr,
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl OpenSsl {
    fn start(folder: &std::path::Path, arguments: &str) -> Option<Self> {
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-key", "key.pem", "-cert", "cert.pem", "-www"])
            .args(arguments.split_whitespace())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(child.stdout.take()?).lines();
        let address = lines.find_map(|line| line.ok()?.strip_prefix("ACCEPT ")?.trim().parse().ok());
        // What else it prints is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        };
        Some(Self { child, address })
    }
}

#[tokio::test]
async fn openssl_is_read_as_the_hand_made_servers_are() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("openssl");
    std::fs::create_dir_all(&folder).unwrap();
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "60",
            "-subj",
        ])
        .args(["/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"])
        .current_dir(&folder)
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("there is no openssl on this machine: the hand-made servers alone were asked");
        return;
    }
    let cases: &[(&str, &[&str])] = &[
        ("-tls1 -cipher DEFAULT:@SECLEVEL=0", &["outdated-tls high"]),
        ("-tls1_1 -cipher DEFAULT:@SECLEVEL=0", &["outdated-tls high"]),
        ("-tls1_2 -cipher NULL-SHA256:ECDHE+AESGCM:@SECLEVEL=0", &["weak-cipher-suite high"]),
        ("-tls1_2 -cipher ADH-AES128-SHA:ECDHE+AESGCM:@SECLEVEL=0", &["weak-cipher-suite high"]),
        ("-tls1_2 -cipher AES128-SHA", &["weak-cipher-suite low"]),
        ("-tls1_2 -cipher ECDHE-RSA-AES128-SHA", &["weak-cipher-suite info"]),
        ("-tls1_2", &[]),
        ("-tls1_3", &[]),
        ("", &[]),
    ];
    for (arguments, expected) in cases {
        let Some(server) = OpenSsl::start(&folder, arguments) else {
            eprintln!("this OpenSSL does not serve {arguments:?}");
            continue;
        };
        let survey = survey(server.address, &[], None).await;
        let found: Vec<String> =
            findings(&survey).into_iter().filter(|line| line != "certificate-untrusted high").collect();
        assert_eq!(found, *expected, "{arguments:?}: {survey:?}");
    }
}

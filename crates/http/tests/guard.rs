//! The address guard: every written form of an address that must not be reached, and names that change their mind.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use plimsoll_http::guard::{AddressClass, classify, judge};
use plimsoll_http::resolve::{Lookup, Resolve};
use plimsoll_http::{Engine, Profile, Settings, SetupError, Target, Transport};

/// Hosts as an attacker writes them, and what they stand for. None of them may be reached by a service.
const FORMS: &[(&str, AddressClass)] = &[
    // Loopback: dotted, decimal, octal, hexadecimal, short, mixed, trailing dot, percent-encoded, full-width digits and dots.
    ("127.0.0.1", AddressClass::Loopback),
    ("127.0.0.2", AddressClass::Loopback),
    ("127.255.255.254", AddressClass::Loopback),
    ("127.1", AddressClass::Loopback),
    ("127.0.1", AddressClass::Loopback),
    ("2130706433", AddressClass::Loopback),
    ("017700000001", AddressClass::Loopback),
    ("0x7f000001", AddressClass::Loopback),
    ("0x7F.0.0.1", AddressClass::Loopback),
    ("0177.0.0.1", AddressClass::Loopback),
    ("0177.0.0.01", AddressClass::Loopback),
    ("0x7f.0x0.0x0.0x1", AddressClass::Loopback),
    ("0177.0x0.0.1", AddressClass::Loopback),
    ("127.0x1", AddressClass::Loopback),
    ("0x7f.1", AddressClass::Loopback),
    ("127.0.0.1.", AddressClass::Loopback),
    ("2130706433.", AddressClass::Loopback),
    ("%31%32%37.0.0.1", AddressClass::Loopback),
    ("127%2e0%2e0%2e1", AddressClass::Loopback),
    ("127\u{3002}0\u{3002}0\u{3002}1", AddressClass::Loopback),
    ("127\u{ff0e}0\u{ff0e}0\u{ff0e}1", AddressClass::Loopback),
    ("127\u{ff61}0\u{ff61}0\u{ff61}1", AddressClass::Loopback),
    ("\u{ff11}\u{ff12}\u{ff17}.0.0.1", AddressClass::Loopback),
    ("\u{2460}\u{2461}\u{2466}.0.0.1", AddressClass::Loopback),
    ("0.0.0.0", AddressClass::Loopback),
    ("0", AddressClass::Loopback),
    ("0x0", AddressClass::Loopback),
    ("00", AddressClass::Loopback),
    ("0.1", AddressClass::Loopback),
    ("0.0.0.0.", AddressClass::Loopback),
    ("[::1]", AddressClass::Loopback),
    ("[0:0:0:0:0:0:0:1]", AddressClass::Loopback),
    ("[0000:0000:0000:0000:0000:0000:0000:0001]", AddressClass::Loopback),
    ("[::]", AddressClass::Loopback),
    ("[::ffff:127.0.0.1]", AddressClass::Loopback),
    ("[::ffff:7f00:1]", AddressClass::Loopback),
    ("[0:0:0:0:0:ffff:7f00:0001]", AddressClass::Loopback),
    ("[::ffff:0:127.0.0.1]", AddressClass::Loopback),
    ("[::127.0.0.1]", AddressClass::Loopback),
    ("[64:ff9b::127.0.0.1]", AddressClass::Loopback),
    ("[64:ff9b::7f00:1]", AddressClass::Loopback),
    ("[2002:7f00:1::]", AddressClass::Loopback),
    ("[2002:7f00:0001::1]", AddressClass::Loopback),
    ("[2001:0:7f00:1::]", AddressClass::Unroutable),
    ("[2001:0:808:808:0:0:80ff:fffe]", AddressClass::Loopback),
    ("[2606:4700::5efe:127.0.0.1]", AddressClass::Loopback),
    ("[2606:4700::200:5efe:7f00:1]", AddressClass::Loopback),
    ("[::ffff:0.0.0.0]", AddressClass::Loopback),
    // More of the lists that scanners for SSRF use.
    ("0x7f000001.", AddressClass::Loopback),
    ("0x7f.0.1", AddressClass::Loopback),
    ("0177.1", AddressClass::Loopback),
    ("00000177.0.0.1", AddressClass::Loopback),
    ("127.00.00.001", AddressClass::Loopback),
    ("127.000.000.1", AddressClass::Loopback),
    ("\u{ff11}\u{ff12}\u{ff17}\u{3002}0\u{ff0e}0\u{ff61}1", AddressClass::Loopback),
    ("[::ffff:7f00:0001]", AddressClass::Loopback),
    ("[0:0:0:0:0:0:0:0]", AddressClass::Loopback),
    ("[64:ff9b:0:0:0:0:127.0.0.1]", AddressClass::Loopback),
    ("[2001:0:4136:e378:8000:63bf:80ff:fffe]", AddressClass::Loopback),
    // Private networks.
    ("10.0.0.1", AddressClass::Private),
    ("10.255.255.255", AddressClass::Private),
    ("0xa.1", AddressClass::Private),
    ("012.0.0.1", AddressClass::Private),
    ("167772161", AddressClass::Private),
    ("172.16.0.1", AddressClass::Private),
    ("172.31.255.254", AddressClass::Private),
    ("192.168.1.1", AddressClass::Private),
    ("0xc0a80101", AddressClass::Private),
    ("3232235777", AddressClass::Private),
    ("192.168.257", AddressClass::Private),
    ("100.64.0.1", AddressClass::Private),
    ("198.18.0.1", AddressClass::Private),
    ("[fc00::1]", AddressClass::Private),
    ("[fd12:3456::1]", AddressClass::Private),
    ("[fec0::1]", AddressClass::Private),
    ("[::ffff:10.0.0.1]", AddressClass::Private),
    ("[64:ff9b::a00:1]", AddressClass::Private),
    ("[64:ff9b:1::808:808]", AddressClass::Private),
    ("[2002:a00:1::]", AddressClass::Private),
    ("[2002:c0a8:101::1]", AddressClass::Private),
    // Link-local and metadata: nobody may.
    ("169.254.0.1", AddressClass::LinkLocal),
    ("[fe80::1]", AddressClass::LinkLocal),
    ("[febf::1]", AddressClass::LinkLocal),
    ("[::ffff:169.254.1.1]", AddressClass::LinkLocal),
    ("169.254.169.254", AddressClass::Metadata),
    ("169.254.169.254.", AddressClass::Metadata),
    ("2852039166", AddressClass::Metadata),
    ("0xa9fea9fe", AddressClass::Metadata),
    ("0xA9.0xFE.0xA9.0xFE", AddressClass::Metadata),
    ("0251.0376.0251.0376", AddressClass::Metadata),
    ("025177524776", AddressClass::Metadata),
    ("169.254.43518", AddressClass::Metadata),
    ("169.16689662", AddressClass::Metadata),
    ("169\u{3002}254\u{3002}169\u{3002}254", AddressClass::Metadata),
    ("[::ffff:169.254.169.254]", AddressClass::Metadata),
    ("[::ffff:a9fe:a9fe]", AddressClass::Metadata),
    ("[::169.254.169.254]", AddressClass::Metadata),
    ("[64:ff9b::169.254.169.254]", AddressClass::Metadata),
    ("[64:ff9b:1::a9fe:a9fe]", AddressClass::Metadata),
    ("[2002:a9fe:a9fe::]", AddressClass::Metadata),
    ("[fd00:ec2::254]", AddressClass::Metadata),
    ("[fd20:ce::254]", AddressClass::Metadata),
    ("[fd00:ec2::23]", AddressClass::Metadata),
    ("169.254.170.2", AddressClass::Metadata),
    ("169.254.170.23", AddressClass::Metadata),
    ("100.100.100.200", AddressClass::Metadata),
    ("192.0.0.192", AddressClass::Metadata),
    ("168.63.129.16", AddressClass::Metadata),
    // No host at all.
    ("224.0.0.1", AddressClass::Unroutable),
    ("239.255.255.250", AddressClass::Unroutable),
    ("240.0.0.1", AddressClass::Unroutable),
    ("255.255.255.255", AddressClass::Unroutable),
    ("0xffffffff", AddressClass::Unroutable),
    ("192.0.2.1", AddressClass::Unroutable),
    ("198.51.100.1", AddressClass::Unroutable),
    ("203.0.113.1", AddressClass::Unroutable),
    ("192.88.99.1", AddressClass::Unroutable),
    ("[ff02::1]", AddressClass::Unroutable),
    ("[2001:db8::1]", AddressClass::Unroutable),
    ("[100::1]", AddressClass::Unroutable),
    ("[4000::1]", AddressClass::Unroutable),
];

/// Not even a URL, or one that parsers read differently: refused before anything is judged.
const NOT_TARGETS: &[&str] = &[
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[::1/",
    "http://127.0.0.1:99999/",
    "http://256.0.0.1/",
    "http://127.0.0.1.1/",
    "http://0x7g.1/",
    "http://4294967296/",
    "http://public.example\\@127.0.0.1/",
    "http://127.0.0.1\\.public.example/",
    "http://public.example@127.0.0.1/",
    "http://127.0.0.1@public.example/",
    "http://public.example:80@127.0.0.1:80/",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\n.public.example/",
    "http://exa mple/",
    "gopher://127.0.0.1/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "javascript://127.0.0.1/",
    "http://./",
    "http:///",
    "http://\u{202e}moc.elpmaxe/",
];

const PUBLIC: &[&str] = &[
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "169.253.255.255",
    "126.255.255.255",
    "128.0.0.1",
    "223.255.255.255",
    "[2606:4700::1]",
    "[64:ff9b::8.8.8.8]",
    "[::ffff:8.8.8.8]",
    "[2002:808:808::1]",
];

fn address_of(form: &str) -> IpAddr {
    match Target::parse(&format!("http://{form}/")).unwrap_or_else(|error| panic!("{form}: {error}")).host() {
        url::Host::Ipv4(address) => (*address).into(),
        url::Host::Ipv6(address) => (*address).into(),
        url::Host::Domain(name) => panic!("{form} was read as the name {name}"),
    }
}

#[test]
fn the_table_is_long_enough() {
    assert!(FORMS.len() + NOT_TARGETS.len() >= 80);
}

#[test]
fn every_form_is_classified_for_what_it_reaches() {
    for (form, class) in FORMS {
        assert_eq!(classify(address_of(form)), *class, "{form}");
    }
    for form in PUBLIC {
        assert_eq!(classify(address_of(form)), AddressClass::Public, "{form}");
    }
}

#[tokio::test]
async fn a_service_reaches_none_of_them() {
    for (form, _) in FORMS {
        let mut settings = Settings::new(Target::parse(&format!("http://{form}/")).unwrap());
        settings.profile = Profile::Service(Vec::new());
        match Engine::new(settings).await {
            Err(error @ SetupError::Refused(_)) => assert_eq!(error.exit_code(), 4, "{form}"),
            Err(error) => panic!("{form}: {error}"),
            Ok(_) => panic!("{form} was let through"),
        }
    }
}

#[tokio::test]
async fn a_developer_reaches_loopback_and_private_networks_only() {
    for (form, class) in FORMS {
        let settings = Settings::new(Target::parse(&format!("http://{form}/")).unwrap());
        let admitted = Engine::new(settings).await.is_ok();
        assert_eq!(admitted, matches!(class, AddressClass::Loopback | AddressClass::Private), "{form}");
    }
}

#[test]
fn what_parsers_disagree_on_is_no_target() {
    for text in NOT_TARGETS {
        assert!(Target::parse(text).is_err(), "{text:?} was read as {:?}", Target::parse(text));
    }
}

#[tokio::test]
async fn metadata_names_are_refused_before_they_are_looked_up() {
    for name in ["metadata.google.internal", "METADATA.google.internal.", "metadata", "instance-data", "metadata.goog"]
    {
        let mut settings = Settings::new(Target::parse(&format!("http://{name}/")).unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        settings.resolver = Arc::new(Scripted { answers: vec![vec!["8.8.8.8"]], asked: asked.clone() });
        assert!(matches!(Engine::new(settings).await.err(), Some(SetupError::Refused(_))), "{name}");
        assert_eq!(asked.load(Ordering::SeqCst), 0, "{name}");
    }
}

/// Gives one answer after the other, as a rebinding name server does.
struct Scripted {
    answers: Vec<Vec<&'static str>>,
    asked: Arc<AtomicUsize>,
}

impl Resolve for Scripted {
    fn lookup<'a>(&'a self, _: &'a str) -> Lookup<'a> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let answer = self.answers[turn].iter().map(|text| text.parse().unwrap()).collect();
        Box::pin(async move { Ok(answer) })
    }
}

async fn engine_for(
    answers: Vec<Vec<&'static str>>,
    profile: Profile,
) -> (Result<Engine, SetupError>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut settings = Settings::new(Target::parse("http://rebind.example:1/").unwrap());
    settings.profile = profile;
    settings.resolver = Arc::new(Scripted { answers, asked: asked.clone() });
    settings.deadlines.connect = std::time::Duration::from_millis(50);
    (Engine::new(settings).await, asked)
}

#[tokio::test]
async fn one_forbidden_answer_among_public_ones_refuses_the_name() {
    for answers in
        [vec!["8.8.8.8", "169.254.169.254"], vec!["2606:4700::1", "fd00:ec2::254"], vec!["127.0.0.1", "fe80::1"]]
    {
        let (engine, _) = engine_for(vec![answers.clone()], Profile::Cli).await;
        assert!(matches!(engine.err(), Some(SetupError::Refused(_))), "{answers:?}");
    }
    let (engine, _) = engine_for(vec![vec!["8.8.8.8", "10.0.0.1"]], Profile::Service(Vec::new())).await;
    assert!(matches!(engine.err(), Some(SetupError::Refused(_))));
}

#[tokio::test]
async fn a_name_that_rebinds_after_the_check_is_not_asked_again() {
    // The first answer is judged and pinned; the second would be the attack.
    let (engine, asked) = engine_for(vec![vec!["127.0.0.2"], vec!["169.254.169.254"]], Profile::Cli).await;
    let mut engine = engine.unwrap();
    assert_eq!(engine.addresses(), ["127.0.0.2".parse::<IpAddr>().unwrap()]);
    for id in 0..3 {
        let request = plimsoll_http::Request::get("/");
        let probe = plimsoll_http::Probe::of(plimsoll_http::OpId(0));
        let exchanges = engine.send(&mut [plimsoll_http::Planned::new(id, probe, request)].into_iter()).await;
        let failure = format!("{:?}", exchanges[0].outcome);
        assert!(failure.contains("127.0.0.2:1"), "connected to the judged address: {failure}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_without_an_address_is_unreachable() {
    let (engine, _) = engine_for(vec![vec![]], Profile::Cli).await;
    let error = engine.err().unwrap();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains("rebind.example"), "{error}");
}

#[tokio::test]
async fn a_thousand_addresses_do_not_make_a_thousand_connections() {
    let (engine, _) = engine_for(vec![vec!["127.0.0.3"; 1_000]], Profile::Cli).await;
    let mut engine = engine.unwrap();
    let begun = std::time::Instant::now();
    let planned = plimsoll_http::Planned::new(
        0,
        plimsoll_http::Probe::of(plimsoll_http::OpId(0)),
        plimsoll_http::Request::get("/"),
    );
    engine.send(&mut [planned].into_iter()).await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(1));
}

/// A name server that never answers, one that fails (as a loop of CNAMEs does), and one that has an answer now and then.
enum Unsteady {
    Silent,
    Fails(&'static str),
    Flaps(AtomicUsize),
}

impl Resolve for Unsteady {
    fn lookup<'a>(&'a self, _: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            match self {
                Self::Silent => std::future::pending().await,
                Self::Fails(why) => Err(std::io::Error::other(*why)),
                Self::Flaps(asked) if asked.fetch_add(1, Ordering::SeqCst) % 2 == 0 => {
                    Err(std::io::Error::other("no such host"))
                }
                Self::Flaps(_) => Ok(vec!["127.0.0.4".parse().unwrap()]),
            }
        })
    }
}

async fn unsteady(resolver: Arc<Unsteady>) -> Result<Engine, SetupError> {
    let mut settings = Settings::new(Target::parse("http://unsteady.example:1/").unwrap());
    settings.resolver = resolver;
    Engine::new(settings).await
}

#[tokio::test(start_paused = true)]
async fn a_slow_name_server_is_given_up() {
    let begun = tokio::time::Instant::now();
    let error = unsteady(Arc::new(Unsteady::Silent)).await.err().unwrap();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains("no answer within 10 s"), "{error}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(11));
}

#[tokio::test]
async fn a_name_that_comes_and_goes_is_one_or_the_other_for_a_whole_run() {
    let error = unsteady(Arc::new(Unsteady::Fails("too many levels of aliases"))).await.err().unwrap();
    assert!(error.to_string().contains("too many levels of aliases") && error.exit_code() == 3, "{error}");
    let resolver = Arc::new(Unsteady::Flaps(AtomicUsize::new(0)));
    assert_eq!(unsteady(Arc::clone(&resolver)).await.err().unwrap().exit_code(), 3);
    let engine = unsteady(resolver).await.unwrap();
    assert_eq!(engine.addresses(), ["127.0.0.4".parse::<IpAddr>().unwrap()]);
}

#[test]
fn an_allow_list_needs_both_name_and_network() {
    let profile = Profile::Service(vec![("staging.example".to_owned(), "10.1.0.0/16".parse().unwrap())]);
    let inside: IpAddr = "10.1.2.3".parse().unwrap();
    assert!(judge("staging.example", inside, &profile).is_ok());
    assert!(judge("staging.example", "::ffff:10.1.2.3".parse().unwrap(), &profile).is_ok());
    assert!(judge("staging.example", "10.2.0.1".parse().unwrap(), &profile).is_err());
    assert!(judge("other.example", inside, &profile).is_err());
    // No list lets anybody through to a metadata service.
    let profile = Profile::Service(vec![("m.example".to_owned(), "169.254.0.0/16".parse().unwrap())]);
    assert!(judge("m.example", "169.254.169.254".parse().unwrap(), &profile).is_err());
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_a_target_or_an_error(text in "\\PC{0,60}", authority in "[a-z0-9.:@\\\\\\[\\]%/?#é\u{202e} -]{0,30}", link in ".{0,40}") {
        for text in [text, format!("http://{authority}/x")] {
            match Target::parse(&text) {
                Ok(target) => {
                    proptest::prop_assert!(target.port() != 0 && target.url().username().is_empty());
                    let again = Target::parse(target.url().as_str()).map(|again| again.origin());
                    proptest::prop_assert_eq!(again, Ok(target.origin()));
                    if let Ok(path) = target.admit("/", &link) {
                        proptest::prop_assert!(path.starts_with('/') && !path.contains(char::is_control), "{}", path);
                    }
                }
                Err(error) => proptest::prop_assert!(!error.to_string().contains(char::is_control)),
            }
        }
    }

    #[test]
    fn an_address_in_any_ipv6_wrapping_is_judged_as_itself(a in 0u32..) {
        let v4 = std::net::Ipv4Addr::from(a);
        let [w, x, y, z] = v4.octets();
        let (high, low) = (u16::from_be_bytes([w, x]), u16::from_be_bytes([y, z]));
        let class = classify(v4.into());
        for wrapped in [
            std::net::Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
            std::net::Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            std::net::Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        ] {
            proptest::prop_assert_eq!(classify(wrapped.into()), class);
        }
    }
}

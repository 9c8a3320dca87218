//! What never leaves: writes without a permit, credentials for others, headers that are the engine's, requests through a proxy.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod common;
#[expect(dead_code, reason = "the engine's own tests need more of it")]
mod server;

use std::sync::Arc;

use common::{get, send, settings};
use plimsoll_http::plan::permit;
use plimsoll_http::{
    AllowWrites, Credential, Engine, OpId, Outcome, Planned, Probe, Profile, Request, Secrets, SetupError, Stage,
    Transport, Who,
};
use plimsoll_model::{Method, OperationKey};
use server::{Server, ok, one, status};

#[tokio::test]
async fn every_request_says_who_sends_it_and_what_it_takes() {
    let server = Server::start(|_| ok("{}")).await;
    let mut settings = server.settings();
    settings.scan_id = "t-1".to_owned();
    let mut engine = Engine::new(settings).await.unwrap();
    one(&mut engine, "/x").await;
    let head = server.heads().remove(0);
    assert!(head.starts_with("GET /x HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", server.address)), "{head}");
    assert!(head.contains("(+https://github.com/plimsoll-scan/plimsoll; scan=t-1)"), "{head}");
    assert!(head.contains("x-plimsoll-scan: t-1\r\n"), "{head}");
    assert!(head.contains("accept: application/json, */*;q=0.5\r\n"), "{head}");
    assert!(head.contains("accept-encoding: gzip, br\r\n"), "{head}");
}

#[tokio::test]
async fn redirects_are_recorded_and_not_followed() {
    for location in ["/other", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "//evil.example/"] {
        let header = format!("location: {location}\r\n");
        let server = Server::start(move |_| status(302, &header, "")).await;
        let mut engine = server.engine().await;
        let exchange = one(&mut engine, "/x").await;
        assert_eq!(exchange.status(), Some(302));
        assert_eq!(exchange.response().unwrap().header("location"), Some(location));
        assert_eq!(server.count(), 1);
        assert_eq!(engine.status().requests, 1);
    }
}

#[tokio::test]
async fn writes_need_a_permit_for_that_operation_and_method() {
    let server = Server::start(|_| ok("{}")).await;
    let mut settings = server.settings();
    let key = OperationKey::new(Method::Post, "/search");
    assert!(permit(&key, None, "", false, &settings).is_err());
    let marked = permit(&key, None, "", true, &settings).unwrap();
    let planned = |id: u32, method: Method, permit| {
        let mut base = Request::get("/search");
        base.method = method;
        Planned::new(id, Probe::of(OpId(id)), base).under(permit)
    };
    let mut engine = Engine::new(settings.clone()).await.unwrap();
    let exchanges = send(
        &mut engine,
        vec![
            planned(0, Method::Post, marked),
            planned(1, Method::Post, plimsoll_http::Permit::SAFE),
            planned(2, Method::Delete, marked),
            planned(3, Method::Put, marked),
            planned(4, Method::Options, plimsoll_http::Permit::SAFE),
        ],
    )
    .await;
    assert_eq!(exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [0, 4]);
    assert_eq!(engine.status().skipped.len(), 3);
    assert_eq!(server.count(), 2);
    // Naming the operation is enough for a write, and not for a DELETE.
    settings.allow_writes = AllowWrites::Only([key.clone(), OperationKey::new(Method::Delete, "/x")].into());
    assert!(permit(&key, None, "", false, &settings).is_ok());
    assert!(permit(&OperationKey::new(Method::Post, "/other"), None, "", false, &settings).is_err());
    assert!(permit(&OperationKey::new(Method::Delete, "/x"), None, "", true, &settings).is_err());
    settings.allow_destructive = true;
    let deletes = permit(&OperationKey::new(Method::Delete, "/x"), None, "", false, &settings).unwrap();
    // Even then a probe's edit cannot turn one operation's permit into another method.
    let mut engine = Engine::new(settings).await.unwrap();
    let batch =
        vec![planned(0, Method::Delete, deletes), planned(1, Method::Put, deletes), planned(2, Method::Delete, marked)];
    let exchanges = send(&mut engine, batch).await;
    assert_eq!(exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn a_get_that_resets_something_never_leaves() {
    let server = Server::start(|_| ok("{}")).await;
    let mut engine = server.engine().await;
    let exchanges = send(
        &mut engine,
        vec![get(0, 0, "/admin/reset"), get(1, 1, "/admin/%72eset"), get(2, 2, "/presets"), get(3, 3, "/createdb")],
    )
    .await;
    assert_eq!(exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [2]);
    assert_eq!(server.count(), 1);
    assert!(engine.status().skipped.iter().all(|(_, why, _)| why.contains("--allow-destructive")));
}

#[tokio::test]
async fn credentials_go_with_the_given_identity_only_and_are_never_recorded() {
    let server = Server::start(|head| {
        let echo: String =
            head.lines().filter(|line| line.starts_with("authorization") || line.starts_with("x-key")).collect();
        status(200, "x-echo: Bearer s3cret-token\r\n", &format!("{{\"echo\":\"{echo} {}\"}}", "s3cret-token"))
    })
    .await;
    let mut settings = server.settings();
    settings.credentials = vec![Credential::new("Authorization", "Bearer s3cret-token")];
    settings.extra_headers =
        vec![("x-api-key".to_owned(), "s3cret-token".to_owned()), ("x-plain".to_owned(), "1".to_owned())];
    let mut secrets = Secrets::default();
    secrets.add("TOKEN", "s3cret-token");
    settings.secrets = Arc::new(secrets);
    assert!(!format!("{settings:?}").contains("s3cret"));
    let mut engine = Engine::new(settings).await.unwrap();
    let mut anonymous = get(1, 0, "/x");
    anonymous.probe = anonymous.probe.who(Who::Anonymous);
    let mut with_header = get(2, 0, "/x");
    with_header.request.set_header("x-token", "s3cret-token");
    with_header.request.set_query("t", "s3cret-token");
    let exchanges = send(&mut engine, vec![get(0, 0, "/x"), anonymous, with_header]).await;
    let heads = server.heads();
    let given = heads.iter().filter(|head| head.contains("authorization: Bearer s3cret-token")).count();
    assert_eq!((heads.len(), given), (3, 2));
    assert_eq!(heads.iter().filter(|head| head.contains("x-api-key")).count(), 2);
    assert_eq!(heads.iter().filter(|head| head.contains("x-plain")).count(), 3);
    for exchange in &exchanges {
        assert!(!format!("{exchange:?}").contains("s3cret"), "{exchange:?}");
        let response = exchange.response().unwrap();
        assert!(exchange.text().contains("$TOKEN"));
        assert!(response.body.is_whole());
        assert!(!format!("{:?}", response.body.tally).contains("s3cret"));
        assert!(!String::from_utf8_lossy(&response.body.kept).contains("s3cret"));
    }
    assert_eq!(exchanges[2].request.query_value("t"), Some("$TOKEN"));
}

#[tokio::test]
async fn a_probe_cannot_set_what_frames_a_message_or_names_its_host() {
    let server = Server::start(|_| ok("{}")).await;
    let mut engine = server.engine().await;
    let mut batch = Vec::new();
    for (id, name) in ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te"].iter().enumerate()
    {
        let mut planned = get(u32::try_from(id).unwrap(), 100 + u32::try_from(id).unwrap(), "/x");
        planned.request.set_header(name, "1");
        batch.push(planned);
    }
    let mut split = get(50, 50, "/x");
    split.request.set_header("x-a", "1\r\nhost: evil.example");
    batch.push(split);
    for (id, path) in
        [(51, "http://evil.example/"), (52, "x"), (53, "/a b"), (54, "/a\r\nhost: e"), (55, "/a?b"), (56, "*")]
    {
        batch.push(get(id, id, path));
    }
    let exchanges = send(&mut engine, batch).await;
    assert_eq!(server.count(), 0);
    assert_eq!(exchanges.len(), 13);
    for exchange in &exchanges {
        assert!(matches!(&exchange.outcome, Outcome::Failed(failure) if failure.stage == Stage::Guard), "{exchange:?}");
    }
}

#[tokio::test]
async fn a_path_that_looks_like_a_host_stays_on_the_target() {
    let server = Server::start(|_| ok("{}")).await;
    let mut engine = server.engine().await;
    assert!(one(&mut engine, "//evil.example/x").await.is_success());
    assert!(server.heads()[0].starts_with("GET //evil.example/x HTTP/1.1\r\n"), "{:?}", server.heads());
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    // Nothing in the crate reads the environment; a run in a child process with hostile proxy variables shows it.
    let server = Server::start(|_| ok("{}")).await;
    if std::env::var_os("PLIMSOLL_TEST_CHILD").is_some() {
        let target = std::env::var_os("PLIMSOLL_TEST_TARGET").unwrap().into_string().unwrap();
        let mut engine = Engine::new(settings(&target)).await.unwrap();
        assert!(one(&mut engine, "/through").await.is_success());
        return;
    }
    let target = format!("http://{}", server.address);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "proxies_of_the_environment_are_not_used"])
        .env("PLIMSOLL_TEST_CHILD", "1")
        .env("PLIMSOLL_TEST_TARGET", target)
        .envs(
            ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"]
                .map(|name| (name, "http://127.0.0.1:1")),
        )
        .env_remove("no_proxy")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let status = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    assert!(status.success());
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_service_refuses_loopback_unless_it_is_listed() {
    let mut settings = settings("http://127.0.0.1:9");
    settings.profile = Profile::Service(Vec::new());
    let error = Engine::new(settings.clone()).await.err().unwrap();
    assert!(matches!(error, SetupError::Refused(_)));
    assert_eq!(error.exit_code(), 4);
    settings.profile = Profile::Service(vec![("127.0.0.1".to_owned(), "127.0.0.0/8".parse().unwrap())]);
    assert!(Engine::new(settings.clone()).await.is_ok());
    settings.profile = Profile::Service(vec![("other.example".to_owned(), "127.0.0.0/8".parse().unwrap())]);
    assert!(Engine::new(settings).await.is_err());
}

#[tokio::test]
async fn a_credential_with_a_line_break_is_refused_without_showing_it() {
    let mut settings = settings("http://127.0.0.1:9");
    settings.credentials = vec![Credential::new("authorization", "Bearer abc\r\nx: y")];
    let error = Engine::new(settings).await.err().unwrap();
    assert_eq!(error.exit_code(), 2);
    assert!(!error.to_string().contains("abc"), "{error}");
}

fn hostile(name: &str) -> &'static plimsoll_testkit::hostile::Hostile {
    plimsoll_testkit::hostile::ALL.iter().find(|hostile| hostile.name == name).unwrap()
}

#[tokio::test]
async fn the_facts_of_a_certificate_are_recorded() {
    let running = hostile("certificate-expired").start().await.unwrap();
    let mut engine = Engine::new(settings(&running.url)).await.unwrap();
    assert_eq!(engine.tls(), None);
    assert!(one(&mut engine, "/well").await.is_success(), "a loopback target is scanned all the same");
    let facts = engine.tls().unwrap().clone();
    assert_eq!((facts.version.as_str(), facts.alpn.as_deref(), facts.chain), ("TLSv1.3", Some("http/1.1"), 1));
    assert_eq!((facts.not_before, facts.not_after), (1_546_300_800, 1_577_836_800));
    assert!(facts.subject.contains("hostile.invalid") && facts.self_signed, "{facts:?}");
    assert_eq!(facts.names, ["localhost", "127.0.0.1"]);
    assert!(facts.unverified.is_some_and(|why| why.to_lowercase().contains("expired") || why.contains("certificate")));
}

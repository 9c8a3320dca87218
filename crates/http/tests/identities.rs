//! Requests go out as the identity that they are meant for, with its credentials and nobody else's, and identities that sign in stay signed in.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod common;
#[expect(dead_code, reason = "other tests need more of it")]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{get, send};
use plimsoll_http::request::Body;
use plimsoll_http::settings::{Credential, Identity};
use plimsoll_http::{Engine, Exchange, Login, Planned, Secrets, Settings, SetupError, Transport, Who, Yields};
use plimsoll_model::Method;
use server::{Server, ok, status};

const ALICE: &str = "al1ce-t0ken-77";
const BOB: &str = "b0b-t0ken-88";
const KEY: &str = "k3y-in-the-query";
const PASSWORD: &str = "h4rbour-m4ster";

fn named(name: &str, header: &str, value: &str) -> Identity {
    Identity { name: name.to_owned(), credentials: vec![Credential::new(header, value)], ..Identity::default() }
}

fn with(settings: Settings, identities: Vec<Identity>) -> Settings {
    let mut secrets = Secrets::default();
    for (name, value) in [("ALICE", ALICE), ("BOB", BOB), ("KEY", KEY), ("PASSWORD", PASSWORD)] {
        secrets.add(name, value);
    }
    Settings { identities, secrets: Arc::new(secrets), ..settings }
}

fn sent_as(id: u32, who: Who) -> Planned {
    let mut planned = get(id, 0, "/me");
    planned.request.query.push(("a".to_owned(), "b".to_owned()));
    planned.probe = planned.probe.who(who);
    planned
}

fn login(url: &str) -> Login {
    Login {
        method: Method::Post,
        url: url.to_owned(),
        origin: None,
        headers: Vec::new(),
        body: Some(Body {
            media_type: "application/json".to_owned(),
            content: format!("{{\"password\":\"{PASSWORD}\"}}"),
        }),
        yields: Yields::Token {
            pointer: "/data/token".to_owned(),
            header: "Authorization".to_owned(),
            template: "Bearer {token}".to_owned(),
        },
        expires: None,
        secret: "ALICE_TOKEN".to_owned(),
    }
}

fn signs_in(login: Login) -> Identity {
    Identity { name: "alice".to_owned(), login: Some(login), ..Identity::default() }
}

fn text(exchanges: &[Exchange]) -> String {
    format!("{exchanges:?}") + &exchanges.iter().map(|exchange| exchange.text().into_owned()).collect::<String>()
}

#[tokio::test]
async fn every_identity_carries_its_own_credentials_and_no_others() {
    // The target sets a cookie for everybody and tells back what it was told.
    let server = Server::start(|head| {
        status(200, "set-cookie: session=fr0m-the-target\r\n", &serde_json::json!({"head": head}).to_string())
    })
    .await;
    let alice = named("alice", "cookie", &format!("session={ALICE}"));
    let bob = named("bob", "authorization", &format!("Bearer {BOB}"));
    let carol =
        Identity { name: "carol".to_owned(), query: vec![Credential::new("api key", KEY)], ..Identity::default() };
    let settings = with(server.settings(), vec![alice, bob, carol]);
    let mut engine = Engine::new(settings).await.unwrap();
    let batch = [Who::As(0), Who::As(1), Who::As(2), Who::Anonymous, Who::Given, Who::As(0)];
    let batch = batch.iter().zip(0..).map(|(who, id)| sent_as(id, *who));
    // One after another, so that whatever could be carried over would be.
    let mut exchanges = Vec::new();
    for planned in batch {
        exchanges.extend(send(&mut engine, vec![planned]).await);
    }
    let heads = server.heads();
    let of = |head: &str| [ALICE, BOB, KEY, "fr0m-the-target"].map(|secret| head.contains(secret));
    let carried: Vec<[bool; 4]> = heads.iter().map(|head| of(head)).collect();
    let alice = [true, false, false, false];
    let expected = [alice, [false, true, false, false], [false, false, true, false], [false; 4], alice, alice];
    assert_eq!(carried, expected, "{heads:?}");
    assert!(heads[2].starts_with(&format!("GET /me?a=b&api%20key={KEY} ")), "{}", heads[2]);
    let recorded = text(&exchanges);
    assert!(![ALICE, BOB, KEY].iter().any(|secret| recorded.contains(secret)), "{recorded}");
    assert!(recorded.contains("$ALICE") && recorded.contains("$BOB") && recorded.contains("$KEY"), "{recorded}");
}

#[tokio::test]
async fn the_given_credentials_are_nobody_elses() {
    let server = Server::start(|_| ok("{}")).await;
    let mut settings = with(server.settings(), vec![named("bob", "authorization", &format!("Bearer {BOB}"))]);
    settings.credentials = vec![Credential::new("authorization", format!("Bearer {ALICE}"))];
    settings.extra_headers =
        vec![("x-tenant".to_owned(), "north".to_owned()), ("x-api-key".to_owned(), KEY.to_owned())];
    let mut engine = Engine::new(settings).await.unwrap();
    for (id, who) in (0..).zip([Who::Given, Who::As(0), Who::Anonymous]) {
        send(&mut engine, vec![sent_as(id, who)]).await;
    }
    let heads = server.heads();
    let of = |head: &String| [ALICE, BOB, KEY, "x-tenant: north"].map(|text| head.contains(text));
    let carried: Vec<[bool; 4]> = heads.iter().map(of).collect();
    assert_eq!(carried, [[true, false, true, true], [false, true, false, true], [false, false, false, true]]);
}

#[tokio::test]
async fn an_identity_that_there_is_not_is_nobody() {
    let server = Server::start(|_| ok("{}")).await;
    let mut engine = Engine::new(with(server.settings(), vec![named("a", "x-key", ALICE)])).await.unwrap();
    let exchanges = send(&mut engine, vec![sent_as(0, Who::As(7))]).await;
    assert!(exchanges[0].response().is_none());
    assert_eq!(server.count(), 0);
}

/// A server that hands out tokens, counted from 1, and answers to the last one only.
async fn issuer(valid: Arc<AtomicUsize>, expires: Option<u64>) -> Server {
    let issued = Arc::new(AtomicUsize::new(0));
    Server::start(move |head| {
        if head.starts_with("POST ") {
            if !head.contains(PASSWORD) {
                return status(401, "", "{}");
            }
            let n = issued.fetch_add(1, Ordering::SeqCst) + 1;
            valid.fetch_max(n, Ordering::SeqCst);
            let mut answer = serde_json::json!({"data": {"token": format!("t0ken-number-{n}")}});
            if let Some(seconds) = expires {
                answer["in"] = seconds.into();
            }
            return ok(&answer.to_string());
        }
        let token = format!("Bearer t0ken-number-{}\r\n", valid.load(Ordering::SeqCst));
        if head.contains(&token) {
            ok(&serde_json::json!({"you": token.trim()}).to_string())
        } else {
            status(401, "", "{}")
        }
    })
    .await
}

#[tokio::test]
async fn a_login_is_sent_once_and_what_it_yields_is_hidden() {
    let server = issuer(Arc::default(), None).await;
    let mut settings = with(server.settings(), vec![signs_in(login("/auth/token"))]);
    settings.target = plimsoll_http::Target::parse(&format!("http://{}/api", server.address)).unwrap();
    let mut engine = Engine::new(settings).await.unwrap();
    assert_eq!(server.count(), 0, "nothing is sent before it is asked for");
    let yielded = engine.sign_in().await.unwrap();
    assert_eq!(yielded, [(0, "ALICE_TOKEN".to_owned(), "t0ken-number-1".to_owned())]);
    let exchanges = send(&mut engine, (0..5).map(|id| sent_as(id, Who::As(0))).collect()).await;
    assert!(exchanges.iter().all(Exchange::is_success));
    let heads = server.heads();
    assert_eq!(heads.iter().filter(|head| head.starts_with("POST /api/auth/token ")).count(), 1);
    assert_eq!(engine.status().requests, 6, "a login counts");
    let recorded = text(&exchanges);
    assert!(!recorded.contains("t0ken-number") && recorded.contains("$ALICE_TOKEN"), "{recorded}");
}

#[tokio::test]
async fn a_refusal_after_an_answer_leads_to_one_login() {
    let valid = Arc::new(AtomicUsize::new(0));
    let server = issuer(valid.clone(), None).await;
    let mut engine = Engine::new(with(server.settings(), vec![signs_in(login("/t"))])).await.unwrap();
    engine.sign_in().await.unwrap();
    assert!(send(&mut engine, vec![sent_as(0, Who::As(0))]).await[0].is_success());
    // What was issued first has ended; eight requests at once find that out.
    valid.store(2, Ordering::SeqCst);
    let exchanges = send(&mut engine, (1..9).map(|id| sent_as(id, Who::As(0))).collect()).await;
    assert!(exchanges.iter().all(Exchange::is_success), "{exchanges:?}");
    let logins = server.heads().iter().filter(|head| head.starts_with("POST ")).count();
    assert_eq!(logins, 2);
    assert!(!text(&exchanges).contains("t0ken-number"));
}

#[tokio::test]
async fn a_refusal_that_no_login_mends_is_left_alone() {
    let server = Server::start(|head| match head {
        head if head.starts_with("POST ") => ok(r#"{"data": {"token": "t0ken-number-1"}}"#),
        head if head.contains("/closed") => status(401, "", "{}"),
        _ => ok("{}"),
    })
    .await;
    let mut engine = Engine::new(with(server.settings(), vec![signs_in(login("/t"))])).await.unwrap();
    engine.sign_in().await.unwrap();
    for id in 0..6 {
        let mut planned = get(id, 0, if id % 2 == 0 { "/open" } else { "/closed" });
        planned.probe = planned.probe.who(Who::As(0));
        send(&mut engine, vec![planned]).await;
    }
    let logins = server.heads().iter().filter(|head| head.starts_with("POST ")).count();
    assert_eq!(logins, 2, "once at the start, once to see whether it helps");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let server = issuer(Arc::default(), Some(1)).await;
    let mut login = login("/t");
    login.expires = Some("/in".to_owned());
    let mut engine = Engine::new(with(server.settings(), vec![signs_in(login)])).await.unwrap();
    engine.sign_in().await.unwrap();
    send(&mut engine, vec![sent_as(0, Who::As(0))]).await;
    tokio::time::sleep(std::time::Duration::from_millis(950)).await;
    assert!(send(&mut engine, vec![sent_as(1, Who::As(0))]).await[0].is_success());
    let heads = server.heads();
    assert!(heads[2].starts_with("POST ") && heads[3].contains("t0ken-number-2"), "{heads:?}");
}

#[tokio::test]
async fn a_cookie_is_what_a_login_may_yield() {
    let server = Server::start(|head| {
        if head.starts_with("POST ") {
            return status(
                302,
                "set-cookie: lang=en; Path=/\r\nset-cookie: session=c00kie-of-alice; HttpOnly\r\nlocation: /\r\n",
                "",
            );
        }
        if head.contains("cookie: session=c00kie-of-alice\r\n") { ok("{}") } else { status(401, "", "{}") }
    })
    .await;
    let login = Login { yields: Yields::Cookie("session".to_owned()), ..login("/login") };
    let mut engine = Engine::new(with(server.settings(), vec![signs_in(login)])).await.unwrap();
    engine.sign_in().await.unwrap();
    assert!(send(&mut engine, vec![sent_as(0, Who::Given)]).await[0].is_success());
}

#[tokio::test]
async fn a_login_that_fails_says_why_without_what_was_sent() {
    let server = Server::start(|head| match head {
        head if head.contains("/denied") => status(401, "", r#"{"detail": "h4rbour-m4ster is wrong"}"#),
        head if head.contains("/page") => status(200, "", "<p>welcome</p>"),
        head if head.contains("/number") => ok(r#"{"data": {"token": 7}}"#),
        _ => ok(r#"{"token": "t0ken-number-1"}"#),
    })
    .await;
    for (path, why) in [
        ("/denied", "the answer is 401"),
        ("/page", "the answer (200) is no JSON"),
        ("/number", "the answer (200) has no text at /data/token"),
        ("/elsewhere", "the answer (200) has no text at /data/token"),
    ] {
        let mut engine = Engine::new(with(server.settings(), vec![signs_in(login(path))])).await.unwrap();
        let error = engine.sign_in().await.unwrap_err();
        assert_eq!(error.to_string(), format!("identity alice: the login with POST {path} failed: {why}"));
        assert_eq!(error.exit_code(), 2);
    }
    let closed = common::settings("http://127.0.0.1:1");
    let mut engine = Engine::new(with(closed, vec![signs_in(login("/t"))])).await.unwrap();
    let error = engine.sign_in().await.unwrap_err();
    assert!(error.unanswered && error.exit_code() == 3, "{error}");
}

#[tokio::test]
async fn credentials_go_to_another_origin_only_where_it_is_named() {
    let target =
        Server::start(|head| if head.contains("Bearer t0ken-number-1") { ok("{}") } else { status(401, "", "{}") })
            .await;
    let issuer = issuer(Arc::default(), None).await;
    let url = format!("http://{}/t?x=1", issuer.address);
    let identities = |origin: Option<String>| vec![signs_in(Login { origin, ..login(&url) })];
    let refused = Engine::new(with(target.settings(), identities(None))).await.err().unwrap();
    assert!(matches!(&refused, SetupError::Login { why, .. } if why.contains("origin = ")), "{refused}");
    let other = Some("http://127.0.0.1:9".to_owned());
    assert!(matches!(
        Engine::new(with(target.settings(), identities(other))).await.err(),
        Some(SetupError::Login { .. })
    ));
    let named = Some(format!("http://{}", issuer.address));
    let mut engine = Engine::new(with(target.settings(), identities(named))).await.unwrap();
    engine.sign_in().await.unwrap();
    assert!(send(&mut engine, vec![sent_as(0, Who::As(0))]).await[0].is_success());
    assert!(issuer.heads()[0].starts_with("POST /t?x=1 "));
    assert_eq!((issuer.count(), target.count(), engine.status().requests), (1, 1, 2));
    // The guard of a service holds for that origin too.
    let mut guarded =
        with(common::settings("http://192.0.2.1"), identities(Some(format!("http://{}", issuer.address))));
    guarded.profile = plimsoll_http::Profile::Service(vec![("192.0.2.1".to_owned(), "192.0.2.1/32".parse().unwrap())]);
    assert!(matches!(Engine::new(guarded).await.err(), Some(SetupError::Refused(_))));
}

//! What is never sent, what is never exceeded, and that a run can be stopped.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Program, wait};
use crate::server::{Answer, Server, faulty};

#[test]
fn metadata_and_link_local_addresses_are_refused() {
    for host in [
        "169.254.169.254",
        "169.254.1.1",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "0xa9fea9fe",
        "metadata.google.internal",
    ] {
        let ran = Program::new().scan(&format!("http://{host}/latest"), &[]);
        assert_eq!(ran.code, 4, "{host}: {ran:?}");
        assert!(ran.diagnostic().contains("refused") && ran.out.is_empty(), "{host}: {ran:?}");
        assert!(ran.took < Duration::from_secs(2), "{host}: {:?}", ran.took);
    }
}

#[test]
fn only_safe_methods_are_sent_and_no_get_that_wipes() {
    let server = Server::start(faulty);
    let ran = Program::new().scan(&server.url(), &["--format", "json"]);
    let asked = server.asked();
    assert!(asked.len() > 20, "{ran:?}");
    for asked in &asked {
        let safe = ["GET", "HEAD", "OPTIONS"].contains(&asked.method.as_str()) || asked.method == "TRACE";
        assert!(safe, "{} {}", asked.method, asked.path);
        assert!(!["/cache/flush", "/report"].contains(&asked.path.as_str()), "{} {}", asked.method, asked.path);
    }
    assert!(ran.out.contains("--allow-destructive") && ran.out.contains("--allow-writes"), "{}", ran.out);
}

#[test]
fn a_writing_operation_is_called_when_it_is_named() {
    let server = Server::start(faulty);
    let program = Program::new();
    program.scan(&server.url(), &["--allow-writes", "POST /orders"]);
    let writes = |method: &str| server.asked().iter().filter(|asked| asked.method == method).count();
    assert!(writes("POST") > 0);
    assert_eq!((writes("DELETE"), writes("PUT")), (0, 0));
}

#[test]
fn the_budget_of_requests_is_kept() {
    let server = Server::start(faulty);
    let ran = Program::new().scan(&server.url(), &["--max-requests", "7", "--format", "json", "--exit-zero"]);
    assert_eq!(server.asked().len(), 7);
    assert_eq!(ran.code, 3, "an incomplete run passes no gate: {ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["cost"]["requests"], 7);
    assert_eq!(report["complete"], false);
}

#[test]
fn the_budget_of_time_is_kept() {
    let server = Server::start(|asked| Answer { after: Duration::from_millis(150), ..faulty(asked) });
    let ran = Program::new().scan(&server.url(), &["--max-time", "1s", "--exit-zero"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.took < Duration::from_secs(3), "{:?}", ran.took);
}

#[test]
fn the_rate_is_kept() {
    let server = Server::start(faulty);
    let begun = Instant::now();
    Program::new().scan(&server.url(), &["--max-requests", "20", "--rate", "10"]);
    assert_eq!(server.asked().len(), 20);
    assert!(begun.elapsed() >= Duration::from_millis(900), "{:?}", begun.elapsed());
}

#[test]
fn an_interrupt_stops_within_a_second_and_leaves_a_report() {
    let server = Server::start(|asked| Answer { after: Duration::from_millis(300), ..faulty(asked) });
    let program = Program::new();
    let mut command = program.command(["scan", &server.url(), "--format", "json", "--record", "run", "--exit-zero"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while server.asked().len() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing was sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    let interrupted = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran = wait(child, begun);
    assert!(interrupted.elapsed() < Duration::from_secs(1), "{:?}", interrupted.elapsed());
    assert_eq!(ran.code, 3, "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["incomplete"][0], "interrupted");
    assert_eq!(program.run(["replay", "run", "--format", "json", "--exit-zero"]).out, ran.out);
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let (server, proxy) = (Server::sound(2), Server::start(|_| Answer::missing()));
    let program = Program::new();
    let mut command = program.command(["scan", &server.url(), "--quiet"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy.url());
    }
    let ran = crate::program::finish(&mut command);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(proxy.asked().is_empty());
}

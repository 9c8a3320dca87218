//! Targets that misbehave: each ends in bounded time with one clear line, and nothing is left running.

use std::time::{Duration, Instant};

use plimsoll_memory::sample::{Collect, Gauge};
use plimsoll_memory::supervise::{Ending, Launch, SuperviseError, Supervised};

use crate::target::{PYTHON, ask, file, misbehaving, tagged};

/// The error of a launch that must fail, in time.
async fn fails(launch: Launch, within: Duration) -> SuperviseError {
    let began = Instant::now();
    let error = Supervised::spawn(launch).await.err().unwrap();
    assert!(began.elapsed() < within, "{:?}", began.elapsed());
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

#[tokio::test]
async fn a_sound_target_is_found_read_and_ended() {
    let (launch, tag) = misbehaving(&["sound"]);
    let target = Supervised::spawn(launch).await.unwrap();
    assert!(target.origin().starts_with("http://127.0.0.1:"), "{}", target.origin());
    assert!(ask(&target, "/").await.unwrap().is_success());
    let mut gauge = Gauge::tree(target.watched().clone());
    let reading = gauge.read(Collect::Nothing).await.unwrap();
    assert_eq!((reading.processes, reading.generation), (1, 0));
    assert!(reading.uss.unwrap() > 1 << 20 && reading.uss.unwrap() <= reading.pss.unwrap(), "{reading:?}");
    assert!(reading.pss.unwrap() <= reading.rss && reading.fds > 2 && reading.threads >= 1, "{reading:?}");
    assert!(reading.cpu > Duration::ZERO);
    let stopped = target.stop().await;
    assert!(!stopped.forced && stopped.left.is_empty(), "{stopped:?}");
    tag.assert_gone();
}

#[tokio::test]
async fn a_command_that_does_not_exist() {
    let error = fails(Launch::new(vec!["uvicornn".into()]), Duration::from_secs(2)).await;
    assert_eq!(error.to_string(), "command not found: uvicornn");
    let mut launch = Launch::new(vec![PYTHON.into()]);
    launch.cwd = Some("/nowhere/at/all".into());
    assert_eq!(
        fails(launch, Duration::from_secs(2)).await.to_string(),
        "there is no folder /nowhere/at/all to start in"
    );
    assert_eq!(fails(Launch::new(vec![]), Duration::from_secs(2)).await.to_string(), "there is no command to start");
}

#[tokio::test]
async fn a_target_that_dies_at_once_says_its_last_words() {
    let (launch, tag) = misbehaving(&["dies-at-once"]);
    let error = fails(launch, Duration::from_secs(10)).await.to_string();
    assert!(error.starts_with("the target ended with exit code 1 before it answered; it said: "), "{error}");
    assert!(error.contains("the table `orders` does not exist"), "{error}");
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_listens_nowhere() {
    let (mut launch, tag) = misbehaving(&["mute"]);
    launch.ready_within = Duration::from_secs(2);
    let error = fails(launch, Duration::from_secs(10)).await.to_string();
    assert_eq!(error, "the target listens on no TCP port after 2 s; it said: waiting for the database");
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_hangs() {
    let (mut launch, tag) = misbehaving(&["deaf"]);
    launch.ready_within = Duration::from_secs(3);
    let error = fails(launch, Duration::from_secs(15)).await;
    assert!(matches!(&error, SuperviseError::NeverAnswered { .. }), "{error}");
    assert!(error.to_string().contains("answers no HTTP request within 3 s"), "{error}");
    tag.assert_gone();
}

#[tokio::test]
async fn a_port_that_is_taken() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let named = port.to_string();
    // One that ends because of it, and one that stays.
    for way in [&["takes", &*named] as &[&str], &["stays-without"]] {
        let (mut launch, tag) = misbehaving(way);
        launch.port = Some(port);
        launch.ready_within = Duration::from_secs(2);
        let error = fails(launch, Duration::from_secs(10)).await.to_string();
        let holder = format!("port {port} is held by process {} (", std::process::id());
        assert!(error.starts_with(&holder) && error.contains("ddress already in use"), "{error}");
        tag.assert_gone();
    }
}

#[tokio::test]
async fn the_port_that_speaks_http_is_taken_among_several() {
    let (launch, tag) = misbehaving(&["two-ports"]);
    let target = Supervised::spawn(launch).await.unwrap();
    assert!(ask(&target, "/").await.unwrap().is_success());
    let lines = target.watched().output().last_lines(2);
    assert_eq!(format!("other {}", target.other_ports()[0]), lines[0]);
    target.stop().await;
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_dies_on_the_way() {
    for (path, expected) in [
        ("/die", "ended with exit code 7"),
        ("/abort", "was killed by SIGKILL, as the kernel does when memory runs out"),
    ] {
        let (launch, tag) = misbehaving(&["sound"]);
        let target = Supervised::spawn(launch).await.unwrap();
        assert!(ask(&target, path).await.is_none_or(|exchange| exchange.status().is_none()));
        let ending = tokio::time::timeout(Duration::from_secs(3), target.watched().ended()).await.unwrap();
        assert_eq!(ending.to_string(), expected);
        assert!(Gauge::tree(target.watched().clone()).read(Collect::Nothing).await.is_err());
        let stopped = target.stop().await;
        assert!(stopped.left.is_empty());
        tag.assert_gone();
    }
}

#[tokio::test]
async fn children_that_left_the_tree_are_found() {
    let (launch, tag) = misbehaving(&["tree"]);
    let target = Supervised::spawn(launch).await.unwrap();
    let reading = Gauge::tree(target.watched().clone()).read(Collect::Nothing).await.unwrap();
    assert_eq!((reading.processes, tag.processes().len()), (3, 3), "root, child with its own session, daemon");
    let stopped = target.stop().await;
    assert!(stopped.forced, "the daemon ignores SIGTERM");
    assert!(stopped.left.is_empty() && stopped.took < Duration::from_secs(5), "{stopped:?}");
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_starts_many_processes() {
    let (mut launch, tag) = misbehaving(&["bomb", "50"]);
    launch.max_processes = 20;
    let target = Supervised::spawn(launch).await.unwrap();
    ask(&target, "/bomb").await;
    let ending = tokio::time::timeout(Duration::from_secs(10), target.watched().ended()).await.unwrap();
    assert!(matches!(ending, Ending::TooManyProcesses(count) if count > 20), "{ending}");
    tag.assert_gone();
    target.stop().await;

    // Below the bound they are part of the tree, and end with it.
    let (launch, tag) = misbehaving(&["bomb", "30"]);
    let target = Supervised::spawn(launch).await.unwrap();
    assert!(ask(&target, "/bomb").await.unwrap().is_success());
    assert_eq!(Gauge::tree(target.watched().clone()).read(Collect::Nothing).await.unwrap().processes, 31);
    assert!(target.stop().await.left.is_empty());
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_ignores_sigterm() {
    let (launch, tag) = misbehaving(&["stubborn"]);
    let target = Supervised::spawn(launch).await.unwrap();
    let stopped = target.stop().await;
    assert!(stopped.forced && stopped.left.is_empty(), "{stopped:?}");
    assert!(stopped.took >= Duration::from_secs(2) && stopped.took < Duration::from_secs(4), "{stopped:?}");
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_fills_its_output() {
    let (launch, tag) = misbehaving(&["chatty"]);
    let target = Supervised::spawn(launch).await.unwrap();
    let own = || plimsoll_memory::sample::smaps::rollup(i32::try_from(std::process::id()).unwrap()).unwrap().uss;
    let (before, began) = (own(), Instant::now());
    // The runtime is busy, and the target must not wait for it.
    while target.watched().output().total() < 200 << 20 {
        assert!(began.elapsed() < Duration::from_secs(30), "{} bytes", target.watched().output().total());
        std::thread::sleep(Duration::from_millis(20));
    }
    let grown = own().saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes for 200 MiB of output");
    assert!(ask(&target, "/").await.unwrap().is_success(), "and it still answers");
    target.stop().await;
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_deletes_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let (mut launch, tag) = misbehaving(&["homeless"]);
    launch.cwd = Some(home.clone());
    let target = Supervised::spawn(launch).await.unwrap();
    assert!(!home.exists());
    assert!(ask(&target, "/").await.unwrap().is_success());
    assert!(Gauge::tree(target.watched().clone()).read(Collect::Nothing).await.is_ok());
    target.stop().await;
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_over_its_limit() {
    const LIMIT: u64 = 160 << 20;
    let (mut launch, tag) = misbehaving(&["sound"]);
    launch.memory_limit = Some(LIMIT);
    let target = Supervised::spawn(launch).await.unwrap();
    assert_eq!(target.watched().memory_limit(), Some(LIMIT));
    for _ in 0..4 {
        ask(&target, "/grow").await;
    }
    let ending = tokio::time::timeout(Duration::from_secs(5), target.watched().ended()).await.unwrap();
    match ending {
        Ending::OverLimit { used, limit } => assert!(used > LIMIT && used < 4 * LIMIT && limit == LIMIT, "{ending}"),
        // Where the kernel keeps the limit.
        Ending::OutOfMemory(_) => {}
        other => panic!("{other}"),
    }
    tag.assert_gone();
    target.stop().await;
}

#[tokio::test]
async fn a_target_that_says_that_memory_ran_out() {
    let (mut launch, tag) = misbehaving(&["sound"]);
    launch.memory_limit = Some(512 << 20);
    let target = Supervised::spawn(launch).await.unwrap();
    // More than the address space that it may have: Python raises an error, the thread ends, the server goes on.
    ask(&target, "/explode").await;
    let began = Instant::now();
    while target.watched().output().out_of_memory().is_none() && began.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(target.watched().output().out_of_memory().as_deref(), Some("MemoryError"));
    assert!(ask(&target, "/").await.unwrap().is_success());
    target.stop().await;
    tag.assert_gone();
}

#[tokio::test]
async fn a_target_that_changes_its_own_limit_is_still_kept_within_it() {
    let (mut launch, tag) = misbehaving(&["limits"]);
    launch.memory_limit = Some(160 << 20);
    let target = Supervised::spawn(launch).await.unwrap();
    let (mut notes, began) = (Vec::new(), Instant::now());
    while notes.is_empty() && began.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        notes = target.watched().take_notes();
    }
    assert_eq!(notes, ["the target changed its own limit of data to 734003200"]);
    for _ in 0..4 {
        ask(&target, "/grow").await;
    }
    let ending = tokio::time::timeout(Duration::from_secs(5), target.watched().ended()).await.unwrap();
    assert!(matches!(ending, Ending::OverLimit { .. } | Ending::OutOfMemory(_)), "{ending}");
    tag.assert_gone();
}

#[tokio::test]
async fn what_is_dropped_is_killed() {
    let (launch, tag) = misbehaving(&["tree"]);
    let target = Supervised::spawn(launch).await.unwrap();
    let kept = target.watched().clone();
    drop(target);
    assert_eq!(tag.processes().len(), 3, "somebody still looks at it");
    drop(kept);
    tag.assert_gone();
}

#[tokio::test]
async fn a_panic_leaves_nothing() {
    let (launch, tag) = misbehaving(&["tree"]);
    let task = tokio::spawn(async move {
        let _target = Supervised::spawn(launch).await.unwrap();
        panic!("on purpose");
    });
    assert!(task.await.unwrap_err().is_panic());
    tag.assert_gone();
}

/// This process starts the example program, which supervises a target; then the program is killed without a chance to clean up.
#[tokio::test]
async fn the_death_of_the_supervisor_leaves_nothing() {
    let (launch, tag) = misbehaving(&["tree"]);
    let program = std::env::current_exe().unwrap();
    let program = program.parent().unwrap().parent().unwrap().join("examples/supervise");
    assert!(program.is_file(), "cargo builds examples with the tests");
    let mut command = std::process::Command::new(program);
    command.args(&launch.command).envs(launch.env.iter().map(|(name, value)| (name, value)));
    let mut supervisor = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(supervisor.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    assert!(line.starts_with("http://127.0.0.1:"), "{line}");
    // The supervisor itself carries the tag as well.
    assert_eq!(tag.processes().len(), 4 + 1, "supervisor, its watchdog, and three processes of the target");
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    tag.assert_gone_soon();
}

#[tokio::test]
async fn an_attached_target_is_left_alone() {
    let (launch, tag) = tagged(Launch::new(vec![PYTHON.into(), file("misbehave.py").into(), "sound".into()]));
    let mut command = std::process::Command::new(PYTHON);
    command.args(&launch.command[1..]).envs(launch.env.iter().map(|(name, value)| (name, value)));
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let mut target = Supervised::attach(child.id().cast_signed()).unwrap();
    target.find_origin(None, Duration::from_secs(10)).await.unwrap();
    assert!(ask(&target, "/").await.unwrap().is_success());
    assert_eq!(target.stop().await, plimsoll_memory::supervise::Stopped::default());
    assert_eq!(tag.processes().len(), 1, "it runs on");
    let again = Supervised::attach(child.id().cast_signed()).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let ending = tokio::time::timeout(Duration::from_secs(3), again.watched().ended()).await.unwrap();
    assert_eq!(ending, Ending::Gone);
    assert!(matches!(Supervised::attach(child.id().cast_signed()), Err(SuperviseError::NoProcess(_))));
    tag.assert_gone();
}

//! Servers with several processes: measured as a tree, and a worker that is replaced is noticed.

use std::time::{Duration, Instant};

use plimsoll_memory::sample::{Collect, Gauge, Reading};
use plimsoll_memory::supervise::{Launch, Supervised};

use crate::target::{Tag, ask, file, misbehaving, tagged};

/// A server of the lab on a free port, serving the application beside the tests.
fn serving(words: &str) -> (Launch, Tag) {
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/lab-venv/bin/python");
    assert!(std::path::Path::new(python).exists(), "this test needs the lab: run scripts/setup.sh lab");
    let mut command = vec![python.into(), "-m".into()];
    command.extend(words.split(' ').map(Into::into));
    let (mut launch, tag) = tagged(Launch::new(command));
    launch.cwd = file("asgi.py").parent().map(Into::into);
    launch.env.push(("PYTHONDONTWRITEBYTECODE".into(), "1".into()));
    (launch, tag)
}

/// Starts a server, drives it until it has reached this generation, and ends it. Returns the readings before and after.
async fn driven(words: &str, requests: usize, generation: u32) -> (Reading, Reading) {
    let (launch, tag) = serving(words);
    let target = Supervised::spawn(launch).await.unwrap();
    let mut gauge = Gauge::tree(target.watched().clone());
    // Workers start one after the other.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let before = gauge.read(Collect::Nothing).await.unwrap();
    for _ in 0..requests {
        let answered = async || ask(&target, "/").await.is_some_and(|exchange| exchange.is_success());
        // A worker that is being replaced may drop a request.
        assert!(answered().await || answered().await || answered().await, "{words}");
    }
    let after = until(&mut gauge, |reading| reading.generation >= generation).await;
    assert!(before.cpu > Duration::ZERO && after.cpu >= before.cpu, "{before:?} {after:?}");
    let stopped = target.stop().await;
    // A server that is about to start another worker waits for that one, whatever it was told: it is killed then.
    assert!((!stopped.forced || generation > 0) && stopped.left.is_empty(), "{words}: {stopped:?}");
    tag.assert_gone();
    (before, after)
}

#[tokio::test]
async fn uvicorn_with_workers() {
    let (before, after) = driven("uvicorn asgi:app --port 0 --workers 2", 20, 0).await;
    // Parent, two workers, and the resource tracker of multiprocessing.
    assert_eq!((before.processes, after.processes), (4, 4));
    assert_eq!((before.generation, after.generation), (0, 0));
}

#[tokio::test]
async fn uvicorn_workers_that_are_replaced() {
    let (before, after) = driven("uvicorn asgi:app --port 0 --workers 2 --limit-max-requests 10", 60, 1).await;
    assert!(before.generation == 0 && after.generation > 0, "{before:?} {after:?}");
}

#[tokio::test]
async fn gunicorn_of_three_kinds() {
    for words in [
        "gunicorn asgi:wsgi -b 127.0.0.1:0 -w 2",
        "gunicorn asgi:wsgi -b 127.0.0.1:0 -w 2 -k gthread --threads 4",
        "gunicorn asgi:app -b 127.0.0.1:0 -w 2 -k uvicorn.workers.UvicornWorker",
    ] {
        let (before, after) = driven(words, 10, 0).await;
        assert_eq!((before.processes, after.processes), (3, 3), "{words}");
        assert_eq!((before.generation, after.generation), (0, 0), "{words}");
    }
}

#[tokio::test]
async fn gunicorn_workers_that_are_replaced() {
    let (before, after) = driven("gunicorn asgi:wsgi -b 127.0.0.1:0 -w 2 --max-requests 10", 60, 1).await;
    assert!(before.generation == 0 && after.generation > 0, "{before:?} {after:?}");
}

#[tokio::test]
async fn django_with_its_reloader() {
    let (before, after) = driven("django runserver 127.0.0.1:0 --settings asgi --pythonpath .", 10, 0).await;
    assert_eq!((before.processes, after.processes), (2, 2));
    assert_eq!((before.generation, after.generation), (0, 0));
}

/// Reads until something holds, for ten seconds.
async fn until(gauge: &mut Gauge, holds: impl Fn(&Reading) -> bool) -> Reading {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let reading = gauge.read(Collect::Nothing).await.unwrap();
        if holds(&reading) || Instant::now() > deadline {
            return reading;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_worker_that_is_replaced_raises_the_generation() {
    let (launch, tag) = misbehaving(&["worker-dies"]);
    let target = Supervised::spawn(launch).await.unwrap();
    let mut gauge = Gauge::tree(target.watched().clone());
    let before = gauge.read(Collect::Nothing).await.unwrap();
    assert_eq!((before.processes, before.generation), (2, 0));
    for replaced in 1..=3 {
        ask(&target, "/quit").await;
        let after = until(&mut gauge, |reading| reading.generation == replaced && reading.processes == 2).await;
        assert_eq!((after.processes, after.generation), (2, replaced));
        assert!(ask(&target, "/").await.unwrap().is_success());
    }
    target.stop().await;
    tag.assert_gone();
}

#[tokio::test]
async fn a_child_for_each_request_is_no_worker() {
    let (launch, tag) = misbehaving(&["forks"]);
    let target = Supervised::spawn(launch).await.unwrap();
    let mut gauge = Gauge::tree(target.watched().clone());
    gauge.read(Collect::Nothing).await.unwrap();
    for _ in 0..5 {
        ask(&target, "/fork").await;
        assert!(gauge.read(Collect::Nothing).await.is_ok());
    }
    let after = until(&mut gauge, |reading| reading.processes == 1).await;
    assert_eq!((after.processes, after.generation), (1, 0));
    target.stop().await;
    tag.assert_gone();
}

//! Servers with several processes: measured as a tree, and a worker that is replaced is noticed.

use std::time::{Duration, Instant};

use plimsoll_memory::sample::{Gauge, Reading};
use plimsoll_memory::supervise::Supervised;

use crate::target::{ask, misbehaving};

/// Reads until something holds, for ten seconds.
async fn until(gauge: &mut Gauge, holds: impl Fn(&Reading) -> bool) -> Reading {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let reading = gauge.read().await.unwrap();
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
    let before = gauge.read().await.unwrap();
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
    gauge.read().await.unwrap();
    for _ in 0..5 {
        ask(&target, "/fork").await;
        assert!(gauge.read().await.is_ok());
    }
    let after = until(&mut gauge, |reading| reading.processes == 1).await;
    assert_eq!((after.processes, after.generation), (1, 0));
    target.stop().await;
    tag.assert_gone();
}

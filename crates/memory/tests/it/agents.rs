//! The agent in real interpreters, asked by its real client.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use plimsoll_memory::agent::attach::{AttachError, attach};
use plimsoll_memory::agent::{AgentError, Agents};
use plimsoll_memory::attribute::{allocation_lines, retaining_holders, type_table};

use crate::target::PYTHON;

/// Answers a "request" for each number on its input. `leak` keeps 2,000 bytes of each; `fork` does it in two children, too.
const TARGET: &str = r#"
import os, sys
CACHE = {}
def keep(n):
    return bytes(2000)
def request(n):
    CACHE[os.getpid(), n] = {"body": keep(n)}
n = 0
print("ready", flush=True)
for line in sys.stdin:
    word, count = line.split()
    for _ in range(int(count)):
        n += 1
        if word == "leak": request(n)
    if word == "fork":
        for _ in range(int(count)):
            if not os.fork():
                import time
                time.sleep(60)
                os._exit(0)
    if word == "block":
        pow(3, 7 ** int(count), 10 ** 2500)
    print("done", flush=True)
"#;

struct Target {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Target {
    fn start(agents: Option<&Agents>, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("shop.py"), TARGET).unwrap();
        let mut command = Command::new(PYTHON);
        command.args(options).arg("shop.py").current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(agents) = agents {
            command.envs(agents.environment(None));
        }
        let mut target = Self { child: command.spawn().unwrap(), _folder: folder };
        target.expect("ready");
        target
    }

    fn tell(&mut self, words: &str) {
        self.send(words);
        self.expect("done");
    }

    fn send(&mut self, words: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{words}").unwrap();
    }

    fn expect(&mut self, word: &str) {
        let mut line = String::new();
        // One byte at a time, so that nothing is swallowed between two calls.
        BufReader::with_capacity(1, self.child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), word);
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn with_agents(count: usize) -> (Agents, Target) {
    let mut agents = Agents::listen().unwrap();
    let mut target = Target::start(Some(&agents), &[]);
    assert!(agents.wait(Duration::from_secs(10)).await);
    if count > 1 {
        target.tell(&format!("fork {}", count - 1));
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while agents.processes().len() < count && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(agents.processes().len(), count);
    (agents, target)
}

#[tokio::test]
async fn live_bytes_grow_by_what_is_kept() {
    let (mut agents, mut target) = with_agents(1).await;
    let (pid, hello) = agents.processes().remove(0);
    assert_eq!(pid, target.child.id());
    assert!(hello.command_line().ends_with(&["shop.py".into()]), "{hello:?}");
    target.tell("leak 50");
    let before = agents.live().await.unwrap();
    target.tell("leak 500");
    let grown = agents.live().await.unwrap().bytes - before.bytes;
    // 2,033 bytes each, a dictionary with one entry, and its key and place in the cache.
    assert!((500 * 2_100..500 * 2_700).contains(&grown), "{grown}");
    assert!(agents.source().unwrap().starts_with("pymalloc"));
    target.tell("rest 500");
    let idle = agents.live().await.unwrap().bytes.abs_diff(before.bytes + grown);
    assert!(idle < 5_000, "{idle}");
}

#[tokio::test]
async fn a_forked_tree_is_added_up_and_ended_processes_are_left_out() {
    let (mut agents, mut target) = with_agents(3).await;
    let three = agents.live().await.unwrap();
    let children: Vec<u32> =
        agents.processes().into_iter().filter(|(_, hello)| hello.by == "fork").map(|(pid, _)| pid).collect();
    assert_eq!(children.len(), 2);
    for pid in &children {
        assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let one = agents.live().await.unwrap();
    assert!(three.bytes > 2 * one.bytes && three.blocks > 2 * one.blocks, "{three:?} {one:?}");
    assert_eq!(agents.processes().len(), 1);
    target.tell("rest 1");
    drop(target);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(matches!(agents.live().await, Err(AgentError::Absent)));
}

#[tokio::test]
async fn the_line_the_holder_and_the_types_are_named() {
    let (mut agents, mut target) = with_agents(1).await;
    target.tell("leak 60");
    agents.retention_mark().await.unwrap();
    target.tell("leak 60");
    agents.retention_mark().await.unwrap();
    target.tell("leak 60");
    let retainers = agents.retention_diff(60).await.unwrap();
    let holders = retaining_holders(&retainers, Some(2_400.0));
    assert_eq!(holders.len(), 1, "{holders:?}");
    assert_eq!(holders[0].text, "__main__.CACHE (dict, +120) → dict → bytes");
    assert!(holders[0].app && holders[0].named && (0.7..1.4).contains(&holders[0].explains.unwrap()), "{holders:?}");
    let types = type_table(&retainers, 2);
    assert!(types.iter().any(|row| row.name == "bytes" && row.count == 120 && row.bytes > 240_000), "{types:?}");

    agents.trace_start(8).await.unwrap();
    for _ in 0..4 {
        target.tell("leak 60");
        agents.trace_mark().await.unwrap();
    }
    let lines = allocation_lines(&agents.trace_stop().await.unwrap(), 60);
    assert!(
        lines[0].file.ends_with("shop.py") && lines[0].function == "keep" && lines[0].text == "return bytes(2000)",
        "{lines:?}"
    );
    assert!((1_950.0..2_150.0).contains(&lines[0].bytes_per_request) && lines[0].share.interval.is_some(), "{lines:?}");
}

#[tokio::test]
async fn a_leak_free_target_has_no_holder() {
    let (mut agents, mut target) = with_agents(1).await;
    for _ in 0..2 {
        target.tell("rest 60");
        agents.retention_mark().await.unwrap();
    }
    target.tell("rest 60");
    let retainers = agents.retention_diff(60).await.unwrap();
    assert_eq!(retaining_holders(&retainers, None), []);
    assert_eq!(type_table(&retainers, 2), []);
}

#[tokio::test]
async fn what_is_given_up_does_not_disturb_the_next_answer() {
    let (mut agents, mut target) = with_agents(1).await;
    agents.live().await.unwrap();
    // The interpreter holds its lock for a second or two.
    target.send("block 9000");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(tokio::time::timeout(Duration::from_millis(200), agents.live()).await.is_err());
    assert!(agents.live().await.unwrap().bytes > 1_000_000);
    target.expect("done");
}

#[tokio::test]
async fn interpreters_that_ignore_the_environment_have_no_agent() {
    let mut agents = Agents::listen().unwrap();
    let _target = Target::start(Some(&agents), &["-I"]);
    assert!(!agents.wait(Duration::from_millis(500)).await);
    assert!(matches!(agents.live().await, Err(AgentError::Absent)));
}

#[tokio::test]
async fn attaching_is_refused_where_the_interpreter_offers_no_way() {
    let mut agents = Agents::listen().unwrap();
    let target = Target::start(None, &[]);
    let error = attach(target.child.id(), &mut agents).await.unwrap_err();
    assert!(matches!(error, AttachError::TooOld { .. }), "{error}");
    assert!(error.to_string().contains("restart it with `plimsoll memory -- COMMAND`"), "{error}");
    let mut sleeper = Command::new("sleep").arg("30").spawn().unwrap();
    let error = attach(sleeper.id(), &mut agents).await.unwrap_err();
    assert!(matches!(error, AttachError::NotPython { .. }), "{error}");
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    let error = attach(sleeper.id(), &mut agents).await.unwrap_err();
    assert!(matches!(error, AttachError::Unreachable { .. }), "{error}");
}

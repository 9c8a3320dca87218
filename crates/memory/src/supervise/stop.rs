//! Ending a process tree, all of it, in bounded time; and the watchdog that does so when this process cannot any more.
//!
//! Signals go through pidfds whose process was compared with the one that is meant, so that a number that was given again is never hit. The watchdog is
//! a shell that waits for its standard input to end, which it does when this process dies in whatever way; it then kills the process group and
//! everything that carries the tree's mark.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};

use crate::supervise::tree::{Identity, MARK, Stat, Tree};

/// How often a tree is looked at while it ends.
const LOOK: Duration = Duration::from_millis(20);
/// How long killed processes may take to go: only those in an uninterruptible call need any time at all.
const DEATH: Duration = Duration::from_secs(3);

/// Killed processes leave at once, but a fork may have slipped in between, or this process may have died while it was starting the target: kill, look, and
/// kill again until none was found several times. `$1` is the mark; the process group comes over standard input as soon as it is known. Signals of the
/// terminal are not for it.
const WATCHDOG: &str = r#"trap '' HUP INT TERM
group=
while read -r word; do
  [ "$word" = done ] && exit 0
  group=$word
done
[ -n "$group" ] && kill -KILL -- "-$group"
round=0
idle=0
while [ "$round" -lt 50 ] && [ "$idle" -lt 5 ]; do
  idle=$((idle + 1))
  for file in $(grep -lsaF -e "$1" /proc/[0-9]*/environ); do
    pid=${file#/proc/}
    kill -KILL "${pid%/environ}" && idle=0
  done
  round=$((round + 1))
  sleep 0.1
done
"#;

/// How a tree ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Whether it had to be killed, because it did not end in the time that it was given.
    pub forced: bool,
    /// Processes that could not be killed: in an uninterruptible call, or of another user.
    pub left: Vec<i32>,
    /// How long it took.
    pub took: Duration,
}

/// Asks the tree to end, and kills it when it has not ended in this time. `collect` waits for the direct child, so that it does not stay a zombie.
pub fn end(tree: &mut Tree, group: Option<i32>, patience: Duration, mut collect: impl FnMut()) -> Stopped {
    let began = Instant::now();
    tree.refresh();
    if !tree.is_empty() {
        signal_group(group, Signal::TERM);
        // Those that left the process group get their signal one by one.
        for stat in tree.members().filter(|stat| group.is_none() || group_of(stat.identity.pid) != group) {
            signal(stat.identity, Signal::TERM);
        }
    }
    while began.elapsed() < patience {
        collect();
        tree.refresh();
        if tree.is_empty() {
            finish(tree, collect);
            return Stopped { took: began.elapsed(), ..Stopped::default() };
        }
        std::thread::sleep(LOOK);
    }
    let left = kill(tree, group, collect);
    Stopped { forced: true, left, took: began.elapsed() }
}

/// Kills the tree until nothing of it is left; returns what cannot be killed.
pub fn kill(tree: &mut Tree, group: Option<i32>, mut collect: impl FnMut()) -> Vec<i32> {
    let began = Instant::now();
    loop {
        collect();
        tree.refresh();
        let members: Vec<Identity> = tree.members().map(|stat| stat.identity).collect();
        if members.is_empty() || began.elapsed() > DEATH {
            finish(tree, collect);
            return members.into_iter().map(|identity| identity.pid).collect();
        }
        // First they are halted, so that none can start another while the others are killed.
        signal_group(group, Signal::KILL);
        for sign in [Signal::STOP, Signal::KILL] {
            for identity in &members {
                signal(*identity, sign);
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// What was ended but had a parent at the last look is an orphan now, and is waited for.
fn finish(tree: &mut Tree, mut collect: impl FnMut()) {
    collect();
    tree.refresh();
}

/// Signals this very process. That it is gone, or is another user's, is no error: the next look shows whether it runs.
fn signal(identity: Identity, signal: Signal) {
    let Some(pid) = Pid::from_raw(identity.pid) else { return };
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    // The handle refers to whatever had the number when it was opened; if that is the process that is meant, it stays so.
    if Stat::of(identity.pid).is_some_and(|stat| stat.identity == identity) {
        let _ = pidfd_send_signal(handle, signal);
    }
}

fn signal_group(group: Option<i32>, signal: Signal) {
    // A group has a member as long as its number is in use, so that it cannot be another one's while the tree lives; without members there is
    // nothing to signal.
    if let Some(group) = group.and_then(Pid::from_raw) {
        let _ = kill_process_group(group, signal);
    }
}

fn group_of(pid: i32) -> Option<i32> {
    rustix::process::getpgid(Pid::from_raw(pid)).ok().map(|group| group.as_raw_nonzero().get())
}

/// Kills the tree when this process dies.
#[derive(Debug)]
pub struct Watchdog(Option<Child>);

impl Watchdog {
    /// Starts one for everything that will carry a mark, before anything does. Where there is no shell there is no watchdog: the tree is then ended by this
    /// process alone.
    pub fn start(mark: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCHDOG, "plimsoll-watchdog"]).arg(format!("{MARK}={mark}"));
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().ok())
    }

    /// Says which process group the tree has: it is killed first, at once.
    pub fn guard(&mut self, group: i32) {
        let stdin = self.0.as_mut().and_then(|child| child.stdin.as_mut());
        // Without the word the tree is found by its mark.
        drop(stdin.map(|stdin| writeln!(stdin, "{group}")));
    }

    /// Sends it home: the tree has ended.
    pub fn dismiss(&mut self) {
        let Some(mut child) = self.0.take() else { return };
        if let Some(mut stdin) = child.stdin.take() {
            // A watchdog that is gone needs no word.
            drop(stdin.write_all(b"done\n"));
        }
        drop(child.wait());
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.dismiss();
    }
}

//! The process tree of a target: which processes belong to it at this moment, and whether one of its workers was replaced.
//!
//! A process belongs to the tree if it descends from the root, was seen in the tree before, carries the tree's mark in its environment, or is in the
//! tree's control group. The mark finds those that left on purpose: a daemon forks twice, starts a session of its own and loses its parents.
//! This file only looks; it signals nobody.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, WaitId, WaitIdOptions, getpid, waitid};

use crate::supervise::ports;

/// The variable whose value marks the processes of one tree.
pub const MARK: &str = "PLIMSOLL_TREE";

/// A process: its number, and when it started, so that a number that is given again is not mistaken for the same process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// Process id.
    pub pid: i32,
    /// When it started, in clock ticks since boot.
    pub start: u64,
}

/// What `/proc/PID/stat` says, as far as it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The process.
    pub identity: Identity,
    /// `R`, `S`, `D`, `Z`, …
    pub state: char,
    /// Its parent.
    pub parent: i32,
    /// User and system time of itself and of the children that it waited for, in clock ticks.
    pub ticks: u64,
    /// Threads.
    pub threads: u32,
}

impl Stat {
    /// Reads the line of one process; none where it is gone.
    pub fn of(pid: i32) -> Option<Self> {
        Self::parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name in the line may hold anything, blanks and parentheses included; fields are counted after its last parenthesis (proc(5)).
    fn parse(pid: i32, line: &str) -> Option<Self> {
        let fields: Vec<&str> = line[line.rfind(')')? + 1..].split_ascii_whitespace().collect();
        let number = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok());
        Some(Self {
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            ticks: number(11)? + number(12)? + number(13)? + number(14)?,
            threads: u32::try_from(number(17)?).ok()?,
            identity: Identity { pid, start: number(19)? },
        })
    }

    /// Whether it has ended and only waits for its parent to notice.
    pub fn is_over(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// The tree.
#[derive(Debug)]
pub struct Tree {
    root: Option<Identity>,
    mark: Option<String>,
    group: Option<PathBuf>,
    members: BTreeMap<Identity, Stat>,
    /// Ended, but not yet waited for: their parent may die and leave them to this process, and then they have no environment to be known by.
    ended: BTreeSet<Identity>,
    strangers: HashSet<Identity>,
    workers: Option<Workers>,
    generation: u32,
}

/// The processes that serve the port, and those that start them.
#[derive(Debug)]
struct Workers {
    port: u16,
    masters: BTreeSet<Identity>,
    serving: BTreeSet<Identity>,
    expected: usize,
}

impl Tree {
    /// The tree of a process that was started with this mark.
    pub fn started(root: i32, mark: String) -> Self {
        Self { mark: Some(mark), ..Self::of(root) }
    }

    /// The tree of a process that runs already.
    pub fn of(root: i32) -> Self {
        Self {
            root: Stat::of(root).map(|stat| stat.identity),
            mark: None,
            group: None,
            members: BTreeMap::new(),
            ended: BTreeSet::new(),
            strangers: HashSet::new(),
            workers: None,
            generation: 0,
        }
    }

    /// The processes of a control group and of those below it.
    pub fn of_group(group: PathBuf) -> Self {
        Self { root: None, group: Some(group), ..Self::of(0) }
    }

    /// Takes the processes of this control group for members as well.
    pub fn also_group(&mut self, group: PathBuf) {
        self.group = Some(group);
    }

    /// The process that everything descends from, whether it still runs or not. None for control groups.
    pub fn root(&self) -> Option<Identity> {
        self.root
    }

    /// The processes that ran at the last look, oldest number first.
    pub fn members(&self) -> impl Iterator<Item = &Stat> {
        self.members.values()
    }

    /// Whether nothing ran at the last look.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How often a worker was replaced.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Looks again. Orphans that were handed to this process and have ended are waited for on the way.
    pub fn refresh(&mut self) {
        let all = processes();
        let mut found: BTreeSet<i32> = BTreeSet::new();
        for stat in all.values() {
            if self.belongs(stat) {
                found.insert(stat.identity.pid);
            }
        }
        found.extend(self.group.iter().flat_map(|group| pids_of_group(group)));
        // Children of members, and their children. Numbers need not rise along a line of descent, hence until nothing changes.
        loop {
            let before = found.len();
            for stat in all.values() {
                if found.contains(&stat.parent) {
                    found.insert(stat.identity.pid);
                }
            }
            if found.len() == before {
                break;
            }
        }
        let ours = getpid().as_raw_nonzero().get();
        found.remove(&ours);
        let found = || found.iter().filter_map(|pid| all.get(pid).copied());
        self.ended = found().filter(Stat::is_over).map(|stat| stat.identity).collect();
        for stat in found().filter(|stat| stat.is_over() && stat.parent == ours && self.root != Some(stat.identity)) {
            reap(stat.identity.pid);
        }
        self.members = found().filter(|stat| !stat.is_over()).map(|stat| (stat.identity, stat)).collect();
        self.strangers.retain(|stranger| all.get(&stranger.pid).is_some_and(|stat| stat.identity == *stranger));
        self.follow_workers();
    }

    fn belongs(&mut self, stat: &Stat) -> bool {
        let identity = stat.identity;
        if self.root == Some(identity) || self.members.contains_key(&identity) || self.ended.contains(&identity) {
            return true;
        }
        // What is older than the root cannot have been started by it; what was judged once keeps the environment that it was judged by.
        let (Some(mark), Some(root)) = (&self.mark, self.root) else { return false };
        if identity.start < root.start || self.strangers.contains(&identity) {
            return false;
        }
        let is_ours = carries(identity.pid, mark);
        if !is_ours {
            self.strangers.insert(identity);
        }
        is_ours
    }

    /// Takes note of who serves this port now. From here on a new child of their parents is a worker, and takes the place of one that is gone.
    pub fn watch_workers(&mut self, port: u16) {
        let serving = self.serving(port, self.members.keys().copied());
        let parents: BTreeSet<i32> =
            serving.iter().filter_map(|worker| Some(self.members.get(worker)?.parent)).collect();
        let masters = self.members.keys().filter(|identity| parents.contains(&identity.pid)).copied().collect();
        let expected = serving.len();
        self.workers = Some(Workers { port, masters, serving, expected });
    }

    fn serving(&self, port: u16, among: impl Iterator<Item = Identity>) -> BTreeSet<Identity> {
        let Some(first) = self.members.keys().next() else { return BTreeSet::new() };
        let inodes = ports::listening_inodes(first.pid, port);
        among.filter(|identity| ports::sockets_of(identity.pid).iter().any(|inode| inodes.contains(inode))).collect()
    }

    /// A worker that is gone and has a successor raises the generation. One that is gone for good does so too: what it held is lost.
    fn follow_workers(&mut self) {
        let Some(mut workers) = self.workers.take() else { return };
        let before = workers.serving.len();
        workers.serving.retain(|worker| self.members.contains_key(worker));
        let gone = before - workers.serving.len();
        self.generation += u32::try_from(gone).unwrap_or(u32::MAX);
        if workers.serving.len() < workers.expected {
            let parents: BTreeSet<i32> = workers.masters.iter().map(|master| master.pid).collect();
            let fresh = self.members.values().filter(|stat| parents.contains(&stat.parent)).map(|stat| stat.identity);
            let fresh: Vec<Identity> = fresh.filter(|identity| !workers.serving.contains(identity)).collect();
            workers.serving.extend(self.serving(workers.port, fresh.into_iter()));
        }
        self.workers = Some(workers);
    }
}

/// Every process of the machine that can be seen.
fn processes() -> BTreeMap<i32, Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| Some((pid, Stat::of(pid)?))).collect()
}

/// Whether the environment that the process was started with holds the mark. A process of somebody else cannot be looked at, and is none of ours.
fn carries(pid: i32, mark: &str) -> bool {
    let wanted = format!("{MARK}={mark}");
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes()))
}

/// The processes of a control group and of the groups below it.
pub(crate) fn pids_of_group(group: &Path) -> Vec<i32> {
    let mut pids = Vec::new();
    let mut folders = vec![group.to_owned()];
    while let Some(folder) = folders.pop() {
        let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
        // Number 0 stands for processes of another pid namespace, which cannot be looked at.
        pids.extend(text.lines().filter_map(|line| line.parse::<i32>().ok()).filter(|pid| *pid > 0));
        let below = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        folders.extend(below.map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    pids
}

/// Waits for an ended child, if it is one of this process and nobody else has waited for it.
fn reap(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let line = "77 (a) R 1 (b c) S 5 77 77 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 7 0 9876 1000 200 184";
        let stat = Stat::parse(77, line).unwrap();
        assert_eq!((stat.state, stat.parent, stat.ticks, stat.threads), ('S', 5, 100, 7));
        assert_eq!(stat.identity, Identity { pid: 77, start: 9876 });
        assert_eq!(Stat::parse(77, "77 (cut"), None);
        assert_eq!(Stat::parse(77, "77 (cut) S 5"), None);
    }

    #[test]
    fn this_process_is_seen_and_its_children_are_its_tree() {
        let mut tree = Tree::of(getpid().as_raw_nonzero().get());
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        tree.refresh();
        let found = tree.members().any(|stat| stat.identity.pid.cast_unsigned() == child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found);
        tree.refresh();
        assert!(!tree.members().any(|stat| stat.identity.pid.cast_unsigned() == child.id()));
    }

    #[test]
    fn a_group_is_read_with_those_below_it() {
        let group = tempfile::tempdir().unwrap();
        fs::create_dir(group.path().join("below")).unwrap();
        fs::write(group.path().join("cgroup.procs"), "10\n0\n").unwrap();
        fs::write(group.path().join("below/cgroup.procs"), "12\n").unwrap();
        assert_eq!(pids_of_group(group.path()), [10, 12]);
    }
}

//! The memory that a target may use, so that a runaway cannot take the machine, and how it is known that memory ran out.
//!
//! Where this process may make control groups of version 2 with a memory controller, the kernel keeps the limit for the whole tree. Elsewhere the tree is
//! looked at ten times a second and ended when it is over the limit; `RLIMIT_DATA`, which children inherit, stops a process that allocates faster than
//! that. `RLIMIT_DATA` counts address space and thread stacks, for one process, so it is set with room to spare: set to the limit itself it would refuse
//! threads to a sound application.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::sample::smaps;
use crate::supervise::tree::Tree;

/// What a process may have of address space beyond the limit of the tree.
const ROOM: u64 = 1 << 30;
/// Where control groups are mounted.
const GROUPS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// A limit in force.
#[derive(Debug)]
pub enum Limit {
    /// None was asked for.
    None,
    /// The kernel keeps it.
    Group(Group),
    /// The tree is looked at.
    Looked {
        /// Bytes for the tree.
        bytes: u64,
        /// What `RLIMIT_DATA` of its processes was set to, where it could be set.
        data: Option<u64>,
    },
}

/// A control group of version 2 that was made for one target, removed when dropped.
#[derive(Debug)]
pub struct Group {
    folder: PathBuf,
    bytes: u64,
}

impl Limit {
    /// Puts a process that has just been started, and what it will start, under a limit of so many bytes.
    pub fn impose(pid: i32, name: &str, bytes: Option<u64>) -> Self {
        let Some(bytes) = bytes else { return Self::None };
        let parents = GROUPS.iter().filter_map(|mount| own_group(Path::new(mount), "/proc/self/cgroup"));
        for own in parents {
            // A group that holds processes may not have controllers for its children, so its parent is tried as well (cgroup-v2, "no internal
            // processes").
            let beside = own.parent().map(Path::to_owned);
            for folder in [Some(own), beside].into_iter().flatten() {
                if let Some(group) = Group::make(&folder.join(name), bytes, pid) {
                    return Self::Group(group);
                }
            }
        }
        let data = bytes.saturating_add(ROOM);
        let both = Rlimit { current: Some(data), maximum: Some(data) };
        let set = Pid::from_raw(pid).is_some_and(|pid| prlimit(Some(pid), Resource::Data, both).is_ok());
        Self::Looked { bytes, data: set.then_some(data) }
    }

    /// The limit in bytes.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Group(group) => Some(group.bytes),
            Self::Looked { bytes, .. } => Some(*bytes),
        }
    }

    /// The control group that holds the tree.
    pub fn group(&self) -> Option<&Path> {
        match self {
            Self::Group(group) => Some(&group.folder),
            _ => None,
        }
    }

    /// What the tree uses, where that is more than the limit that this process has to keep.
    pub fn exceeded(&self, tree: &Tree) -> Option<u64> {
        let Self::Looked { bytes, .. } = self else { return None };
        let pids = || tree.members().map(|stat| stat.identity.pid);
        let at_most: u64 = pids().filter_map(smaps::anonymous).sum();
        if at_most <= *bytes {
            return None;
        }
        // Pages that workers share since a fork were counted for each of them; the dearer reading divides them.
        let used: u64 = pids().filter_map(|pid| Some(smaps::rollup(pid)?.anonymous_share)).sum();
        (used > *bytes).then_some(used)
    }

    /// What a process of the tree has set its own limit of data to, where it is not what was imposed on it.
    pub fn changed(&self, pid: i32) -> Option<String> {
        let Self::Looked { data: Some(imposed), .. } = self else { return None };
        let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
        let line = limits.lines().find_map(|line| line.strip_prefix("Max data size"))?;
        let now = line.split_ascii_whitespace().next()?;
        (now != imposed.to_string()).then(|| now.to_owned())
    }

    /// How many processes the kernel has killed in the target's control group for want of memory; none where there is no group.
    pub fn kills(&self) -> Option<u64> {
        let Self::Group(group) = self else { return None };
        counter(&fs::read_to_string(group.folder.join("memory.events")).ok()?, "oom_kill")
    }

    /// Kills everything in the control group at once; does nothing where there is none.
    pub fn kill(&self) {
        if let Self::Group(group) = self {
            // Linux before 5.14 has no such file; the processes are then killed one by one like any others.
            drop(fs::write(group.folder.join("cgroup.kill"), "1"));
        }
    }
}

impl Group {
    fn make(folder: &Path, bytes: u64, pid: i32) -> Option<Self> {
        fs::create_dir(folder).ok()?;
        // From here on the folder is removed when anything fails.
        let group = Self { folder: folder.to_owned(), bytes };
        let write = |file: &str, value: String| {
            let path = folder.join(file);
            path.exists().then_some(())?;
            fs::write(path, value).ok()
        };
        write("memory.max", bytes.to_string())?;
        // Absent where swap is not accounted for; the limit is then without it.
        write("memory.swap.max", "0".to_owned()).unwrap_or_default();
        write("cgroup.procs", pid.to_string())?;
        Some(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The kernel refuses while processes are in it; whoever stops the tree says which ones are left.
        drop(fs::remove_dir(&self.folder));
    }
}

/// The folder of this process's own group of version 2: the line `0::/path` of its list of groups (cgroups(7)).
fn own_group(mount: &Path, list: &str) -> Option<PathBuf> {
    mount.join("cgroup.controllers").is_file().then_some(())?;
    let text = fs::read_to_string(list).ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(mount.join(path))
}

/// How many processes the kernel has killed on this machine for want of memory since boot.
pub fn kernel_kills() -> u64 {
    fs::read_to_string("/proc/vmstat").ok().and_then(|text| counter(&text, "oom_kill")).unwrap_or(0)
}

/// The number after a word at the start of a line.
fn counter(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_whole_words() {
        let events = "low 0\nhigh 0\nmax 7\noom 2\noom_kill 3\noom_group_kill 0\n";
        assert_eq!(counter(events, "oom_kill"), Some(3));
        assert_eq!(counter(events, "oom"), Some(2));
        assert_eq!(counter(events, "nothing"), None);
    }

    /// A folder in place of the kernel's: what is written where, and that nothing is left where it cannot be a group.
    #[test]
    fn a_group_needs_a_memory_controller() {
        let mount = tempfile::tempdir().unwrap();
        let folder = mount.path().join("run");
        assert!(Group::make(&folder, 1 << 20, 1).is_none(), "there is no memory.max in a folder that is no group");
        assert!(!folder.exists(), "and nothing stays behind");
    }

    #[test]
    fn the_own_group_is_found_beside_older_hierarchies() {
        let mount = tempfile::tempdir().unwrap();
        let list = mount.path().join("list");
        fs::write(&list, "4:memory:/old\n0::/user.slice/shell.scope\n").unwrap();
        let list = list.to_str().unwrap();
        assert_eq!(own_group(mount.path(), list), None, "no mount of version 2");
        fs::write(mount.path().join("cgroup.controllers"), "").unwrap();
        assert_eq!(own_group(mount.path(), list), Some(mount.path().join("user.slice/shell.scope")));
    }
}

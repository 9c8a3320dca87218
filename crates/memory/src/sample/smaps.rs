//! Readings of a process tree from `/proc`.
//!
//! `smaps_rollup` is the kernel's own sum over all mappings, so one read per process gives USS and PSS. It needs the right to trace the process; where
//! that is missing, the resident size from `status` is all there is.

use std::fs;
use std::time::Duration;

use crate::sample::{Reading, SampleError, handles};
use crate::supervise::Watched;
use crate::supervise::tree::{Identity, Tree};

/// The sums over the mappings of one process, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rollup {
    /// Resident.
    pub rss: u64,
    /// Resident, shared pages divided by how many share them.
    pub pss: u64,
    /// Private to the process, clean or dirty, huge pages included.
    pub uss: u64,
    /// The anonymous part of `pss`; all of it where the kernel does not tell the parts apart.
    pub anonymous_share: u64,
}

/// The sums of one process; none where they may not be read, or the process is gone.
pub fn rollup(pid: i32) -> Option<Rollup> {
    parse(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?)
}

fn parse(text: &str) -> Option<Rollup> {
    let size = |name: &str| kilobytes(text, name);
    let pss = size("Pss:")?;
    let private = ["Private_Clean:", "Private_Dirty:", "Private_Hugetlb:"];
    Some(Rollup {
        rss: size("Rss:")?,
        pss,
        uss: private.into_iter().filter_map(size).sum(),
        anonymous_share: size("Pss_Anon:").unwrap_or(pss),
    })
}

/// Anonymous memory of one process in bytes, shared pages counted whole. Cheap, and readable for every process.
pub fn anonymous(pid: i32) -> Option<u64> {
    kilobytes(&status(pid)?, "RssAnon:")
}

fn status(pid: i32) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/status")).ok()
}

/// The value of a line `Name:   12 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Reads the processes of a target.
pub struct TreeGauge {
    watched: Watched,
    cpu: Duration,
}

impl TreeGauge {
    /// A gauge on these processes.
    pub fn new(watched: Watched) -> Self {
        Self { watched, cpu: Duration::ZERO }
    }

    /// Takes a reading; `at` is left to the caller.
    ///
    /// # Errors
    /// No process is left.
    pub fn read(&mut self) -> Result<Reading, SampleError> {
        let mut reading = self.watched.look(read)?;
        // A process that ended unwaited-for takes its time with it; time that was seen once stays spent.
        self.cpu = self.cpu.max(reading.cpu);
        reading.cpu = self.cpu;
        Ok(reading)
    }
}

/// Reads all processes of a tree that was just refreshed.
pub(super) fn read(tree: &Tree) -> Result<Reading, SampleError> {
    let members: Vec<Identity> = tree.members().map(|stat| stat.identity).collect();
    let mut reading = Reading { generation: tree.generation(), uss: Some(0), pss: Some(0), ..Reading::default() };
    let mut ticks = 0;
    for stat in tree.members() {
        let pid = stat.identity.pid;
        match rollup(pid) {
            Some(sums) => {
                reading.rss += sums.rss;
                reading.uss = reading.uss.map(|uss| uss + sums.uss);
                reading.pss = reading.pss.map(|pss| pss + sums.pss);
            }
            None => match status(pid).as_deref().and_then(|status| kilobytes(status, "VmRSS:")) {
                Some(rss) => {
                    reading.rss += rss;
                    (reading.uss, reading.pss) = (None, None);
                }
                // Gone since the tree was refreshed.
                None => continue,
            },
        }
        reading.processes += 1;
        reading.threads += stat.threads;
        ticks += stat.ticks;
    }
    if reading.processes == 0 {
        return Err(SampleError::Gone);
    }
    reading.cpu = Duration::from_secs_f64(ticks as f64 / procfs::ticks_per_second().max(1) as f64);
    let handles = handles::of(members.iter().map(|identity| identity.pid));
    reading.fds = handles.open;
    reading.close_wait = handles.close_wait;
    Ok(reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLLUP: &str = "5581e0000000-7ffc00000000 ---p 00000000 00:00 0    [rollup]\n\
        Rss:               11096 kB\nPss:                8500 kB\nPss_Dirty:          6000 kB\nPss_Anon:           6100 kB\n\
        Shared_Clean:       4000 kB\nPrivate_Clean:       900 kB\nPrivate_Dirty:      6000 kB\nPrivate_Hugetlb:    2048 kB\n";

    #[test]
    fn private_pages_are_added_up() {
        let sums = parse(ROLLUP).unwrap();
        assert_eq!(sums.uss, (900 + 6000 + 2048) * 1024);
        assert_eq!((sums.rss, sums.pss, sums.anonymous_share), (11096 * 1024, 8500 * 1024, 6100 * 1024));
        assert_eq!(parse("Rss: 12 kB\n"), None);
        assert_eq!(parse("Rss: 12 kB\nPss: many kB\n"), None);
    }

    #[test]
    fn growth_of_this_process_is_seen() {
        let ours = i32::try_from(std::process::id()).unwrap();
        let before = rollup(ours).unwrap().uss;
        let block = std::hint::black_box(vec![1u8; 32 << 20]);
        let after = rollup(ours).unwrap().uss;
        assert!(after >= before + (31 << 20), "{before} {after}");
        drop(block);
    }

    #[test]
    fn a_tree_without_processes_is_gone() {
        assert!(matches!(read(&Tree::of(i32::MAX)), Err(SampleError::Gone)));
    }
}

//! Readings of a control group: of a container, a service of systemd, or whatever else keeps its processes together.
//!
//! Versions 1 and 2 are read. Where the group's processes can be seen, descriptors, threads and sockets come from them; a container of another pid
//! namespace shows its memory only.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::sample::{Reading, SampleError, smaps};
use crate::supervise::tree::Tree;

/// Reads one control group.
pub struct CgroupGauge {
    folder: PathBuf,
    tree: Tree,
}

impl CgroupGauge {
    /// A gauge on the group in this folder, as in `/sys/fs/cgroup/system.slice/shop.service`.
    ///
    /// # Errors
    /// The folder is no control group with a memory controller.
    pub fn new(folder: &Path) -> Result<Self, SampleError> {
        let mut gauge = Self { folder: folder.to_owned(), tree: Tree::of_group(folder.to_owned()) };
        gauge.read()?;
        Ok(gauge)
    }

    /// Takes a reading; `at` is left to the caller. `rss` is what the group is charged with, page cache that can be dropped left out; `uss` its
    /// anonymous memory.
    ///
    /// # Errors
    /// The group is gone or cannot be read.
    pub fn read(&mut self) -> Result<Reading, SampleError> {
        self.tree.refresh();
        // A group whose processes are all out of sight is still charged with memory.
        let mut reading = smaps::read(&self.tree).unwrap_or_default();
        let stat = self.text("memory.stat")?;
        let current = match self.text("memory.current") {
            Ok(text) => text,
            Err(_) => self.text("memory.usage_in_bytes")?,
        };
        let charged = current.trim().parse::<u64>().map_err(|error| self.unreadable("memory.current", &error))?;
        let droppable = value(&stat, "total_inactive_file").or_else(|| value(&stat, "inactive_file")).unwrap_or(0);
        reading.rss = charged.saturating_sub(droppable);
        reading.uss = value(&stat, "anon").or_else(|| value(&stat, "total_rss"));
        if let Some(spent) = self.text("cpu.stat").ok().and_then(|text| value(&text, "usage_usec")) {
            reading.cpu = Duration::from_micros(spent);
        }
        Ok(reading)
    }

    fn text(&self, file: &str) -> Result<String, SampleError> {
        fs::read_to_string(self.folder.join(file)).map_err(|error| self.unreadable(file, &error))
    }

    fn unreadable(&self, file: &str, why: &dyn std::fmt::Display) -> SampleError {
        SampleError::Unreadable { path: self.folder.join(file).display().to_string(), why: why.to_string() }
    }
}

/// The number of a line `name 12`.
fn value(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn both_versions_are_read() {
        let two = group(&[
            ("memory.current", "1000000\n"),
            ("memory.stat", "anon 600000\nfile 400000\ninactive_file 300000\n"),
            ("cpu.stat", "usage_usec 2500000\nuser_usec 1\n"),
        ]);
        let reading = CgroupGauge::new(two.path()).unwrap().read().unwrap();
        assert_eq!((reading.rss, reading.uss, reading.cpu), (700_000, Some(600_000), Duration::from_millis(2_500)));
        let one = group(&[
            ("memory.usage_in_bytes", "1000000\n"),
            ("memory.stat", "rss 1\ntotal_rss 500000\ntotal_inactive_file 100000\n"),
        ]);
        let reading = CgroupGauge::new(one.path()).unwrap().read().unwrap();
        assert_eq!((reading.rss, reading.uss), (900_000, Some(500_000)));
    }

    #[test]
    fn processes_that_can_be_seen_are_counted() {
        let pid = std::process::id().to_string();
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let group = group(&[
            ("memory.current", "5\n"),
            ("memory.stat", "anon 3\n"),
            ("cgroup.procs", &format!("{pid}\n{}\n", child.id())),
        ]);
        let reading = CgroupGauge::new(group.path()).unwrap().read();
        child.kill().unwrap();
        child.wait().unwrap();
        // The measuring process itself is never part of what it measures.
        assert_eq!(reading.unwrap().processes, 1);
    }

    #[test]
    fn a_folder_that_is_no_group_is_refused() {
        let error = CgroupGauge::new(group(&[]).path()).err().unwrap().to_string();
        assert!(error.contains("memory.stat"), "{error}");
    }
}

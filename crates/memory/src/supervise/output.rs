//! What the target prints: read without a pause, so that it never waits for us, and kept up to a bound.
//!
//! A thread of its own reads each stream: the target must be able to write while everything else here is busy. Output is not interpreted, but for the
//! words with which runtimes say that memory ran out.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// How much is kept of what was printed.
const KEPT: usize = 64 << 10;
/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// How runtimes say that memory ran out: CPython, glibc and the C library's strerror, libstdc++, Rust, V8, the JVM, Go.
const OUT_OF_MEMORY: &[&str] = &[
    "MemoryError",
    "Cannot allocate memory",
    "std::bad_alloc",
    "memory allocation of ",
    "JavaScript heap out of memory",
    "java.lang.OutOfMemoryError",
    "runtime: out of memory",
];

/// The end of what the target printed, standard output and standard error in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    tail: VecDeque<u8>,
    total: u64,
    out_of_memory: Option<String>,
}

impl Output {
    /// Reads a stream to its end, on a thread of its own.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn drain(&self, mut stream: impl Read + Send + 'static) -> std::io::Result<()> {
        let kept = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("plimsoll-output".to_owned());
        thread.spawn(move || {
            let mut chunk = vec![0; CHUNK];
            loop {
                match stream.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(read) => lock(&kept).take(&chunk[..read]),
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
        })?;
        Ok(())
    }

    /// Bytes printed so far.
    pub fn total(&self) -> u64 {
        lock(&self.0).total
    }

    /// The last lines that are not empty, without control characters, oldest first.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let mut kept = lock(&self.0);
        let text = String::from_utf8_lossy(kept.tail.make_contiguous()).into_owned();
        drop(kept);
        let lines = text.lines().rev().map(|line| plimsoll_model::redact::one_line(line, 400));
        let mut lines: Vec<String> = lines.filter(|line| !line.trim().is_empty()).take(count).collect();
        lines.reverse();
        lines
    }

    /// The line with which a runtime said that memory ran out, if one did.
    pub fn out_of_memory(&self) -> Option<String> {
        lock(&self.0).out_of_memory.clone()
    }
}

impl Kept {
    fn take(&mut self, chunk: &[u8]) {
        self.total += chunk.len() as u64;
        if self.out_of_memory.is_none() {
            // A word that begins in the last chunk ends in this one.
            let mut text: Vec<u8> = self.tail.iter().rev().take(64).rev().copied().collect();
            text.extend_from_slice(chunk);
            let text = String::from_utf8_lossy(&text);
            let line = text.lines().find(|line| OUT_OF_MEMORY.iter().any(|words| line.contains(words)));
            self.out_of_memory = line.map(|line| plimsoll_model::redact::one_line(line, 200));
        }
        let chunk = &chunk[chunk.len().saturating_sub(KEPT)..];
        let excess = (self.tail.len() + chunk.len()).saturating_sub(KEPT);
        self.tail.drain(..excess);
        self.tail.extend(chunk);
    }
}

fn lock(kept: &Mutex<Kept>) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept_and_the_rest_counted() {
        let mut kept = Kept::default();
        for number in 0..100_000 {
            kept.take(format!("line {number}\n").as_bytes());
        }
        assert!(kept.tail.len() <= KEPT && kept.total > 1_000_000);
        let output = Output(Arc::new(Mutex::new(kept)));
        assert_eq!(output.last_lines(2), ["line 99998", "line 99999"]);
        assert_eq!(output.out_of_memory(), None);
    }

    #[test]
    fn a_chunk_above_the_bound_leaves_its_end() {
        let mut kept = Kept::default();
        kept.take(&vec![b'a'; KEPT * 2]);
        kept.take(b"\nend\x1b[31m\n\n");
        assert_eq!(kept.tail.len(), KEPT);
        let lines = Output(Arc::new(Mutex::new(kept))).last_lines(1);
        assert!(lines[0].starts_with("end") && !lines[0].contains('\x1b'), "{lines:?}");
    }

    #[test]
    fn words_for_lack_of_memory_are_found_across_chunks() {
        let mut kept = Kept::default();
        kept.take(b"Traceback\nMemory");
        kept.take(b"Error: 10 bytes\nmore");
        assert_eq!(kept.out_of_memory.as_deref(), Some("MemoryError: 10 bytes"));
    }
}

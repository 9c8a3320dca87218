//! What leaks like memory and is counted like it: descriptors, and sockets that the peer has closed.

use std::collections::BTreeSet;

use crate::supervise::ports;

/// What the processes of a tree have open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handles {
    /// File descriptors, each process's own counted.
    pub open: u32,
    /// TCP sockets in CLOSE_WAIT; one that several processes share counts once.
    pub close_wait: u32,
}

/// Counts for these processes. Descriptors of a process that may not be looked at count as none.
pub fn of(pids: impl Iterator<Item = i32>) -> Handles {
    let mut handles = Handles::default();
    let mut sockets = BTreeSet::new();
    let mut first = None;
    for pid in pids {
        let (open, own) = ports::descriptors(pid);
        handles.open += open;
        sockets.extend(own);
        first = first.or(Some(pid));
    }
    if let Some(pid) = first.filter(|_| !sockets.is_empty()) {
        handles.close_wait = ports::close_wait(pid, &sockets);
    }
    handles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_is_not_closed_is_counted_once_its_peer_has() {
        let ours = || std::iter::once(i32::try_from(std::process::id()).unwrap());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        #[expect(clippy::disallowed_methods, reason = "a socket of this very test")]
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (served, _) = listener.accept().unwrap();
        let before = of(ours());
        drop(client);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while of(ours()).close_wait <= before.close_wait {
            assert!(std::time::Instant::now() < deadline, "the closed socket is never counted");
        }
        let after = of(ours());
        assert_eq!(after.open, before.open - 1);
        drop(served);
    }
}

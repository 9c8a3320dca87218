//! Sockets of a process tree: where it listens, which ones it has left half-closed, and who else holds a port.
//!
//! The kernel's tables name a socket by its inode, and a process's descriptors point to inodes; joined they say whose socket it is. The tables are read
//! through a process of the tree, since it may live in another network namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::Process;

/// The inodes of a process's sockets; empty where it cannot be looked at.
pub fn sockets_of(pid: i32) -> BTreeSet<u64> {
    descriptors(pid).1
}

/// How many descriptors a process has open, and the inodes of those that are sockets.
pub fn descriptors(pid: i32) -> (u32, BTreeSet<u64>) {
    let mut count = 0;
    let mut sockets = BTreeSet::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().filter_map(Result::ok) {
        count += 1;
        let Ok(link) = fs::read_link(entry.path()) else { continue };
        let inode =
            link.to_str().and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse::<u64>().ok());
        sockets.extend(inode);
    }
    (count, sockets)
}

/// The TCP tables that a process sees.
fn table(pid: i32) -> Vec<TcpNetEntry> {
    let Ok(process) = Process::new(pid) else { return Vec::new() };
    let mut entries = process.tcp().unwrap_or_default();
    entries.extend(process.tcp6().unwrap_or_default());
    entries
}

/// The addresses at which processes of the tree listen, in order of port, each with one of the processes.
pub fn listening(pids: &[i32]) -> Vec<SocketAddr> {
    let Some(first) = pids.first() else { return Vec::new() };
    let ours: BTreeSet<u64> = pids.iter().flat_map(|pid| sockets_of(*pid)).collect();
    let entries = table(*first).into_iter();
    let ours = entries.filter(|entry| entry.state == TcpState::Listen && ours.contains(&entry.inode));
    let addresses: BTreeMap<(u16, bool), SocketAddr> =
        ours.map(|entry| ((entry.local_address.port(), entry.local_address.is_ipv6()), entry.local_address)).collect();
    addresses.into_values().collect()
}

/// The inodes of the sockets that listen on a port.
pub fn listening_inodes(pid: i32, port: u16) -> BTreeSet<u64> {
    let entries = table(pid).into_iter();
    let listening = entries.filter(|entry| entry.state == TcpState::Listen && entry.local_address.port() == port);
    listening.map(|entry| entry.inode).collect()
}

/// How many of these sockets wait to be closed: the peer has closed, the process has not.
pub fn close_wait(pid: i32, sockets: &BTreeSet<u64>) -> u32 {
    let waiting = table(pid).into_iter();
    let waiting = waiting.filter(|entry| entry.state == TcpState::CloseWait && sockets.contains(&entry.inode));
    u32::try_from(waiting.count()).unwrap_or(u32::MAX)
}

/// Who listens on a port without being of the tree: the process's number and name where they can be seen. None where nobody does.
pub fn stranger_on(port: u16, tree: &[i32]) -> Option<String> {
    let ours = i32::try_from(std::process::id()).ok()?;
    let mut inodes = listening_inodes(ours, port);
    for pid in tree {
        let sockets = sockets_of(*pid);
        inodes.retain(|inode| !sockets.contains(inode));
    }
    if inodes.is_empty() {
        return None;
    }
    let pids = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let mut pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let holder = pids.find(|pid| sockets_of(*pid).iter().any(|inode| inodes.contains(inode)));
    Some(match holder {
        Some(pid) => {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            format!("process {pid} ({})", plimsoll_model::redact::one_line(name.trim(), 40))
        }
        None => "a process of another user".to_owned(),
    })
}

/// Where to connect to reach a socket that listens at this address: wildcard addresses are reached through loopback.
pub fn reach(address: SocketAddr) -> Vec<SocketAddr> {
    let port = address.port();
    let loopback = |ip: IpAddr| SocketAddr::new(ip, port);
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => vec![loopback(Ipv4Addr::LOCALHOST.into())],
        // A wildcard of IPv6 usually takes IPv4 as well.
        IpAddr::V6(ip) if ip.is_unspecified() => {
            vec![loopback(Ipv4Addr::LOCALHOST.into()), loopback(Ipv6Addr::LOCALHOST.into())]
        }
        _ => vec![address],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_seen_by_its_owner_and_as_a_stranger_by_others() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ours = i32::try_from(std::process::id()).unwrap();
        assert!(listening(&[ours]).contains(&address));
        assert_eq!(stranger_on(address.port(), &[ours]), None);
        assert!(stranger_on(address.port(), &[]).unwrap().contains(&ours.to_string()));
        drop(listener);
        assert_eq!(stranger_on(address.port(), &[]), None);
    }

    #[test]
    fn wildcards_are_reached_through_loopback() {
        assert_eq!(reach("0.0.0.0:80".parse().unwrap()), ["127.0.0.1:80".parse().unwrap()]);
        assert_eq!(reach("[::]:80".parse().unwrap()), ["127.0.0.1:80".parse().unwrap(), "[::1]:80".parse().unwrap()]);
        assert_eq!(reach("10.0.0.5:80".parse().unwrap()), ["10.0.0.5:80".parse().unwrap()]);
    }
}

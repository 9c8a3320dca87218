//! The address guard: which socket addresses may be connected to.
//!
//! It judges addresses, not text: every written form of a host (decimal, octal, hexadecimal, short, mapped) has become an address by the time
//! it is asked. Forms that carry an IPv4 address inside of an IPv6 address are judged by both. Cloud metadata services and link-local
//! addresses are refused whoever asks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

use crate::settings::Profile;

/// What kind of place an address is, from the harmless to the forbidden; the order matters: the worst class of an address counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressClass {
    /// Globally routed.
    Public,
    /// Private use: RFC 1918, RFC 4193, RFC 6598 (shared address space), RFC 2544 (benchmarking), RFC 3879 (site-local).
    Private,
    /// This host: RFC 1122 §3.2.1.3 (`127/8`, `0/8`), `::1`, `::`.
    Loopback,
    /// No host: multicast, broadcast, reserved, documentation.
    Unroutable,
    /// RFC 3927, RFC 4291 §2.5.6. Metadata services live there.
    LinkLocal,
    /// The metadata service of a cloud: it hands out credentials.
    Metadata,
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Private => "a private address",
            Self::Loopback => "a loopback address",
            Self::Unroutable => "no address of a single host",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "a cloud metadata service",
        })
    }
}

/// An address that must not be connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// By its class.
    #[error("{host} is refused: {address} is {class}")]
    Address {
        /// The host as given.
        host: String,
        /// The judged address.
        address: IpAddr,
        /// What it is.
        class: AddressClass,
    },
    /// By its name, before it was looked up.
    #[error("{0} is refused: it is the name of a cloud metadata service")]
    Name(String),
}

/// Addresses of metadata services outside of the link-local ranges: Alibaba Cloud, Oracle Cloud (classic), Azure's host channel.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(168, 63, 129, 16)];

/// The link-local addresses of metadata services that deserve to be called so: EC2 and most clouds, ECS tasks, EKS pod identity, and the
/// time and name services beside them.
const METADATA_LINK_LOCAL: [Ipv4Addr; 5] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(169, 254, 169, 253),
    Ipv4Addr::new(169, 254, 169, 123),
];

/// EC2, EKS pod identity and Google Compute Engine over IPv6.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254),
];

/// Names that lead to metadata services wherever they resolve at all.
const METADATA_NAMES: [&str; 6] = [
    "metadata.google.internal",
    "metadata.goog",
    "metadata",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
];

/// The class of an address; of an address within an address, the worse of the two.
pub fn classify(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => classify_v6(v6),
    }
}

fn classify_v4(address: Ipv4Addr) -> AddressClass {
    let [a, b, c, _] = address.octets();
    if METADATA_V4.contains(&address) || METADATA_LINK_LOCAL.contains(&address) {
        return AddressClass::Metadata;
    }
    match (a, b, c) {
        (169, 254, _) => AddressClass::LinkLocal,
        (0 | 127, ..) => AddressClass::Loopback,
        (10, ..) | (192, 168, _) | (172, 16..=31, _) | (100, 64..=127, _) | (198, 18 | 19, _) => AddressClass::Private,
        // IETF protocol assignments, three documentation nets, the 6to4 relay net, multicast, reserved and broadcast (RFC 6890).
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99) | (224.., ..) => AddressClass::Unroutable,
        _ => AddressClass::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> AddressClass {
    let s = address.segments();
    let last = v4_of(s[6], s[7]);
    if METADATA_V6.contains(&address) {
        return AddressClass::Metadata;
    }
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => AddressClass::Loopback,
        // Mapped (::ffff:a.b.c.d), translated (::ffff:0:a.b.c.d, RFC 2765) and compatible (::a.b.c.d): the host is the IPv4 one.
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => classify_v4(last),
        // NAT64: the well-known prefix (RFC 6052) and the local-use one (RFC 8215).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => classify_v4(last),
        [0x64, 0xff9b, 1, ..] => AddressClass::Private.max(classify_v4(last)),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => classify_v4(v4_of(high, low)),
        // Teredo (RFC 4380): server in the open, client with every bit turned.
        [0x2001, 0, high, low, ..] => classify_v4(v4_of(high, low)).max(classify_v4(v4_of(!s[6], !s[7]))),
        [0xfe80..=0xfebf, ..] => AddressClass::LinkLocal,
        [0xfec0..=0xfeff | 0xfc00..=0xfdff, ..] => AddressClass::Private,
        // Multicast, discard-only (RFC 6666), documentation (RFC 3849, RFC 9637).
        [0xff00..=0xffff, ..] | [0x100, 0, 0, 0, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => {
            AddressClass::Unroutable
        }
        // ISATAP (RFC 5214): the interface identifier holds an IPv4 address.
        [.., 0 | 0x200, 0x5efe, _, _] => classify_v4(last),
        // Only 2000::/3 is delegated for global unicast (RFC 4291 §2.5.4).
        [0x2000..=0x3fff, ..] => AddressClass::Public,
        _ => AddressClass::Unroutable,
    }
}

fn v4_of(high: u16, low: u16) -> Ipv4Addr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}

/// Whether the host is written as a loopback or private address, or as `localhost` (RFC 6761 §6.3). Nothing is looked up.
pub(crate) fn is_local_name(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => is_local(address.into()),
        Some(Host::Ipv6(address)) => is_local(address.into()),
        None => false,
    }
}

/// Whether the address is one of this host or of a private network.
pub fn is_local(address: IpAddr) -> bool {
    matches!(classify(address), AddressClass::Loopback | AddressClass::Private)
}

/// Judges a name before it is looked up.
///
/// # Errors
/// The name is that of a metadata service.
pub fn judge_name(host: &str) -> Result<(), Refused> {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    if METADATA_NAMES.contains(&name.as_str()) { Err(Refused::Name(name)) } else { Ok(()) }
}

/// Judges an address that `host` stands for.
///
/// # Errors
/// The address is of a class that the profile does not admit.
pub fn judge(host: &str, address: IpAddr, profile: &Profile) -> Result<(), Refused> {
    let class = classify(address);
    let admitted = match (class, profile) {
        (AddressClass::Public, _) | (AddressClass::Loopback | AddressClass::Private, Profile::Cli) => true,
        (AddressClass::Loopback | AddressClass::Private, Profile::Service(allowed)) => {
            allowed.iter().any(|(name, net)| name.eq_ignore_ascii_case(host) && net.contains(&canonical(address)))
        }
        _ => false,
    };
    if admitted { Ok(()) } else { Err(Refused::Address { host: host.to_owned(), address, class }) }
}

/// An allow-list names IPv4 networks; a mapped address is one of them.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

//! What `NO_PROXY` lists, by the rules that programs written in Go have.

use std::net::IpAddr;

use ipnet::IpNet;

/// An entry of `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Matches every host (`*`).
    Everything,
    /// Matches IP addresses in a CIDR block.
    Network(IpNet),
    /// Matches one IP address, on one port if set.
    Address(IpAddr, Option<u16>),
    /// Hosts whose names end so, which begins with a dot.
    Suffix(String, Option<u16>),
    /// The host of this name, and those below it.
    Domain(String, Option<u16>),
}

impl Rule {
    /// An entry that says nothing is none.
    pub fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim().to_ascii_lowercase();
        if entry == "*" {
            return Some(Self::Everything);
        }
        if let Ok(network) = entry.parse() {
            return Some(Self::Network(network));
        }
        if let Ok(address) = entry.parse() {
            return Some(Self::Address(address, None));
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (entry.as_str(), None),
        };
        let host = host.trim_matches(['[', ']']);
        if let Ok(address) = host.parse() {
            return Some(Self::Address(address, port));
        }
        let host = host
            .strip_prefix('*')
            .filter(|rest| rest.starts_with('.'))
            .unwrap_or(host);
        match host {
            "" | "." => None,
            below if below.starts_with('.') => Some(Self::Suffix(below.to_owned(), port)),
            domain => Some(Self::Domain(domain.to_owned(), port)),
        }
    }

    /// Whether the host, which may be an address, is reached on this port without a
    /// proxy.
    pub fn matches(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        let at = |asked: &Option<u16>| asked.is_none_or(|asked| asked == port);
        match self {
            Self::Everything => true,
            Self::Network(network) => address.is_some_and(|address| network.contains(&address)),
            Self::Address(named, asked) => address == Some(named.to_canonical()) && at(asked),
            Self::Suffix(suffix, asked) => host.ends_with(suffix) && at(asked),
            Self::Domain(name, asked) => {
                let rest = host.strip_suffix(name.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) && at(asked)
            }
        }
    }
}

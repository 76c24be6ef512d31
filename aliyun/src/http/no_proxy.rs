//! Entries of `NO_PROXY`, with the rules of Go's `net/http`.

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
    /// Matches host names with this suffix, which starts with a dot.
    Suffix(String, Option<u16>),
    /// Matches this host name and its subdomains.
    Domain(String, Option<u16>),
}

impl Rule {
    /// Parses an entry. Returns `None` if it is empty or invalid.
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
            suffix if suffix.starts_with('.') => Some(Self::Suffix(suffix.to_owned(), port)),
            domain => Some(Self::Domain(domain.to_owned(), port)),
        }
    }

    /// Returns true if connections to this host and port bypass the proxy. `address` is the
    /// host if it is an IP address.
    pub fn matches(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        let is_port = |rule: &Option<u16>| rule.is_none_or(|rule| rule == port);
        match self {
            Self::Everything => true,
            Self::Network(network) => address.is_some_and(|address| network.contains(&address)),
            Self::Address(rule, rule_port) => {
                address == Some(rule.to_canonical()) && is_port(rule_port)
            }
            Self::Suffix(suffix, rule_port) => host.ends_with(suffix) && is_port(rule_port),
            Self::Domain(name, rule_port) => {
                let rest = host.strip_suffix(name.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                    && is_port(rule_port)
            }
        }
    }
}

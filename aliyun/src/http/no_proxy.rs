//! Entries of `NO_PROXY`, with the rules of Go's `net/http`.

use std::net::IpAddr;

use ipnet::IpNet;

/// An entry of `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    hosts: Hosts,
    /// The port that the rule is limited to.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// Every host (`*`).
    All,
    /// IP addresses in a CIDR block, or one address.
    Network(IpNet),
    /// Subdomains of a name. The host of this name too, unless it starts with a dot.
    Domain(String),
}

impl Rule {
    /// Parses an entry. Returns `None` if it is empty or invalid.
    pub fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim().to_ascii_lowercase();
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) if network(&entry).is_none() => (host, Some(port.parse().ok()?)),
            _ => (entry.as_str(), None),
        };
        let host = host.trim_matches(['[', ']']);
        let hosts = match (network(host), host.trim_start_matches('*')) {
            (Some(network), _) => Hosts::Network(network),
            (None, "") if host == "*" => Hosts::All,
            (None, "" | ".") => return None,
            (None, suffix) if suffix.starts_with('.') => Hosts::Domain(suffix.to_owned()),
            (None, _) => Hosts::Domain(host.to_owned()),
        };
        Some(Self { hosts, port })
    }

    /// Returns true if connections to this host and port bypass the proxy. `address` is the
    /// host if it is an IP address.
    pub fn matches(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        let is_host = match &self.hosts {
            Hosts::All => true,
            Hosts::Network(network) => address.is_some_and(|address| network.contains(&address)),
            Hosts::Domain(name) => host.strip_suffix(name.as_str()).is_some_and(|rest| {
                rest.is_empty() || rest.ends_with('.') || name.starts_with('.')
            }),
        };
        is_host && self.port.is_none_or(|rule| rule == port)
    }
}

/// Parses a CIDR block or an address, which is a block of one.
fn network(text: &str) -> Option<IpNet> {
    let address = || Some(text.parse::<IpAddr>().ok()?.to_canonical().into());
    text.parse().ok().or_else(address)
}

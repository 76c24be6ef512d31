//! Proxy settings of the environment, with the rules of Go's `net/http`.

use std::net::IpAddr;

use reqwest::Url;

use crate::env::Environment;
use crate::http::no_proxy::Rule;
use crate::text::sanitize;

/// Environment variables with the proxy for HTTPS, in order of precedence.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Environment variables with hosts that bypass the proxy, in order of precedence.
const NO_PROXY_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Returns true if an environment variable of this name configures the proxy.
pub fn is_proxy_var(variable: &str) -> bool {
    PROXY_VARIABLES.contains(&variable) || NO_PROXY_VARIABLES.contains(&variable)
}

/// Supported schemes of a proxy URL.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A proxy, and the hosts that bypass it.
#[derive(Clone)]
pub struct Proxy {
    /// Environment variable that the URL comes from.
    variable: &'static str,
    /// Contains the user name and the password, if any: do not log it.
    url: Url,
    no_proxy: Vec<Rule>,
}

/// Error of a proxy or its configuration. The value is the environment variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// The value is not a proxy URL. It may contain a password and is not quoted.
    #[error(
        "{0} names no proxy, which is a host and a port such as \"proxy.example:3128\", with \
         \"http://\", \"https://\" or \"socks5://\" in front if it is not of the first kind"
    )]
    Malformed(&'static str),
    /// The scheme of the proxy is not supported.
    #[error(
        "{0} names a proxy of a scheme other than \"http://\", \"https://\", \"socks5://\" and \
         \"socks5h://\""
    )]
    Scheme(&'static str),
    /// Connecting through the proxy failed.
    #[error(
        "no connection could be made through the proxy {address}, which {variable} names: {reason}"
    )]
    NoConnection {
        /// Environment variable that names the proxy.
        variable: &'static str,
        /// Scheme, host and port of the proxy.
        address: String,
        /// Message of the network library, redacted.
        reason: String,
    },
}

impl Proxy {
    /// Parses the proxy settings. `get` returns the value of an environment variable.
    ///
    /// # Errors
    ///
    /// Returns [`ProxyError`] if the value is not a supported proxy URL.
    fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ProxyError> {
        let first = |names: &[&'static str]| {
            let values = names.iter().filter_map(|name| Some((*name, get(name)?)));
            let mut values = values.map(|(name, value)| (name, value.trim().to_owned()));
            values.find(|(_, value)| !value.is_empty())
        };
        let Some((variable, value)) = first(&PROXY_VARIABLES) else {
            return Ok(None);
        };
        let no_proxy = first(&NO_PROXY_VARIABLES)
            .map(|(_, value)| value)
            .unwrap_or_default();
        Ok(Some(Self {
            variable,
            url: url(&value, variable)?,
            no_proxy: no_proxy.split(',').filter_map(Rule::parse).collect(),
        }))
    }

    /// Returns the proxy that the environment configures, if any.
    ///
    /// # Errors
    ///
    /// Returns [`ProxyError`] if the value is not a supported proxy URL.
    pub fn of_environment(environment: &Environment) -> Result<Option<Self>, ProxyError> {
        Self::from_variables(|name| environment.exact(name).map(str::to_owned))
    }

    /// Returns the URL of the proxy for `target`, or `None` if `target` bypasses it.
    pub fn proxy_for(&self, target: &Url) -> Option<&Url> {
        let host = target.host_str()?;
        let port = target.port_or_known_default()?;
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let address = address.map(|address| address.to_canonical());
        let is_local = match address {
            Some(address) => address.is_loopback(),
            None => host == "localhost",
        };
        let is_bypassed = self
            .no_proxy
            .iter()
            .any(|rule| rule.matches(host, address, port));
        (target.scheme() == "https" && !is_local && !is_bypassed).then_some(&self.url)
    }

    /// Returns the proxy error for a failed connection to `target`, or `None` if `target`
    /// bypasses the proxy.
    pub fn connect_error(&self, target: &Url, reason: String) -> Option<ProxyError> {
        let proxy = self.proxy_for(target)?;
        let host = proxy.host_str().unwrap_or_default();
        let port = proxy.port().map(|port| format!(":{port}"));
        let address = format!("{}://{host}{}", proxy.scheme(), port.unwrap_or_default());
        Some(ProxyError::NoConnection {
            variable: self.variable,
            address: sanitize(&address),
            reason,
        })
    }
}

fn url(text: &str, variable: &'static str) -> Result<Url, ProxyError> {
    let malformed = ProxyError::Malformed(variable);
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    // As in Go, the proxy resolves host names for "socks5" too.
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "socks5" => "socks5h",
        scheme => match SCHEMES.into_iter().find(|known| *known == scheme) {
            Some(known) => known,
            None => return Err(ProxyError::Scheme(variable)),
        },
    };
    match Url::parse(&format!("{scheme}://{rest}")) {
        Ok(url) if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(url),
        _ => Err(malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy_of(variables: &[(&str, &str)]) -> Result<Option<Proxy>, ProxyError> {
        Proxy::from_variables(|variable| {
            let mut variables = variables.iter();
            let found = variables.find(|(name, _)| *name == variable);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn proxy_for(proxy: Option<&Proxy>, target: &str) -> Option<String> {
        let proxy = proxy?.proxy_for(&Url::parse(target).unwrap())?;
        Some(proxy.to_string())
    }

    #[test]
    fn proxy_variables_have_precedence_in_order() {
        for (variables, expected) in [
            (&[][..], None),
            (&[("HTTP_PROXY", "p:1")], None),
            (&[("HTTPS_PROXY", " ")], None),
            (&[("HTTPS_PROXY", "p:1")], Some("http://p:1/")),
            (&[("https_proxy", "https://p:1")], Some("https://p:1/")),
            (&[("ALL_PROXY", "socks5://p:1")], Some("socks5h://p:1")),
            (&[("all_proxy", "SOCKS5H://p:1")], Some("socks5h://p:1")),
            (&[("HTTPS_PROXY", "http://a:b@p")], Some("http://a:b@p/")),
            (
                &[("HTTPS_PROXY", ""), ("https_proxy", "p:1")],
                Some("http://p:1/"),
            ),
            (
                &[("https_proxy", "p:2"), ("HTTPS_PROXY", "p:1")],
                Some("http://p:1/"),
            ),
            (
                &[("ALL_PROXY", "p:2"), ("https_proxy", "p:1")],
                Some("http://p:1/"),
            ),
        ] {
            let proxy = proxy_of(variables).unwrap();
            let proxy_for = proxy_for(proxy.as_ref(), "https://ecs.example");
            assert_eq!(proxy_for.as_deref(), expected, "{variables:?}");
        }
    }

    #[test]
    fn invalid_proxy_is_an_error_without_its_password() {
        for (value, expected) in [
            ("http://", ProxyError::Malformed("HTTPS_PROXY")),
            ("://p:1", ProxyError::Scheme("HTTPS_PROXY")),
            (
                "http://a:goldfish@p:port",
                ProxyError::Malformed("HTTPS_PROXY"),
            ),
            ("goldfish fish", ProxyError::Malformed("HTTPS_PROXY")),
            ("socks4://a:goldfish@p:1", ProxyError::Scheme("HTTPS_PROXY")),
            ("ftp://p", ProxyError::Scheme("HTTPS_PROXY")),
        ] {
            let error = proxy_of(&[("HTTPS_PROXY", value)]).err();
            assert_eq!(error.as_ref(), Some(&expected), "{value}");
            assert!(!expected.to_string().contains("goldfish"));
        }
    }

    #[test]
    fn no_proxy_rules_and_local_hosts_bypass_the_proxy() {
        for (no_proxy, target, is_bypassed) in [
            ("", "https://ecs.example", false),
            ("", "http://ecs.example", true),
            ("", "https://localhost:8443", true),
            ("", "https://127.3.2.1", true),
            ("", "https://[::1]", true),
            ("", "https://[::ffff:127.0.0.1]", true),
            ("*", "https://ecs.example", true),
            ("a, * ,b", "https://ecs.example", true),
            ("ecs.example", "https://ecs.example", true),
            ("ECS.Example", "https://ecs.example", true),
            ("example", "https://ecs.example", true),
            ("ample", "https://ecs.example", false),
            ("ecs.example", "https://a.ecs.example", true),
            (".ecs.example", "https://ecs.example", false),
            (".example", "https://ecs.example", true),
            ("*.example", "https://ecs.example", true),
            ("*.example", "https://example", false),
            ("*ample", "https://ecs.example", false),
            ("ecs.example:443", "https://ecs.example", true),
            ("ecs.example:443", "https://ecs.example:8443", false),
            ("ecs.example:8443", "https://ecs.example:8443", true),
            (".example:8443", "https://ecs.example:8443", true),
            ("ecs.example:port", "https://ecs.example", false),
            (":443", "https://ecs.example", false),
            (",, .", "https://ecs.example", false),
            ("10.1.2.3", "https://10.1.2.3", true),
            ("10.1.2.3", "https://10.1.2.30", false),
            ("10.1.2.3:443", "https://10.1.2.3", true),
            ("10.1.2.3:80", "https://10.1.2.3", false),
            ("10.0.0.0/8", "https://10.1.2.3", true),
            ("10.0.0.0/8", "https://11.1.2.3", false),
            ("10.0.0.0/8", "https://10.example", false),
            ("0.0.0.0/0", "https://ecs.example", false),
            ("fd00::/8", "https://[fd12::1]:8443", true),
            ("fd12::1", "https://[fd12:0::1]", true),
            ("[fd12::1]:8443", "https://[fd12::1]:8443", true),
            ("[fd12::1]:8443", "https://[fd12::1]", false),
        ] {
            for variable in NO_PROXY_VARIABLES {
                let proxy = proxy_of(&[("HTTPS_PROXY", "p:1"), (variable, no_proxy)]).unwrap();
                let proxy_for = proxy_for(proxy.as_ref(), target);
                assert_eq!(proxy_for.is_none(), is_bypassed, "{no_proxy:?} {target}");
            }
        }
    }

    #[test]
    fn proxy_connect_error_is_redacted() {
        let proxy = proxy_of(&[("ALL_PROXY", "http://user:goldfish@p:3128/path")]);
        let proxy = proxy.unwrap().unwrap();
        let connect_error =
            |target| proxy.connect_error(&Url::parse(target).unwrap(), "refused".to_owned());
        assert_eq!(connect_error("https://localhost"), None);
        assert_eq!(
            connect_error("https://ecs.example").unwrap().to_string(),
            "no connection could be made through the proxy http://p:3128, which ALL_PROXY names: \
             refused"
        );
    }
}

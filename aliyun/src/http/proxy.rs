//! The proxy that the environment names, by the rules of Go's net/http.

use std::net::IpAddr;

use reqwest::Url;

use crate::http::no_proxy::Rule;
use crate::text::sanitize;

/// The variables that name a proxy for `https://`, first one first.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables that name what is reached without a proxy, first one first.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Whether the variable of this name says something of proxies.
pub fn is_proxy_var(variable: &str) -> bool {
    VARIABLES.contains(&variable) || NO_PROXY.contains(&variable)
}

/// The schemes of proxies that there are.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A proxy, and what is reached without it.
#[derive(Clone)]
pub struct Proxy {
    /// The variable that names it.
    variable: &'static str,
    /// With the user name and the password, if it asks for them.
    url: Url,
    no_proxy: Vec<Rule>,
}

/// What became of a proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// What the variable says is no proxy. It may hold a password, and is not
    /// debug_quote.
    #[error(
        "{0} names no proxy, which is a host and a port such as \"proxy.example:3128\", with \
         \"http://\", \"https://\" or \"socks5://\" in front if it is not of the first kind"
    )]
    Malformed(&'static str),
    /// The variable names a proxy of another kind.
    #[error(
        "{0} names a proxy of a scheme other than \"http://\", \"https://\", \"socks5://\" and \
         \"socks5h://\""
    )]
    Scheme(&'static str),
    /// No connection came about.
    #[error(
        "no connection could be made through the proxy {address}, which {variable} names: {reason}"
    )]
    NoConnection {
        /// Environment variable that names the proxy.
        variable: &'static str,
        /// Its scheme, host and port.
        address: String,
        /// As the network library says it.
        reason: String,
    },
}

impl Proxy {
    /// The proxy that variables name, which `get` gives the values of.
    ///
    /// # Errors
    ///
    /// When what is named is no proxy.
    pub fn named(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ProxyError> {
        let first = |names: &[&'static str]| {
            let values = names.iter().filter_map(|name| Some((*name, get(name)?)));
            let mut values = values.map(|(name, value)| (name, value.trim().to_owned()));
            values.find(|(_, value)| !value.is_empty())
        };
        let Some((variable, value)) = first(&VARIABLES) else {
            return Ok(None);
        };
        let no_proxy = first(&NO_PROXY).map(|(_, value)| value).unwrap_or_default();
        Ok(Some(Self {
            variable,
            url: url(&value, variable)?,
            no_proxy: no_proxy.split(',').filter_map(Rule::parse).collect(),
        }))
    }

    /// The proxy that the environment names.
    ///
    /// # Errors
    ///
    /// As for [`Proxy::named`].
    pub fn of_environment() -> Result<Option<Self>, ProxyError> {
        Self::named(|name| std::env::var(name).ok())
    }

    /// Where the proxy is, if `target` is to be reached through it.
    pub fn proxy_for(&self, target: &Url) -> Option<&Url> {
        let host = target.host_str()?;
        let port = target.port_or_known_default()?;
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let address = address.map(|address| address.to_canonical());
        let is_here = match address {
            Some(address) => address.is_loopback(),
            None => host == "localhost",
        };
        let is_past = self
            .no_proxy
            .iter()
            .any(|rule| rule.matches(host, address, port));
        (target.scheme() == "https" && !is_here && !is_past).then_some(&self.url)
    }

    /// What failed between here and `target`, if it is the proxy that did.
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
    // As in Go, the proxy resolves host names in both cases.
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

    fn named(variables: &[(&str, &str)]) -> Result<Option<Proxy>, ProxyError> {
        Proxy::named(|asked| {
            let mut variables = variables.iter();
            let found = variables.find(|(name, _)| *name == asked);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn proxy_for(proxy: Option<&Proxy>, target: &str) -> Option<String> {
        let proxy = proxy?.proxy_for(&Url::parse(target).unwrap())?;
        Some(proxy.to_string())
    }

    #[test]
    fn the_first_variable_that_says_something_counts() {
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
            let proxy = named(variables).unwrap();
            let proxy_for = proxy_for(proxy.as_ref(), "https://ecs.example");
            assert_eq!(proxy_for.as_deref(), expected, "{variables:?}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_an_error_that_quotes_nothing() {
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
            let error = named(&[("HTTPS_PROXY", value)]).err();
            assert_eq!(error.as_ref(), Some(&expected), "{value}");
            assert!(!expected.to_string().contains("goldfish"));
        }
    }

    #[test]
    fn what_goes_past_the_proxy() {
        for (no_proxy, target, is_past) in [
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
            for variable in NO_PROXY {
                let proxy = named(&[("HTTPS_PROXY", "p:1"), (variable, no_proxy)]).unwrap();
                let proxy_for = proxy_for(proxy.as_ref(), target);
                assert_eq!(proxy_for.is_none(), is_past, "{no_proxy:?} {target}");
            }
        }
    }

    #[test]
    fn a_proxy_is_blamed_without_its_password() {
        let proxy = named(&[("ALL_PROXY", "http://user:goldfish@p:3128/path")]);
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

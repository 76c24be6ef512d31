//! Proxy settings of the environment, with the rules of Go's `net/http`.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rustls::ClientConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::env::Environment;
use crate::http::error::ConnectError;
use crate::http::executor::resolve;
use crate::http::no_proxy::Rule;
use crate::http::tls::{host, server_name};
use crate::text::sanitize;

/// Environment variables with the proxy for HTTPS, in order of precedence.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Environment variables with hosts that bypass the proxy, in order of precedence.
const NO_PROXY_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Returns true if an environment variable of this name configures the proxy.
pub fn is_proxy_var(variable: &str) -> bool {
    PROXY_VARIABLES.contains(&variable) || NO_PROXY_VARIABLES.contains(&variable)
}

/// Maximum length of the first line of a response to `CONNECT`, in bytes.
const MAX_LINE: u64 = 8 * 1024;

/// A proxy, and the hosts that bypass it.
#[derive(Clone)]
pub(super) struct Proxy {
    /// Environment variable that the proxy comes from.
    variable: &'static str,
    /// Scheme, host and port.
    address: String,
    /// Contains the user name and the password, if any: do not log it.
    url: Url,
    no_proxy: Vec<Rule>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// Error of a proxy or its configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// The value of the variable is not a proxy. It may contain a password and is not quoted.
    #[error("{0} is not a valid proxy address")]
    Invalid(&'static str),
    /// Connecting through the proxy failed.
    #[error(
        "no connection could be made through the proxy {address}, which {variable} names: {error}"
    )]
    Failed {
        /// Environment variable that names the proxy.
        variable: &'static str,
        /// Scheme, host and port of the proxy.
        address: String,
        /// Cause of the failure.
        error: ConnectError,
    },
}

impl Proxy {
    /// Returns the proxy that the environment configures, if any.
    ///
    /// # Errors
    ///
    /// Returns [`ProxyError`] if the value is not a supported proxy URL.
    pub(super) fn of_environment(environment: &Environment) -> Result<Option<Self>, ProxyError> {
        let first = |names: &[&'static str]| {
            let mut names = names.iter();
            names.find_map(|name| Some((*name, environment.exact(name)?.trim())))
        };
        let Some((variable, value)) = first(&PROXY_VARIABLES) else {
            return Ok(None);
        };
        let no_proxy = first(&NO_PROXY_VARIABLES).map_or("", |(_, value)| value);
        let no_proxy = no_proxy.split(',').filter_map(Rule::parse).collect();
        let proxy = Self::parse(value, variable, no_proxy);
        proxy.map(Some).ok_or(ProxyError::Invalid(variable))
    }

    /// Parses `host:port` or a URL. User names and passwords may have any characters, as in
    /// `DOMAIN\user`, and percent encoding.
    fn parse(text: &str, variable: &'static str, no_proxy: Vec<Rule>) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        let (url_scheme, default_port) = match scheme.as_str() {
            "http" => ("http", 80),
            "https" => ("https", 443),
            // As in Go, the proxy resolves host names for "socks5" too.
            "socks5" | "socks5h" => ("socks5h", 1080),
            _ => return None,
        };
        let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        let host = rest.split(['/', '?', '#']).next()?;
        // `Url::parse` accepts an empty port, and decodes percent escapes.
        if host.ends_with(':') || host.contains('%') {
            return None;
        }
        let mut url = Url::parse(&format!("{url_scheme}://{host}")).ok()?;
        let port = url.port().unwrap_or(default_port);
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let address = format!("{scheme}://{host}:{port}");
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        url.set_username(&encode(user)).ok()?;
        url.set_password(Some(&encode(password))).ok()?;
        url.set_port(Some(port)).ok()?;
        Some(Self {
            variable,
            address,
            url,
            no_proxy,
        })
    }

    /// Returns the URL of the proxy for the target of an HTTPS request, with the user name and
    /// the password. Returns `None` if the target bypasses the proxy.
    pub(super) fn url_for(&self, target: &Url) -> Option<&Url> {
        let name = target.host_str()?;
        let port = target.port_or_known_default()?;
        let address = host(target).parse::<IpAddr>().ok();
        let address = address.map(|address| address.to_canonical());
        let is_local = match address {
            Some(address) => address.is_loopback(),
            None => name == "localhost",
        };
        let mut rules = self.no_proxy.iter();
        let is_bypassed = is_local || rules.any(|rule| rule.matches(name, address, port));
        (!is_bypassed).then_some(&self.url)
    }

    /// Connects to the proxy, to learn why reqwest got no tunnel: its errors have no status,
    /// and those of SOCKS no cause. Returns the HTTP status if the proxy refuses.
    ///
    /// # Errors
    ///
    /// If the connection fails, or if the response is not HTTP.
    pub(super) async fn probe(
        &self,
        target: &Url,
        tls: Arc<ClientConfig>,
    ) -> io::Result<Option<u16>> {
        let port = self.url.port_or_known_default().unwrap_or_default();
        let addresses = resolve(host(&self.url).to_owned(), port).await?;
        let stream = TcpStream::connect(&*addresses.collect::<Vec<_>>()).await?;
        let status = match self.url.scheme() {
            "http" => self.request_tunnel(stream, target).await?,
            "https" => {
                let name = server_name(&self.url).map_err(io::Error::other)?;
                let stream = TlsConnector::from(tls).connect(name, stream).await?;
                self.request_tunnel(stream, target).await?
            }
            _ => return Ok(None),
        };
        Ok(Some(status).filter(|status| *status != 200))
    }

    /// Requests a tunnel to the target by `CONNECT`. Returns the HTTP status.
    async fn request_tunnel(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        target: &Url,
    ) -> io::Result<u16> {
        let host = target.host_str().unwrap_or_default();
        let port = target.port_or_known_default().unwrap_or_default();
        let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
        if self.has_user() {
            let (user, password) = self.user_and_password();
            let basic = STANDARD.encode(format!("{user}:{password}"));
            request = format!("{request}Proxy-Authorization: Basic {basic}\r\n");
        }
        request.push_str("\r\n");
        let mut stream = BufReader::new(stream);
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        let mut line = Vec::new();
        stream.take(MAX_LINE).read_until(b'\n', &mut line).await?;
        if line.is_empty() {
            return Err(io::Error::other("it closed the connection"));
        }
        let line = String::from_utf8_lossy(&line);
        let complete = line.strip_suffix('\n');
        let status = complete.and_then(|line| line.strip_prefix("HTTP/1.")?.get(2..5));
        let status = status.and_then(|status| status.parse().ok());
        status.ok_or_else(|| io::Error::other("its response is not HTTP"))
    }

    fn has_user(&self) -> bool {
        self.url.password().is_some() || !self.url.username().is_empty()
    }

    fn user_and_password(&self) -> (String, String) {
        let password = self.url.password().unwrap_or_default();
        (decode(self.url.username()), decode(password))
    }

    /// Returns the error of a failed connection.
    pub(super) fn failed(&self, error: ConnectError) -> ProxyError {
        ProxyError::Failed {
            variable: self.variable,
            address: sanitize(&self.address),
            error,
        }
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Encodes a user name or a password that may already have percent encoding.
fn encode(text: &str) -> String {
    utf8_percent_encode(&decode(text), NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy_of(variables: &[(&str, &str)]) -> Result<Option<Proxy>, ProxyError> {
        let variables = variables.iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        Proxy::of_environment(&Environment::new(variables, None))
    }

    #[test]
    fn proxy_variables_have_precedence_in_order() {
        for (variables, expected) in [
            (&[][..], None),
            (&[("HTTP_PROXY", "p:1")], None),
            (&[("HTTPS_PROXY", " ")], None),
            (&[("HTTPS_PROXY", "p:1")], Some("http://p:1")),
            (&[("HTTPS_PROXY", "[::1]:1")], Some("http://[::1]:1")),
            (&[("https_proxy", "https://p")], Some("https://p:443")),
            (&[("HTTPS_PROXY", "http://p/path")], Some("http://p:80")),
            (&[("ALL_PROXY", "socks5://p:1")], Some("socks5://p:1")),
            (&[("all_proxy", "SOCKS5H://p")], Some("socks5h://p:1080")),
            (
                &[("HTTPS_PROXY", ""), ("https_proxy", "p:1")],
                Some("http://p:1"),
            ),
            (
                &[("https_proxy", "p:2"), ("HTTPS_PROXY", "p:1")],
                Some("http://p:1"),
            ),
            (
                &[("ALL_PROXY", "p:2"), ("https_proxy", "p:1")],
                Some("http://p:1"),
            ),
        ] {
            let proxy = proxy_of(variables).unwrap();
            let address = proxy.map(|proxy| proxy.address);
            assert_eq!(address.as_deref(), expected, "{variables:?}");
        }
    }

    #[test]
    fn user_and_password_of_proxy_may_have_any_characters() {
        for (value, expected) in [
            ("p:1", ("", "")),
            ("user@p:1", ("user", "")),
            ("http://user:@p", ("user", "")),
            ("http://DOMAIN\\user:a:b@p", ("DOMAIN\\user", "a:b")),
            ("socks5://u%40x:p%3A%2541@p", ("u@x", "p:%41")),
            ("http://u:/p@a?#@p", ("u", "/p@a?#")),
        ] {
            let proxy = proxy_of(&[("HTTPS_PROXY", value)]).unwrap().unwrap();
            let (user, password) = proxy.user_and_password();
            assert_eq!((&*user, &*password), expected, "{value}");
            assert!(!proxy.address.contains('@'));
        }
    }

    #[test]
    fn invalid_proxy_is_an_error() {
        for value in [
            "http://",
            "://p:1",
            "http://a:goldfish@p:port",
            "http://a:goldfish@",
            "p:",
            "p:65536",
            "http://%70:1",
            "goldfish fish",
            "socks4://a:goldfish@p:1",
            "ftp://p",
        ] {
            let error = proxy_of(&[("HTTPS_PROXY", value)]).err();
            assert_eq!(error, Some(ProxyError::Invalid("HTTPS_PROXY")), "{value}");
        }
    }

    #[test]
    fn no_proxy_rules_and_local_hosts_bypass_the_proxy() {
        for (no_proxy, target, is_bypassed) in [
            ("", "https://ecs.example", false),
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
                let target = target.parse().unwrap();
                let url = proxy.as_ref().unwrap().url_for(&target);
                assert_eq!(url.is_none(), is_bypassed, "{no_proxy:?} {target}");
            }
        }
    }

    #[test]
    fn proxy_error_has_no_user_and_path() {
        let proxy = proxy_of(&[("ALL_PROXY", "http://user:goldfish@p:3128/path")]);
        let error = proxy
            .unwrap()
            .unwrap()
            .failed(ConnectError::Refused { status: 407 });
        assert_eq!(
            error.to_string(),
            "no connection could be made through the proxy http://p:3128, which ALL_PROXY names: \
             it responds with HTTP 407"
        );
    }

    #[tokio::test]
    async fn status_of_connect_response_is_read() {
        const LIMIT: usize = 8 * 1024;
        for (response, expected) in [
            ("HTTP/1.1 200 Connection established\r\n\r\nTLS", Some(200)),
            ("HTTP/1.0 407 Who\r\nA: b\r\n\r\n", Some(407)),
            ("HTTP/1.1 200", None),
            (&format!("HTTP/1.1 200 {}", "a".repeat(LIMIT)), None),
            ("HTTP/1.1 ", None),
            ("\u{fffd}\u{fffd}\u{fffd}\u{fffd}\r\n\r\n", None),
        ] {
            let proxy = proxy_of(&[("ALL_PROXY", "a%20b:c@p")]).unwrap().unwrap();
            let (client, mut server) = tokio::io::duplex(2 * LIMIT);
            server.write_all(response.as_bytes()).await.unwrap();
            let target = "https://ecs.example".parse().unwrap();
            let request = async {
                let mut request = [0; 1024];
                let length = server.read(&mut request).await.unwrap();
                drop(server);
                String::from_utf8(request[..length].to_vec()).unwrap()
            };
            let (status, request) = tokio::join!(proxy.request_tunnel(client, &target), request);
            assert_eq!(status.ok(), expected, "{response}");
            assert_eq!(
                request,
                "CONNECT ecs.example:443 HTTP/1.1\r\nHost: ecs.example:443\r\n\
                 Proxy-Authorization: Basic YSBiOmM=\r\n\r\n"
            );
        }
    }
}

//! HTTP to services on the same machine or next to it, for reqsign's providers.

use std::time::Duration;

use bytes::Bytes;
use reqsign_core::{HttpSend, Result};
use reqwest::redirect::Policy;
use tokio::sync::OnceCell;

use super::Reason;
use crate::swas::error::presentable;
use crate::swas::transport::reason;

/// The longest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Sends plain requests to a service that hands out credentials.
///
/// An answer with any status but 200 is an error here: reqsign would put its
/// body into a message, and nobody knows what is in there.
#[derive(Debug)]
pub(super) struct LocalHttp {
    connect_timeout: Duration,
    through_proxy: bool,
    /// Why no connection came about. Those who are not there now are not asked
    /// again.
    unreachable: OnceCell<Reason>,
    http: OnceCell<reqwest::Client>,
}

impl LocalHttp {
    /// Connects directly: a proxy would read the credentials.
    pub(super) fn direct(connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            through_proxy: false,
            unreachable: OnceCell::new(),
            http: OnceCell::new(),
        }
    }

    /// Connects through the proxy that the environment names, if any, for
    /// requests that it cannot read.
    pub(super) fn through_proxy(connect_timeout: Duration) -> Self {
        Self {
            through_proxy: true,
            ..Self::direct(connect_timeout)
        }
    }

    async fn http(&self) -> std::result::Result<&reqwest::Client, reqwest::Error> {
        let build = || async {
            let builder = reqwest::Client::builder()
                .connect_timeout(self.connect_timeout)
                .redirect(Policy::none())
                .referer(false);
            if self.through_proxy {
                builder.build()
            } else {
                builder.no_proxy().build()
            }
        };
        self.http.get_or_try_init(build).await
    }

    async fn send(
        &self,
        request: http::Request<Bytes>,
        address: &str,
    ) -> std::result::Result<http::Response<Bytes>, Reason> {
        let problem = |problem: String| Reason::Http {
            address: address.to_owned(),
            problem,
        };
        let failed = |error: reqwest::Error| match (error.is_connect(), error.is_timeout()) {
            (true, true) => {
                let limit = self.connect_timeout.as_millis();
                problem(format!("accepted no connection within {limit} ms"))
            }
            (true, false) => problem(format!("cannot be connected to: {}", reason(&error))),
            _ => problem(format!("gave no answer: {}", reason(&error))),
        };
        if let Some(reason) = self.unreachable.get() {
            return Err(reason.clone());
        }
        let client = self.http().await.map_err(failed)?;
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let answer = client.execute(request).await;
        let mut answer = answer.map_err(|error| {
            let is_connect = error.is_connect();
            let reason = failed(error);
            if is_connect {
                // Another request may have said so already.
                let _ = self.unreachable.set(reason.clone());
            }
            reason
        })?;
        if answer.status() != reqwest::StatusCode::OK {
            let status = answer.status().as_u16();
            return Err(problem(format!("answered with HTTP {status}")));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(problem("gave an answer of more than 1 MiB".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(http::Response::new(body.into()))
    }
}

impl HttpSend for LocalHttp {
    async fn http_send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let address = address(request.uri());
        Ok(self.send(request, &address).await?)
    }
}

/// The address without what may be secret: a user name, a password, a query.
pub(super) fn address(uri: &http::Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or("http");
    presentable(&format!("{scheme}://{host}{}", uri.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let uri = "http://user:goldfish@127.0.0.1:80/a/b?token=goldfish"
            .parse()
            .unwrap();
        assert_eq!(address(&uri), "http://127.0.0.1:80/a/b");
    }
}

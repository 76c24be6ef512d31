//! What the log tells of a call.

use std::time::Instant;

use crate::rpc::error::{Failed, Failure};
use crate::rpc::exchange::Content;
use crate::rpc::region::RegionId;

/// Which attempt at a call it is, and for how many reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallInfo {
    /// From 1.
    pub number: u32,
    /// How many reads the response serves, as far as is known when it is sent.
    pub reads: usize,
}

/// What is known of a call before it is made.
pub struct About<'a> {
    pub action: &'static str,
    /// The region that it asks about, if it asks about one.
    pub region: Option<&'a RegionId>,
    pub host: String,
    /// As it may be shown, where it is known who calls.
    pub access_key_id: Option<&'a str>,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// How many reads the answer serves, where reads share calls.
    pub reads: Option<usize>,
}

/// Writes one line when a call is over, and also when it is dropped because
/// nobody waits for it any more.
pub struct CallLog<'a> {
    about: About<'a>,
    began: Instant,
    told: Told,
}

#[derive(Default)]
struct Told {
    status: Option<u16>,
    code: Option<String>,
    request_id: Option<String>,
    error: Option<String>,
}

impl<'a> CallLog<'a> {
    /// The call is made now.
    pub fn begin(about: About<'a>) -> Self {
        Self {
            about,
            began: Instant::now(),
            told: Told {
                error: Some("cancelled: nobody waits for the answer any more".to_owned()),
                ..Told::default()
            },
        }
    }

    /// The call is over.
    pub fn end<T>(mut self, answer: &Result<Content<T>, Failed>) {
        self.told = match answer {
            Ok(answer) => Told {
                status: Some(answer.status),
                request_id: answer.request_id.clone(),
                ..Told::default()
            },
            Err(Failed { failure, .. }) => match failure {
                Failure::Api(error) => Told {
                    status: Some(error.status),
                    code: Some(error.code.clone()),
                    request_id: Some(error.request_id.clone()),
                    error: None,
                },
                failure => Told {
                    status: failure.status(),
                    error: Some(failure.to_string()),
                    ..Told::default()
                },
            },
        };
    }
}

impl Drop for CallLog<'_> {
    fn drop(&mut self) {
        let Self { about, told, .. } = self;
        tracing::debug!(
            action = about.action,
            region = about.region.map(RegionId::as_str),
            host = about.host,
            access_key_id = about.access_key_id,
            attempt = about.attempt,
            reads = about.reads,
            ms = self.began.elapsed().as_secs_f64() * 1000.0,
            status = told.status,
            code = told.code,
            request_id = told.request_id,
            error = told.error,
            "called the API"
        );
    }
}

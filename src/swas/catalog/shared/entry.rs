//! Entries: their keys, and their form in a file.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::directory::Directory;
use crate::swas::operations::Share;
use aliyun::client::Operation;
use aliyun::http::client::MAX_BODY;
use aliyun::rpc::endpoint::Endpoint;
use aliyun::rpc::json;
use aliyun::rpc::signature::sha256;

/// Version of the format of entries. Part of each key, so that versions of the provider
/// share a directory.
const FORMAT: u32 = 1;

/// Keys of the entries about an operation.
#[derive(Clone, Debug)]
pub struct Keys {
    /// `None` if the response is not shared.
    pub(super) response: Option<Key>,
    pub(super) throttle: Key,
}

/// Key of an entry.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// Digest of everything that the entry depends on, in hexadecimal.
    pub(super) digest: String,
    /// The part of it that readers of the file may see.
    subject: Value,
}

/// The first line of an entry. The body follows.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: u32,
    key: String,
    subject: Value,
    /// Time of the request, in milliseconds since 1970.
    sent: u64,
    /// SHA-256 digest of the body.
    sha256: String,
}

impl Keys {
    /// Returns the keys for an operation at its endpoint. The other endpoint stands for those
    /// of all regions, which share a quota. `identity` is that of the credentials.
    pub fn new<O: Share>(operation: &O, endpoints: [Endpoint; 2], identity: &str) -> Self {
        let action = O::ACTION;
        let [endpoint, all_endpoints] = endpoints.map(|it| it.to_string());
        let parameters = operation.parameters();
        let request = json!({"action": action, "endpoint": endpoint, "parameters": parameters});
        let throttling = json!({"throttling of": action, "endpoint": all_endpoints});
        Self {
            response: (operation.is_shared()).then(|| Key::new(identity, request)),
            throttle: Key::new(identity, throttling),
        }
    }
}

impl Key {
    fn new(identity: &str, subject: Value) -> Self {
        // The structure of JSON keeps the parts apart.
        let parts = json!([FORMAT, identity, subject]).to_string();
        Self {
            digest: sha256(parts),
            subject,
        }
    }

    /// Reads the body of the entry, if it is undamaged and at most `max_age` old. Returns its
    /// age too.
    pub(super) fn read(
        &self,
        directory: &Directory,
        max_age: Duration,
    ) -> Option<(Duration, Vec<u8>)> {
        let content = directory.read(&self.digest, MAX_BODY)?;
        self.parse(content, max_age)
    }

    fn parse(&self, mut content: Vec<u8>, max_age: Duration) -> Option<(Duration, Vec<u8>)> {
        let end = content.iter().position(|byte| *byte == b'\n')?;
        let body = content.split_off(end + 1);
        let header: Header = json::read(&content).ok()?;
        // The age of an entry from the future is unknown.
        let age = since_1970(SystemTime::now()).checked_sub(Duration::from_millis(header.sent))?;
        let is_valid = header.format == FORMAT
            && header.key == self.digest
            && age <= max_age
            && header.sha256 == sha256(&body);
        is_valid.then_some((age, body))
    }

    /// Returns the content of an entry.
    pub(super) fn content(&self, sent: SystemTime, body: &[u8]) -> io::Result<Vec<u8>> {
        let header = Header {
            format: FORMAT,
            key: self.digest.clone(),
            subject: self.subject.clone(),
            sent: u64::try_from(since_1970(sent).as_millis()).unwrap_or_default(),
            sha256: sha256(body),
        };
        let mut content = serde_json::to_vec(&header)?;
        content.push(b'\n');
        content.extend(body);
        Ok(content)
    }

    /// Returns for how long the API throttles, from an entry about throttling. Its body is the
    /// number of milliseconds from the time of the entry.
    pub(super) fn throttled_for(&self, directory: &Directory) -> Option<Duration> {
        let (age, body) = self.read(directory, Duration::MAX)?;
        let wait = str::from_utf8(&body).ok()?.parse().ok()?;
        Duration::from_millis(wait).checked_sub(age)
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Decodes and validates the body of an entry.
pub(super) fn decode<O: Operation>(operation: &O, body: &[u8]) -> Option<O::Output> {
    let output = O::into_output(json::read(body).ok()?);
    operation.check(&output).ok()?;
    Some(output)
}

/// Reads `data` as an entry, and as the body of an undamaged entry. A response that is stored
/// and read again must be the same.
pub fn fuzz_entry<O: Share>(operation: &O, data: &[u8]) {
    let key = Key::new("", O::ACTION.into());
    let parse = |content| key.parse(content, Duration::MAX);
    let decode = |body: Option<(_, Vec<u8>)>| decode(operation, &body?.1);
    let _ = decode(parse(data.to_vec()));
    let Ok(content) = key.content(UNIX_EPOCH, data) else {
        return;
    };
    let Some(output) = decode(parse(content)) else {
        return;
    };
    let body = operation.shared_body(&output);
    let again = body.as_ref().and_then(|body| self::decode(operation, body));
    let body_again = again.and_then(|output| operation.shared_body(&output));
    assert_eq!(body, body_again);
}

//! A minimal API client on one connection: the baseline of a call without a provider.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use swas_testing::emulator::signature::{percent_encode, sign, string_to_sign};
use swas_testing::emulator::{Emulator, Options};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Result;
use super::scenario::REGION;

/// A connection to the emulator.
pub struct ApiClient {
    stream: BufReader<TcpStream>,
    calls: u64,
}

impl ApiClient {
    pub fn connect(emulator: &Emulator) -> Result<Self> {
        let stream = TcpStream::connect(emulator.address())?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            calls: 0,
        })
    }

    /// Lists the images of the region. Returns the time from the first byte sent to the
    /// last byte received.
    pub fn list_images(&mut self) -> Result<Duration> {
        self.calls += 1;
        let body = form(self.calls)?;
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let begin = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let response = self.read_response()?;
        let elapsed = begin.elapsed();
        if !response.contains("\"Images\"") {
            return Err(format!("unexpected response: {response}").into());
        }
        Ok(elapsed)
    }

    fn read_response(&mut self) -> Result<String> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(String::from_utf8(body)?)
    }
}

/// The form of a signed call.
fn form(nonce: u64) -> Result<String> {
    let options = Options::default();
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let mut parameters: BTreeMap<String, String> = [
        ("AccessKeyId", options.access_key_id),
        ("Action", "ListImages".to_owned()),
        ("Format", "JSON".to_owned()),
        ("RegionId", REGION.to_owned()),
        ("SignatureMethod", "HMAC-SHA1".to_owned()),
        ("SignatureNonce", nonce.to_string()),
        ("SignatureVersion", "1.0".to_owned()),
        ("Timestamp", OffsetDateTime::now_utc().format(&format)?),
        ("Version", "2020-06-01".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let text = string_to_sign("POST", &parameters);
    let signature = sign(&options.access_key_secret, &text);
    parameters.insert("Signature".to_owned(), signature);
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", percent_encode(value)))
        .collect();
    Ok(pairs.join("&"))
}

//! Where fuzzers enter.

use std::ffi::OsString;

use super::environment::ClientEnvironment;
use super::logging;

/// Reads an environment of lines `NAME=value` as that of the client.
pub fn environment(data: &[u8]) {
    let variable = |name: &str| {
        let mut lines = data.split(|byte| *byte == b'\n');
        lines.find_map(|line| {
            let value = line.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(OsString::from(String::from_utf8_lossy(value).into_owned()))
        })
    };
    let cookie = ("COOKIE", "cookie");
    if let Ok(client) = ClientEnvironment::read(cookie, &[5, 6], variable) {
        assert!([5, 6].contains(&client.protocol));
        let asked = variable("PLUGIN_CLIENT_CERT").is_some_and(|value| !value.is_empty());
        assert_eq!(
            client.certificate.is_some(),
            asked,
            "plaintext is asked for"
        );
    }
    logging::level(&["LOG"], |name| variable(name)?.into_string().ok());
}

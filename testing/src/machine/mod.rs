//! An isolated test machine: an emulator, an environment with a home directory, and
//! a provider block.

pub mod files;
pub mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::emulator::{Emulator, Options, Request};
use crate::network::{ConnectProxy, TlsFront};
use crate::secrets::leak;

/// A URL without a listener: connections are refused immediately.
pub const CLOSED_ENDPOINT: &str = "http://127.0.0.1:1";

/// The variable with the endpoint of the ECS metadata service.
pub const METADATA: &str = "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT";

/// The prefix of the environment variables of the provider.
pub const ENV_PREFIX: &str = "ALIBABA_CLOUD_";

/// The ARN of an OIDC provider in the account.
pub const OIDC_PROVIDER: &str = "acs:ram::1234567890123456:oidc-provider/test";

/// A part of every secret. No output may contain it.
pub const SECRET: &str = "swordfish";

/// The permanent keys of the emulator. [`secret`] derives their secrets.
const KEYS: [&str; 7] = [
    "LTAIblock",
    "LTAIenv",
    "LTAIcurrent",
    "LTAIother",
    "LTAIfile",
    "LTAIcli",
    "LTAIini",
];

/// The OIDC token that the emulator accepts.
pub const OIDC_TOKEN: &str = "swordfish-token";

/// The security token of the temporary key `STS.static`. It looks like a media type.
pub const TOKEN: &str = "goldfish+/static";

/// The secret of a key. It contains characters that encodings change.
pub fn secret(access_key_id: &str) -> String {
    format!("{SECRET}+/{access_key_id}=")
}

/// The ARN of a role in the account.
pub fn role(name: &str) -> String {
    format!("acs:ram::1234567890123456:role/{name}")
}

/// A CLI profile with an access key.
pub fn profile(name: &str, key: &str) -> Value {
    json!({
        "name": name, "mode": "AK", "access_key_id": key, "access_key_secret": secret(key),
        "region_id": "us-west-1",
    })
}

/// An emulator, an environment with a home directory, and a provider block.
pub struct Machine {
    /// The API and all credentials services.
    pub emulator: Emulator,
    home: TempDir,
    environment: BTreeMap<String, String>,
    block: Map<String, Value>,
}

impl Machine {
    /// Creates a machine with a region and the emulator's endpoints. The metadata
    /// service is unreachable.
    ///
    /// # Errors
    ///
    /// Fails if the emulator cannot start or the home directory cannot be created.
    pub fn new() -> io::Result<Self> {
        let emulator = Emulator::start(Options {
            oidc_token: OIDC_TOKEN.to_owned(),
            access_token: format!("{SECRET}-access"),
            ..Options::default()
        })?;
        for key in KEYS {
            emulator.add_key(key, &secret(key), None);
        }
        emulator.add_key("STS.static", &secret("STS.static"), Some(TOKEN));
        let home = tempfile::tempdir()?;
        let url = emulator.url();
        let machine = Self {
            emulator,
            home,
            environment: BTreeMap::new(),
            block: Map::new(),
        };
        Ok(machine
            .env("ALIBABA_CLOUD_REGION", "cn-hangzhou")
            .env("ALIBABA_CLOUD_SWAS_ENDPOINT", &url)
            .env("ALIBABA_CLOUD_STS_ENDPOINT", &url)
            .env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "")
            .env(METADATA, CLOSED_ENDPOINT))
    }

    /// Creates a machine with a key in the environment.
    ///
    /// # Errors
    ///
    /// Fails like [`Machine::new`].
    pub fn with_key() -> io::Result<Self> {
        Ok(Self::new()?.key_in_environment("LTAIenv"))
    }

    /// Sets the access key in the environment.
    #[must_use]
    pub fn key_in_environment(self, key: &str) -> Self {
        self.env("ALIBABA_CLOUD_ACCESS_KEY_ID", key)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret(key))
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().to_owned();
        self.environment.insert(name.to_owned(), value);
        self
    }

    /// The environment variables, without `HOME`.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The provider block.
    pub fn block(&self) -> Value {
        self.block.clone().into()
    }

    /// Sets an argument of the provider block.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.block.insert(name.to_owned(), value.into());
        self
    }

    /// Sets `assume_role` in the provider block.
    #[must_use]
    pub fn assume(self, name: &str) -> Self {
        self.set("assume_role", json!([{"role_arn": role(name)}]))
    }

    /// Returns whether the provider block has the argument.
    pub fn has(&self, name: &str) -> bool {
        self.block.contains_key(name)
    }

    /// Replaces the prefix of the variables that are set and for which `is_included` returns true.
    #[must_use]
    pub fn with_env_prefix(mut self, prefix: &str, is_included: impl Fn(&str) -> bool) -> Self {
        let renamed = |(name, value): (String, String)| match name.strip_prefix(ENV_PREFIX) {
            Some(rest) if !value.is_empty() && is_included(&name) => {
                (format!("{prefix}{rest}"), value)
            }
            _ => (name, value),
        };
        self.environment = self.environment.into_iter().map(renamed).collect();
        self
    }

    /// Makes the metadata service reachable.
    #[must_use]
    pub fn ecs(self) -> Self {
        let url = self.emulator.url();
        self.env(METADATA, url)
    }

    /// Serves the emulator as `https://host`, through a proxy and with a trusted
    /// certificate authority.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    #[must_use]
    pub fn https(self, host: &str) -> Self {
        let front = TlsFront::start(host, self.emulator.address()).expect("a port");
        let proxy = ConnectProxy::start(front.address).expect("a port");
        let authority = self.path("authority.pem");
        self.file("authority.pem", &front.authority)
            .env("SSL_CERT_FILE", authority)
            .env("HTTPS_PROXY", format!("http://{}", proxy.address))
    }

    /// The path of a file in the home directory.
    pub fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    /// Writes a file in the home directory.
    ///
    /// # Panics
    ///
    /// Panics if the file cannot be written.
    #[must_use]
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let file = self.home.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text.as_ref()).expect("a file");
        self
    }

    /// Writes the CLI's configuration file.
    #[must_use]
    pub fn cli_file(self, current: &str, profiles: &Value) -> Self {
        let text = json!({"current": current, "profiles": profiles}).to_string();
        self.file(".aliyun/config.json", text)
    }

    /// The access key IDs of the calls of an action, in order.
    pub fn keys_of(&self, action: &str) -> Vec<String> {
        let calls = self.calls(action).into_iter();
        calls
            .map(|call| call.access_key_id().unwrap_or_default().to_owned())
            .collect()
    }

    /// The requests for an action, in order.
    pub fn calls(&self, action: &str) -> Vec<Request> {
        let requests = self.emulator.requests().into_iter();
        requests
            .filter(|request| request.action() == action)
            .collect()
    }

    /// Asserts that a text contains no secret, in any encoding.
    ///
    /// # Panics
    ///
    /// Panics if the text contains a secret.
    pub fn assert_secrets_kept(&self, text: &str) {
        let mut secrets = self.emulator.secrets();
        secrets.push(SECRET.to_owned());
        assert_eq!(leak(text, &secrets), None, "in: {text}");
    }
}

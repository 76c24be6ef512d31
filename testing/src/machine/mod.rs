//! A machine with nothing on it but what a test puts there: an endpoint, an
//! environment with a home directory, and a provider block.

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

/// Where nothing listens, so that connecting fails at once.
pub const CLOSED_ENDPOINT: &str = "http://127.0.0.1:1";

/// Where the provider looks for the metadata service of an ECS instance.
pub const METADATA: &str = "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT";

/// An OIDC provider of the account.
pub const OIDC_PROVIDER: &str = "acs:ram::1234567890123456:oidc-provider/test";

/// A part of everything that no text may show.
pub const SECRET: &str = "swordfish";

/// The permanent keys that the emulator knows. The secret of each is made by
/// [`secret`].
const KEYS: [&str; 7] = [
    "LTAIblock",
    "LTAIenv",
    "LTAIcurrent",
    "LTAIother",
    "LTAIfile",
    "LTAIcli",
    "LTAIini",
];

/// The OIDC token that the emulator takes.
pub const OIDC_TOKEN: &str = "swordfish-token";

/// The token of the temporary key `STS.static`. It would pass for a media type.
pub const TOKEN: &str = "goldfish+/static";

/// The secret of a key. It has characters that change in encodings.
pub fn secret(access_key_id: &str) -> String {
    format!("{SECRET}+/{access_key_id}=")
}

/// A role of the account, by its name.
pub fn role(name: &str) -> String {
    format!("acs:ram::1234567890123456:role/{name}")
}

/// A profile of plain keys.
pub fn profile(name: &str, key: &str) -> Value {
    json!({
        "name": name, "mode": "AK", "access_key_id": key, "access_key_secret": secret(key),
        "region_id": "us-west-1",
    })
}

/// An emulator, an environment with a home directory, and a provider block.
pub struct Machine {
    /// Every service there is.
    pub emulator: Emulator,
    home: TempDir,
    environment: BTreeMap<String, String>,
    block: Map<String, Value>,
}

impl Machine {
    /// Nothing but a region and the emulator's endpoints. The metadata service is
    /// somewhere else, and not there.
    ///
    /// # Errors
    ///
    /// When there is no port or no folder.
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

    /// The same with a key in the environment.
    ///
    /// # Errors
    ///
    /// As [`Machine::new`].
    pub fn with_key() -> io::Result<Self> {
        Ok(Self::new()?.key_in_environment("LTAIenv"))
    }

    /// The same with this key in the environment.
    #[must_use]
    pub fn key_in_environment(self, key: &str) -> Self {
        self.env("ALIBABA_CLOUD_ACCESS_KEY_ID", key)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret(key))
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().to_owned();
        self.environment.insert(name.to_owned(), value);
        self
    }

    /// The environment, without the home directory.
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

    /// Has a role assumed.
    #[must_use]
    pub fn assume(self, name: &str) -> Self {
        self.set("assume_role", json!([{"role_arn": role(name)}]))
    }

    /// Whether the provider block has an argument.
    pub fn has(&self, name: &str) -> bool {
        self.block.contains_key(name)
    }

    /// Puts the metadata service there.
    #[must_use]
    pub fn ecs(self) -> Self {
        let url = self.emulator.url();
        self.env(METADATA, url)
    }

    /// Puts the emulator where `host` is, behind a proxy and an authority that is
    /// trusted.
    ///
    /// # Panics
    ///
    /// When there is no port.
    #[must_use]
    pub fn https(self, host: &str) -> Self {
        let front = TlsFront::start(host, self.emulator.address()).expect("a port");
        let proxy = ConnectProxy::start(front.address).expect("a port");
        let authority = self.path("authority.pem");
        self.file("authority.pem", &front.authority)
            .env("SSL_CERT_FILE", authority)
            .env("HTTPS_PROXY", format!("http://{}", proxy.address))
    }

    /// The path of a file below the home directory.
    pub fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    /// Writes a file below the home directory.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    #[must_use]
    pub fn file(self, name: &str, text: impl AsRef<str>) -> Self {
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

    /// The keys with which an action was called, one for each call.
    pub fn keys_of(&self, action: &str) -> Vec<String> {
        let calls = self.calls(action).into_iter();
        calls
            .map(|call| call.parameter("AccessKeyId").unwrap_or_default().to_owned())
            .collect()
    }

    /// The calls of an action.
    pub fn calls(&self, action: &str) -> Vec<Request> {
        let requests = self.emulator.requests().into_iter();
        requests
            .filter(|request| request.action() == action)
            .collect()
    }

    /// Nothing secret is in a text, in whatever form.
    ///
    /// # Panics
    ///
    /// When something is.
    pub fn assert_secrets_kept(&self, text: &str) {
        let mut secrets = self.emulator.secrets();
        secrets.push(SECRET.to_owned());
        assert_eq!(leak(text, &secrets), None, "in: {text}");
    }
}

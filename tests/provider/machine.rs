//! A machine with nothing on it but what a test puts there.

use std::fs;

use serde_json::{Map, Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Emulator, Options, Request};
use swas_testing::network::{ConnectProxy, TlsFront};
use swas_testing::plugin_client::Start;
use swas_testing::running_provider::{Result, RunningProvider};
use swas_testing::secrets::leak;
use tempfile::TempDir;

use crate::support::{configure, start, state, told};

/// Where nothing listens, so that connecting fails at once.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// Where the provider looks for the metadata service of an ECS instance.
pub const METADATA: &str = "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT";

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
    pub emulator: Emulator,
    home: TempDir,
    start: Start,
    block: Map<String, Value>,
}

impl Machine {
    /// Nothing but a region, the emulator's endpoints, and the most talkative
    /// log, since what must not be seen must not be there either. The metadata
    /// service is somewhere else, and not there.
    pub fn new() -> Result<Self> {
        let emulator = Emulator::start(Options {
            oidc_token: format!("{SECRET}-token"),
            access_token: format!("{SECRET}-access"),
            ..Options::default()
        })?;
        for key in KEYS {
            emulator.add_key(key, &secret(key), None);
        }
        emulator.add_key("STS.static", &secret("STS.static"), Some(TOKEN));
        let home = tempfile::tempdir()?;
        let start = start()
            .env("TF_LOG", "TRACE")
            .env("HOME", home.path())
            .env("ALIBABA_CLOUD_REGION", "cn-hangzhou")
            .env("ALIBABA_CLOUD_SWAS_ENDPOINT", emulator.url())
            .env("ALIBABA_CLOUD_STS_ENDPOINT", emulator.url())
            .env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "")
            .env(METADATA, NOBODY);
        Ok(Self {
            emulator,
            home,
            start,
            block: Map::new(),
        })
    }

    /// The same with a key in the environment.
    pub fn with_key() -> Result<Self> {
        Ok(Self::new()?.key_in_environment("LTAIenv"))
    }

    pub fn key_in_environment(self, key: &str) -> Self {
        self.env("ALIBABA_CLOUD_ACCESS_KEY_ID", key)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret(key))
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.start = self.start.env(name, value.as_ref());
        self
    }

    /// Sets an argument of the provider block.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.block.insert(name.to_owned(), value.into());
        self
    }

    /// Has a role assumed.
    pub fn assume(self, name: &str) -> Self {
        self.set("assume_role", json!([{"role_arn": role(name)}]))
    }

    /// Whether the provider block has an argument.
    pub fn has(&self, name: &str) -> bool {
        self.block.contains_key(name)
    }

    /// Puts the metadata service there.
    pub fn ecs(self) -> Self {
        let url = self.emulator.url();
        self.env(METADATA, url)
    }

    /// Puts the emulator where `host` is, behind a proxy and an authority that is
    /// trusted.
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
    pub fn file(self, name: &str, text: impl AsRef<str>) -> Self {
        let file = self.home.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text.as_ref()).expect("a file");
        self
    }

    /// Writes the CLI's configuration file.
    pub fn cli_file(self, current: &str, profiles: &Value) -> Self {
        let text = json!({"current": current, "profiles": profiles}).to_string();
        self.file(".aliyun/config.json", text)
    }

    /// Starts a provider here and configures it.
    pub async fn start(&self) -> Result<RunningProvider> {
        let provider = RunningProvider::start(self.start.clone()).await?;
        self.configure(&provider).await?;
        Ok(provider)
    }

    /// Configures a provider, which then knows nothing of earlier calls.
    pub async fn configure(&self, provider: &RunningProvider) -> Result<()> {
        configure(provider, &self.block.clone().into()).await
    }

    /// What a user is told of a provider block that is not accepted.
    pub async fn refusal(&self) -> Result<String> {
        let provider = RunningProvider::start(self.start.clone()).await?;
        let text = shown(&provider.configure(&self.block.clone().into()).await?);
        self.assert_secrets_kept(&text);
        Ok(text)
    }

    /// What a user is told by a read of images that has to fail.
    pub async fn told(&self) -> Result<String> {
        let provider = self.start().await?;
        let text = told(&provider, &json!({})).await?;
        self.assert_secrets_kept(&text);
        self.assert_secrets_kept(&provider.end().await?);
        Ok(text.replace(&self.path(""), "HOME/"))
    }

    /// The ID of the key that images are listed with by a read that has to
    /// succeed.
    pub async fn key(&self) -> Result<String> {
        let provider = self.start().await?;
        state(&provider, &json!({})).await?;
        self.assert_secrets_kept(&provider.end().await?);
        match &self.keys_of("ListImages")[..] {
            [key] => Ok(key.clone()),
            keys => Err(format!("images were listed with {keys:?}").into()),
        }
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
    pub fn assert_secrets_kept(&self, text: &str) {
        let mut secrets = self.emulator.secrets();
        secrets.push(SECRET.to_owned());
        assert_eq!(leak(text, &secrets), None, "in: {text}");
    }
}

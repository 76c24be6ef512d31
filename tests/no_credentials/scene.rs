//! A provider without credentials, with a home directory and an emulator.

use std::fs;

use rmpv::Value;
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::{Emulator, Options};
use swas_testing::plugin_client::Start;
use swas_testing::plugin_client::values::object;
use swas_testing::running_provider::{Result, RunningProvider};
use tempfile::TempDir;

use crate::golden::assert_golden;

/// Stands for everything that no text may show.
pub const SECRET: &str = "swordfish";

/// Where nothing listens.
pub const NOBODY: &str = "http://127.0.0.1:1";

pub type Block = Vec<(&'static str, Value)>;

pub struct Scene {
    pub emulator: Emulator,
    home: TempDir,
    start: Start,
    block: Block,
}

impl Scene {
    /// Nothing but a region and the emulator's endpoints. The metadata service
    /// is not there.
    pub fn new() -> Result<Self> {
        let emulator = Emulator::start(Options {
            access_key_secret: SECRET.to_owned(),
            oidc_token: SECRET.to_owned(),
            ..Options::default()
        })?;
        let home = tempfile::tempdir()?;
        let start = Start::new(env!("CARGO_BIN_EXE_terraform-provider-swas"))
            .env("TF_LOG", "TRACE")
            .env("HOME", home.path())
            .env("ALIBABA_CLOUD_REGION", "cn-hangzhou")
            .env("ALIBABA_CLOUD_SWAS_ENDPOINT", emulator.url())
            .env("ALIBABA_CLOUD_STS_ENDPOINT", emulator.url())
            .env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "")
            .env("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", NOBODY);
        Ok(Self {
            emulator,
            home,
            start,
            block: Block::new(),
        })
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.start = self.start.env(name, value);
        self
    }

    /// Sets an argument of the provider block.
    pub fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.block.push((name, value.into()));
        self
    }

    /// Adds a block to the provider block.
    pub fn with_block(self, name: &'static str, set: &[(&'static str, Value)]) -> Self {
        let block: Value = vec![object(set.iter().cloned())].into();
        self.set(name, block)
    }

    /// Writes a file below the home directory.
    pub fn file(self, name: &str, text: &str) -> Self {
        let file = self.home.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
        self
    }

    /// Writes the CLI's configuration file with one profile.
    pub fn profile(self, fields: &str) -> Self {
        let text =
            format!(r#"{{"current": "default", "profiles": [{{"name": "default", {fields}}}]}}"#);
        self.file(".aliyun/config.json", &text)
    }

    /// Asserts that a read fails with this golden text, and that neither it nor
    /// the log shows a secret.
    pub async fn assert_fails(self, name: &str) -> Result<()> {
        let provider = RunningProvider::start(self.start.clone()).await?;
        assert_eq!(shown(&provider.configure(&self.block).await?), "", "{name}");
        let answer = provider.read("swas_images", &[]).await?;
        let text = shown(&answer.diagnostics);
        assert!(has_error(&answer.diagnostics), "{name}: no error");
        let log = provider.end().await?;
        assert!(!text.contains(SECRET), "{name}: {text}");
        assert!(!log.contains(SECRET), "{name}: {log}");
        let home = self.home.path().to_str().expect("a path that is text");
        assert_golden("no_credentials", name, &text.replace(home, "HOME"));
        Ok(())
    }
}

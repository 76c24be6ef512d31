//! The provider on a test machine.

use serde_json::json;
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::running_provider::{Result, RunningProvider};

pub use swas_testing::machine::*;

use crate::support::{configure, error_text, read_state, start};

/// Runs the provider on a machine, at the most verbose log level. Secrets must not
/// appear in any log.
pub trait Run {
    /// Starts and configures a provider.
    async fn start(&self) -> Result<RunningProvider>;

    /// Configures a provider, which resets its caches.
    async fn configure(&self, provider: &RunningProvider) -> Result<()>;

    /// Configures a provider with an invalid block and returns the diagnostics.
    async fn config_error_text(&self) -> Result<String>;

    /// Configures a provider, reads images and returns all diagnostics.
    async fn all_diagnostics(&self) -> Result<String>;

    /// Reads images, which has to fail, and returns the diagnostics.
    async fn error_text(&self) -> Result<String>;

    /// Reads images, which has to succeed, and returns the access key ID of the call.
    async fn listing_key(&self) -> Result<String>;
}

/// Starts a provider without configuring it.
pub async fn unconfigured(machine: &Machine) -> Result<RunningProvider> {
    let start = start().env("TF_LOG", "TRACE").env("HOME", machine.home());
    let variables = machine.environment().iter();
    let start = variables.fold(start, |start, (name, value)| start.env(name, value));
    RunningProvider::start(start).await
}

impl Run for Machine {
    async fn start(&self) -> Result<RunningProvider> {
        let provider = unconfigured(self).await?;
        self.configure(&provider).await?;
        Ok(provider)
    }

    async fn configure(&self, provider: &RunningProvider) -> Result<()> {
        configure(provider, &self.block()).await
    }

    async fn config_error_text(&self) -> Result<String> {
        let provider = unconfigured(self).await?;
        let text = shown(&provider.configure(&self.block()).await?);
        self.assert_secrets_kept(&text);
        Ok(text)
    }

    async fn all_diagnostics(&self) -> Result<String> {
        let provider = unconfigured(self).await?;
        let diagnostics = provider.configure(&self.block()).await?;
        let mut text = shown(&diagnostics);
        if !has_error(&diagnostics) {
            let response = provider.read("swas_images", &json!({})).await?;
            text.push_str(&shown(&response.diagnostics));
        }
        self.assert_secrets_kept(&text);
        self.assert_secrets_kept(&provider.end().await?);
        Ok(text.replace(&self.path(""), "HOME/"))
    }

    async fn error_text(&self) -> Result<String> {
        let provider = self.start().await?;
        let text = error_text(&provider, &json!({})).await?;
        self.assert_secrets_kept(&text);
        self.assert_secrets_kept(&provider.end().await?);
        Ok(text.replace(&self.path(""), "HOME/"))
    }

    async fn listing_key(&self) -> Result<String> {
        let provider = self.start().await?;
        read_state(&provider, &json!({})).await?;
        self.assert_secrets_kept(&provider.end().await?);
        match &self.keys_of("ListImages")[..] {
            [key] => Ok(key.clone()),
            keys => Err(format!("images were listed with {keys:?}").into()),
        }
    }
}

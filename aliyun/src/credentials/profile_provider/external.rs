//! Credentials of a profile that a command prints.

use async_trait::async_trait;

use crate::access_key::Credentials;
use crate::credentials::error::{CredentialsError, ProfileError, ProviderKind};
use crate::credentials::process::Process;
use crate::credentials::profile::fields::Profile;
use crate::credentials::provider::{Context, ProvideCredentials};
use crate::credentials::source::CredentialsSource;
use crate::rpc::json::{self, JsonError};
use crate::text::debug_quote;

/// Runs the command of a profile of mode `External`.
#[derive(Debug)]
pub(super) struct External(pub(super) Process);

#[async_trait]
impl ProvideCredentials for External {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let error = |kind| ProviderKind::Profile.error(kind);
        let output = self.0.output().await.map_err(error)?;
        let provider = provider(&output, context);
        let provider = provider.map_err(|problem| error(self.0.error(problem)))?;
        let credentials = provider.provide(context).await?;
        Ok(Credentials {
            source: CredentialsSource::Command,
            ..credentials
        })
    }
}

/// Returns the provider of a printed profile, or the problem as the end of a sentence.
fn provider(output: &[u8], context: &Context) -> Result<Box<dyn ProvideCredentials>, String> {
    let fields = json::read(output).map_err(|error| match error {
        JsonError::Syntax { .. } => "printed something that is not JSON".to_owned(),
        JsonError::Form(reason) => {
            format!("printed something that is not a profile: {reason}")
        }
    })?;
    let profile = Profile::new(String::new(), fields);
    profile.provider(context).map_err(|problem| match problem {
        ProfileError::NoField(field) => format!("printed no {field:?}"),
        ProfileError::Mode(mode) => {
            let mode = debug_quote(&mode);
            format!("printed a profile of the mode {mode}, which is not supported")
        }
        ProfileError::Field { field, problem } => format!("printed {field:?}, which {problem}"),
        ProfileError::Forbidden { mode, by } => {
            let mode = debug_quote(&mode);
            format!("printed a profile of the mode {mode}, which {by} forbids")
        }
        ProfileError::SignInExpired(_) => "printed a sign-in that has expired".to_owned(),
        ProfileError::Disabled
        | ProfileError::Unconfigured
        | ProfileError::Duplicate
        | ProfileError::Cycle
        | ProfileError::LongChain(_) => "printed an unusable profile".to_owned(),
    })
}

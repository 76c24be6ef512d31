//! Credentials of a profile that a command prints.

use async_trait::async_trait;

use crate::access_key::Credentials;
use crate::credentials::error::{CredentialsError, FileFormat, ProfileError};
use crate::credentials::process::Process;
use crate::credentials::profile::fields::Profile;
use crate::credentials::provider::{Context, ProvideCredentials};
use crate::credentials::source::CredentialsSource;
use crate::rpc::json::{self, JsonError};

/// Runs the command of a profile of mode `External`.
#[derive(Debug)]
pub(super) struct External(pub(super) Process);

#[async_trait]
impl ProvideCredentials for External {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let output = self.0.output().await?;
        let provider = provider(&output, context).map_err(|problem| self.0.error(problem))?;
        Ok(Credentials {
            source: CredentialsSource::Command,
            ..provider.provide(context).await?
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
        problem => {
            let clause = problem.clause(FileFormat::Json, "the profile");
            format!("printed a profile that cannot be used: {clause}")
        }
    })
}

//! Credentials of a profile that a command prints.

use std::path::PathBuf;

use async_trait::async_trait;

use crate::access_key::Credentials;
use crate::credentials::error::{CredentialsError, FileFormat};
use crate::credentials::process::Process;
use crate::credentials::profile::fields::Profile;
use crate::credentials::provider::{Context, ProvideCredentials};
use crate::credentials::source::{CredentialsSource, ProfileName};
use crate::rpc::json::{self, JsonError};

/// Runs the command of a profile of mode `External`.
#[async_trait]
impl ProvideCredentials for Process {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let output = self.output().await?;
        let provider = provider(&output, context).map_err(|problem| self.error(problem))?;
        Ok(Credentials {
            source: CredentialsSource::Command,
            ..provider.provide(context).await?
        })
    }
}

/// Returns the provider of a printed profile, or the problem as the end of a sentence.
fn provider(output: &[u8], context: &Context) -> Result<Box<dyn ProvideCredentials>, String> {
    let values = json::read(output).map_err(|error| match error {
        JsonError::Syntax { .. } => "printed something that is not JSON".to_owned(),
        JsonError::Form(reason) => {
            format!("printed something that is not a profile: {reason}")
        }
    })?;
    let (format, file, name) = (FileFormat::Json, PathBuf::new(), String::new());
    let name = ProfileName { file, format, name };
    let profile = Profile { name, values };
    profile.provider(context).map_err(|error| {
        let clause = match error {
            CredentialsError::Profile { problem, .. } => problem.clause(format, "the profile"),
            error => error.to_string(),
        };
        format!("printed a profile that cannot be used: {clause}")
    })
}

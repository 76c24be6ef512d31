//! The environment, and the access key that may be in it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use reqsign_core::{Context, Env, OsEnv, ProvideCredential, Result};

use super::{Credentials, Reason};

const ACCESS_KEY_ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const ACCESS_KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const SECURITY_TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// The environment variables of a process. One that is set to nothing counts as
/// not set.
#[derive(Clone)]
pub struct Environment(Arc<dyn Env>);

impl Environment {
    /// That of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(OsEnv)
    }

    /// The given one.
    #[must_use]
    pub fn of(variables: impl Env) -> Self {
        Self(Arc::new(variables))
    }

    /// What the variable is set to.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.var(name).filter(|value| !value.trim().is_empty())
    }

    /// The file, with `~/` at its beginning replaced by the home directory.
    pub(super) fn expand(&self, file: &str) -> std::result::Result<PathBuf, Reason> {
        match file.strip_prefix("~/").or_else(|| file.strip_prefix("~\\")) {
            None => Ok(file.into()),
            Some(rest) => match self.0.home_dir() {
                Some(home) => Ok(home.join(rest)),
                None => Err(Reason::NoHome(file.to_owned())),
            },
        }
    }
}

/// Without the variables, some of which hold secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

impl Env for Environment {
    fn var(&self, key: &str) -> Option<String> {
        self.get(key)
    }

    fn vars(&self) -> std::collections::HashMap<String, String> {
        self.0.vars()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.0.home_dir()
    }
}

/// The access key in the environment.
///
/// reqsign's own provider also takes the variables of OSS, takes a variable that
/// is set to nothing for a key, and says nothing when half of a key is there.
#[derive(Debug)]
pub(super) struct EnvironmentKeys(pub(super) Environment);

impl ProvideCredential for EnvironmentKeys {
    type Credential = Credentials;

    async fn provide_credential(&self, _: &Context) -> Result<Option<Credentials>> {
        let incomplete = |set, missing| Err(Reason::Incomplete { set, missing }.into());
        match (self.0.get(ACCESS_KEY_ID), self.0.get(ACCESS_KEY_SECRET)) {
            (Some(access_key_id), Some(secret)) => Ok(Some(Credentials {
                access_key_id,
                access_key_secret: secret.into(),
                security_token: self.0.get(SECURITY_TOKEN).map(Into::into),
                expiration: None,
            })),
            (Some(_), None) => incomplete(ACCESS_KEY_ID, ACCESS_KEY_SECRET),
            (None, Some(_)) => incomplete(ACCESS_KEY_SECRET, ACCESS_KEY_ID),
            (None, None) => Err(Reason::NotSet(
                "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set",
            )
            .into()),
        }
    }
}

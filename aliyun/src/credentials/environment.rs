//! Access keys in environment variables.

use super::error::CredentialsError;
use super::source::CredentialsSource;
use crate::access_key::Credentials;
use crate::access_key::check_key_text;
use crate::env::{
    ACCESS_KEY_ID, ACCESS_KEY_SECRET, Environment, PREFIXES, SECURITY_TOKEN, Variable,
};

/// Returns the access key in the environment. Key ID, secret and token come from variables
/// with the same prefix, and a key ID with a deprecated name needs a secret with one.
pub(super) fn access_key(environment: &Environment) -> Result<Credentials, CredentialsError> {
    const NOT_SET: CredentialsError = CredentialsError::NotSet(
        "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set",
    );
    let mut prefixes = PREFIXES.iter();
    let keys = prefixes.find_map(|prefix| keys(environment, prefix));
    keys.unwrap_or(Err(NOT_SET))
}

/// Returns the access key in variables with this prefix, if any of them is set.
fn keys(environment: &Environment, prefix: &str) -> Option<Result<Credentials, CredentialsError>> {
    let names = [ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN];
    let found = names.map(|name| environment.lookup(prefix, name));
    let set = || found.iter().flatten();
    set().for_each(|variable| environment.record_use(variable));
    let first = set().next()?;
    let incomplete = |missing: &'static str| {
        let other = other_prefix(environment, prefix, missing);
        Err(CredentialsError::Incomplete {
            set: first.name.clone(),
            missing: missing.replacen(PREFIXES[0], prefix, 1),
            other: other.map(|variable| variable.name),
        })
    };
    let [id, secret, token] = &found;
    Some(match (id, secret, token) {
        (None, ..) => incomplete(ACCESS_KEY_ID),
        (_, None, _) => incomplete(ACCESS_KEY_SECRET),
        // They may belong to different keys.
        (Some(id), Some(secret), _) if id.is_deprecated() != secret.is_deprecated() => {
            let (set, other) = if id.is_deprecated() {
                (secret, id)
            } else {
                (id, secret)
            };
            Err(CredentialsError::Incomplete {
                set: set.name.clone(),
                missing: other.current.to_owned(),
                other: Some(other.name.clone()),
            })
        }
        // Without its token, a temporary key would be taken for a permanent one.
        (_, _, None) if stray_token(environment, prefix) => incomplete(SECURITY_TOKEN),
        (Some(id), Some(secret), token) => set().try_for_each(check).map(|()| Credentials {
            access_key_id: id.value.to_owned(),
            access_key_secret: secret.value.into(),
            security_token: token.as_ref().map(|token| token.value.into()),
            expiration: None,
            source: CredentialsSource::Variables {
                id: id.name.clone(),
                secret: secret.name.clone(),
                token: token.as_ref().map(|token| token.name.clone()),
            },
        }),
    })
}

/// Returns a variable under another prefix.
fn other_prefix<'a>(
    environment: &'a Environment,
    prefix: &str,
    name: &'static str,
) -> Option<Variable<'a>> {
    let mut others = PREFIXES.iter().filter(|other| **other != prefix);
    others.find_map(|other| environment.lookup(other, name))
}

/// Returns true if there is a token under another prefix, without a key of its own.
fn stray_token(environment: &Environment, prefix: &str) -> bool {
    let mut others = PREFIXES.iter().filter(|other| **other != prefix);
    others.any(|other| {
        let is_set = |name| environment.lookup(other, name).is_some();
        is_set(SECURITY_TOKEN) && !is_set(ACCESS_KEY_ID) && !is_set(ACCESS_KEY_SECRET)
    })
}

fn check(variable: &Variable<'_>) -> Result<(), CredentialsError> {
    check_key_text(variable.value).map_err(|problem| CredentialsError::variable(variable, problem))
}

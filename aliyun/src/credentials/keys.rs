//! The access key that may be in the environment.

use super::variables::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN};
use super::{Credentials, Environment, Reason, renamed};

impl Environment {
    /// Whether any part of an access key is in the variables.
    pub fn has_keys(&self) -> bool {
        let mut variables = [ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN].into_iter();
        variables.any(|name| self.get(name).is_some())
    }

    /// The access key that the variables hold, if any of them is set.
    ///
    /// reqsign's own provider also takes the variables of OSS, takes a variable
    /// that is set to nothing for a key, and says nothing when half of a key is
    /// there.
    pub(crate) fn keys(&self) -> Result<Option<Credentials>, Reason> {
        let incomplete = |set, missing| {
            let renamed = renamed::instead_of_variables(&[missing], self);
            Err(Reason::Incomplete {
                set,
                missing,
                renamed,
            })
        };
        match (self.get(ACCESS_KEY_ID), self.get(ACCESS_KEY_SECRET)) {
            (Some(access_key_id), Some(secret)) => Ok(Some(Credentials {
                access_key_id,
                access_key_secret: secret.into(),
                security_token: self.get(SECURITY_TOKEN).map(Into::into),
                expiration: None,
            })),
            (Some(_), None) => incomplete(ACCESS_KEY_ID, ACCESS_KEY_SECRET),
            (None, Some(_)) => incomplete(ACCESS_KEY_SECRET, ACCESS_KEY_ID),
            (None, None) if self.get(SECURITY_TOKEN).is_some() => {
                incomplete(SECURITY_TOKEN, ACCESS_KEY_ID)
            }
            (None, None) => Ok(None),
        }
    }
}

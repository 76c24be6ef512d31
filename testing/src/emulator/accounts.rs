//! The access keys that the emulator accepts.

use std::collections::BTreeMap;

use serde::Serialize;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::request_id;

/// An access key, permanent or temporary.
pub(super) struct Key {
    /// The account that owns the key. Quotas are counted per account.
    pub(super) account: String,
    pub(super) secret: String,
    /// The security token required with the key. Keys without a token reject any.
    pub(super) token: Option<String>,
    pub(super) expiration: Option<OffsetDateTime>,
}

/// The account of all keys, except those of roles in other accounts.
pub(super) const ACCOUNT: &str = "1234567890123456";

/// A temporary key in the response format that the services share.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Issued {
    pub(super) access_key_id: String,
    pub(super) access_key_secret: String,
    pub(super) security_token: String,
    pub(super) expiration: String,
}

/// All access keys by ID.
#[derive(Default)]
pub(super) struct Accounts {
    keys: BTreeMap<String, Key>,
    /// Overrides the lifetime of all temporary keys.
    pub(super) lifetime: Option<Duration>,
    /// Number of issued keys. Makes key IDs unique.
    issued: usize,
}

impl Accounts {
    /// Adds a key that never expires, even with a token.
    pub(super) fn add(&mut self, access_key_id: &str, secret: &str, token: Option<&str>) {
        let key = Key {
            account: ACCOUNT.to_owned(),
            secret: secret.to_owned(),
            token: token.map(str::to_owned),
            expiration: None,
        };
        self.keys.insert(access_key_id.to_owned(), key);
    }

    pub(super) fn key(&self, access_key_id: &str) -> Option<&Key> {
        self.keys.get(access_key_id)
    }

    /// Returns the secrets and tokens of all keys.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &String> {
        let keys = self.keys.values();
        keys.flat_map(|key| std::iter::once(&key.secret).chain(&key.token))
    }

    /// Issues a temporary key for `account` whose ID contains `label`. The key
    /// expires after `lifetime` unless the `lifetime` field overrides it.
    pub(super) fn issue(&mut self, account: &str, label: &str, lifetime: Duration) -> Issued {
        const FORMAT: &[BorrowedFormatItem<'_>] =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        self.issued += 1;
        let expiration = OffsetDateTime::now_utc() + self.lifetime.unwrap_or(lifetime);
        // The response gives the expiration in whole seconds.
        let expiration = expiration.truncate_to_second();
        let issued = Issued {
            access_key_id: format!("STS.{label}.{}", self.issued),
            // Includes characters that need encoding in a form.
            access_key_secret: format!("issued+/{}=", request_id::next()),
            security_token: format!("CAIS+/{}/{}==", request_id::next(), request_id::next()),
            expiration: expiration.format(FORMAT).expect("a complete time"),
        };
        let key = Key {
            account: account.to_owned(),
            secret: issued.access_key_secret.clone(),
            token: Some(issued.security_token.clone()),
            expiration: Some(expiration),
        };
        self.keys.insert(issued.access_key_id.clone(), key);
        issued
    }

    /// Expires all issued keys now.
    pub(super) fn expire_issued(&mut self) {
        let keys = self.keys.values_mut();
        for expiration in keys.filter_map(|key| key.expiration.as_mut()) {
            *expiration = OffsetDateTime::now_utc();
        }
    }
}

//! The access keys that the emulator knows.

use std::collections::BTreeMap;

use serde::Serialize;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::request_id;

/// An access key, permanent or temporary.
pub(super) struct Key {
    /// The account that pays, and whose quota it is.
    pub(super) account: String,
    pub(super) secret: String,
    /// What has to come along with it. A key without may have none.
    pub(super) token: Option<String>,
    /// From when on it is refused.
    pub(super) end: Option<OffsetDateTime>,
}

/// The account of all keys but those of another's role.
pub(super) const ACCOUNT: &str = "1234567890123456";

/// A temporary key, as every service hands it out.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Issued {
    pub(super) access_key_id: String,
    pub(super) access_key_secret: String,
    pub(super) security_token: String,
    pub(super) expiration: String,
}

/// Every key, by its ID.
#[derive(Default)]
pub(super) struct Accounts {
    keys: BTreeMap<String, Key>,
    /// How long temporary keys hold, whatever is asked for.
    pub(super) lifetime: Option<Duration>,
    /// Tells keys of one origin apart.
    issued: usize,
}

impl Accounts {
    /// Adds a key that does not end. With a token it is a temporary one all the
    /// same.
    pub(super) fn add(&mut self, access_key_id: &str, secret: &str, token: Option<&str>) {
        let key = Key {
            account: ACCOUNT.to_owned(),
            secret: secret.to_owned(),
            token: token.map(str::to_owned),
            end: None,
        };
        self.keys.insert(access_key_id.to_owned(), key);
    }

    pub(super) fn key(&self, access_key_id: &str) -> Option<&Key> {
        self.keys.get(access_key_id)
    }

    /// The secrets and tokens of all keys.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &String> {
        let keys = self.keys.values();
        keys.flat_map(|key| std::iter::once(&key.secret).chain(&key.token))
    }

    /// Makes a temporary key of `account` whose ID says where it comes from. It
    /// holds for `lifetime` unless another has been set.
    pub(super) fn issue(&mut self, account: &str, origin: &str, lifetime: Duration) -> Issued {
        const FORMAT: &[BorrowedFormatItem<'_>] =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        self.issued += 1;
        // As precise as it is told.
        let end = OffsetDateTime::now_utc() + self.lifetime.unwrap_or(lifetime);
        let end = end.truncate_to_second();
        let issued = Issued {
            access_key_id: format!("STS.{origin}.{}", self.issued),
            // Characters that have to be encoded in a form are among them.
            access_key_secret: format!("issued+/{}=", request_id::next()),
            security_token: format!("CAIS+/{}/{}==", request_id::next(), request_id::next()),
            expiration: end.format(FORMAT).expect("a complete time"),
        };
        let key = Key {
            account: account.to_owned(),
            secret: issued.access_key_secret.clone(),
            token: Some(issued.security_token.clone()),
            end: Some(end),
        };
        self.keys.insert(issued.access_key_id.clone(), key);
        issued
    }

    /// Ends every temporary key that was handed out.
    pub(super) fn end_issued(&mut self) {
        for end in self.keys.values_mut().filter_map(|key| key.end.as_mut()) {
            *end = OffsetDateTime::now_utc();
        }
    }
}

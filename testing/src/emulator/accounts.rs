//! The access keys that the emulator knows.

use std::collections::BTreeMap;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::request_id;

/// An access key, permanent or temporary.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) secret: String,
    /// What has to come along with it. A key without may have none.
    pub(super) token: Option<String>,
    /// From when on it is refused.
    pub(super) end: Option<OffsetDateTime>,
}

/// A temporary key as it is handed out.
pub(super) struct Issued {
    pub(super) access_key_id: String,
    pub(super) secret: String,
    pub(super) token: String,
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
    pub(super) fn add(&mut self, access_key_id: String, key: Key) {
        self.keys.insert(access_key_id, key);
    }

    pub(super) fn key(&self, access_key_id: &str) -> Option<&Key> {
        self.keys.get(access_key_id)
    }

    /// The secrets and tokens of all keys.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &String> {
        let keys = self.keys.values();
        keys.flat_map(|key| std::iter::once(&key.secret).chain(&key.token))
    }

    /// Makes a temporary key whose ID says where it comes from. It holds for
    /// `lifetime` unless another has been set.
    pub(super) fn issue(
        &mut self,
        origin: &str,
        lifetime: Duration,
        now: OffsetDateTime,
    ) -> Issued {
        const FORMAT: &[BorrowedFormatItem<'_>] =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        self.issued += 1;
        let end = now + self.lifetime.unwrap_or(lifetime);
        // As precise as it is told.
        let end = end.truncate_to_second();
        let issued = Issued {
            access_key_id: format!("STS.{origin}.{}", self.issued),
            // Characters that have to be encoded in a form are among them.
            secret: format!("issued+/{}=", request_id::next()),
            token: format!("CAIS+/{}/{}==", request_id::next(), request_id::next()),
            expiration: end.format(FORMAT).expect("a complete time"),
        };
        let key = Key {
            secret: issued.secret.clone(),
            token: Some(issued.token.clone()),
            end: Some(end),
        };
        self.add(issued.access_key_id.clone(), key);
        issued
    }

    /// Ends every temporary key that was handed out.
    pub(super) fn end_issued(&mut self, now: OffsetDateTime) {
        for key in self.keys.values_mut().filter(|key| key.end.is_some()) {
            key.end = Some(now);
        }
    }
}

//! What a field of a profile holds.

use serde::{Deserialize, Deserializer};

use crate::credentials::ProfileProblem;

/// A text of a profile. One that is blank counts as absent.
#[derive(Clone, Debug)]
pub struct Field<T>(pub Option<T>);

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: From<String>> From<Option<String>> for Field<T> {
    fn from(text: Option<String>) -> Self {
        Self(text.filter(|text| !text.trim().is_empty()).map(T::from))
    }
}

impl<'de, T: From<String>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

impl<T> Field<T> {
    /// What it holds, where the profile needs the field `name`.
    pub fn required(&self, name: &'static str) -> Result<&T, ProfileProblem> {
        self.0.as_ref().ok_or(ProfileProblem::NoField(name))
    }
}

//! From the values of a block to the types that a read works with.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::computed_only;
use super::diagnostics::{Diagnostic, Diagnostics, append_list};
use super::dynamic_value::DynamicValue;
use super::path::AttributePath;
use super::raw_value::RawValue;
use super::schema::Schema;
use super::value::Value;

/// The most mistakes in a list or map that are told.
const MOST_LISTED: usize = 10;

/// Parses the arguments of a block, one after the other, and tells what is wrong
/// with each.
///
/// Take all arguments before the first `?`: so all mistakes are found in one run.
#[derive(Debug)]
pub struct Parser<'a> {
    block: AttributePath,
    diagnostics: &'a mut Diagnostics,
}

/// Why there is no value to work with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// This argument is not known before apply.
    Unknown(AttributePath),
    /// What is wrong. The user has been told already.
    Invalid(Diagnostic),
}

impl<'a> Parser<'a> {
    pub(crate) fn new(diagnostics: &'a mut Diagnostics) -> Self {
        Self {
            block: AttributePath::default(),
            diagnostics,
        }
    }

    /// The block in the form that it travels in. What only the provider sets may
    /// not be set in it.
    pub(crate) fn decode<B: DeserializeOwned>(
        &mut self,
        schema: &Schema,
        block: &DynamicValue,
    ) -> Result<B, ConfigError> {
        let parts = RawValue::of(block).and_then(|node| {
            let mistakes = computed_only::computed_attribute_errors(schema, &node);
            Ok((node.decode()?, mistakes))
        });
        let (decoded, mistakes) = parts.map_err(|error| self.reject(error.into()))?;
        for mistake in mistakes {
            self.reject(mistake);
        }
        Ok(decoded)
    }

    /// The way to an argument of the block.
    pub(crate) fn path(&self, name: &str) -> AttributePath {
        self.block.clone().at_name(name)
    }

    /// Tells the user of a mistake.
    pub(crate) fn reject(&mut self, mistake: Diagnostic) -> ConfigError {
        self.diagnostics.push(mistake.clone());
        ConfigError::Invalid(mistake)
    }

    /// What `check` makes of the argument; nothing if it is not set.
    ///
    /// # Errors
    ///
    /// When the argument is not known yet, or `check` finds a mistake.
    pub fn value<'v, V, T>(
        &mut self,
        name: &str,
        value: &'v Value<V>,
        check: impl FnOnce(&'v V, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Option<T>, ConfigError> {
        let path = self.path(name);
        match value {
            Value::Null => Ok(None),
            Value::Unknown => Err(ConfigError::Unknown(path)),
            Value::Known(value) => check(value, &path)
                .map(Some)
                .map_err(|mistake| self.reject(mistake)),
        }
    }

    /// The same of text. Terraform has null for what is not set, so that blank text
    /// is a mistake.
    ///
    /// # Errors
    ///
    /// As [`Self::value`].
    pub fn text<T>(
        &mut self,
        name: &str,
        value: &Value<String>,
        check: impl FnOnce(&str, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Option<T>, ConfigError> {
        self.value(name, value, |text, path| match text.trim() {
            "" => Err(Diagnostic::blank(path)),
            _ => check(text, path),
        })
    }

    /// What `check` makes of each element of a list. No element may be null. Several
    /// mistakes are one error.
    ///
    /// # Errors
    ///
    /// When an element is not known yet, or there are mistakes.
    pub(crate) fn list<V, T>(
        &mut self,
        name: &str,
        list: &Value<Vec<Value<V>>>,
        check: impl FnMut(&V, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Option<Vec<T>>, ConfigError> {
        let Some(elements) = self.value(name, list, |elements, _| Ok(elements.iter()))? else {
            return Ok(None);
        };
        let path = self.path(name);
        let paths = (0..).map(|index| path.clone().at_index(index));
        self.elements(&path, paths.zip(elements), check).map(Some)
    }

    /// Applies `check` to the value under each key of a map. No value may be null.
    /// Several mistakes are one error.
    ///
    /// # Errors
    ///
    /// As [`Self::list`].
    pub(crate) fn map<V, T>(
        &mut self,
        name: &str,
        map: &Value<BTreeMap<String, Value<V>>>,
        check: impl FnMut(&V, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Option<BTreeMap<String, T>>, ConfigError> {
        let Some(map) = self.value(name, map, |map, _| Ok(map))? else {
            return Ok(None);
        };
        let path = self.path(name);
        let paths = map.keys().map(|key| path.clone().at_key(key));
        let parsed = self.elements(&path, paths.zip(map.values()), check)?;
        Ok(Some(map.keys().cloned().zip(parsed).collect()))
    }

    /// Applies `check` to each element at its path. `whole` is the path of all.
    fn elements<'v, V: 'v, T>(
        &mut self,
        whole: &AttributePath,
        elements: impl Iterator<Item = (AttributePath, &'v Value<V>)>,
        mut check: impl FnMut(&V, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Vec<T>, ConfigError> {
        let mut parsed = Vec::new();
        let mut unknown = None;
        let mut mistakes = Vec::new();
        for (path, element) in elements {
            let checked = match element {
                Value::Unknown => {
                    unknown.get_or_insert(path);
                    continue;
                }
                Value::Known(element) => check(element, &path),
                Value::Null => {
                    let detail = format!("\"{path}\" is null. Remove it or give it a value.");
                    Err(Diagnostic::invalid(&path, detail))
                }
            };
            match checked {
                Ok(element) => parsed.push(element),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        match (one_of_all(whole, mistakes), unknown) {
            (Some(mistake), _) => Err(self.reject(mistake)),
            (None, Some(path)) => Err(ConfigError::Unknown(path)),
            (None, None) => Ok(parsed),
        }
    }

    /// What `parse` makes of the one block of this name, if it is there.
    ///
    /// # Errors
    ///
    /// When it is not known yet whether it is there, or as `parse`.
    pub(crate) fn block<B, T>(
        &mut self,
        name: &str,
        blocks: &Value<Vec<B>>,
        parse: impl FnOnce(&B, &mut Parser<'_>) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        let first = self.value(name, blocks, |blocks, _| Ok(blocks.first()))?;
        let mut inside = Parser {
            block: self.path(name).at_index(0),
            diagnostics: self.diagnostics,
        };
        first
            .flatten()
            .map(|block| parse(block, &mut inside))
            .transpose()
    }
}

/// The mistakes in a list or map as one.
fn one_of_all(list: &AttributePath, mut mistakes: Vec<Diagnostic>) -> Option<Diagnostic> {
    if mistakes.len() < 2 {
        return mistakes.pop();
    }
    let mut detail = format!("{} elements of \"{list}\" are invalid:", mistakes.len());
    let lines = mistakes.into_iter().map(|mistake| mistake.detail);
    append_list(&mut detail, lines, MOST_LISTED);
    Some(Diagnostic::invalid(list, detail))
}

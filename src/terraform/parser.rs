//! Validates the arguments of a block and converts them into plain Rust types.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::diagnostics::{Diagnostic, Diagnostics, append_list};
use super::dynamic_value::DynamicValue;
use super::path::AttributePath;
use super::raw_value::RawValue;
use super::schema::{Attribute, Schema};
use super::value::Value;

/// The maximum number of errors that a diagnostic about a list or map quotes.
const MAX_LISTED: usize = 10;

/// Validates and converts the arguments of a block, and collects diagnostics.
///
/// Parse all arguments before the first `?`, so that one run reports all errors.
#[derive(Debug)]
pub struct Parser<'a> {
    block: AttributePath,
    diagnostics: &'a mut Diagnostics,
}

/// The reason why an argument has no usable value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The value of this argument is unknown until apply.
    Unknown(AttributePath),
    /// The value is invalid. The parser has already collected this diagnostic.
    Invalid(Diagnostic),
}

impl<'a> Parser<'a> {
    pub(crate) fn new(diagnostics: &'a mut Diagnostics) -> Self {
        Self {
            block: AttributePath::default(),
            diagnostics,
        }
    }

    /// Decodes a block into its model `M`. Rejects computed attributes that are set, but
    /// returns the model nevertheless.
    pub(crate) fn decode<M: DeserializeOwned>(
        &mut self,
        schema: &Schema,
        config: &DynamicValue,
    ) -> Result<M, ConfigError> {
        let block = RawValue::parse(config).map_err(|error| self.reject(error))?;
        for error in computed_attribute_errors(schema, &block) {
            self.reject(error);
        }
        block.decode().map_err(|error| self.reject(error))
    }

    /// Returns the path of an argument of the block.
    pub(crate) fn path(&self, name: &str) -> AttributePath {
        self.block.clone().at_name(name)
    }

    /// Adds an error to the diagnostics.
    pub(crate) fn reject(&mut self, error: Diagnostic) -> ConfigError {
        self.diagnostics.push(error.clone());
        ConfigError::Invalid(error)
    }

    /// Adds a diagnostic. Only validation shows warnings: configuring would repeat them.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Validates and converts an argument with `check`. Returns `None` if it is null.
    ///
    /// # Errors
    ///
    /// If the argument is unknown, or `check` fails.
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
                .map_err(|error| self.reject(error)),
        }
    }

    /// Like [`Self::value`] for text. Blank text is an error: to omit an argument, users set
    /// it to null.
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

    /// Validates and converts each element of a list with `check`. An element must not be
    /// null. The errors of several elements become one diagnostic.
    ///
    /// # Errors
    ///
    /// If the list or an element is unknown, or `check` fails for an element.
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

    /// Validates and converts each value of a map with `check`. A value must not be null.
    /// The errors of several values become one diagnostic.
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

    /// Applies `check` to each element of `collection`.
    fn elements<'v, V: 'v, T>(
        &mut self,
        collection: &AttributePath,
        elements: impl Iterator<Item = (AttributePath, &'v Value<V>)>,
        mut check: impl FnMut(&V, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Vec<T>, ConfigError> {
        let mut parsed = Vec::new();
        let mut unknown = None;
        let mut errors = Vec::new();
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
                Err(error) => errors.push(error),
            }
        }
        match (combine_errors(collection, errors), unknown) {
            (Some(error), _) => Err(self.reject(error)),
            (None, Some(path)) => Err(ConfigError::Unknown(path)),
            (None, None) => Ok(parsed),
        }
    }

    /// Parses the nested block `name` with `parse`. Returns `None` without such a block.
    ///
    /// # Errors
    ///
    /// If the list of blocks is unknown, or `parse` fails.
    pub(crate) fn block<M, T>(
        &mut self,
        name: &str,
        blocks: &Value<Vec<M>>,
        parse: impl FnOnce(&M, &mut Parser<'_>) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        let first = self.value(name, blocks, |blocks, _| Ok(blocks.first()))?;
        let mut parser = Parser {
            block: self.path(name).at_index(0),
            diagnostics: self.diagnostics,
        };
        first
            .flatten()
            .map(|block| parse(block, &mut parser))
            .transpose()
    }
}

/// Combines the errors of a list or map into one.
fn combine_errors(collection: &AttributePath, mut errors: Vec<Diagnostic>) -> Option<Diagnostic> {
    if errors.len() < 2 {
        return errors.pop();
    }
    let count = errors.len();
    let mut detail = format!("{count} elements of \"{collection}\" are invalid:");
    let lines = errors.into_iter().map(|error| error.detail);
    append_list(&mut detail, lines, MAX_LISTED);
    Some(Diagnostic::invalid(collection, detail))
}

/// Returns an error for each computed attribute that `block` sets: Terraform accepts it, and the
/// value would be lost silently. Nested blocks have arguments only.
fn computed_attribute_errors(schema: &Schema, block: &RawValue) -> Vec<Diagnostic> {
    let RawValue::Block(entries) = block else {
        return Vec::new();
    };
    let set = entries.iter();
    let set = set.filter(|(_, value)| !matches!(value, RawValue::Null));
    let computed = set.filter_map(|(name, _)| {
        let mut attributes = schema.attributes.iter();
        attributes.find(|it| it.message.name == *name && !it.message.optional)
    });
    computed.map(computed_attribute_error).collect()
}

fn computed_attribute_error(attribute: &Attribute) -> Diagnostic {
    let name = &attribute.message.name;
    let mut detail = format!("\"{name}\" is read-only. Remove it.");
    if let Some(argument) = attribute.suggestion {
        detail = format!("{detail} Did you mean \"{argument}\"?");
    }
    Diagnostic::error(format!("\"{name}\" cannot be set"), detail)
        .at(AttributePath::attribute(name))
}

#[cfg(test)]
mod tests {
    use super::super::schema::Type;
    use super::*;

    fn schema() -> Schema {
        Schema {
            attributes: vec![
                Attribute::optional("image_ids", Type::String.list(), "Set."),
                Attribute::optional_computed("region_id", Type::String, "Set or read."),
                Attribute::computed("ids", Type::String.list(), "Read.").suggest("image_ids"),
                Attribute::computed("count", Type::Number, "Read."),
            ],
            ..Schema::default()
        }
    }

    fn error_paths(json: &str) -> Vec<String> {
        let block = RawValue::parse(&DynamicValue::from_json(json)).unwrap();
        let errors = computed_attribute_errors(&schema(), &block).into_iter();
        errors.map(|error| error.path.to_string()).collect()
    }

    #[test]
    fn computed_attribute_that_is_set_is_an_error() {
        for (block, expected) in [
            ("{}", &[][..]),
            (
                r#"{"image_ids": ["a"], "region_id": "b", "ids": null}"#,
                &[],
            ),
            (r#"{"ids": ["a"], "count": 0}"#, &["ids", "count"]),
            (r#"{"ids": []}"#, &["ids"]),
            ("[]", &[]),
        ] {
            assert_eq!(error_paths(block), expected, "{block}");
        }
    }

    #[test]
    fn computed_attribute_set_to_unknown_is_an_error() {
        // {"ids": unknown, "image_ids": unknown}
        let block = DynamicValue::from_msgpack(b"\x82\xa3ids\xd4\0\0\xa9image_ids\xd4\0\0");
        let errors = computed_attribute_errors(&schema(), &RawValue::parse(&block).unwrap());
        let [error] = &errors[..] else {
            panic!("{errors:?}")
        };
        assert_eq!(error.path, AttributePath::attribute("ids"));
        assert!(error.detail.ends_with("Did you mean \"image_ids\"?"));
    }
}

//! Attribute paths, by which Terraform finds the line of the configuration that a
//! diagnostic shows.

use std::fmt;

use aliyun::text::debug_quote;

use super::proto::tfplugin;
use super::proto::tfplugin::attribute_path::{Step, step::Selector};

/// The path from the top of a block to a value in it. An empty path is the block itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributePath(Vec<Selector>);

impl AttributePath {
    /// The path of an argument or nested block at the top.
    pub(crate) fn attribute(name: impl Into<String>) -> Self {
        Self::default().at_name(name)
    }

    /// Appends the name of an attribute of an object or block.
    #[must_use]
    pub(crate) fn at_name(mut self, name: impl Into<String>) -> Self {
        self.0.push(Selector::AttributeName(name.into()));
        self
    }

    /// Appends the index of a list element, from 0.
    #[must_use]
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        // No list in memory has more than `i64::MAX` elements.
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        self.0.push(Selector::ElementKeyInt(index));
        self
    }

    /// Appends the key of a map element.
    #[must_use]
    pub(crate) fn at_key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Selector::ElementKeyString(key.into()));
        self
    }

    /// Returns `true` for the block as a whole.
    #[must_use]
    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

/// Displays as an expression of the configuration: `image_ids[2]`.
impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Selector::AttributeName(name) if position == 0 => f.write_str(name)?,
                Selector::AttributeName(name) => write!(f, ".{name}")?,
                Selector::ElementKeyInt(index) => write!(f, "[{index}]")?,
                Selector::ElementKeyString(key) => write!(f, "[{}]", debug_quote(key))?,
            }
        }
        Ok(())
    }
}

impl From<AttributePath> for tfplugin::AttributePath {
    fn from(path: AttributePath) -> Self {
        let steps = path.0.into_iter().map(|selector| Step {
            selector: Some(selector),
        });
        Self {
            steps: steps.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_displays_as_an_expression() {
        let path = AttributePath::attribute("endpoints")
            .at_index(0)
            .at_name("swas");
        assert_eq!(path.to_string(), "endpoints[0].swas");
        let path = AttributePath::attribute("tags").at_key("a\"b\n");
        assert_eq!(path.to_string(), r#"tags["a\"b\n"]"#);
        assert_eq!(AttributePath::default().to_string(), "");
    }
}

//! Rejects a configuration that sets computed attributes. Terraform accepts it,
//! and the value would be lost silently.

use super::diagnostics::Diagnostic;
use super::path::AttributePath;
use super::raw_value::RawValue;
use super::schema::{Attribute, Schema};

/// Returns an error for each computed attribute that `block` sets. Nested blocks have
/// arguments only.
pub(super) fn computed_attribute_errors(schema: &Schema, block: &RawValue) -> Vec<Diagnostic> {
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
    use super::super::dynamic_value::DynamicValue;
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

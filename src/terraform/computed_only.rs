//! Rejects a configuration that sets computed attributes. Terraform accepts it,
//! and the value would be lost silently.

use super::diagnostics::Diagnostic;
use super::path::AttributePath;
use super::raw_value::RawValue;
use super::schema::{Attribute, Schema};

/// Returns an error for each computed attribute that `block` or a nested block sets.
pub(super) fn computed_attribute_errors(schema: &Schema, block: &RawValue) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    collect_errors(schema, block, &AttributePath::default(), &mut errors);
    errors
}

/// Collects the errors of a block or of a list of blocks. Ignores other values, which are
/// errors when the block is decoded.
fn collect_errors(
    schema: &Schema,
    value: &RawValue,
    path: &AttributePath,
    errors: &mut Vec<Diagnostic>,
) {
    match value {
        RawValue::List(blocks) => {
            for (index, block) in blocks.iter().enumerate() {
                collect_errors(schema, block, &path.clone().at_index(index), errors);
            }
        }
        RawValue::Block(entries) => {
            for (name, value) in entries {
                let path = || path.clone().at_name(name);
                let mut blocks = schema.blocks.iter();
                let mut attributes = schema.attributes.iter();
                if let Some(nested) = blocks.find(|nested| nested.name == name) {
                    collect_errors(&nested.block, value, &path(), errors);
                } else if let Some(attribute) = attributes.find(|one| one.message.name == *name)
                    && !attribute.message.optional
                    && !matches!(value, RawValue::Null)
                {
                    errors.push(computed_attribute_error(attribute, path()));
                }
            }
        }
        _ => {}
    }
}

fn computed_attribute_error(attribute: &Attribute, path: AttributePath) -> Diagnostic {
    let name = &attribute.message.name;
    let mut detail = format!("\"{path}\" is read-only. Remove it.");
    if let Some(argument) = attribute.suggestion {
        detail = format!("{detail} Did you mean \"{argument}\"?");
    }
    Diagnostic::error(format!("\"{name}\" cannot be set"), detail).at(path)
}

#[cfg(test)]
mod tests {
    use super::super::dynamic_value::DynamicValue;
    use super::super::schema::{NestedBlock, Type};
    use super::*;

    fn schema() -> Schema {
        let attributes = vec![
            Attribute::optional("image_ids", Type::String.list(), "Set."),
            Attribute::optional_computed("region_id", Type::String, "Set or read."),
            Attribute::computed("ids", Type::String.list(), "Read.").suggest("image_ids"),
            Attribute::computed("count", Type::Number, "Read."),
        ];
        let inner = Schema {
            attributes: attributes.clone(),
            ..Schema::default()
        };
        Schema {
            attributes,
            blocks: vec![NestedBlock {
                name: "filter",
                block: inner,
                max_items: 2,
            }],
            ..Schema::default()
        }
    }

    fn error_paths(json: &str) -> Vec<String> {
        let block = RawValue::parse(&DynamicValue::from_json(json)).unwrap();
        let errors = computed_attribute_errors(&schema(), &block).into_iter();
        errors.map(|error| error.path.to_string()).collect()
    }

    #[test]
    fn computed_attribute_that_is_set_is_an_error_at_any_depth() {
        for (block, expected) in [
            ("{}", &[][..]),
            (
                r#"{"image_ids": ["a"], "region_id": "b", "ids": null}"#,
                &[],
            ),
            (r#"{"ids": ["a"], "count": 0}"#, &["ids", "count"]),
            (r#"{"ids": []}"#, &["ids"]),
            (r#"{"filter": null}"#, &[]),
            (
                r#"{"filter": [{"ids": null}, {"count": 1}]}"#,
                &["filter[1].count"],
            ),
        ] {
            assert_eq!(error_paths(block), expected, "{block}");
        }
    }

    #[test]
    fn computed_attribute_set_to_unknown_is_an_error() {
        // {"ids": unknown, "filter": unknown}
        let block = DynamicValue::from_msgpack(b"\x82\xa3ids\xd4\0\0\xa6filter\xd4\0\0");
        let errors = computed_attribute_errors(&schema(), &RawValue::parse(&block).unwrap());
        let [error] = &errors[..] else {
            panic!("{errors:?}")
        };
        assert_eq!(error.path, AttributePath::attribute("ids"));
        assert!(error.detail.ends_with("Did you mean \"image_ids\"?"));
    }
}

//! Attributes that only the provider sets, and that a configuration sets all the
//! same. Terraform lets that pass, and what was set would be lost in silence.

use super::diagnostics::Diagnostic;
use super::path::AttributePath;
use super::raw_value::RawValue;
use super::schema::{Attribute, Schema};

/// One mistake for each such attribute of a block, also in nested blocks.
pub(super) fn computed_attribute_errors(schema: &Schema, block: &RawValue) -> Vec<Diagnostic> {
    let mut mistakes = Vec::new();
    find(schema, block, &AttributePath::default(), &mut mistakes);
    mistakes
}

/// Finds those of a block, or of a list of blocks. What is neither is told when it is
/// read.
fn find(schema: &Schema, node: &RawValue, path: &AttributePath, mistakes: &mut Vec<Diagnostic>) {
    match node {
        RawValue::List(blocks) => {
            for (index, block) in blocks.iter().enumerate() {
                find(schema, block, &path.clone().at_index(index), mistakes);
            }
        }
        RawValue::Block(entries) => {
            for (name, value) in entries {
                let path = || path.clone().at_name(name);
                let mut blocks = schema.blocks.iter();
                let mut attributes = schema.attributes.iter();
                if let Some(nested) = blocks.find(|nested| nested.name == name) {
                    find(&nested.block, value, &path(), mistakes);
                } else if let Some(attribute) = attributes.find(|one| one.name() == name)
                    && attribute.is_read_only()
                    && !matches!(value, RawValue::Null)
                {
                    mistakes.push(mistake(attribute, path()));
                }
            }
        }
        _ => {}
    }
}

fn mistake(attribute: &Attribute, path: AttributePath) -> Diagnostic {
    let name = attribute.name();
    let mut detail = format!("\"{path}\" is only read: the provider sets it. Remove it.");
    if let Some(argument) = attribute.suggestion() {
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

    fn found(json: &str) -> Vec<String> {
        let block = RawValue::of(&DynamicValue::of_json(json)).unwrap();
        let mistakes = computed_attribute_errors(&schema(), &block).into_iter();
        mistakes.map(|mistake| mistake.path.to_string()).collect()
    }

    #[test]
    fn what_is_only_read_may_not_be_set_at_any_depth() {
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
            assert_eq!(found(block), expected, "{block}");
        }
    }

    #[test]
    fn what_is_not_known_yet_is_set() {
        // {"ids": unknown, "filter": unknown}
        let block = DynamicValue::of_msgpack(b"\x82\xa3ids\xd4\0\0\xa6filter\xd4\0\0");
        let mistakes = computed_attribute_errors(&schema(), &RawValue::of(&block).unwrap());
        let [mistake] = &mistakes[..] else {
            panic!("{mistakes:?}")
        };
        assert_eq!(mistake.path, AttributePath::attribute("ids"));
        assert!(mistake.detail.ends_with("Did you mean \"image_ids\"?"));
    }
}

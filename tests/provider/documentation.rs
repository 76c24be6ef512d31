//! The reference pages under `docs/`, in the format of the Terraform and OpenTofu
//! registries, match the schemas.
//!
//! `UPDATE_DOCS=1 cargo test --test provider documentation` rewrites them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use swas_testing::plugin_client::wire::tfplugin::Schema;
use swas_testing::plugin_client::wire::tfplugin::schema::{Attribute, Block};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::support::start;

#[tokio::test]
async fn generated_pages_match_the_schemas() -> Result<()> {
    let schemas = RunningProvider::start(start()).await?.schemas;
    let provider = schemas.provider.ok_or("no provider schema")?;
    let mut pages = vec![(
        "index.md".to_owned(),
        page("swas Provider", &provider, "quickstart")?,
    )];
    for (name, schema) in &schemas.data_source_schemas {
        let file = name.trim_start_matches("swas_");
        pages.push((
            format!("data-sources/{file}.md"),
            page(&format!("{name} Data Source"), schema, name)?,
        ));
    }

    let update = std::env::var_os("UPDATE_DOCS").is_some();
    for (name, text) in &pages {
        let file = root().join("docs").join(name);
        if update {
            fs::create_dir_all(file.parent().ok_or("no folder")?)?;
            fs::write(&file, text)?;
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(
            &there, text,
            "docs/{name} is not what the schemas say: run this test with UPDATE_DOCS=1"
        );
    }

    let folder = root().join("docs/data-sources");
    for entry in fs::read_dir(folder)? {
        let name = format!("data-sources/{}", entry?.file_name().to_string_lossy());
        let belongs = pages.iter().any(|(page, _)| *page == name);
        assert!(belongs, "docs/{name} is of no data source");
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn page(title: &str, schema: &Schema, example: &str) -> Result<String> {
    let block = schema.block.as_ref().ok_or("no block")?;
    let description = block.description.trim();
    let summary = description.lines().next().unwrap_or_default();
    let example = root().join(format!("examples/terraform/{example}/main.tf"));
    let example = fs::read_to_string(example)?;
    let mut text = format!(
        "---\n\
         page_title: \"{title}\"\n\
         subcategory: \"\"\n\
         description: |-\n  {summary}\n\
         ---\n\n\
         # {title}\n\n\
         {description}\n\n\
         ## Example Usage\n\n\
         ```terraform\n{}\n```\n\n\
         ## Schema\n",
        example.trim()
    );
    contents(&mut text, "###", block)?;
    Ok(text)
}

/// Writes the attributes of a block, then those of its nested blocks.
fn contents(text: &mut String, heading: &str, block: &Block) -> Result<()> {
    let mut attributes: Vec<_> = block.attributes.iter().collect();
    attributes.sort_by_key(|attribute| &attribute.name);
    for (title, belongs) in [
        ("Required", (|one| one.required) as fn(&Attribute) -> bool),
        ("Optional", |one| one.optional),
        ("Read-Only", |one| !one.required && !one.optional),
    ] {
        let mut lines = String::new();
        for attribute in attributes.iter().filter(|one| belongs(one)) {
            let mut kind = kind(&serde_json::from_slice(&attribute.r#type)?);
            if attribute.sensitive {
                kind.push_str(", Sensitive");
            }
            if attribute.optional && attribute.computed {
                kind.push_str(", Read-Only where not set");
            }
            let name = &attribute.name;
            match attribute.description.split_once("\n\n") {
                Some((description, _)) => {
                    writeln!(
                        lines,
                        "- `{name}` ({kind}) {description} (see [below](#{name}))"
                    )?;
                }
                None => writeln!(lines, "- `{name}` ({kind}) {}", attribute.description)?,
            }
        }
        for nested in block.block_types.iter().filter(|_| title == "Optional") {
            let name = &nested.type_name;
            let inner = nested.block.as_ref().ok_or("no block")?;
            writeln!(
                lines,
                "- `{name}` (Block, at most {}) {} (see [below](#{name}))",
                nested.max_items, inner.description
            )?;
        }
        if !lines.is_empty() {
            write!(text, "\n{heading} {title}\n\n{lines}")?;
        }
    }
    for attribute in &attributes {
        fields(text, attribute)?;
    }
    for nested in &block.block_types {
        let name = &nested.type_name;
        write!(text, "\n<a id=\"{name}\"></a>\n### `{name}`\n")?;
        let inner = nested.block.as_ref().ok_or("no block")?;
        contents(text, "####", inner)?;
    }
    Ok(())
}

/// Writes the fields of the objects in a list. The attribute's description has a line
/// for each field, which starts with its name.
fn fields(text: &mut String, attribute: &Attribute) -> Result<()> {
    let of: Json = serde_json::from_slice(&attribute.r#type)?;
    let Some(types) = of[1][1].as_object() else {
        return Ok(());
    };
    let name = &attribute.name;
    let lines = attribute.description.lines();
    let meanings: Vec<(&str, &str)> = lines
        .filter_map(|line| line.strip_prefix("- `")?.split_once("`: "))
        .collect();
    let described: BTreeSet<&str> = meanings.iter().map(|(field, _)| *field).collect();
    let there: BTreeSet<&str> = types.keys().map(String::as_str).collect();
    assert_eq!(
        described, there,
        "the description of `{name}` has a line \"- `FIELD`: MEANING\" for each field"
    );
    write!(
        text,
        "\n<a id=\"{name}\"></a>\n### `{name}`\n\n| field | type | meaning |\n| --- | --- | --- |\n"
    )?;
    for (field, meaning) in meanings {
        writeln!(text, "| `{field}` | {} | {meaning} |", kind(&types[field]))?;
    }
    Ok(())
}

/// The name of a type in the registries.
fn kind(json: &Json) -> String {
    match json {
        Json::String(name) if name == "bool" => "Boolean".to_owned(),
        Json::String(name) => {
            let (first, rest) = name.split_at(1);
            format!("{}{rest}", first.to_uppercase())
        }
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(name), _] if name == "object" => "Object".to_owned(),
            [Json::String(name), of] => {
                format!("{} of {}", kind(&Json::String(name.clone())), kind(of))
            }
            _ => json.to_string(),
        },
        _ => json.to_string(),
    }
}

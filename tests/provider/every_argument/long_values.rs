//! Values of 100,000 bytes are truncated in all diagnostics, and line breaks in values begin
//! no line of them.

use serde_json::{Map, Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::plugin_client::wire::tfplugin::Diagnostic;
use swas_testing::plugin_client::wire::tfplugin::schema::Block;
use swas_testing::running_provider::Result;

use super::scenarios::{Fixture, Scenario};
use crate::machine::{OIDC_PROVIDER, SECRET, role};
use crate::outside_text::{DISGUISED, assert_no_line_is_disguised};

/// The size limit of a diagnostic, in bytes.
const SIZE_LIMIT: usize = 3_000;

const LENGTH: usize = 100_000;

/// Values that pass different validators.
fn values() -> Vec<String> {
    let long = "x".repeat(LENGTH);
    vec![
        DISGUISED.to_owned(),
        format!("http://127.0.0.1:1/{DISGUISED}"),
        format!("{}/{DISGUISED}", role("reader")),
        format!("{OIDC_PROVIDER}/{DISGUISED}"),
        format!("({DISGUISED}"),
        "镜 ".repeat(LENGTH / 4) + "x",
        format!("http://127.0.0.1:1/{long}"),
        format!("{long}.example"),
        format!("{}/{long}", role("reader")),
        format!("{OIDC_PROVIDER}/{long}"),
        format!("~/{}x", "x/".repeat(LENGTH / 2)),
        format!("({long}"),
        long,
    ]
}

/// The names of string arguments, and whether each is a list of strings.
fn texts(block: &Block) -> impl Iterator<Item = (&str, bool)> {
    block.attributes.iter().filter_map(|one| {
        let kind = std::str::from_utf8(&one.r#type).ok()?;
        let is_list = kind == r#"["list","string"]"#;
        (one.optional && (is_list || kind == r#""string""#)).then_some((one.name.as_str(), is_list))
    })
}

fn assert_presentable(case: &str, diagnostics: &[Diagnostic]) {
    assert_no_line_is_disguised(case, &shown(diagnostics));
    for one in diagnostics {
        let length = one.summary.len() + one.detail.len();
        assert!(
            length < SIZE_LIMIT,
            "{case}: {length} bytes: {}",
            one.detail.chars().take(200).collect::<String>()
        );
    }
}

#[tokio::test]
async fn value_in_data_block_is_presentable_in_diagnostics() -> Result<()> {
    let fixture = Fixture::new(Scenario::Plain).await?;
    let schemas = &fixture.provider.schemas.data_source_schemas;
    for (data_source, schema) in schemas {
        let block = schema.block.as_ref().ok_or("no block")?;
        for (name, is_list) in texts(block) {
            for value in values() {
                let value = if is_list {
                    json!([value, value, format!("{value} ")])
                } else {
                    value.into()
                };
                let mut set = json!({name: value});
                if data_source == "swas_image" && !name.starts_with("name") && name != "image_id" {
                    set["name"] = "Ubuntu-22.04".into();
                }
                let case = format!("{data_source} {name}");
                assert_presentable(&case, &fixture.provider.validate(data_source, &set).await?);
                let read = fixture.provider.read(data_source, &set).await?;
                assert_presentable(&case, &read.diagnostics);
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn value_in_provider_block_is_presentable_in_diagnostics() -> Result<()> {
    let fixture = Fixture::new(Scenario::Plain).await?;
    let schema = fixture.provider.schemas.provider.as_ref();
    let block = schema
        .and_then(|schema| schema.block.as_ref())
        .ok_or("no block")?;
    let mut cases: Vec<(String, Value)> = Vec::new();
    for value in values() {
        for (name, _) in texts(block) {
            cases.push((name.to_owned(), json!({name: value})));
        }
        for nested in &block.block_types {
            let name = &nested.type_name;
            for (argument, _) in texts(nested.block.as_ref().ok_or("no block")?) {
                let mut inner = Map::new();
                if name == "assume_role" {
                    inner.insert("role_arn".to_owned(), role("reader").into());
                }
                if name == "assume_role_with_oidc" {
                    inner.insert("role_arn".to_owned(), role("reader").into());
                    inner.insert("oidc_provider_arn".to_owned(), OIDC_PROVIDER.into());
                    if !argument.starts_with("oidc_token") {
                        inner.insert("oidc_token".to_owned(), SECRET.into());
                    }
                }
                inner.insert(argument.to_owned(), value.clone().into());
                let mut set = json!({name: [inner]});
                if argument == "sts" {
                    set["assume_role"] = json!([{"role_arn": role("reader")}]);
                }
                cases.push((format!("{name}.{argument}"), set));
            }
        }
    }
    for (case, set) in cases {
        let diagnostics = fixture.provider.configure(&set).await?;
        assert_presentable(&case, &diagnostics);
        if diagnostics.is_empty() {
            let read = fixture.provider.read("swas_images", &json!({})).await?;
            assert_presentable(&case, &read.diagnostics);
        }
    }
    Ok(())
}

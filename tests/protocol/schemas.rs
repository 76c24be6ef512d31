//! What the provider says it has.

use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::wire::tfplugin::schema::Block;
use swas_testing::plugin_client::wire::tfplugin::{Schema, get_metadata, get_provider_schema};

use crate::support::BOTH;
use crate::support::provider::Provider;

#[tokio::test]
async fn metadata_names_the_data_sources_and_nothing_else() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let get_metadata::Response {
            data_sources,
            resources,
            functions,
            diagnostics,
            ..
        } = provider.client.get_metadata().await.expect("an answer");
        let names: Vec<_> = data_sources.iter().map(|one| &one.type_name).collect();
        assert!(names.contains(&&"swas_images".to_owned()), "{names:?}");
        assert!(
            names.iter().all(|name| name.starts_with("swas_")),
            "{names:?}"
        );
        let others = (resources.len(), functions.len(), diagnostics.len());
        assert_eq!(others, (0, 0, 0), "{protocol:?}");
    }
}

#[tokio::test]
async fn clients_may_keep_the_schema_for_later_processes() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let metadata = provider.client.get_metadata().await.expect("an answer");
        let schemas = provider.client.schema().await.expect("an answer");
        for capabilities in [metadata.server_capabilities, schemas.server_capabilities] {
            let capabilities = capabilities.expect("capabilities");
            assert!(capabilities.get_provider_schema_optional, "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn the_schema_is_the_same_in_both_protocols() {
    let provider = Provider::start(Protocol::V6).await;
    let [five, six] = BOTH.map(|protocol| provider.connection.provider_in(protocol));
    let five = five.schema().await.expect("an answer");
    let six = six.schema().await.expect("an answer");
    assert_eq!(five, six);
}

#[tokio::test]
async fn the_schema_has_the_provider_and_what_metadata_names() {
    let running = Provider::start(Protocol::V6).await;
    let metadata = running.client.get_metadata().await.expect("an answer");
    let get_provider_schema::Response {
        provider,
        data_source_schemas,
        resource_schemas,
        functions,
        diagnostics,
        ..
    } = running.client.schema().await.expect("an answer");
    let mut announced: Vec<_> = metadata
        .data_sources
        .into_iter()
        .map(|one| one.type_name)
        .collect();
    announced.sort_unstable();
    let mut names: Vec<_> = data_source_schemas.into_keys().collect();
    names.sort_unstable();
    assert_eq!((provider.is_some(), names), (true, announced));
    let others = (resource_schemas.len(), functions.len(), diagnostics.len());
    assert_eq!(others, (0, 0, 0));
}

#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let provider = Provider::start(Protocol::V6).await;
    let schemas = provider.client.schema().await.expect("an answer");
    let data_sources = schemas.data_source_schemas.into_iter();
    let all = data_sources.chain(
        schemas
            .provider
            .map(|schema| ("provider".to_owned(), schema)),
    );
    let mut undescribed = Vec::new();
    for (name, schema) in all {
        find_undescribed(&name, &block(schema), &mut undescribed);
    }
    assert_eq!(undescribed, [""; 0]);
}

fn block(schema: Schema) -> Block {
    schema.block.expect("a block")
}

fn find_undescribed(name: &str, block: &Block, found: &mut Vec<String>) {
    if block.description.trim().is_empty() {
        found.push(name.to_owned());
    }
    for attribute in &block.attributes {
        if attribute.description.trim().is_empty() {
            found.push(format!("{name}.{}", attribute.name));
        }
    }
    for nested in &block.block_types {
        let name = format!("{name}.{}", nested.type_name);
        find_undescribed(&name, nested.block.as_ref().expect("a block"), found);
    }
}

#[tokio::test]
async fn credentials_are_sensitive() {
    let provider = Provider::start(Protocol::V6).await;
    let schemas = provider.client.schema().await.expect("an answer");
    let attributes = block(schemas.provider.expect("a schema")).attributes;
    let sensitive: Vec<_> = attributes
        .iter()
        .filter(|attribute| attribute.sensitive)
        .map(|attribute| attribute.name.as_str())
        .collect();
    assert_eq!(sensitive, ["access_key", "secret_key", "security_token"]);
}

#[tokio::test]
async fn every_attribute_is_set_by_someone() {
    let provider = Provider::start(Protocol::V6).await;
    for attribute in block(provider.images_schema().clone()).attributes {
        let (required, optional) = (attribute.required, attribute.optional);
        let consistent = if required {
            !optional && !attribute.computed
        } else {
            optional || attribute.computed
        };
        assert!(consistent, "{}", attribute.name);
    }
}

#[tokio::test]
async fn there_are_no_identities() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let answer = provider.client.identity_schemas().await.expect("an answer");
        let counts = (answer.identity_schemas.len(), answer.diagnostics.len());
        assert_eq!(counts, (0, 0), "{protocol:?}");
    }
}

#[tokio::test]
async fn there_are_no_functions_and_a_call_is_told_so() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let answer = provider.client.get_functions().await.expect("an answer");
        let counts = (answer.functions.len(), answer.diagnostics.len());
        assert_eq!(counts, (0, 0), "{protocol:?}");

        let called = provider.client.call_function("newest", vec![]).await;
        let error = called.expect("an answer").error.expect("an error");
        assert!(error.text.contains("newest"), "{protocol:?}: {error:?}");
    }
}

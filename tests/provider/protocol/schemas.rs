//! Schemas and metadata of the provider.

use swas_testing::plugin_client::wire::tfplugin::schema::Block;
use swas_testing::plugin_client::wire::tfplugin::{Schema, get_metadata, get_provider_schema};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::support::{PROTOCOLS, start_provider};

#[tokio::test]
async fn metadata_and_schema_list_the_same_data_sources() -> Result<()> {
    for protocol in PROTOCOLS {
        let RunningProvider { client, .. } = &start_provider(protocol).await?;
        let get_metadata::Response {
            data_sources,
            resources,
            functions,
            diagnostics,
            server_capabilities,
            ..
        } = client.get_metadata().await?;
        let others = (resources.len(), functions.len(), diagnostics.len());
        assert_eq!(others, (0, 0, 0), "{protocol:?}");
        let mut announced: Vec<_> = data_sources.into_iter().map(|one| one.type_name).collect();
        announced.sort_unstable();
        assert!(
            announced.contains(&"swas_images".to_owned()),
            "{announced:?}"
        );
        assert!(
            announced.iter().all(|name| name.starts_with("swas_")),
            "{announced:?}"
        );

        let get_provider_schema::Response {
            provider,
            data_source_schemas,
            resource_schemas,
            functions,
            diagnostics,
            server_capabilities: capabilities,
            ..
        } = client.schema().await?;
        let others = (resource_schemas.len(), functions.len(), diagnostics.len());
        assert_eq!(others, (0, 0, 0));
        let mut names: Vec<_> = data_source_schemas.into_keys().collect();
        names.sort_unstable();
        assert_eq!((provider.is_some(), names), (true, announced));

        // Clients may cache the schema for later processes.
        for capabilities in [server_capabilities, capabilities] {
            let capabilities = capabilities.ok_or("no capabilities")?;
            assert!(capabilities.get_provider_schema_optional, "{protocol:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn schema_is_equal_in_both_protocols() -> Result<()> {
    let RunningProvider { connection, .. } = &start_provider(PROTOCOLS[1]).await?;
    let [five, six] = PROTOCOLS.map(|protocol| connection.provider_in(protocol));
    assert_eq!(five.schema().await?, six.schema().await?);
    Ok(())
}

#[tokio::test]
async fn schema_attributes_have_description_and_valid_flags() -> Result<()> {
    let schemas = start_provider(PROTOCOLS[1]).await?.schemas;
    let provider = schemas
        .provider
        .map(|schema| ("provider".to_owned(), schema));
    for (name, schema) in schemas.data_source_schemas.into_iter().chain(provider) {
        assert_described(&name, &block(schema)?);
    }
    Ok(())
}

fn block(schema: Schema) -> Result<Block> {
    Ok(schema.block.ok_or("no block")?)
}

fn assert_described(name: &str, block: &Block) {
    assert!(block.description.len() > 5, "{name}");
    for attribute in &block.attributes {
        let name = format!("{name}.{}", attribute.name);
        assert!(attribute.description.len() > 5, "{name}");
        let (required, optional) = (attribute.required, attribute.optional);
        let has_valid_flags = if required {
            !optional && !attribute.computed
        } else {
            optional || attribute.computed
        };
        assert!(has_valid_flags, "{name}");
    }
    for nested in &block.block_types {
        let name = format!("{name}.{}", nested.type_name);
        assert_described(&name, nested.block.as_ref().expect("a block"));
    }
}

#[tokio::test]
async fn credential_attributes_are_marked_sensitive() -> Result<()> {
    let schemas = start_provider(PROTOCOLS[1]).await?.schemas;
    let attributes = block(schemas.provider.ok_or("no schema")?)?.attributes;
    let sensitive = attributes.iter().filter(|attribute| attribute.sensitive);
    let sensitive: Vec<_> = sensitive.map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(sensitive, ["access_key", "secret_key", "security_token"]);
    Ok(())
}

#[tokio::test]
async fn identity_schemas_and_functions_are_empty() -> Result<()> {
    for protocol in PROTOCOLS {
        let RunningProvider { client, .. } = &start_provider(protocol).await?;
        let response = client.identity_schemas().await?;
        let counts = (response.identity_schemas.len(), response.diagnostics.len());
        assert_eq!(counts, (0, 0), "{protocol:?}");
        let response = client.get_functions().await?;
        let counts = (response.functions.len(), response.diagnostics.len());
        assert_eq!(counts, (0, 0), "{protocol:?}");
        let called = client.call_function("newest", vec![]).await?;
        let error = called.error.ok_or("no error")?;
        assert!(error.text.contains("newest"), "{protocol:?}: {error:?}");
    }
    Ok(())
}

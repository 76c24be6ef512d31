//! Panics in the code of a provider become diagnostics, and the process keeps serving.
//!
//! The real provider has no known bug to test with, so another provider is served in
//! this process.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use swas_provider::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, DynamicValue, Parser, Provider, ReadError,
    RegisteredDataSource, Schema, Server, Session, Type, Value,
};
use swas_testing::plugin_client::values::encode;
use swas_testing::plugin_client::wire::tfplugin::{
    Diagnostic, configure_provider, get_provider_schema, read_data_source,
    validate_data_source_config, validate_provider_config,
};
use swas_testing::plugin_client::wire::tfplugin6::provider_client::ProviderClient;
use tonic::Request;
use tonic::service::Routes;

/// The text in each panic message.
const SECRET: &str = "swordfish";

/// A provider that panics when it gets the secret.
struct PanickingProvider;

#[derive(Deserialize, Serialize)]
struct Block {
    text: Value<String>,
}

fn handle(block: &Block) {
    let text = block.text.known();
    assert!(text.is_none_or(|text| text != SECRET), "cannot do {text:?}");
}

fn schema() -> Schema {
    Schema {
        attributes: vec![Attribute::optional("text", Type::String, "Any text.")],
        ..Schema::default()
    }
}

impl Provider for PanickingProvider {
    type Model = Block;
    type Config = ();
    type ProviderData = ();

    fn schema(&self) -> Schema {
        schema()
    }

    fn parse(&self, block: &Block, _: &mut Parser<'_>) {
        handle(block);
    }

    async fn configure(&self, (): (), _: &str, _: &mut Diagnostics) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn data_sources(&self) -> Vec<RegisteredDataSource<()>> {
        vec![
            RegisteredDataSource::of::<PanicInValidation>(),
            RegisteredDataSource::of::<PanicInRead>(),
        ]
    }
}

/// A data source that panics in validation.
struct PanicInValidation;

impl DataSource for PanicInValidation {
    type ProviderData = ();
    type Model = Block;
    type Filter = ();

    const TYPE_NAME: &'static str = "in_validation";

    fn schema() -> Schema {
        schema()
    }

    fn parse(block: &Block, _: &mut Parser<'_>) -> Result<(), ConfigError> {
        handle(block);
        Ok(())
    }

    async fn read(
        (): &(),
        (): (),
        block: Block,
        _: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        Ok(DynamicValue::encode(&block)?)
    }
}

/// A data source that panics during a read.
struct PanicInRead;

impl DataSource for PanicInRead {
    type ProviderData = ();
    type Model = Block;
    type Filter = ();

    const TYPE_NAME: &'static str = "in_read";

    fn schema() -> Schema {
        schema()
    }

    fn parse(_: &Block, _: &mut Parser<'_>) -> Result<(), ConfigError> {
        Ok(())
    }

    async fn read(
        (): &(),
        (): (),
        block: Block,
        _: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        tokio::task::yield_now().await;
        handle(&block);
        Ok(DynamicValue::encode(&block)?)
    }
}

/// A client in this process, with the session that a connection adds to its requests.
struct Client {
    service: ProviderClient<Routes>,
    session: Arc<Session<PanickingProvider>>,
}

/// A request with the session of its connection.
fn request_of<T>(session: &Arc<Session<PanickingProvider>>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Arc::clone(session));
    request
}

/// Makes each call that runs code of the provider, and returns the diagnostics.
async fn call_everything(client: &mut Client, text: &str) -> Vec<Vec<Diagnostic>> {
    let (client, session) = (&mut client.service, &client.session);
    let config = Some(encode(&json!({"text": text})));
    let mut diagnostics = Vec::new();
    let validated = client.validate_provider_config(validate_provider_config::Request {
        config: config.clone(),
    });
    diagnostics.push(
        validated
            .await
            .expect("a response")
            .into_inner()
            .diagnostics,
    );
    let request = configure_provider::Request {
        config: config.clone(),
        ..Default::default()
    };
    let configured = client.configure_provider(request_of(session, request));
    diagnostics.push(
        configured
            .await
            .expect("a response")
            .into_inner()
            .diagnostics,
    );
    let validated = client.validate_data_resource_config(validate_data_source_config::Request {
        type_name: PanicInValidation::TYPE_NAME.to_owned(),
        config: config.clone(),
    });
    diagnostics.push(
        validated
            .await
            .expect("a response")
            .into_inner()
            .diagnostics,
    );
    for type_name in [PanicInValidation::TYPE_NAME, PanicInRead::TYPE_NAME] {
        let request = read_data_source::Request {
            type_name: type_name.to_owned(),
            config: config.clone(),
            ..Default::default()
        };
        let read = client.read_data_source(request_of(session, request));
        diagnostics.push(read.await.expect("a response").into_inner().diagnostics);
    }
    diagnostics
}

/// A configured provider, which panics only when it gets the secret.
async fn configured() -> Client {
    let mut client = Client {
        service: ProviderClient::new(Server::new(PanickingProvider).into_routes()),
        session: Arc::default(),
    };
    for diagnostics in call_everything(&mut client, "harmless").await {
        assert_eq!(diagnostics, []);
    }
    client
}

#[tokio::test]
async fn panic_is_a_diagnostic_that_redacts_the_panic_message() {
    let mut client = configured().await;
    for diagnostics in call_everything(&mut client, SECRET).await {
        let [only] = &diagnostics[..] else {
            panic!("not one diagnostic: {diagnostics:?}");
        };
        assert_eq!(only.summary, "Bug in the provider");
        assert!(only.detail.contains("report this"), "{}", only.detail);
        assert!(!format!("{diagnostics:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn calls_after_panic_are_served() {
    let mut client = configured().await;
    call_everything(&mut client, SECRET).await;
    for diagnostics in call_everything(&mut client, "harmless").await {
        assert_eq!(diagnostics, []);
    }
    let schema = client
        .service
        .get_provider_schema(get_provider_schema::Request {});
    let schema = schema.await.expect("a response").into_inner();
    assert_eq!(schema.data_source_schemas.len(), 2);
}

#[tokio::test]
async fn request_without_a_session_cannot_read() {
    let mut client = ProviderClient::new(Server::new(PanickingProvider).into_routes());
    let config = Some(encode(&json!({"text": "harmless"})));
    let configured = client.configure_provider(configure_provider::Request {
        config: config.clone(),
        ..Default::default()
    });
    configured.await.expect("a response");
    let read = client.read_data_source(read_data_source::Request {
        type_name: PanicInRead::TYPE_NAME.to_owned(),
        config,
        ..Default::default()
    });
    let response = read.await.expect("a response").into_inner();
    assert_eq!(response.diagnostics[0].summary, "Provider not configured");
    assert_eq!(response.state, None);
}

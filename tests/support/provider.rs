use rmpv::Value;
use swas_testing::emulator::{Emulator, Options};
use swas_testing::plugin_client::wire::tfplugin::{
    DynamicValue, Schema, get_provider_schema, read_data_source,
};
use swas_testing::plugin_client::{
    Connection, PluginProcess, Protocol, ProviderClient, Start, values,
};
use tempfile::TempDir;

/// A running provider with one connection, killed on drop.
pub struct Provider {
    /// The process.
    pub process: PluginProcess,
    /// The connection to it.
    pub connection: Connection,
    /// Its calls, in the protocol that was agreed on.
    pub client: ProviderClient,
    schemas: get_provider_schema::Response,
    /// Goes after the process.
    _folder: TempDir,
}

impl Provider {
    /// Starts one that is not configured.
    pub async fn start(protocol: Protocol) -> Self {
        Self::start_as(protocol, |start| start).await
    }

    /// Starts one in another way.
    pub async fn start_as(protocol: Protocol, adapt: impl FnOnce(Start) -> Start) -> Self {
        let folder = super::folder();
        let start = super::start_in(&folder).protocols(&protocol.version().to_string());
        let process = PluginProcess::start(adapt(start)).await.expect("a start");
        let connection = process.connect().await.expect("a connection");
        let client = connection.provider();
        let schemas = client.schema().await.expect("schemas");
        Self {
            process,
            connection,
            client,
            schemas,
            _folder: folder,
        }
    }

    /// Starts one and points it to an endpoint.
    pub async fn configured(protocol: Protocol, emulator: &Emulator) -> Self {
        let provider = Self::start(protocol).await;
        provider.configure(&settings(emulator)).await;
        provider
    }

    /// Configures it with arguments that have nothing wrong.
    pub async fn configure(&self, set: &[(&str, Value)]) {
        let config = self.provider_config(set);
        let answer = self.client.configure(config).await.expect("an answer");
        assert_eq!(answer.diagnostics, []);
    }

    /// A provider block.
    pub fn provider_config(&self, set: &[(&str, Value)]) -> DynamicValue {
        let schema = self.schemas.provider.as_ref().expect("a schema");
        values::config_for(schema, set).expect("a provider block")
    }

    /// A data block of images.
    pub fn images_config(&self, set: &[(&str, Value)]) -> DynamicValue {
        values::config_for(self.images_schema(), set).expect("a data block")
    }

    /// The schema of a data block of images.
    pub fn images_schema(&self) -> &Schema {
        &self.schemas.data_source_schemas["swas_images"]
    }

    /// Every data source, and what its block holds.
    pub fn data_sources(&self) -> impl Iterator<Item = (&str, &Schema)> {
        let schemas = self.schemas.data_source_schemas.iter();
        schemas.map(|(name, schema)| (name.as_str(), schema))
    }

    /// Reads images, whatever comes of it.
    pub async fn read(&self, set: &[(&str, Value)]) -> read_data_source::Response {
        let config = self.images_config(set);
        let answer = self.client.read_data_source("swas_images", config).await;
        answer.expect("an answer")
    }

    /// Reads images when nothing is wrong.
    pub async fn state(&self, set: &[(&str, Value)]) -> Value {
        let answer = self.read(set).await;
        assert_eq!(answer.diagnostics, []);
        values::decode(&answer.state.expect("a state")).expect("a value")
    }
}

/// The provider block that lets an endpoint with the usual account be read.
pub fn settings(emulator: &Emulator) -> Vec<(&'static str, Value)> {
    let account = Options::default();
    vec![
        ("region", "cn-hangzhou".into()),
        ("access_key", account.access_key_id.into()),
        ("secret_key", account.access_key_secret.into()),
        ("endpoints", endpoints(emulator.url().into())),
    ]
}

/// The block that names an endpoint.
pub fn endpoints(swas: Value) -> Value {
    vec![values::object([("swas", swas)])].into()
}

//! A running provider with a connection and schemas.

use std::error::Error;
use std::time::Duration;

use serde_json::Value as Json;

use crate::plugin_client::values::config_for;
use crate::plugin_client::wire::tfplugin::{
    Diagnostic, DynamicValue, Schema, get_provider_schema, read_data_source,
};
use crate::plugin_client::{Connection, PluginProcess, ProviderClient, Start};

/// Time limit for the exit after `Shutdown`.
const EXIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The result of a call. Errors concern the process or the connection. Errors in
/// the configuration are diagnostics.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A connected provider process. Configurations are JSON objects of the arguments
/// that a user sets, completed by the schema. The process is killed on drop.
#[derive(Debug)]
pub struct RunningProvider {
    /// The process.
    pub process: PluginProcess,
    /// The connection to the process.
    pub connection: Connection,
    /// The client for the negotiated protocol.
    pub client: ProviderClient,
    /// The schemas of the provider.
    pub schemas: get_provider_schema::Response,
}

impl RunningProvider {
    /// Starts a provider and connects to it as Terraform does.
    pub async fn start(start: Start) -> Result<Self> {
        let process = PluginProcess::start(start).await?;
        let connection = process.connect().await?;
        let client = connection.provider();
        let schemas = client.schema().await?;
        Ok(Self {
            process,
            connection,
            client,
            schemas,
        })
    }

    /// Validates a provider block.
    pub async fn validate_provider(&self, set: &Json) -> Result<Vec<Diagnostic>> {
        let config = self.provider_block(set)?;
        Ok(self.client.validate_provider(config).await?.diagnostics)
    }

    /// Validates a data block.
    pub async fn validate(&self, type_name: &str, set: &Json) -> Result<Vec<Diagnostic>> {
        let config = self.data_block(type_name, set)?;
        let response = self.client.validate_data_source(type_name, config).await?;
        Ok(response.diagnostics)
    }

    /// Configures the provider. Retries are off unless the block sets
    /// `max_retry_timeout`, so that failures surface immediately.
    pub async fn configure(&self, set: &Json) -> Result<Vec<Diagnostic>> {
        let mut set = set.clone();
        if let Some(set) = set.as_object_mut() {
            set.entry("max_retry_timeout").or_insert(0.into());
        }
        let config = self.provider_block(&set)?;
        Ok(self.client.configure(config).await?.diagnostics)
    }

    /// Reads a data block.
    pub async fn read(&self, type_name: &str, set: &Json) -> Result<read_data_source::Response> {
        let config = self.data_block(type_name, set)?;
        Ok(self.client.read_data_source(type_name, config).await?)
    }

    /// Shuts the provider down as Terraform does, waits for it to exit, and returns
    /// its standard error.
    pub async fn end(mut self) -> Result<String> {
        // The process may exit before it responds.
        let _ = self.connection.shutdown().await;
        match self.process.wait_exit(EXIT_TIMEOUT).await {
            Some(_) => Ok(self.process.stderr()),
            None => Err("the provider did not exit".into()),
        }
    }

    /// Encodes a provider block as Terraform does.
    pub fn provider_block(&self, set: &Json) -> Result<DynamicValue> {
        let schema = self.schemas.provider.as_ref();
        Ok(config_for(
            schema.ok_or("the provider has no schema")?,
            set,
        )?)
    }

    /// Encodes a data block as Terraform does.
    pub fn data_block(&self, type_name: &str, set: &Json) -> Result<DynamicValue> {
        Ok(config_for(self.schema(type_name)?, set)?)
    }

    /// The schema of a data source.
    pub fn schema(&self, type_name: &str) -> Result<&Schema> {
        let schema = self.schemas.data_source_schemas.get(type_name);
        Ok(schema.ok_or("there is no such data source")?)
    }
}

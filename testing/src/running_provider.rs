//! A provider that runs and is asked one thing after the other.

use std::error::Error;
use std::time::Duration;

use serde_json::Value as Json;

use crate::plugin_client::values::config_for;
use crate::plugin_client::wire::tfplugin::{
    Diagnostic, DynamicValue, Schema, get_provider_schema, read_data_source,
};
use crate::plugin_client::{Connection, PluginProcess, ProviderClient, Start};

/// How long a provider may take to leave once it was asked to.
const FAREWELL: Duration = Duration::from_secs(10);

/// What is wrong with the provider's process or the talk with it, not with what
/// it was asked.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A provider's process that is connected and whose schemas are known, so that
/// configurations can be written as JSON objects of the arguments that a user
/// sets. It is killed on drop.
#[derive(Debug)]
pub struct RunningProvider {
    /// The process.
    pub process: PluginProcess,
    /// The connection to it.
    pub connection: Connection,
    /// Its calls, in the protocol that was agreed on.
    pub client: ProviderClient,
    /// What it said that it has.
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

    /// Has a provider block checked.
    pub async fn validate_provider(&self, set: &Json) -> Result<Vec<Diagnostic>> {
        let config = self.provider_block(set)?;
        Ok(self.client.validate_provider(config).await?.diagnostics)
    }

    /// Has a data block checked.
    pub async fn validate(&self, type_name: &str, set: &Json) -> Result<Vec<Diagnostic>> {
        let config = self.data_block(type_name, set)?;
        let answer = self.client.validate_data_source(type_name, config).await?;
        Ok(answer.diagnostics)
    }

    /// Configures it with a provider block. Nothing is tried twice unless the block
    /// says so: what fails is to be seen at once.
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

    /// Sees it off as Terraform does, waits until it is gone, and returns all
    /// that it wrote to standard error.
    pub async fn end(mut self) -> Result<String> {
        // The process may be gone before it has answered.
        let _ = self.connection.shutdown().await;
        match self.process.wait_exit(FAREWELL).await {
            Some(_) => Ok(self.process.stderr()),
            None => Err("the provider did not leave".into()),
        }
    }

    /// A provider block as Terraform sends it.
    pub fn provider_block(&self, set: &Json) -> Result<DynamicValue> {
        let schema = self.schemas.provider.as_ref();
        Ok(config_for(
            schema.ok_or("the provider has no schema")?,
            set,
        )?)
    }

    /// A data block as Terraform sends it.
    pub fn data_block(&self, type_name: &str, set: &Json) -> Result<DynamicValue> {
        Ok(config_for(self.schema(type_name)?, set)?)
    }

    /// The schema of a data source.
    pub fn schema(&self, type_name: &str) -> Result<&Schema> {
        let schema = self.schemas.data_source_schemas.get(type_name);
        Ok(schema.ok_or("there is no such data source")?)
    }
}

//! A provider that runs and is asked one thing after the other.

use std::error::Error;
use std::time::Duration;

use rmpv::Value;

use crate::plugin_client::wire::tfplugin::{
    Diagnostic, DynamicValue, Schema, get_provider_schema, read_data_source,
};
use crate::plugin_client::{Connection, PluginProcess, Start, values};

/// How long a provider may take to leave once it was asked to.
const FAREWELL: Duration = Duration::from_secs(10);

/// What is wrong with the provider's process or the talk with it, not with what
/// it was asked.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A provider's process that is connected and whose schemas are known, so that
/// configurations can be written as the arguments that a user sets.
#[derive(Debug)]
pub struct RunningProvider {
    process: PluginProcess,
    connection: Connection,
    schemas: get_provider_schema::Response,
}

impl RunningProvider {
    /// Starts a provider and connects to it as Terraform does.
    ///
    /// # Errors
    ///
    /// When it does not start or has no schema to give.
    pub async fn start(start: Start) -> Result<Self> {
        let process = PluginProcess::start(start).await?;
        let connection = process.connect().await?;
        let schemas = connection.provider().schema().await?;
        Ok(Self {
            process,
            connection,
            schemas,
        })
    }

    /// Has a provider block checked.
    ///
    /// # Errors
    ///
    /// When there is no such argument, or no answer.
    pub async fn validate_provider(&self, set: &[(&str, Value)]) -> Result<Vec<Diagnostic>> {
        let config = self.provider_block(set)?;
        let answer = self.connection.provider().validate_provider(config).await?;
        Ok(answer.diagnostics)
    }

    /// Has a data block checked.
    ///
    /// # Errors
    ///
    /// When there is no such data source or argument, or no answer.
    pub async fn validate(
        &self,
        type_name: &str,
        set: &[(&str, Value)],
    ) -> Result<Vec<Diagnostic>> {
        let config = self.data_block(type_name, set)?;
        let provider = self.connection.provider();
        let answer = provider.validate_data_source(type_name, config).await?;
        Ok(answer.diagnostics)
    }

    /// Configures it with a provider block.
    ///
    /// # Errors
    ///
    /// When there is no such argument, or no answer.
    pub async fn configure(&self, set: &[(&str, Value)]) -> Result<Vec<Diagnostic>> {
        let config = self.provider_block(set)?;
        let answer = self.connection.provider().configure(config).await?;
        Ok(answer.diagnostics)
    }

    /// Reads a data block.
    ///
    /// # Errors
    ///
    /// When there is no such data source or argument, or no answer.
    pub async fn read(
        &self,
        type_name: &str,
        set: &[(&str, Value)],
    ) -> Result<read_data_source::Response> {
        let config = self.data_block(type_name, set)?;
        let provider = self.connection.provider();
        Ok(provider.read_data_source(type_name, config).await?)
    }

    /// Sees it off as Terraform does, waits until it is gone, and returns all
    /// that it wrote to standard error.
    ///
    /// # Errors
    ///
    /// When it does not leave.
    pub async fn end(mut self) -> Result<String> {
        // The process may be gone before it has answered.
        let _ = self.connection.shutdown().await;
        match self.process.wait_exit(FAREWELL).await {
            Some(_) => Ok(self.process.stderr()),
            None => Err("the provider did not leave".into()),
        }
    }

    fn provider_block(&self, set: &[(&str, Value)]) -> Result<DynamicValue> {
        let schema = self.schemas.provider.as_ref();
        block(schema.ok_or("the provider has no schema")?, set)
    }

    fn data_block(&self, type_name: &str, set: &[(&str, Value)]) -> Result<DynamicValue> {
        let schema = self.schemas.data_source_schemas.get(type_name);
        block(schema.ok_or("there is no such data source")?, set)
    }
}

fn block(schema: &Schema, set: &[(&str, Value)]) -> Result<DynamicValue> {
    Ok(values::config_for(schema, set)?)
}

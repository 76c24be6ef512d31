//! The traits of providers and data sources.

use std::pin::Pin;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::dynamic_value::DynamicValue;
use super::parser::{ConfigError, Parser};
use super::path::AttributePath;
use super::schema::Schema;

/// A provider of data sources.
pub trait Provider: Send + Sync + 'static {
    /// The model of the provider block: a struct of [`Value`](super::Value)s of text,
    /// `bool`s, [`Number`](super::Number)s, and lists, maps and structs of these.
    type Model: DeserializeOwned + Send;
    /// The validated configuration of the provider block.
    type Config: Send;
    /// The result of [`Self::configure`], which data sources read with.
    type ProviderData: Send + Sync + 'static;

    /// The schema of the provider block.
    fn schema(&self) -> Schema;

    /// Validates the provider block and converts it into a configuration.
    fn parse(&self, model: &Self::Model, parser: &mut Parser<'_>) -> Self::Config;

    /// Configures the provider with the configuration of a valid block, and adds warnings to
    /// `warnings`. An unknown argument is not an error until a read needs it.
    ///
    /// # Errors
    ///
    /// If the environment, which completes the block, is invalid.
    fn configure(
        &self,
        config: Self::Config,
        terraform_version: &str,
        warnings: &mut Diagnostics,
    ) -> impl Future<Output = Result<Self::ProviderData, Diagnostics>> + Send;

    /// The data sources of this provider.
    fn data_sources(&self) -> Vec<RegisteredDataSource<Self::ProviderData>>;
}

/// A data source.
pub trait DataSource: 'static {
    /// The [`Provider::ProviderData`] of the provider.
    type ProviderData: Send + Sync;
    /// The model of the data block, with a field for each name in the schema, of types as
    /// in [`Provider::Model`]. It holds the configuration before a read and the state after
    /// it.
    type Model: DeserializeOwned + Send;
    /// The validated arguments of the data block.
    type Filter: Send;

    /// The type name in the configuration.
    const TYPE_NAME: &'static str;

    /// The schema of the data block.
    fn schema() -> Schema;

    /// Validates the data block and converts it into a filter.
    ///
    /// # Errors
    ///
    /// If an argument is unknown or invalid.
    fn parse(model: &Self::Model, parser: &mut Parser<'_>) -> Result<Self::Filter, ConfigError>;

    /// Reads the objects that match a filter, and returns `model` completed with them and
    /// encoded, so that a long list can be encoded on another thread. Adds warnings to
    /// `warnings`.
    fn read(
        data: &Self::ProviderData,
        filter: Self::Filter,
        model: Self::Model,
        warnings: &mut Diagnostics,
    ) -> impl Future<Output = Result<DynamicValue, ReadError>> + Send;
}

/// The reason why a read has no state.
#[derive(Clone, Debug)]
pub enum ReadError {
    /// The read failed.
    Failed(Diagnostics),
    /// The read needs this argument of the provider block, which is unknown until apply.
    ProviderUnknown(AttributePath),
}

impl From<Diagnostic> for ReadError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Failed(diagnostic.into())
    }
}

/// A data source in a provider's list, which decodes and encodes its blocks.
pub struct RegisteredDataSource<Data> {
    pub(super) type_name: &'static str,
    /// Built at the first call that needs it.
    pub(crate) schema: LazyLock<Schema>,
    /// Validates a block.
    pub(crate) validate: fn(&Schema, &DynamicValue) -> Diagnostics,
    /// Reads the data source, and returns its state. Adds errors of the block, and warnings,
    /// to the diagnostics.
    pub(super) read: ReadFn<Data>,
}

type ReadFn<Data> =
    for<'a> fn(
        &'a Schema,
        &'a Data,
        &'a DynamicValue,
        &'a mut Diagnostics,
    ) -> Pin<Box<dyn Future<Output = Result<DynamicValue, ReadError>> + Send + 'a>>;

impl<Data: Send + Sync + 'static> RegisteredDataSource<Data> {
    /// Registers the data source `D`.
    #[must_use]
    pub fn of<D: DataSource<ProviderData = Data>>() -> Self {
        Self {
            type_name: D::TYPE_NAME,
            schema: LazyLock::new(D::schema),
            validate: validate::<D>,
            read: |schema, data, config, diagnostics| {
                Box::pin(read::<D>(schema, data, config, diagnostics))
            },
        }
    }
}

fn validate<D: DataSource>(schema: &Schema, config: &DynamicValue) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    // A read validates arguments that are unknown now.
    let _ = parse::<D>(schema, config, &mut diagnostics);
    diagnostics
}

async fn read<D: DataSource>(
    schema: &Schema,
    data: &D::ProviderData,
    config: &DynamicValue,
    diagnostics: &mut Diagnostics,
) -> Result<DynamicValue, ReadError> {
    let (model, filter) = match parse::<D>(schema, config, diagnostics) {
        Ok(parsed) if !diagnostics.has_error() => parsed,
        Err(ConfigError::Unknown(path)) => return Err(unknown_in_read(path).into()),
        // The diagnostics have the errors.
        _ => return Err(ReadError::Failed(Diagnostics::default())),
    };
    D::read(data, filter, model, diagnostics).await
}

fn parse<D: DataSource>(
    schema: &Schema,
    config: &DynamicValue,
    diagnostics: &mut Diagnostics,
) -> Result<(D::Model, D::Filter), ConfigError> {
    let mut parser = Parser::new(diagnostics);
    let model = parser.decode(schema, config)?;
    let filter = D::parse(&model, &mut parser)?;
    Ok((model, filter))
}

/// The error of a read with an unknown argument, which Terraform should not request.
fn unknown_in_read(path: AttributePath) -> Diagnostic {
    let detail = format!(
        "Terraform requested a read before the value of \"{path}\" was known. Please report this."
    );
    Diagnostic::error("Argument not known yet", detail).at(path)
}

//! What a provider and a data source are.

use std::marker::PhantomData;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::dynamic_value::{DynamicValue, LazyMsgpack};
use super::parser::{ConfigError, Parser};
use super::path::AttributePath;
use super::schema::Schema;

/// A provider of data sources.
pub trait Provider: Send + Sync + 'static {
    /// The provider block as it travels, in [`Value`](super::Value)s of text, flags,
    /// [`Number`](super::Number)s, and lists and structs of these.
    type Model: DeserializeOwned + Send;
    /// What the provider block says.
    type Settings: Send;
    /// What the settings make, for data sources to read with.
    type ProviderData: Send + Sync + 'static;

    /// What the provider block holds.
    fn schema(&self) -> Schema;

    /// Takes from the block what it says, and tells what is wrong in it.
    fn parse(&self, block: &Self::Model, parser: &mut Parser<'_>) -> Self::Settings;

    /// Puts the settings of a block without a mistake to use. What is not known
    /// yet is no error before a read needs it. Warnings go into `warnings`.
    ///
    /// # Errors
    ///
    /// When the environment, which completes the block, is wrong.
    fn configure(
        &self,
        settings: Self::Settings,
        terraform_version: &str,
        warnings: &mut Diagnostics,
    ) -> Result<Self::ProviderData, Diagnostics>;

    /// The data sources that there are.
    fn data_sources(&self) -> Vec<RegisteredDataSource<Self::ProviderData>>;
}

/// One kind of data block.
pub trait DataSource: 'static {
    /// What the provider block made.
    type ProviderData: Send + Sync;
    /// The block as it travels: everything that the schema names. What the user
    /// set comes in, in types as those of [`Provider::Block`], and goes out again together
    /// with what was read.
    type Model: DeserializeOwned + Serialize + Send + Sync;
    /// What the block asks for.
    type Filter: Send;

    /// The name of the block's type.
    const TYPE_NAME: &'static str;

    /// What the block holds.
    fn schema() -> Schema;

    /// Takes from the block what it asks for, and tells what is wrong in it.
    ///
    /// # Errors
    ///
    /// When something is not known yet, or wrong.
    fn parse(block: &Self::Model, parser: &mut Parser<'_>) -> Result<Self::Filter, ConfigError>;

    /// Reads what a block without a mistake asks for, and completes the block
    /// with it. Warnings go into `warnings`.
    fn read(
        configured: &Self::ProviderData,
        query: Self::Filter,
        block: Self::Model,
        warnings: &mut Diagnostics,
    ) -> impl Future<Output = Result<Self::Model, ReadError>> + Send;
}

/// Why there is no state.
#[derive(Clone, Debug)]
pub enum ReadError {
    /// What to tell the user.
    Failed(Diagnostics),
    /// The read needs this argument of the provider block, and it is not known
    /// before apply.
    ProviderUnknown(AttributePath),
}

impl From<Diagnostic> for ReadError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Failed(diagnostic.into())
    }
}

/// A data source in the list of those that a provider has.
pub struct RegisteredDataSource<C> {
    pub(super) type_name: &'static str,
    pub(super) calls: Box<dyn ErasedDataSource<C>>,
}

impl<C: Send + Sync + 'static> RegisteredDataSource<C> {
    /// The data source `D`.
    #[must_use]
    pub fn of<D: DataSource<ProviderData = C>>() -> Self {
        Self {
            type_name: D::TYPE_NAME,
            calls: Box::new(Erased::<D>(PhantomData)),
        }
    }

    /// Checks a block of this data source.
    pub(crate) fn validate(&self, block: &DynamicValue) -> Diagnostics {
        self.calls.validate(block)
    }
}

/// What comes of a read: state or why there is none, and warnings.
pub(super) type ReadResult = (Result<DynamicValue, ReadError>, Diagnostics);

/// A data source without its types, from wire to wire.
pub(super) trait ErasedDataSource<C>: Send + Sync {
    fn schema(&self) -> Schema;
    fn validate(&self, block: &DynamicValue) -> Diagnostics;
    fn read<'a>(
        &'a self,
        configured: &'a C,
        block: &'a DynamicValue,
    ) -> Pin<Box<dyn Future<Output = ReadResult> + Send + 'a>>;
}

struct Erased<D>(PhantomData<fn() -> D>);

impl<C: Send + Sync, D: DataSource<ProviderData = C>> ErasedDataSource<C> for Erased<D> {
    fn schema(&self) -> Schema {
        D::schema()
    }

    fn validate(&self, block: &DynamicValue) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        // What is not known yet is parsed when it is read.
        let _ = parse::<D>(block, &mut diagnostics);
        diagnostics
    }

    fn read<'a>(
        &'a self,
        configured: &'a C,
        block: &'a DynamicValue,
    ) -> Pin<Box<dyn Future<Output = ReadResult> + Send + 'a>> {
        Box::pin(async move {
            let mut diagnostics = Diagnostics::default();
            let parsed = parse::<D>(block, &mut diagnostics);
            if let Err(ConfigError::Unknown(path)) = &parsed {
                diagnostics.push(unknown_in_read(path));
            }
            let (block, query) = match parsed {
                Ok(parsed) if !diagnostics.has_error() => parsed,
                _ => return (Err(ReadError::Failed(diagnostics)), Diagnostics::default()),
            };
            let state = D::read(configured, query, block, &mut diagnostics)
                .await
                .and_then(|block| {
                    LazyMsgpack::new(block)
                        .map(DynamicValue::Lazy)
                        .map_err(|error| {
                            let detail = format!(
                                "What was read cannot be encoded: {error}. Please report this."
                            );
                            Diagnostic::error("Bug in the provider", detail).into()
                        })
                });
            (state, diagnostics)
        })
    }
}

fn parse<D: DataSource>(
    block: &DynamicValue,
    diagnostics: &mut Diagnostics,
) -> Result<(D::Model, D::Filter), ConfigError> {
    let mut parser = Parser::new(diagnostics);
    let block = parser.decode(&D::schema(), block)?;
    let query = D::parse(&block, &mut parser)?;
    Ok((block, query))
}

/// Terraform reads a block only when it knows all of it.
fn unknown_in_read(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "Terraform asked for a read before it knows the value of \"{path}\". Please report this."
    );
    Diagnostic::error("Argument not known yet", detail).at(path.clone())
}

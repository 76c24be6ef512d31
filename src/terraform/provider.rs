//! What a provider and a data source are.

use std::marker::PhantomData;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::encoding;
use super::path::AttributePath;
use super::proto::tfplugin::DynamicValue;
use super::schema::Schema;

/// A provider of data sources.
pub trait Provider: Send + Sync + 'static {
    /// The provider block.
    type Config: DeserializeOwned + Send;
    /// What the provider block makes, for data sources to read with.
    type Client: Send + Sync + 'static;

    /// What the provider block holds.
    fn schema(&self) -> Schema;

    /// Finds what is wrong in the provider block, as far as it is known.
    fn validate(&self, config: &Self::Config, diagnostics: &mut Diagnostics);

    /// Makes the client. The block has been validated; values in it may still
    /// be unknown, which is no error before a read needs them.
    ///
    /// # Errors
    ///
    /// When the environment, which completes the block, is wrong.
    fn configure(
        &self,
        config: Self::Config,
        terraform_version: &str,
    ) -> Result<Self::Client, Diagnostics>;

    /// The data sources that there are.
    fn data_sources(&self) -> Vec<RegisteredDataSource<Self::Client>>;
}

/// One kind of data block.
pub trait DataSource: 'static {
    /// What the provider block made.
    type Client: Send + Sync;
    /// What the user set.
    type Config: DeserializeOwned + Send;
    /// What the user reads: everything that the schema names.
    type State: Serialize + Send;

    /// The name of the block's type.
    const TYPE_NAME: &'static str;

    /// What the block holds.
    fn schema() -> Schema;

    /// Finds what is wrong in the block, as far as it is known.
    fn validate(config: &Self::Config, diagnostics: &mut Diagnostics);

    /// Reads. The block has been validated. Warnings go into `warnings`.
    fn read(
        client: &Self::Client,
        config: Self::Config,
        warnings: &mut Diagnostics,
    ) -> impl Future<Output = Result<Self::State, ReadError>> + Send;
}

/// Why there is no state.
#[derive(Debug)]
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
    /// The name of the block's type.
    pub type_name: &'static str,
    pub(super) calls: Box<dyn Calls<C>>,
}

impl<C: Send + Sync + 'static> RegisteredDataSource<C> {
    /// The data source `D`.
    #[must_use]
    pub fn of<D: DataSource<Client = C>>() -> Self {
        Self {
            type_name: D::TYPE_NAME,
            calls: Box::new(CallsOf::<D>(PhantomData)),
        }
    }
}

/// What comes of a read: state or why there is none, and warnings.
pub(super) type ReadAnswer = (Result<DynamicValue, ReadError>, Diagnostics);

/// A data source without its types, from wire to wire.
pub(super) trait Calls<C>: Send + Sync {
    fn schema(&self) -> Schema;
    fn validate(&self, config: &DynamicValue) -> Diagnostics;
    fn read<'a>(
        &'a self,
        client: &'a C,
        config: &'a DynamicValue,
    ) -> Pin<Box<dyn Future<Output = ReadAnswer> + Send + 'a>>;
}

struct CallsOf<D>(PhantomData<fn() -> D>);

impl<C: Send + Sync, D: DataSource<Client = C>> Calls<C> for CallsOf<D> {
    fn schema(&self) -> Schema {
        D::schema()
    }

    fn validate(&self, config: &DynamicValue) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        match encoding::decode(config) {
            Ok(config) => D::validate(&config, &mut diagnostics),
            Err(error) => diagnostics.push(error.into()),
        }
        diagnostics
    }

    fn read<'a>(
        &'a self,
        client: &'a C,
        config: &'a DynamicValue,
    ) -> Pin<Box<dyn Future<Output = ReadAnswer> + Send + 'a>> {
        Box::pin(async move {
            let mut diagnostics = Diagnostics::default();
            let config: D::Config = match encoding::decode(config) {
                Ok(config) => config,
                Err(error) => return (Err(Diagnostic::from(error).into()), diagnostics),
            };
            // What was unknown when Terraform validated may be wrong now.
            D::validate(&config, &mut diagnostics);
            if diagnostics.has_error() {
                return (Err(ReadError::Failed(diagnostics)), Diagnostics::default());
            }
            let state = D::read(client, config, &mut diagnostics)
                .await
                .and_then(|state| {
                    encoding::encode(&state).map_err(|error| {
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

//! The provider `swas`: where Terraform's language and the API meet.
//!
//! - [`config`]: the provider block and the environment
//! - [`images`] and its like: one data source each
//! - [`selection`]: what data sources of images have in common
//! - [`checks`]: rules on arguments
//! - [`digest`]: the `id` of data blocks that stand for many things
//! - [`errors`]: errors of the API as users read them
//! - [`order`], [`version`]: the order of names, and of the versions in them
//!
//! A new data source is one file beside [`images`] and one line in
//! [`SwasProvider::data_sources`].

pub mod checks;
pub mod config;
pub mod digest;
mod errors;
pub mod image;
pub mod images;
pub mod order;
pub mod regions;
pub mod selection;
pub mod version;

use crate::swas::credentials::Environment;
use crate::terraform::{Diagnostics, Provider, RegisteredDataSource, Schema};

use config::{Config, Configured};

/// The provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct SwasProvider;

impl Provider for SwasProvider {
    type Config = Config;
    type Client = Configured;

    fn schema(&self) -> Schema {
        config::schema::schema()
    }

    fn validate(&self, config: &Config, diagnostics: &mut Diagnostics) {
        config.validate(diagnostics);
    }

    fn configure(
        &self,
        config: Config,
        terraform_version: &str,
    ) -> Result<Configured, Diagnostics> {
        config.complete(terraform_version, &Environment::of_process())
    }

    fn data_sources(&self) -> Vec<RegisteredDataSource<Configured>> {
        vec![
            RegisteredDataSource::of::<images::Images>(),
            RegisteredDataSource::of::<image::Image>(),
            RegisteredDataSource::of::<regions::Regions>(),
        ]
    }
}

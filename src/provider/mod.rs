//! Provider `swas`.
//!
//! - `config`: the provider block and the environment
//! - `data_sources`: the data sources
//! - `validators`: validation of single arguments
//! - `diagnostics`: diagnostics for API and credentials errors
//! - `glob`: detection of globs in the place of regular expressions
//! - `list`: lists in diagnostics
//! - `fetched`: responses, and work on them on another thread
//! - `similarity`: suggestions for misspelled text
//!
//! A new data source is one file in `data_sources` and one line in
//! [`SwasProvider::data_sources`].

mod config;
mod data_sources;
mod diagnostics;
mod fetched;
mod glob;
mod list;
mod similarity;
mod validators;

use crate::terraform::{Diagnostics, Parser, Provider, RegisteredDataSource, Schema};
use aliyun::env::Environment;
use data_sources::{custom_images, image, images, plans, regions};

use config::{ProviderConfig, ProviderData, ProviderModel};

/// Provider `swas` with its data sources.
#[derive(Clone, Copy, Debug, Default)]
pub struct SwasProvider;

impl Provider for SwasProvider {
    type Model = ProviderModel;
    type Config = ProviderConfig;
    type ProviderData = ProviderData;

    fn schema(&self) -> Schema {
        config::schema()
    }

    fn parse(&self, model: &ProviderModel, parser: &mut Parser<'_>) -> ProviderConfig {
        ProviderConfig::resolve(model, &Environment::of_process(), parser)
    }

    async fn configure(
        &self,
        config: ProviderConfig,
        terraform_version: &str,
        warnings: &mut Diagnostics,
    ) -> Result<ProviderData, Diagnostics> {
        config.configure(terraform_version, warnings).await
    }

    fn data_sources(&self) -> Vec<RegisteredDataSource<ProviderData>> {
        vec![
            RegisteredDataSource::of::<images::ImagesDataSource>(),
            RegisteredDataSource::of::<image::ImageDataSource>(),
            RegisteredDataSource::of::<custom_images::CustomImagesDataSource>(),
            RegisteredDataSource::of::<plans::PlansDataSource>(),
            RegisteredDataSource::of::<regions::RegionsDataSource>(),
        ]
    }
}

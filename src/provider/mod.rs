//! The provider `swas`: where Terraform's language and the API meet.
//!
//! - `config`: the provider block and the environment
//! - `images` and its like: one data source each
//! - `selection`: what data sources of images have in common
//! - `attributes`: what several data sources declare alike
//! - `checks`: what single arguments may be
//! - `digest`: the `id` of data blocks that stand for many things
//! - `expressions`: regular expressions, compiled once
//! - `errors`: errors of the API as users read them
//! - `glob`: globs in the place of regular expressions
//! - `list`: lists in such texts
//! - `not_found`: warnings about IDs and values that nothing has
//!
//! A new data source is one file beside `images` and one line in
//! [`SwasProvider::data_sources`].

mod attributes;
mod checks;
mod config;
mod custom_images;
mod digest;
mod errors;
mod expressions;
mod glob;
mod image;
mod images;
mod list;
mod not_found;
mod plans;
mod regions;
mod selection;

use crate::swas::Amount;
use crate::swas::credentials::Environment;
use crate::terraform::{Diagnostics, Number, Parser, Provider, RegisteredDataSource, Schema};

use config::{Block, Configured, Settings};

/// The provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct SwasProvider;

impl Provider for SwasProvider {
    type Block = Block;
    type Settings = Settings;
    type Configured = Configured;

    fn schema(&self) -> Schema {
        config::schema()
    }

    fn parse(&self, block: &Block, parser: &mut Parser<'_>) -> Settings {
        Settings::parse(block, &Environment::of_process(), parser)
    }

    fn configure(
        &self,
        settings: Settings,
        terraform_version: &str,
        warnings: &mut Diagnostics,
    ) -> Result<Configured, Diagnostics> {
        settings.complete(terraform_version, &Environment::of_process(), warnings)
    }

    fn data_sources(&self) -> Vec<RegisteredDataSource<Configured>> {
        vec![
            RegisteredDataSource::of::<images::Images>(),
            RegisteredDataSource::of::<image::Image>(),
            RegisteredDataSource::of::<custom_images::CustomImages>(),
            RegisteredDataSource::of::<plans::Plans>(),
            RegisteredDataSource::of::<regions::Regions>(),
        ]
    }
}

/// A number of an answer as Terraform has it.
impl From<Amount> for Number {
    fn from(amount: Amount) -> Self {
        amount.get().into()
    }
}

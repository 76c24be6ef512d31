//! The data source `swas_regions`: where servers are offered.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::config::Configured;
use super::digest::digest;
use super::{checks, errors};
use crate::swas::{ListRegions, Region, RegionId};
use crate::terraform::{
    Attribute, AttributePath, DataSource, Diagnostics, ReadError, Schema, Type, Value,
};

/// The languages that the API names regions in.
const LANGUAGES: &[&str] = &["zh-CN", "en-US"];

/// The data source.
#[derive(Debug)]
pub struct Regions;

/// What the user set.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    accept_language: Value<String>,
}

/// What the user reads.
#[derive(Debug, Serialize)]
pub struct State {
    id: String,
    accept_language: Value<String>,
    regions: Vec<RegionState>,
    ids: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RegionState {
    region_id: String,
    local_name: String,
    region_endpoint: String,
}

impl From<Region> for RegionState {
    fn from(region: Region) -> Self {
        Self {
            region_id: region.region_id,
            local_name: region.local_name,
            region_endpoint: region.region_endpoint,
        }
    }
}

impl DataSource for Regions {
    type Client = Configured;
    type Config = Config;
    type State = State;

    const TYPE_NAME: &'static str = "swas_regions";

    fn schema() -> Schema {
        Schema {
            description: "The regions in which Simple Application Server is offered. It needs no \
                          region itself: the endpoint of `cn-hangzhou` is asked, unless another \
                          one is configured.",
            attributes: vec![
                Attribute::optional(
                    "accept_language",
                    Type::String,
                    "Language of `local_name`: `zh-CN` or `en-US`. Default: `zh-CN`.",
                ),
                Attribute::computed("id", Type::String, "Digest of the arguments."),
                Attribute::computed(
                    "regions",
                    Type::Object(vec![
                        ("region_id", Type::String),
                        ("local_name", Type::String),
                        ("region_endpoint", Type::String),
                    ])
                    .list(),
                    "The regions, each with `region_id`, `local_name` and `region_endpoint` (the \
                     host of its API). Sorted by ID.",
                ),
                Attribute::computed(
                    "ids",
                    Type::String.list(),
                    "The IDs of `regions`, in the same order.",
                ),
            ],
            blocks: Vec::new(),
        }
    }

    fn validate(config: &Config, diagnostics: &mut Diagnostics) {
        let path = AttributePath::attribute("accept_language");
        checks::one_of(&config.accept_language, path, LANGUAGES, diagnostics);
    }

    async fn read(
        configured: &Configured,
        config: Config,
        _warnings: &mut Diagnostics,
    ) -> Result<State, ReadError> {
        let query = ListRegions {
            asked: RegionId::any(),
            accept_language: config.accept_language.known().cloned(),
        };
        let regions = configured.client()?.call(&query).await;
        let regions = regions.map_err(|error| errors::diagnostic(&error))?;
        Ok(State {
            id: digest(&json!([config.accept_language.known()])),
            accept_language: config.accept_language,
            ids: regions
                .iter()
                .map(|region| region.region_id.clone())
                .collect(),
            regions: regions.into_iter().map(RegionState::from).collect(),
        })
    }
}

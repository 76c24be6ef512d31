//! The data source `swas_regions`: the regions in which servers are offered.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::validators;
use crate::swas::operations::regions::{Language, ListRegions, Region};
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, Parser, ReadError, Schema, Type, Value,
};
use aliyun::rpc::region::RegionId;

#[derive(Debug)]
pub struct RegionsDataSource;

#[derive(Debug, Deserialize, Serialize)]
pub struct RegionsModel {
    accept_language: Value<String>,
    id: Value<String>,
    #[serde(skip_deserializing)]
    regions: Value<Vec<RegionObject>>,
    #[serde(skip_deserializing)]
    ids: Value<Vec<String>>,
    #[serde(skip_deserializing)]
    names: Value<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct RegionObject {
    id: String,
    region_id: String,
    local_name: String,
    region_endpoint: String,
}

impl From<&Region> for RegionObject {
    fn from(region: &Region) -> Self {
        Self {
            id: region.region_id.clone(),
            region_id: region.region_id.clone(),
            local_name: region.local_name.clone(),
            region_endpoint: region.region_endpoint.clone(),
        }
    }
}

impl DataSource for RegionsDataSource {
    type ProviderData = ProviderData;
    type Model = RegionsModel;
    type Filter = ListRegions;

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
                        ("id", Type::String),
                        ("region_id", Type::String),
                        ("local_name", Type::String),
                        ("region_endpoint", Type::String),
                    ])
                    .list(),
                    "The regions, sorted by ID.\n\n\
                     - `id`: ID of the region, for example `cn-hangzhou`\n\
                     - `region_id`: the same\n\
                     - `local_name`: name of the region, in the language asked for\n\
                     - `region_endpoint`: host of the API in the region",
                ),
                attributes::projected_list("ids", "IDs of `regions`"),
                attributes::projected_list("names", "values of `local_name` of `regions`"),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(model: &RegionsModel, parser: &mut Parser<'_>) -> Result<ListRegions, ConfigError> {
        let language = &model.accept_language;
        let language = parser.text("accept_language", language, |text, path| {
            validators::one_of(text, path, Language::ALL.map(|one| (one.as_str(), one)))
        });
        Ok(ListRegions {
            region: RegionId::any(),
            accept_language: language?,
        })
    }

    async fn read(
        data: &ProviderData,
        filter: ListRegions,
        model: RegionsModel,
        warnings: &mut Diagnostics,
    ) -> Result<RegionsModel, ReadError> {
        let regions = data
            .fetch(|client| client.regions(filter), warnings)
            .await?;
        let ids = regions.iter().map(|region| region.region_id.clone());
        let names = regions.iter().map(|region| region.local_name.clone());
        Ok(RegionsModel {
            id: Value::Known(digest(&json!([model.accept_language]))),
            ids: Value::Known(ids.collect()),
            names: Value::Known(names.collect()),
            regions: Value::Known(regions.iter().map(RegionObject::from).collect()),
            ..model
        })
    }
}

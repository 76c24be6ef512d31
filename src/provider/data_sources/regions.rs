//! The data source `swas_regions`: the regions in which servers are offered.

use serde::{Deserialize, Serialize};

use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::data_sources::fields::{self, Entry, Field, Objects, fields};
use crate::provider::validators;
use crate::swas::operations::regions::{LANGUAGES, ListRegions, Region};
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, DynamicValue, Parser, ReadError, Schema, Type,
    Value,
};
use aliyun::rpc::region::RegionId;

#[derive(Debug)]
pub struct RegionsDataSource;

#[derive(Debug, Deserialize, Serialize)]
pub struct RegionsModel<'a> {
    accept_language: Value<String>,
    id: Value<String>,
    #[serde(skip_deserializing)]
    regions: Value<Objects<'a, Region>>,
    #[serde(skip_deserializing)]
    ids: Value<Vec<&'a str>>,
    #[serde(skip_deserializing)]
    names: Value<Vec<&'a str>>,
}

impl Entry for Region {
    const FIELDS: &'static [Field<Self>] = fields! {
        "id": Text(|region| &region.region_id), "ID of the region, such as `cn-hangzhou`.";
        "region_id": Text(|region| &region.region_id), "Same as `id`.";
        "local_name": Text(|region| &region.local_name),
            "Name of the region, in the language of `accept_language`.";
        "region_endpoint": Text(|region| &region.region_endpoint), "Host of the API in the region.";
    };
}

impl DataSource for RegionsDataSource {
    type ProviderData = ProviderData;
    type Model = RegionsModel<'static>;
    type Filter = ListRegions;

    const TYPE_NAME: &'static str = "swas_regions";

    fn schema() -> Schema {
        Schema {
            description: "Returns the regions in which Simple Application Server is offered. \
                          Needs no region itself: unless an endpoint is configured, the request \
                          goes to `cn-hangzhou`.",
            attributes: vec![
                Attribute::optional(
                    "accept_language",
                    Type::String,
                    "Language of `local_name`. Valid values: `zh-CN` and `en-US`. Defaults to \
                     `zh-CN`.",
                ),
                Attribute::computed("id", Type::String, "Digest of the arguments."),
                fields::list::<Region>("regions", "Regions, by ID."),
                attributes::projected_list("ids", "IDs", "regions"),
                attributes::projected_list("names", "Values of `local_name`", "regions"),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(model: &RegionsModel, parser: &mut Parser<'_>) -> Result<ListRegions, ConfigError> {
        let language = &model.accept_language;
        let language = parser.text("accept_language", language, |text, path| {
            validators::one_of(text, path, LANGUAGES.map(|one| (one, one)))
        });
        Ok(ListRegions {
            region: RegionId::any(),
            accept_language: language?,
        })
    }

    async fn read(
        data: &ProviderData,
        filter: ListRegions,
        model: RegionsModel<'static>,
        warnings: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        let regions = data.fetch(None, |client| client.regions(filter), warnings);
        let regions = regions.await?;
        let encode = move |regions: std::sync::Arc<Vec<Region>>, _: &mut _| {
            let ids = regions.iter().map(|region| &*region.region_id);
            let names = regions.iter().map(|region| &*region.local_name);
            DynamicValue::encode(&RegionsModel {
                id: Value::Known(digest(&model)),
                ids: Value::Known(ids.collect()),
                names: Value::Known(names.collect()),
                regions: Value::Known(Objects(regions.iter().collect())),
                ..model
            })
        };
        regions.process(warnings, encode).await
    }
}

//! Every argument of the data blocks.

use serde_json::{Value, json};
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::{Catalog, Emulator};
use swas_testing::plugin_client::values::decode;
use swas_testing::running_provider::{Result, RunningProvider};

use super::scenarios::VOLATILE;
use crate::golden::Golden;
use crate::support::{
    PROTOCOLS, configure, emulator, expect_state, provider_config, start_provider, with,
};

/// The result of a read.
#[derive(PartialEq)]
struct Observed {
    /// The summary of each error.
    errors: Vec<String>,
    /// Requests, diagnostics, and the state without the tested arguments.
    effects: String,
}

struct Fixture {
    emulator: Emulator,
    provider: RunningProvider,
}

impl Fixture {
    async fn new() -> Result<Self> {
        Ok(Self {
            emulator: emulator(),
            provider: start_provider(PROTOCOLS[1]).await?,
        })
    }

    /// The provider block, with a region that has two images of the same name.
    fn settings(&self) -> Value {
        with(&provider_config(&self.emulator), "region", "us-west-1")
    }

    /// Reads a block with empty caches.
    async fn observe(&self, data_source: &str, block: &Value, tested: &[&str]) -> Result<Observed> {
        configure(&self.provider, &self.settings()).await?;
        let before = self.emulator.requests().len();
        let response = self.provider.read(data_source, block).await?;
        let diagnostics = &response.diagnostics;
        let errors = if has_error(diagnostics) {
            diagnostics.iter().map(|one| one.summary.clone()).collect()
        } else {
            Vec::new()
        };
        let mut state = match &response.state {
            Some(state) => decode(state)?,
            None => Value::Null,
        };
        if let Some(state) = state.as_object_mut() {
            state.retain(|name, _| name != "id" && !tested.contains(&name.as_str()));
        }
        let requests: Vec<_> = self.emulator.requests().split_off(before);
        let requests: Vec<Vec<_>> = requests
            .iter()
            .map(|request| {
                let sent = request.parameters.iter();
                sent.filter(|(name, _)| !VOLATILE.contains(&name.as_str()))
                    .collect()
            })
            .collect();
        Ok(Observed {
            effects: format!("{requests:?}\n{state}\n{}", shown(diagnostics)),
            errors,
        })
    }

    /// Adds the arguments to the base. Unless this is an error, each must have an effect.
    async fn outcome(
        &self,
        data_source: &str,
        base: &Value,
        arguments: &[(&str, &Value)],
    ) -> Result<String> {
        let names: Vec<_> = arguments.iter().map(|(name, _)| *name).collect();
        let without = |omitted: Option<&str>| {
            let set = arguments.iter().filter(|(name, _)| Some(*name) != omitted);
            set.fold(base.clone(), |block, (name, value)| {
                with(&block, name, (*value).clone())
            })
        };
        let all = self.observe(data_source, &without(None), &names).await?;
        if !all.errors.is_empty() {
            return Ok(format!("error: {}\n", all.errors.join("; ")));
        }
        for name in &names {
            let block = without(Some(name));
            let fewer = self.observe(data_source, &block, &names).await?;
            assert!(all != fewer, "{data_source} {names:?}: {name} is ignored");
        }
        Ok("effect\n".to_owned())
    }

    /// Tries each optional argument, alone and in each pair.
    async fn try_all(
        &self,
        golden: &mut Golden,
        data_source: &str,
        base: &Value,
        values: &Value,
    ) -> Result<()> {
        let arguments = self.arguments(data_source, |optional, _| optional)?;
        let arguments = arguments.iter().filter(|name| base.get(name).is_none());
        let arguments: Vec<_> = arguments
            .map(|name| (name.as_str(), values.get(name).expect("a value to try")))
            .collect();
        for (index, one) in arguments.iter().enumerate() {
            let text = self.outcome(data_source, base, &[*one]).await?;
            golden.add(format!("{data_source} {base} + {}", one.0), &text);
            for other in &arguments[index + 1..] {
                let text = self.outcome(data_source, base, &[*one, *other]).await?;
                let case = format!("{data_source} {base} + {} + {}", one.0, other.0);
                golden.add(case, &text);
            }
        }
        Ok(())
    }

    /// The names of attributes, selected by their optional and computed flags.
    fn arguments(
        &self,
        data_source: &str,
        belongs: impl Fn(bool, bool) -> bool,
    ) -> Result<Vec<String>> {
        let block = self.provider.schema(data_source)?.block.as_ref();
        let attributes = block.ok_or("no block")?.attributes.iter();
        let attributes = attributes.filter(|one| belongs(one.optional, one.computed));
        Ok(attributes.map(|one| one.name.clone()).collect())
    }
}

#[tokio::test]
async fn every_argument_has_an_effect_or_is_an_error() -> Result<()> {
    let fixture = Fixture::new().await?;
    configure(&fixture.provider, &fixture.settings()).await?;
    let all = fixture.provider.read("swas_images", &json!({})).await?;
    let all = expect_state(&all)?;
    let id_of = |name: &str| {
        let images = all["images"].as_array().into_iter().flatten();
        let mut named = images.filter(|image| image["image_name"] == name);
        named.next().map(|image| image["image_id"].clone())
    };
    let ubuntu = id_of("Ubuntu-22.04").ok_or("no Ubuntu")?;
    let windows = id_of("Windows-Server-2012-R2").ok_or("no Windows")?;
    let lamp = id_of("LAMP-8.2").ok_or("no LAMP")?;
    let mut golden = Golden::default();
    let images = json!({
        "region_id": "cn-hangzhou", "image_ids": [ubuntu, windows, lamp], "image_type": "system",
        "platform": "Linux", "name_regex": "0",
    });
    fixture
        .try_all(&mut golden, "swas_images", &json!({}), &images)
        .await?;
    let image = json!({
        "region_id": "cn-hangzhou", "image_id": ubuntu, "image_type": "app", "platform": "Windows",
        "name": "Ubuntu-22.04", "name_regex": "^Windows", "most_recent": true,
    });
    fixture
        .try_all(&mut golden, "swas_image", &json!({}), &image)
        .await?;
    // A different image for each type and platform.
    let regex = "^(宝塔Windows面板-|LAMP-|Windows-Server-2012-R|Debian-11[.]9)\
                 (?P<version>8[.]1[.]0|7[.]4|2|)$";
    let newest = json!({"name_regex": regex, "most_recent": true});
    let image = with(&with(&image, "platform", "Linux"), "image_type", "system");
    fixture
        .try_all(&mut golden, "swas_image", &newest, &image)
        .await?;
    let regions = json!({"accept_language": "en-US"});
    fixture
        .try_all(&mut golden, "swas_regions", &json!({}), &regions)
        .await?;
    golden.assert("every_argument");
    Ok(())
}

/// Returns `object` and, for each of the other values, a copy with that value.
fn variants(object: &Value, others: &Value) -> Vec<Value> {
    let others = others.as_object().into_iter().flatten();
    let each = others.map(|(name, value)| {
        let mut other = with(object, name, value.clone());
        other["id"] = format!("{}-{name}", object["id"].as_str().unwrap_or_default()).into();
        other
    });
    each.chain([object.clone()]).collect()
}

#[tokio::test]
async fn every_plan_and_custom_image_argument_has_an_effect_or_is_an_error() -> Result<()> {
    let plan = |core: u32, memory: u32| {
        let plan = json!({
            "id": format!("c{core}m{memory}"), "Core": core, "Memory": memory, "DiskSize": 40,
            "Bandwidth": 5, "Flow": 1024, "OriginPrice": "10", "Currency": "USD",
            "SupportPlatform": "[\"Linux\"]", "PlanType": "NORMAL",
        });
        let others = json!({
            "DiskSize": 60, "Bandwidth": 6, "Flow": 2048, "OriginPrice": "11",
            "SupportPlatform": "[\"Windows\"]", "PlanType": "MULTI_IP", "Currency": "CNY",
        });
        variants(&plan, &others)
    };
    let named = |things: Vec<Value>, name: &str| -> Vec<Value> {
        let things = things.into_iter();
        things
            .map(|thing| with(&thing, name, thing["id"].clone()))
            .collect()
    };
    let plans = named(
        [plan(2, 2), plan(2, 4), plan(4, 2), plan(4, 4)].concat(),
        "PlanId",
    );
    // Plans with another currency are excluded by their IDs alone.
    let plan_ids = plans.iter().map(|plan| plan["id"].clone());
    let plan_ids = plan_ids.filter(|id| !id.to_string().contains("Currency"));
    let plan_ids: Vec<_> = plan_ids.collect();
    let image = json!({
        "id": "web", "Name": "web", "OsType": "Linux", "Status": "1",
        "Tags": [{"Key": "env", "Value": "prod"}],
    });
    let others = json!({
        "Name": "db", "OsType": "Windows", "Status": "0", "InShare": true, "Tags": [],
    });
    let images = named(variants(&image, &others), "ImageId");
    let image_ids = ["web", "web-Name", "web-OsType", "web-Status", "web-Tags"];
    let fixture = Fixture::new().await?;
    let regions = ["us-west-1", "cn-hangzhou"].into_iter();
    let catalog = regions.fold(Catalog::builtin(), |catalog, region| {
        let catalog = catalog.with_plans(region, plans.clone());
        catalog.with_custom_images(region, images.clone())
    });
    fixture.emulator.set_catalog(catalog);
    let mut golden = Golden::default();
    let values = json!({
        "region_id": "cn-hangzhou", "plan_ids": plan_ids, "core": 2, "memory": 2, "disk_size": 40,
        "bandwidth": 5, "flow": 1024, "platform": "Linux", "plan_type": "NORMAL", "min_core": 3,
        "min_memory": 3, "max_price": 10,
    });
    fixture
        .try_all(&mut golden, "swas_plans", &json!({}), &values)
        .await?;
    let values = json!({
        "region_id": "cn-hangzhou", "image_ids": image_ids, "name_regex": "^web", "os_type": "Linux",
        "status": "available", "tags": {"env": "prod"}, "include_shared": true,
    });
    fixture
        .try_all(&mut golden, "swas_custom_images", &json!({}), &values)
        .await?;
    golden.assert("every_argument_of_plans_and_custom_images");
    Ok(())
}

/// A new data source needs a test above.
#[tokio::test]
async fn every_data_source_is_covered() -> Result<()> {
    let fixture = Fixture::new().await?;
    let existing = fixture.provider.schemas.data_source_schemas.keys();
    let mut existing: Vec<_> = existing.map(String::as_str).collect();
    existing.sort_unstable();
    let tested = [
        "swas_custom_images",
        "swas_image",
        "swas_images",
        "swas_plans",
        "swas_regions",
    ];
    assert_eq!(existing, tested, "a data source is not tested in this file");
    Ok(())
}

#[tokio::test]
async fn computed_attribute_in_configuration_is_an_error() -> Result<()> {
    let fixture = Fixture::new().await?;
    for data_source in fixture.provider.schemas.data_source_schemas.keys() {
        for name in fixture.arguments(data_source, |optional, computed| computed && !optional)? {
            let value = match fixture.provider.schema(data_source)?.block.as_ref() {
                Some(block) => {
                    let mut attributes = block.attributes.iter();
                    let attribute = attributes.find(|one| one.name == name);
                    let is_list = attribute.is_some_and(|one| one.r#type.starts_with(b"["));
                    if is_list { json!([]) } else { json!("a") }
                }
                None => return Err("no block".into()),
            };
            let block = json!({ &name: value });
            let text = shown(&fixture.provider.validate(data_source, &block).await?);
            let expected = format!("error at {name}: \"{name}\" cannot be set\n");
            assert!(text.contains(&expected), "{data_source} {name}: {text}");
        }
    }
    Ok(())
}

//! `swas_plans`: number formats, order, filters and diagnostics.

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Options, Order, Reply};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::golden::Golden;
use crate::support::{PROTOCOLS, expect_state, start_configured};

const REGION: &str = "cn-hangzhou";

fn emulator_with(plans: Vec<Value>) -> Result<Emulator> {
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_plans(REGION, plans),
        ..Options::default()
    })?)
}

async fn read(provider: &RunningProvider, block: &Value) -> Result<Value> {
    expect_state(&provider.read("swas_plans", block).await?)
}

async fn ids(provider: &RunningProvider, block: &Value) -> Result<Vec<String>> {
    let state = read(provider, block).await?;
    let plans = state["plans"].as_array().ok_or("no plans")?;
    let ids = plans.iter().map(|plan| plan["id"].as_str());
    let ids: Vec<_> = ids.flatten().map(str::to_owned).collect();
    assert_eq!(state["ids"], json!(ids), "{block}");
    Ok(ids)
}

#[tokio::test]
async fn plan_numbers_are_decoded_from_numbers_or_strings() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({
            "PlanId": "a", "Core": "2", "Memory": 0.5, "DiskSize": 40, "DiskType": "ESSD",
            "Bandwidth": 5, "Flow": "1024", "OriginPrice": "$3.5", "Currency": "USD",
            "SupportPlatform": "[\"Windows\",\"Linux\"]", "PlanType": "NORMAL",
            "PublicIpNum": "1", "Tags": [{"Color": "red"}], "IspType": "BGP", "Tokens": "7",
        }),
        json!({"PlanId": "b", "OriginPrice": "24"}),
        json!({"PlanId": "c", "OriginPrice": 24.5}),
        json!({"PlanId": "d", "OriginPrice": null, "SupportPlatform": ""}),
    ])?;
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let state = read(&provider, &json!({})).await?;
        let expected = json!({
            "id": "a", "plan_id": "a", "core": 2, "memory": "0.5", "disk_size": 40,
            "disk_type": "ESSD", "bandwidth": 5, "flow": 1024, "price": "3.5",
            "currency": "USD", "platforms": ["Linux", "Windows"], "plan_type": "NORMAL",
            "public_ip_num": 1, "isp_type": "BGP", "tokens": 7,
        });
        assert_eq!(state["plans"][0], expected, "{protocol:?}");
        assert_eq!(state["plans"][1]["price"], 24, "{protocol:?}");
        assert_eq!(state["plans"][2]["price"], "24.5", "{protocol:?}");
        let nothing = json!({
            "id": "d", "plan_id": "d", "core": null, "memory": null, "disk_size": null,
            "disk_type": "", "bandwidth": null, "flow": null, "price": null, "currency": "",
            "platforms": [], "plan_type": "", "public_ip_num": null, "isp_type": "",
            "tokens": null,
        });
        assert_eq!(state["plans"][3], nothing, "{protocol:?}");
        assert_eq!(state["ids"], json!(["a", "b", "c", "d"]), "{protocol:?}");
    }
    Ok(())
}

#[tokio::test]
async fn plan_order_in_state_is_independent_of_api_order() -> Result<()> {
    let plan = |number: u32| {
        json!({
            "PlanId": format!("plan-{}", number % 990),
            "OriginPrice": format!("${}", number % 7),
            "Memory": number % 5,
            "Core": number % 3,
        })
    };
    let emulator = emulator_with((0..1000).map(plan).collect())?;
    let mut states = Vec::new();
    for order in [Order::AsListed, Order::Reversed, Order::Shuffled(7)] {
        emulator.set_order(order);
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        states.push(read(&provider, &json!({})).await?);
    }
    assert_eq!(states[0]["plans"].as_array().map(Vec::len), Some(990));
    assert!(states.iter().all(|state| *state == states[0]));
    Ok(())
}

#[tokio::test]
async fn arguments_filter_plans_by_all_conditions() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({
            "PlanId": "a", "Core": 1, "Memory": 0.5, "DiskSize": 20, "Bandwidth": 1,
            "Flow": 100, "OriginPrice": 1, "SupportPlatform": "[\"Linux\"]", "PlanType": "NORMAL",
        }),
        json!({
            "PlanId": "b", "Core": 2, "Memory": 2, "DiskSize": 40, "Bandwidth": 3, "Flow": 200,
            "OriginPrice": "2.99", "SupportPlatform": "[\"Linux\",\"Windows\"]",
            "PlanType": "NORMAL",
        }),
        json!({
            "PlanId": "c", "Core": 4, "Memory": 8, "DiskSize": 40, "Bandwidth": 3, "Flow": 200,
            "OriginPrice": 5, "SupportPlatform": "[\"Linux\"]", "PlanType": "NEW_TYPE",
        }),
        json!({"PlanId": "d"}),
    ])?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    for (block, expected) in [
        (json!({}), &["a", "b", "c", "d"][..]),
        (json!({"plan_ids": ["d", "b"]}), &["b", "d"]),
        (json!({"core": 2}), &["b"]),
        (json!({"memory": 0.5}), &["a"]),
        (json!({"disk_size": 40}), &["b", "c"]),
        (json!({"bandwidth": 1}), &["a"]),
        (json!({"flow": 200}), &["b", "c"]),
        (json!({"platform": "Windows"}), &["b"]),
        (json!({"plan_type": "NEW_TYPE"}), &["c"]),
        (json!({"min_core": 2}), &["b", "c"]),
        (json!({"min_memory": 2.5}), &["c"]),
        (json!({"max_price": 2.99}), &["a", "b"]),
        (json!({"max_price": 2.98}), &["a"]),
        (
            json!({"min_core": 2, "max_price": 3, "platform": "Linux"}),
            &["b"],
        ),
        (json!({"core": 3}), &[]),
        (json!({"min_core": 0}), &["a", "b", "c"]),
    ] {
        assert_eq!(ids(&provider, &block).await?, expected, "{block}");
    }
    // Plans are cached.
    let calls = emulator.requests().len();
    assert_eq!(calls, 1);
    Ok(())
}

#[tokio::test]
async fn unknown_plan_ids_give_a_warning_and_empty_list_sends_no_request() -> Result<()> {
    let emulator = emulator_with(vec![json!({"PlanId": "a"})])?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    assert!(ids(&provider, &json!({"plan_ids": []})).await?.is_empty());
    assert_eq!(emulator.connections(), 0);
    // A duplicate counts once.
    let block = json!({"plan_ids": ["a", "gone", "a", "gone"]});
    let response = provider.read("swas_plans", &block).await?;
    let expected = "warning at plan_ids: IDs of \"plan_ids\" not found\n  \
                    No plan of region cn-hangzhou has these IDs of \"plan_ids\":\n  \
                    - gone\n  \
                    They are no longer sold, or belong to another region. Check \"plan_ids\" and \
                    \"region_id\".\n";
    assert_eq!(shown(&response.diagnostics), expected);
    Ok(())
}

#[tokio::test]
async fn plan_type_that_no_plan_has_gives_a_warning() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({"PlanId": "a", "PlanType": "NORMAL", "Core": 1}),
        json!({"PlanId": "b", "PlanType": "MULTI_IP", "Core": 2}),
        json!({"PlanId": "c"}),
    ])?;
    let mut golden = Golden::default();
    for block in [
        json!({"plan_type": "normal"}),
        json!({"plan_type": "GPU", "core": 1}),
        // The plans of this type are excluded by another argument.
        json!({"plan_type": "NORMAL", "core": 2}),
        json!({"plan_type": "normal", "plan_ids": []}),
        json!({"platform": "Linux"}),
    ] {
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        let response = provider.read("swas_plans", &block).await?;
        assert!(response.state.is_some(), "{block}");
        golden.add(block, &shown(&response.diagnostics));
    }
    for plans in [vec![json!({"PlanId": "a"})], Vec::new()] {
        let catalog = Catalog::builtin().with_plans(REGION, plans.clone());
        emulator.set_catalog(catalog);
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        let block = json!({"plan_type": "NORMAL"});
        let response = provider.read("swas_plans", &block).await?;
        let case = format!("{block} of {}", json!(plans));
        golden.add(case, &shown(&response.diagnostics));
    }
    golden.assert("plan_type_that_no_plan_has");
    Ok(())
}

/// Such a plan may be the cheapest or exceed `max_price`. It is ignored if other
/// arguments exclude it.
#[tokio::test]
async fn unreadable_price_of_matching_plan_is_an_error() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({"PlanId": "cheap", "Core": 1, "OriginPrice": 3}),
        json!({"PlanId": "soon", "Core": 2, "OriginPrice": "soon"}),
        json!({"PlanId": "none", "Core": 2}),
        json!({"PlanId": "odd", "Core": 4, "OriginPrice": {"USD": 3}}),
    ])?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    for (block, plans) in [
        (json!({"max_price": 5}), "- soon\n  - odd\n"),
        (
            json!({"min_core": 2, "plan_ids": ["soon", "none"]}),
            "- soon\n",
        ),
        (json!({}), "- soon\n  - odd\n"),
    ] {
        let response = provider.read("swas_plans", &block).await?;
        let expected = format!(
            "error: Plans without a readable price\n  Selecting plans in cn-hangzhou failed: the price \
             of these matching plans is not a number, so that the cheapest plan is unknown:\n  \
             {plans}  Exclude them with other arguments, such as \"plan_ids\".\n"
        );
        assert_eq!(shown(&response.diagnostics), expected, "{block}");
    }
    let block = json!({"core": 1, "max_price": 5});
    assert_eq!(ids(&provider, &block).await?, ["cheap"]);
    let block = json!({"plan_ids": ["none", "cheap"]});
    assert_eq!(ids(&provider, &block).await?, ["cheap", "none"]);
    Ok(())
}

#[tokio::test]
async fn forbidden_error_without_required_permission_mentions_deny_policies() -> Result<()> {
    for (data_source, action) in [("swas_plans", "ListPlans"), ("swas_regions", "ListRegions")] {
        let emulator = emulator_with(Vec::new())?;
        emulator.reply_always(Reply::error(403, "Forbidden.RAM", "No."));
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        let response = provider.read(data_source, &json!({})).await?;
        let text = shown(&response.diagnostics);
        for part in [
            "requires no permission",
            "\"Effect\": \"Deny\"",
            &format!("\"swas-open:{action}\""),
            "control policies",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("\"Allow\""), "{text}");
    }
    Ok(())
}

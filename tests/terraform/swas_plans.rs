//! `swas_plans` with Terraform.

use serde_json::{Value, json};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, Scenario, assert_malformed, emulator, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(plans_are_sorted_cheapest_first),
        TerraformTest::of(decimal_prices_are_exact_in_state_and_configuration),
        TerraformTest::of(response_without_plans_is_an_error),
    ])
}

fn plans_are_sorted_cheapest_first(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scenario = Scenario::new(client, &emulator, "swas_plans");
    let read = scenario.read_in_any_order("platform = \"Linux\"\nmin_memory = 2")?;
    let plans = read["plans"].as_array().ok_or("no plans")?;
    let ids: Vec<_> = plans.iter().map(|plan| plan["id"].clone()).collect();
    let expected = [
        "swas.multi.c2m2",
        "swas.s2.c2m2s40b5t1024",
        "swas.s2.c2m4s60b6t1536.linux",
    ];
    assert_eq!(ids, expected);
    let first = json!({
        "id": "swas.multi.c2m2", "plan_id": "swas.multi.c2m2", "core": 2, "memory": 2,
        "disk_size": 40, "disk_type": "ESSD", "bandwidth": 5, "flow": 1024, "price": 68,
        "currency": "CNY", "platforms": ["Linux"], "plan_type": "MULTI_IP", "public_ip_num": 3,
        "isp_type": "", "tokens": null,
    });
    assert_eq!(plans[0], first);
    assert_eq!(read["ids"], json!(expected));
    assert_eq!(read["region_id"], "cn-hangzhou");
    assert_eq!(read["max_price"], Value::Null);
    Ok(())
}

/// Decimal fractions are equal in the state, in the next plan and in the configuration,
/// although binary floating point cannot represent them.
fn decimal_prices_are_exact_in_state_and_configuration(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scenario = Scenario::new(client, &emulator, "swas_plans");
    for max_price in ["3.99", "12 / 3.001"] {
        let region = "region_id = \"ap-southeast-1\"";
        let arguments = format!("{region}\nmax_price = {max_price}");
        let workspace = scenario.workspace(&arguments)?;
        workspace.write(
            "same.tf",
            "output \"same\" {\n  value = data.swas_plans.it.plans[0].price == 3.99\n}\n",
        )?;
        workspace.apply()?.checked()?;
        assert!(workspace.plan_is_empty()?, "{max_price}");
        let outputs = workspace.output_json()?;
        assert_eq!(outputs["same"]["value"], true, "{max_price}");
        let plans = &outputs["it"]["value"]["plans"];
        assert_eq!(plans.as_array().map(Vec::len), Some(1), "{max_price}");
    }
    Ok(())
}

fn response_without_plans_is_an_error(client: &Client) -> Outcome {
    let bodies = ["{}", r#"{"Plans": null}"#, r#"{"Plans": [{}]}"#];
    assert_malformed(client, "swas_plans", &bodies)
}

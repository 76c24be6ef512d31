//! Deprecated environment variables behind real Terraform: one warning per run.

use serde_json::json;
use swas_testing::machine::{ENV_PREFIX, METADATA, Machine, role};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, since_1_0};
use crate::shared_workspace::{SharedWorkspace, listing_key};

const WARNING: &str = "Warning: Deprecated environment variables";

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(deprecated_variables_alone_give_one_warning_per_plan),
        TerraformTest::of(current_variables_give_no_warning),
    ])
}

/// The warning does not depend on the number of data blocks.
fn deprecated_variables_alone_give_one_warning_per_plan(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for prefix in ["ALICLOUD_", "ALIBABACLOUD_"] {
        let machine = Machine::with_key()?
            .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
            .env("ALIBABA_CLOUD_ROLE_SESSION_NAME", "alice")
            .with_env_prefix(prefix, |name| name != METADATA);
        let configuration = json!({
            "provider": {"swas": machine.block()},
            "data": {
                "swas_images": {"one": {}, "other": {"region_id": "us-west-1"}},
                "swas_plans": {"it": {}},
            },
        });
        let text = configuration.to_string();
        let plan = shared
            .plan_configuration("main.tf.json", &text, &machine)?
            .checked()?;
        let text = plan.flat_text();
        assert_eq!(text.matches(WARNING).count(), 1, "{plan}");
        assert_eq!(text.matches("Warning: ").count(), 1, "{plan}");
        for name in [
            "ACCESS_KEY_ID",
            "ACCESS_KEY_SECRET",
            "REGION",
            "ROLE_ARN",
            "ROLE_SESSION_NAME",
            "STS_ENDPOINT",
            "SWAS_ENDPOINT",
        ] {
            let line = format!("- {prefix}{name}: set {ENV_PREFIX}{name}");
            assert_eq!(text.matches(&line).count(), 1, "{line}: {plan}");
        }
        let calls = machine.calls("ListImages");
        assert_eq!(calls.len(), 2, "{plan}");
    }
    Ok(())
}

fn current_variables_give_no_warning(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    let machine = Machine::with_key()?.env("ALICLOUD_ACCESS_KEY", "LTAIblock");
    let plan = shared.plan(&machine)?.checked()?;
    assert_eq!(plan.flat_text().matches("Warning").count(), 0, "{plan}");
    assert_eq!(listing_key(&machine)?, "LTAIenv");
    Ok(())
}

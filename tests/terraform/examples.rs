//! The configurations under `examples/` are formatted, and those without another provider
//! can be applied.

use libtest_mimic::Failed;
use std::fs;
use std::path::{Path, PathBuf};
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scenario::{Outcome, PROVIDER, REGION, emulator, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(examples_are_formatted),
        TerraformTest::of(examples_apply_with_nonempty_outputs),
        TerraformTest::of(server_example_selects_plan_and_image_in_each_region),
    ])
}

/// The configurations of `examples/terraform` and of the registries' pages.
fn examples() -> Result<Vec<PathBuf>, Failed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut examples = vec![folder.join("provider/provider.tf")];
    for (kind, file) in [("terraform", "main.tf"), ("data-sources", "data-source.tf")] {
        for entry in fs::read_dir(folder.join(kind))? {
            examples.push(entry?.path().join(file));
        }
    }
    assert!(examples.len() > 8, "{examples:?}");
    Ok(examples)
}

fn examples_are_formatted(client: &Client) -> Outcome {
    let workspace = Workspace::new(client, PROVIDER.as_ref())?;
    for example in examples()? {
        workspace.write("main.tf", &fs::read_to_string(&example)?)?;
        let output = workspace.run(["fmt", "-check"])?;
        assert!(output.status.success(), "{}: {output}", example.display());
    }
    Ok(())
}

fn examples_apply_with_nonempty_outputs(client: &Client) -> Outcome {
    let emulator = emulator()?;
    for example in examples()? {
        let configuration = fs::read_to_string(&example)?;
        if configuration.contains("aliyun/alicloud") {
            continue;
        }
        let mut workspace = Workspace::new(client, PROVIDER.as_ref())?;
        workspace.envs(emulator.environment().iter().cloned());
        workspace.env("ALIBABA_CLOUD_REGION", REGION);
        if !configuration.contains("required_providers") {
            workspace.write("versions.tf", &workspace.required_providers())?;
        }
        workspace.write("main.tf", &configuration)?;
        workspace.init()?.checked()?;
        workspace.apply()?.checked()?;
        let outputs = workspace.output_json()?;
        let outputs = outputs.as_object().ok_or("no outputs")?;
        assert!(!outputs.is_empty(), "{}", example.display());
        for (name, output) in outputs {
            let value = output["value"].to_string();
            let is_empty = matches!(value.as_str(), "null" | "\"\"" | "[]" | "{}");
            assert!(!is_empty, "{}: {name} is {value}", example.display());
        }
    }
    Ok(())
}

/// Applies the part of the example that does not use the official provider.
fn server_example_selects_plan_and_image_in_each_region(client: &Client) -> Outcome {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform/server/main.tf");
    let text = fs::read_to_string(file)?;
    let (_, found) = text.split_once("\nlocals {").ok_or("no regions")?;
    let (found, _) = found.split_once("\nmodule ").ok_or("no server")?;
    let configuration = format!(
        "provider \"swas\" {{}}\nlocals {{{found}\noutput \"all\" {{\n  value = [for region in \
         local.regions : [data.swas_plans.linux[region].plans[0].plan_id, \
         data.swas_image.debian[region].name]]\n}}\n"
    );
    let emulator = emulator()?;
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, &configuration)?;
    workspace.apply()?.checked()?;
    let expected = serde_json::json!([
        ["swas.int.c2m2s50b30t2048", "Debian-12.10"],
        ["swas.multi.c2m2", "Debian-12.10"],
        ["swas.int.c2m2s50b30t2048", "Debian-12.10"],
    ]);
    assert_eq!(workspace.output_json()?["all"]["value"], expected);
    let calls = emulator.requests().len();
    assert_eq!(calls, 6, "one for the plans and one for the images of each");
    Ok(())
}

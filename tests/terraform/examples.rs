//! The configurations under `examples/terraform/` are formatted, and all that
//! need no other provider work.

use libtest_mimic::Failed;
use std::fs;
use std::path::{Path, PathBuf};
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scene::{Outcome, PROVIDER, emulator, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(examples_are_formatted),
        TerraformTest::of(examples_work),
    ])
}

fn examples() -> Result<Vec<PathBuf>, Failed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform");
    let examples = fs::read_dir(folder)?.map(|entry| Ok(entry?.path().join("main.tf")));
    let examples: Vec<PathBuf> = examples.collect::<Result<_, std::io::Error>>()?;
    assert!(examples.len() > 3, "{examples:?}");
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

fn examples_work(client: &Client) -> Outcome {
    let emulator = emulator()?;
    for example in examples()? {
        let configuration = fs::read_to_string(&example)?;
        if configuration.contains("aliyun/alicloud") {
            continue;
        }
        let mut workspace = Workspace::new(client, PROVIDER.as_ref())?;
        workspace.envs(emulator.environment().iter().cloned());
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

//! Scenarios with one data block.

use libtest_mimic::Failed;
use serde_json::Value;
use swas_testing::emulator::{Catalog, Emulator, Image, Options, Order, Reply};
use swas_testing::terraform::{Client, TerraformTest, Workspace};

pub const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");
pub const REGION: &str = "cn-hangzhou";

pub type Outcome = Result<(), Failed>;

/// Limits tests to Terraform 1.0 and later. Older versions trace to the terminal, do
/// not support `source`, and format differently.
pub fn since_1_0<const N: usize>(tests: [TerraformTest; N]) -> Vec<TerraformTest> {
    tests
        .map(|test| test.only_for(|client| client.version.at_least(1, 0)))
        .into()
}

/// Starts an emulator with its default catalog.
pub fn emulator() -> Result<Emulator, Failed> {
    Ok(Emulator::start(Options::default())?)
}

/// Starts an emulator with these images in the region.
pub fn emulator_with(images: Vec<Image>) -> Result<Emulator, Failed> {
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_images(REGION, images),
        ..Options::default()
    })?)
}

/// An image with default values for other fields.
pub fn image(id: &str, name: &str) -> Image {
    Image {
        id: id.to_owned(),
        name: name.to_owned(),
        image_type: "custom".to_owned(),
        platform: "Linux".to_owned(),
        description: None,
    }
}

/// A data source that is read from an emulator.
pub struct Scenario<'a> {
    pub client: &'a Client,
    pub emulator: &'a Emulator,
    pub data_source: &'a str,
}

impl<'a> Scenario<'a> {
    pub fn new(client: &'a Client, emulator: &'a Emulator, data_source: &'a str) -> Self {
        Self {
            client,
            emulator,
            data_source,
        }
    }

    pub fn workspace(&self, arguments: &str) -> Result<Workspace, Failed> {
        let name = self.data_source;
        let configuration = format!(
            "data \"{name}\" \"it\" {{\n{arguments}\n}}\n\
             output \"it\" {{\n  value = data.{name}.it\n}}\n"
        );
        let (client, provider) = (self.client, PROVIDER.as_ref());
        let mut workspace =
            Workspace::initialized(client, provider, self.emulator, &configuration)?;
        workspace.env("ALIBABA_CLOUD_REGION", REGION);
        Ok(workspace)
    }

    /// Applies the arguments, expects an empty second plan, and returns the state.
    pub fn read(&self, arguments: &str) -> Result<Value, Failed> {
        let workspace = self.workspace(arguments)?;
        workspace.apply()?.checked()?;
        assert!(workspace.plan_is_empty()?, "{arguments}");
        state(&workspace)
    }

    /// Applies the arguments and returns the state, which is the same for any order of
    /// the API's list.
    pub fn read_in_any_order(&self, arguments: &str) -> Result<Value, Failed> {
        let workspace = self.workspace(arguments)?;
        workspace.apply()?.checked()?;
        for order in [Order::Reversed, Order::Shuffled(3)] {
            self.emulator.set_order(order);
            assert!(workspace.plan_is_empty()?, "{order:?}");
        }
        state(&workspace)
    }

    /// Plans the arguments, which has to fail, and returns the output.
    pub fn plan_error(&self, arguments: &str) -> Result<String, Failed> {
        let plan = self.workspace(arguments)?.plan()?;
        assert_eq!(plan.code(), Some(1), "{arguments}: {plan}");
        Ok(plan.flat_text())
    }
}

/// Asserts that each of these bodies is reported as malformed.
pub fn assert_malformed(client: &Client, data_source: &str, bodies: &[&str]) -> Outcome {
    for body in bodies {
        let emulator = emulator()?;
        emulator.reply_always(Reply::json(*body));
        let text = Scenario::new(client, &emulator, data_source).plan_error("")?;
        let expected = "Malformed response from the API";
        assert!(text.contains(expected), "{body}: {text}");
    }
    Ok(())
}

/// The data block in the state.
pub fn state(workspace: &Workspace) -> Result<Value, Failed> {
    Ok(workspace.output_json()?["it"]["value"].clone())
}

//! Plans on several test machines in one initialized workspace.

use std::error::Error;

use libtest_mimic::Failed;
use serde_json::json;
use swas_testing::machine::Machine;
use swas_testing::terraform::{Client, Output, Workspace};

use crate::scenario::PROVIDER;

/// An initialized workspace for several machines.
pub struct SharedWorkspace(Workspace);

impl SharedWorkspace {
    pub fn new(client: &Client) -> Result<Self, Box<dyn Error>> {
        let workspace = Workspace::new(client, PROVIDER.as_ref())?;
        workspace.write("versions.tf", &workspace.required_providers())?;
        workspace.init()?.checked()?;
        Ok(Self(workspace))
    }

    /// Plans one data block with the machine's environment and provider block.
    pub fn plan(&mut self, machine: &Machine) -> Result<Output, Failed> {
        let configuration = json!({
            "provider": {"swas": machine.block()},
            "data": {"swas_images": {"it": {}}},
        });
        self.plan_configuration("main.tf.json", &configuration.to_string(), machine)
    }

    /// Plans a configuration with the machine's environment.
    pub fn plan_configuration(
        &mut self,
        file: &str,
        text: &str,
        machine: &Machine,
    ) -> Result<Output, Failed> {
        self.run_configuration("plan", file, text, machine)
    }

    /// Runs a command on a configuration with the machine's environment.
    pub fn run_configuration(
        &mut self,
        command: &str,
        file: &str,
        text: &str,
        machine: &Machine,
    ) -> Result<Output, Failed> {
        self.0.write(file, text)?;
        self.0.reset_env().envs(machine.environment());
        let output = self.0.env("HOME", machine.home()).run([command])?;
        machine.assert_secrets_kept(&output.text());
        Ok(output)
    }

    /// Plans, and returns the access key ID that lists images.
    pub fn listing_key(&mut self, machine: &Machine) -> Result<String, Failed> {
        self.plan(machine)?.checked()?;
        listing_key(machine)
    }
}

/// The access key ID of the only `ListImages` call.
pub fn listing_key(machine: &Machine) -> Result<String, Failed> {
    match &machine.keys_of("ListImages")[..] {
        [key] => Ok(key.clone()),
        keys => Err(format!("images were listed with {keys:?}").into()),
    }
}

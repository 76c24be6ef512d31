//! Debug mode: the aliases of a configuration share one process.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swas_testing::emulator::{Catalog, Emulator, Options};
use swas_testing::plugin_client::{PluginProcess, REATTACH_VARIABLE, Start};
use swas_testing::terraform::{Client, TerraformTest, Workspace};
use tokio::runtime::Builder;

use crate::scenario::{Outcome, PROVIDER, REGION, image, since_1_0};

/// The order in which Terraform configures and reads the aliases varies, so the test
/// repeats it.
const ROUNDS: usize = 5;

const ACCOUNTS: [&str; 2] = ["first", "second"];

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([TerraformTest::of(
        aliases_sharing_a_process_read_their_own_accounts,
    )])
}

fn aliases_sharing_a_process_read_their_own_accounts(client: &Client) -> Outcome {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    // Only this process has the region: without the reattach, reads would fail.
    let start = Start::new(PROVIDER).env("ALIBABA_CLOUD_REGION", REGION);
    let process = runtime.block_on(PluginProcess::start_debug(start))?;
    let mut emulators = Vec::new();
    for account in ACCOUNTS {
        emulators.push(Emulator::start(Options {
            access_key_id: format!("LTAI{account}"),
            access_key_secret: format!("secret-of-{account}"),
            catalog: Catalog::builtin().with_images(REGION, vec![image(account, account)]),
            ..Options::default()
        })?);
    }

    let mut workspace = Workspace::new(client, PROVIDER.as_ref())?;
    workspace.write("versions.tf", &workspace.required_providers())?;
    workspace.write("main.tf.json", &configuration(&emulators).to_string())?;
    workspace.env(REATTACH_VARIABLE, &process.reattach().value);
    workspace.init()?.checked()?;
    for round in 0..ROUNDS {
        workspace.apply()?.checked()?;
        let ids = workspace.output_json()?["ids"]["value"].clone();
        assert_eq!(ids, json!([["first"], ["second"]]), "{round}");
    }
    for (account, emulator) in ACCOUNTS.iter().zip(&emulators) {
        let requests = emulator.requests();
        let keys: BTreeSet<_> = requests
            .iter()
            .map(|one| one.parameter("AccessKeyId"))
            .collect();
        assert_eq!(keys, BTreeSet::from([Some(&*format!("LTAI{account}"))]));
    }
    Ok(())
}

/// A configuration with an alias and a data block for each account.
fn configuration(emulators: &[Emulator]) -> Value {
    let blocks: Vec<_> = ACCOUNTS
        .iter()
        .zip(emulators)
        .map(|(account, emulator)| {
            json!({
                "alias": account,
                "access_key": format!("LTAI{account}"),
                "secret_key": format!("secret-of-{account}"),
                "endpoints": {"swas": emulator.url()},
            })
        })
        .collect();
    json!({
        "provider": {"swas": blocks},
        "data": {"swas_images": {
            "first": {"provider": "swas.first"},
            "second": {"provider": "swas.second"},
        }},
        "output": {"ids": {
            "value": ["${data.swas_images.first.ids}", "${data.swas_images.second.ids}"],
        }},
    })
}

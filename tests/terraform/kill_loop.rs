//! Whenever Terraform is killed, nothing of the provider is left two seconds later.

use std::fs;
use std::time::Duration;

use libtest_mimic::Failed;
use serde_json::json;
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::processes::{assert_nothing_left, within};
use crate::scene::{Outcome, PROVIDER, emulator};

/// How often Terraform is killed, unless `SWAS_KILL_ROUNDS` says otherwise.
const ROUNDS: u32 = 20;

/// How long what is left may live.
const LIMIT: Duration = Duration::from_secs(2);

/// For how long the moment to kill at is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

const DATA: &str = r#"
data "swas_images" "all" {
  region_id = "cn-hangzhou"
}
"#;

pub fn tests() -> Vec<TerraformTest> {
    vec![
        TerraformTest::of(killed_while_it_starts),
        TerraformTest::of(killed_while_it_reads),
        TerraformTest::of(killed_while_it_waits_for_the_quota),
        TerraformTest::of(killed_while_a_command_looks_for_credentials),
    ]
}

/// A quarter of all rounds is for each moment.
fn rounds() -> Result<u32, Failed> {
    let all = match std::env::var("SWAS_KILL_ROUNDS") {
        Ok(rounds) => rounds.parse()?,
        Err(_) => ROUNDS,
    };
    Ok(all.div_ceil(4))
}

/// Has a plan killed in each round, at the moment for which `wait` waits.
fn kill(workspace: &Workspace, wait: impl Fn(u32) -> Outcome) -> Outcome {
    for round in 0..rounds()? {
        let mut running = workspace.start(["plan"])?;
        wait(round)?;
        running.kill()?;
        let is_gone = || workspace.provider_processes().is_empty();
        assert!(
            within(LIMIT, is_gone),
            "round {round}: {:?}",
            workspace.provider_processes()
        );
        assert_nothing_left(workspace)?;
    }
    Ok(())
}

fn planning(client: &Client, emulator: &Emulator) -> Result<Workspace, Failed> {
    Ok(Workspace::initialized(
        client,
        PROVIDER.as_ref(),
        emulator,
        DATA,
    )?)
}

fn killed_while_it_starts(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = planning(client, &emulator)?;
    kill(&workspace, |round| {
        // No event tells such a moment: it is any, from before the provider runs
        // until after it has ended.
        let moment = Duration::from_millis(u64::from(round) * 37 % 400);
        within(moment, || false);
        Ok(())
    })
}

fn killed_while_it_reads(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = planning(client, &emulator)?;
    emulator.reply_always(Reply::hang());
    kill_after_requests(&workspace, &emulator)
}

fn killed_while_it_waits_for_the_quota(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = planning(client, &emulator)?;
    emulator.reply_always(Reply::throttled(400, Some(Duration::from_mins(1))));
    kill_after_requests(&workspace, &emulator)
}

fn kill_after_requests(workspace: &Workspace, emulator: &Emulator) -> Outcome {
    kill(workspace, |round| {
        let count = usize::try_from(round)? + 1;
        assert!(emulator.wait_for_requests(count, PATIENCE), "no read began");
        Ok(())
    })
}

/// The command starts another process that keeps its output open.
fn killed_while_a_command_looks_for_credentials(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = Workspace::new(client, PROVIDER.as_ref())?;
    let waiter = workspace.dir().join("waiter");
    fs::copy("/bin/sleep", &waiter)?;
    let waiter = waiter.display();
    let command = format!("/bin/sh -c '\"{waiter}\" 600 & \"{waiter}\" 600'");
    let profile = json!({"name": "a", "mode": "External", "process_command": command});
    let file = json!({"profiles": [profile]}).to_string();
    workspace.write("credentials.json", &file)?;
    workspace.write("versions.tf", &workspace.required_providers())?;
    let provider = format!(
        "provider \"swas\" {{\n  profile = \"a\"\n  shared_credentials_file = \"{}\"\n  \
         endpoints {{\n    swas = \"{}\"\n  }}\n}}\n",
        workspace.dir().join("credentials.json").display(),
        emulator.url(),
    );
    workspace.write("main.tf", &format!("{provider}{DATA}"))?;
    workspace.init()?.checked()?;
    kill(&workspace, |_| {
        // The provider and the two that wait.
        let runs = within(PATIENCE, || workspace.provider_processes().len() >= 3);
        assert!(runs, "no command was run");
        Ok(())
    })
}

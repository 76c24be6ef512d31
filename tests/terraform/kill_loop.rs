//! No process of the provider is left two seconds after Terraform is killed.

use std::fs;
use std::time::Duration;

use libtest_mimic::Failed;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::process_cleanup::{assert_no_leftovers, poll_until};
use crate::scenario::{Outcome, PROVIDER, emulator};

/// The number of kills, unless `SWAS_KILL_ROUNDS` is set.
const ROUNDS: u32 = 20;

/// Time limit for the provider to exit.
const LIMIT: Duration = Duration::from_secs(2);

/// Time limit for the event that precedes the kill.
const START_TIMEOUT: Duration = Duration::from_secs(30);

const DATA: &str = r#"
data "swas_images" "all" {
  region_id = "cn-hangzhou"
}
"#;

pub fn tests() -> Vec<TerraformTest> {
    vec![
        TerraformTest::of(kill_during_startup_leaves_no_process),
        TerraformTest::of(kill_during_read_leaves_no_process),
        TerraformTest::of(kill_during_slow_filtering_leaves_no_process),
        TerraformTest::of(kill_during_throttle_wait_leaves_no_process),
        TerraformTest::of(kill_during_credentials_process_leaves_no_process),
        TerraformTest::of(kill_of_runs_that_share_responses_fails_no_other),
    ]
}

/// The number of kills per test.
fn rounds() -> Result<u32, Failed> {
    let all = match std::env::var("SWAS_KILL_ROUNDS") {
        Ok(rounds) => rounds.parse()?,
        Err(_) => ROUNDS,
    };
    Ok(all.div_ceil(4))
}

/// Kills a plan in each round, after `wait`.
fn kill_plans(workspace: &Workspace, wait: impl Fn(u32) -> Outcome) -> Outcome {
    for round in 0..rounds()? {
        let mut running = workspace.start(["plan"])?;
        wait(round)?;
        running.kill()?;
        let has_exited = || workspace.provider_processes().is_empty();
        assert!(
            poll_until(LIMIT, has_exited),
            "round {round}: {:?}",
            workspace.provider_processes()
        );
        assert_no_leftovers(workspace)?;
    }
    Ok(())
}

fn workspace_with_data(client: &Client, emulator: &Emulator) -> Result<Workspace, Failed> {
    Ok(Workspace::initialized(
        client,
        PROVIDER.as_ref(),
        emulator,
        DATA,
    )?)
}

fn kill_during_startup_leaves_no_process(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = workspace_with_data(client, &emulator)?;
    kill_plans(&workspace, |round| {
        // No event marks such a moment, so the delays vary from before the start of the
        // provider until after its end.
        let moment = Duration::from_millis(u64::from(round) * 37 % 400);
        poll_until(moment, || false);
        Ok(())
    })
}

fn kill_during_read_leaves_no_process(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = workspace_with_data(client, &emulator)?;
    emulator.reply_always(Reply::hang());
    kill_after_requests(&workspace, &emulator)
}

/// Matching all names takes minutes.
fn kill_during_slow_filtering_leaves_no_process(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let letter = |n: usize| if n * n / 7 % 3 == 1 { 'a' } else { 'b' };
    let image = |id| {
        let name: String = (id..id + 512).map(letter).collect();
        json!({"ImageId": format!("id-{id}"), "ImageName": name})
    };
    let images: Vec<_> = (0..7000).map(image).collect();
    emulator.reply_always(Reply::json(json!({"Images": images}).to_string()));
    let data = DATA.replace('}', "  name_regex = \"a[ab]{400}[c-z0-9]\"\n}");
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, &data)?;
    kill_after_requests(&workspace, &emulator)
}

fn kill_during_throttle_wait_leaves_no_process(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = workspace_with_data(client, &emulator)?;
    emulator.reply_always(Reply::throttled(400, Some(Duration::from_mins(1))));
    kill_after_requests(&workspace, &emulator)
}

fn kill_after_requests(workspace: &Workspace, emulator: &Emulator) -> Outcome {
    kill_plans(workspace, |round| {
        let count = usize::try_from(round)? + 1;
        assert!(
            emulator.wait_for_requests(count, START_TIMEOUT),
            "no read began"
        );
        Ok(())
    })
}

/// Kills one of two runs that share a directory, with entries that expire all the time.
fn kill_of_runs_that_share_responses_fails_no_other(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let data = "data \"swas_images\" \"it\" {\n  region_id  = \"cn-hangzhou\"\n  \
                image_type = \"system\"\n}\n";
    let text = format!("provider \"swas\" {{\n  cache_max_age = 1\n}}\n{data}");
    let workspace = || -> Result<Workspace, Failed> {
        Ok(Workspace::initialized(
            client,
            PROVIDER.as_ref(),
            &emulator,
            &text,
        )?)
    };
    let (mut killed, mut other) = (workspace()?, workspace()?);
    let folder = other.dir().join("cache");
    for workspace in [&mut killed, &mut other] {
        workspace.env("SWAS_CACHE_DIR", &folder);
    }
    for round in 0..rounds()? {
        let mut running = other.start(["plan", "-detailed-exitcode"])?;
        let mut victim = killed.start(["plan"])?;
        // No event marks the moments around the request, so the delays vary.
        let moment = Duration::from_millis(u64::from(round) * 37 % 500);
        poll_until(moment, || false);
        for id in killed.provider_processes() {
            // It may have ended meanwhile.
            let _ = kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGKILL);
        }
        let _ = victim.kill();
        let plan = running.wait(START_TIMEOUT)?;
        assert_eq!(plan.code(), Some(0), "round {round}: {plan}");
        assert!(
            !plan.flat_text().contains("Cache directory not used"),
            "{plan}"
        );
    }
    other.plan()?.checked()?;
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "lock")
        {
            fs::File::open(&path)?.try_lock()?;
        }
    }
    Ok(())
}

/// The command starts a child that keeps its output open.
fn kill_during_credentials_process_leaves_no_process(client: &Client) -> Outcome {
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
    kill_plans(&workspace, |_| {
        // The provider and two sleeping processes.
        let runs = poll_until(START_TIMEOUT, || workspace.provider_processes().len() >= 3);
        assert!(runs, "no command was run");
        Ok(())
    })
}

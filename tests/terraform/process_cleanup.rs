//! No process and no file of the provider is left after Terraform ends.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::terraform::{Client, Running, TerraformTest, Workspace};

use crate::scenario::{Outcome, PROVIDER, emulator};

const CONFIGURATION: &str = r#"
data "swas_images" "all" {
  region_id = "cn-hangzhou"
}
"#;

/// Timeout for events that have to happen.
const LIMIT: Duration = Duration::from_secs(30);

pub fn tests() -> Vec<TerraformTest> {
    vec![
        TerraformTest::of(repeated_plans_leave_no_process_or_file),
        TerraformTest::of(ctrl_c_cancels_a_read),
    ]
}

fn repeated_plans_leave_no_process_or_file(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, CONFIGURATION)?;
    for _ in 0..20 {
        workspace.plan()?.checked()?;
        assert_no_leftovers(&workspace)?;
    }
    Ok(())
}

fn ctrl_c_cancels_a_read(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let (workspace, mut running) = start_hanging_plan(client, &emulator)?;
    running.interrupt()?;
    running.wait(Duration::from_secs(2))?;
    assert_no_leftovers(&workspace)
}

/// Starts a plan whose API call gets no response.
fn start_hanging_plan(
    client: &Client,
    emulator: &Emulator,
) -> Result<(Workspace, Running), Failed> {
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), emulator, CONFIGURATION)?;
    emulator.reply_always(Reply::hang());
    let running = workspace.start(["plan"])?;
    assert!(emulator.wait_for_requests(1, LIMIT), "no read has begun");
    Ok((workspace, running))
}

pub fn assert_no_leftovers(workspace: &Workspace) -> Outcome {
    assert_eq!(workspace.provider_processes(), [] as [u32; 0]);
    let mut left = Vec::new();
    for entry in fs::read_dir(workspace.temporary_dir())? {
        let name = entry?.file_name();
        // Terraform before 1.1 leaves its own log when it is killed.
        if !name.to_string_lossy().starts_with("terraform-log") {
            left.push(name);
        }
    }
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

/// Polls the condition until the limit.
pub fn poll_until(limit: Duration, mut is_true: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if is_true() {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    is_true()
}

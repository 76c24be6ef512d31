//! Nothing is left of the provider when Terraform ends, however it ends.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::terraform::{Client, Running, TerraformTest, Workspace};

use crate::scene::{Outcome, PROVIDER, emulator};

const CONFIGURATION: &str = r#"
data "swas_images" "all" {
  region_id = "cn-hangzhou"
}
"#;

/// For how long something that is bound to happen is waited for.
const LIMIT: Duration = Duration::from_secs(30);

pub fn tests() -> Vec<TerraformTest> {
    vec![
        TerraformTest::of(twenty_plans_leave_nothing),
        TerraformTest::of(ctrl_c_ends_a_read),
    ]
}

fn twenty_plans_leave_nothing(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, CONFIGURATION)?;
    for _ in 0..20 {
        workspace.plan()?.checked()?;
        assert_nothing_left(&workspace)?;
    }
    Ok(())
}

fn ctrl_c_ends_a_read(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let (workspace, mut running) = reading(client, &emulator)?;
    running.interrupt()?;
    running.wait(Duration::from_secs(2))?;
    assert_nothing_left(&workspace)
}

/// A plan that waits for an answer of the API which does not come.
fn reading(client: &Client, emulator: &Emulator) -> Result<(Workspace, Running), Failed> {
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), emulator, CONFIGURATION)?;
    emulator.reply_always(Reply::hang());
    let running = workspace.start(["plan"])?;
    assert!(emulator.wait_for_requests(1, LIMIT), "no read has begun");
    Ok((workspace, running))
}

pub fn assert_nothing_left(workspace: &Workspace) -> Outcome {
    assert_eq!(workspace.provider_processes(), [] as [u32; 0]);
    let mut left = Vec::new();
    for entry in fs::read_dir(workspace.temporary_dir())? {
        let name = entry?.file_name();
        // Terraform before 1.1 leaves a log of its own when it is killed.
        if !name.to_string_lossy().starts_with("terraform-log") {
            left.push(name);
        }
    }
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

/// Whether something becomes true in time.
pub fn within(limit: Duration, mut is_true: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if is_true() {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    is_true()
}

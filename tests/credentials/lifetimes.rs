//! Credentials are fetched once, kept, and replaced before anybody notices.

use std::collections::BTreeSet;
use std::time::Duration;

use libtest_mimic::Failed;
use swas_testing::emulator::Answer;
use swas_testing::terraform::{Client, TerraformTest};

use super::scene::{Scene, secret};
use super::sources::{profile, role};

type Outcome = std::result::Result<(), Failed>;

pub fn tests() -> Vec<TerraformTest> {
    vec![
        TerraformTest::new("fifty_reads_assume_a_role_once", fifty_reads),
        TerraformTest::new(
            "credentials_are_replaced_before_they_expire",
            before_they_expire,
        ),
        TerraformTest::new("credentials_that_expire_early_are_replaced", expire_early),
        TerraformTest::new("refused_keys_that_cannot_be_replaced_are_an_error", refused),
        TerraformTest::new("nothing_is_fetched_when_nothing_is_read", nothing_read),
    ]
}

fn with_role(client: &Client) -> std::result::Result<Scene, Failed> {
    let mut scene = Scene::new(client)?;
    scene.cli_file("default", &profile("default", "LTAIcurrent"));
    scene.block(&format!(
        "assume_role {{\n  role_arn = \"{}\"\n}}",
        role("reader")
    ));
    Ok(scene)
}

fn fifty_reads(client: &Client) -> Outcome {
    let mut scene = with_role(client)?;
    scene.data("data \"swas_images\" \"all\" {\n  count = 50\n}\n");
    scene.init()?;
    let slow = Answer::normal().after(Duration::from_millis(300));
    scene.emulator.answer_action("AssumeRole", slow);
    scene
        .workspace
        .run(["plan", "-parallelism=50"])?
        .checked()?;
    assert_eq!(scene.calls("AssumeRole").len(), 1);
    let keys: BTreeSet<_> = scene.keys_of("ListImages").into_iter().collect();
    assert_eq!(keys, ["STS.role-reader.1".to_owned()].into());
    assert_eq!(scene.calls("ListImages").len(), 50);
    Ok(())
}

/// Reads one after the other, which takes longer than a key holds.
fn before_they_expire(client: &Client) -> Outcome {
    let mut scene = with_role(client)?;
    scene.data("data \"swas_images\" \"all\" {\n  count = 12\n}\n");
    scene.init()?;
    scene.emulator.set_key_lifetime(Duration::from_secs(3));
    let slow = Answer::normal().after(Duration::from_millis(400));
    scene.emulator.answer_action("ListImages", slow);
    scene.workspace.run(["plan", "-parallelism=1"])?.checked()?;
    // None of them came too late, or it would have been sent again.
    assert_eq!(scene.calls("ListImages").len(), 12);
    let keys: BTreeSet<_> = scene.keys_of("ListImages").into_iter().collect();
    assert!((2..=6).contains(&keys.len()), "{keys:?}");
    assert_eq!(scene.calls("AssumeRole").len(), keys.len());
    Ok(())
}

/// As when a session is revoked: the API says so before the clock does.
fn expire_early(client: &Client) -> Outcome {
    let mut scene = with_role(client)?;
    scene.data("data \"swas_images\" \"all\" {\n  count = 8\n}\n");
    scene.init()?;
    let slow = Answer::normal().after(Duration::from_millis(200));
    scene.emulator.answer_action("ListImages", slow);
    let mut running = scene.workspace.start(["plan", "-parallelism=4"])?;
    let seen = scene.emulator.wait_for_requests(2, Duration::from_mins(1));
    assert!(seen, "no requests");
    scene.emulator.end_issued_keys();
    running.wait(Duration::from_mins(1))?.checked()?;
    assert_eq!(scene.calls("AssumeRole").len(), 2);
    let keys: BTreeSet<_> = scene.keys_of("ListImages").into_iter().collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    Ok(())
}

/// A static token has no other: the read fails, after one call.
fn refused(client: &Client) -> Outcome {
    let mut scene = Scene::new(client)?;
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.static");
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &secret("STS.static"));
    scene.env("ALIBABA_CLOUD_SECURITY_TOKEN", "expired");
    let output = scene.plan()?;
    let text = output.flat_text();
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("The security token is not valid"), "{text}");
    assert_eq!(scene.calls("ListImages").len(), 1);
    Ok(())
}

fn nothing_read(client: &Client) -> Outcome {
    let mut scene = with_role(client)?;
    scene.data("data \"swas_images\" \"none\" {\n  image_ids = []\n}\n");
    scene.plan()?.checked()?;
    assert_eq!(scene.emulator.connections(), 0);
    Ok(())
}

//! With the most talkative log, nothing secret is in anything that is written.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use libtest_mimic::Failed;
use swas_testing::emulator::Answer;
use swas_testing::emulator::signature::percent_encode;
use swas_testing::terraform::{Client, TerraformTest};

use super::profiles::MODES;
use super::scene::{Result, Scene};
use super::sources::{SOURCES, Source, role};

pub fn tests() -> Vec<TerraformTest> {
    let sources = SOURCES.into_iter().chain(MODES);
    let succeeding = sources.clone().map(|source| {
        TerraformTest::new(
            format!("a_run_shows_no_secret::{}", source.name),
            move |client| Ok(assert_kept(client, source, None)?),
        )
    });
    let failing = sources.map(|source| {
        TerraformTest::new(
            format!("a_failing_run_shows_no_secret::{}", source.name),
            move |client| {
                let action = if source.key.starts_with("STS.oidc") {
                    "AssumeRoleWithOIDC"
                } else {
                    "AssumeRole"
                };
                assert_kept(client, source, Some(action))?;
                Ok::<_, Failed>(assert_kept(client, source, Some("ListImages"))?)
            },
        )
    });
    succeeding.chain(failing).collect()
}

/// Runs with a source and a role on top. `failing` is an action whose answer is
/// an error that repeats what was sent.
fn assert_kept(client: &Client, source: Source, failing: Option<&str>) -> Result<()> {
    let mut scene = Scene::new(client)?;
    (source.set)(&mut scene);
    scene.block(&format!(
        "assume_role {{\n  role_arn = \"{}\"\n}}",
        role("top")
    ));
    let log = scene.workspace.temporary_dir().join("terraform.log");
    let log = log.to_str().ok_or("no text")?.to_owned();
    scene.env("TF_LOG", "TRACE");
    scene.env("TF_LOG_PATH", &log);
    scene.init()?;
    if let Some(action) = failing {
        scene.emulator.answer_action(action, Answer::echo());
    }
    let output = scene.workspace.apply()?;
    assert_eq!(output.status.success(), failing.is_none(), "{output}");

    let written = everything_written(&scene, &output.text())?;
    let log = fs::read_to_string(log).unwrap_or_default();
    assert!(log.contains("calling"), "the provider has logged nothing");
    for secret in scene.emulator.secrets() {
        for form in forms(&secret) {
            for (name, text) in &written {
                let place = text.find(&form);
                assert!(place.is_none(), "{name} holds {form:?} of {}", source.name);
            }
        }
    }
    Ok(())
}

/// The forms in which a secret could be written.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let once = percent_encode(secret);
    vec![
        secret.to_owned(),
        percent_encode(&once),
        once,
        STANDARD.encode(secret),
        URL_SAFE.encode(secret),
        json.trim_matches('"').to_owned(),
    ]
}

/// The terminal, the log, the state and all else below the working directory but
/// the configuration itself.
fn everything_written(scene: &Scene, terminal: &str) -> Result<Vec<(String, String)>> {
    let mut written = vec![("the terminal".to_owned(), terminal.to_owned())];
    for folder in [scene.workspace.dir(), scene.workspace.temporary_dir()] {
        read_all(&folder, &mut written)?;
    }
    assert!(written.len() > 2, "only {} files", written.len());
    Ok(written)
}

fn read_all(folder: &Path, written: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            read_all(&path, written)?;
        } else if kind.is_file() && path.file_name().is_none_or(|name| name != "main.tf") {
            let bytes = fs::read(&path)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            written.push((path.display().to_string(), text));
        }
    }
    Ok(())
}

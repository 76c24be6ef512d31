//! A released provider needs nothing of the machine: it runs in a root directory
//! in which there is no C library, no shell and no device.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use swas_testing::emulator::{Emulator, Options};
use swas_testing::terraform::{Client, TerraformTest, terraform_tests};

use crate::scene::{
    Result, found_images, named_folder, packages, succeeded, write_configuration, xtask,
};

/// A test for each client that needs nothing either. Terraform before 1.1 looks itself
/// up in `/proc`.
pub fn tests() -> Vec<Trial> {
    let test = TerraformTest::of(nothing_else_is_needed);
    let trials = terraform_tests(&[test.only_for(|client| client.version.at_least(1, 1))]);
    match obstacle() {
        Some(why) => trials
            .into_iter()
            .map(|trial| trial.with_kind(why).with_ignored_flag(true))
            .collect(),
        None => trials,
    }
}

/// Why the test cannot be run here.
fn obstacle() -> Option<&'static str> {
    if named_folder().is_none() {
        return Some("SWAS_TEST_DIST names no packages");
    }
    let allowed = unshare(Path::new("/")).arg("true").output();
    if allowed.is_ok_and(|output| output.status.success()) {
        None
    } else {
        Some("unshare is not allowed here")
    }
}

/// Runs a program with another root directory.
fn unshare(root: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.arg("--map-root-user").arg("--root").arg(root);
    command
}

fn nothing_else_is_needed(client: &Client) -> std::result::Result<(), Failed> {
    let packages = packages()?;
    assert!(packages.released);
    let emulator = Emulator::start(Options::default())?;
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("root");
    for name in ["home", "work", "tmp", "etc/ssl/certs"] {
        fs::create_dir_all(root.join(name))?;
    }
    fs::copy(&client.path, root.join("client"))?;
    let trusted = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificates = root.join("etc/ssl/certs/ca-certificates.crt");
    fs::write(certificates, trusted.cert.pem())?;
    write_configuration(&root.join("work"))?;
    let provider = packages.unpack(&folder.path().join("unpacked"))?;
    let install = [
        "install".as_ref(),
        "--binary".as_ref(),
        provider.as_os_str(),
    ];
    xtask(install, &root.join("home/.terraform.d/plugins"))?;

    let run = |command: &str| -> Result<String> {
        let output = unshare(&root)
            .args([
                "--wd",
                "/work",
                "/client",
                command,
                "-no-color",
                "-input=false",
            ])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", "/home")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(emulator.environment().iter().cloned())
            .output()?;
        succeeded(&output)
    };
    run("init")?;
    found_images(&run("plan")?)?;
    Ok(())
}

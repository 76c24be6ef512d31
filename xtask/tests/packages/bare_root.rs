//! A released provider has no dependencies on the machine: it runs in a root directory
//! without a C library, a shell or devices.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use swas_testing::emulator::{Emulator, Options};
use swas_testing::terraform::{Client, TerraformTest, terraform_tests};

use crate::fixture::{
    Result, assert_images_found, dist_folder, packages, stdout_of, write_configuration, xtask,
};

/// The tests, for each client that runs there. Terraform before 1.1 needs `/proc`.
pub fn tests() -> Vec<Trial> {
    let test = TerraformTest::of(released_provider_runs_in_an_empty_root);
    let trials = terraform_tests(&[test.only_for(|client| client.version.at_least(1, 1))]);
    match skip_reason() {
        Some(reason) => trials
            .into_iter()
            .map(|trial| trial.with_kind(reason).with_ignored_flag(true))
            .collect(),
        None => trials,
    }
}

/// The reason why the test cannot run on this machine.
fn skip_reason() -> Option<&'static str> {
    if dist_folder().is_none() {
        return Some("SWAS_TEST_DIST names no packages");
    }
    let output = unshare(Path::new("/")).arg("true").output();
    if output.is_ok_and(|output| output.status.success()) {
        None
    } else {
        Some("unshare is not allowed here")
    }
}

/// A command that runs a program with another root directory.
fn unshare(root: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.arg("--map-root-user").arg("--root").arg(root);
    command
}

fn released_provider_runs_in_an_empty_root(client: &Client) -> std::result::Result<(), Failed> {
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
        stdout_of(&output)
    };
    run("init")?;
    assert_images_found(&run("plan")?)?;
    Ok(())
}

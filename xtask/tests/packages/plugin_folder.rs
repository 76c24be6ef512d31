//! `cargo xtask install`, and how to be rid of it.

use std::fs;

use libtest_mimic::Failed;
use swas_testing::terraform::Client;

use crate::scene::{HOSTS, Scene, packages, xtask};

pub fn one_command_installs_and_removes(client: &Client) -> Result<(), Failed> {
    let packages = packages()?;
    let scene = Scene::new(client)?;
    let provider = packages.unpack(&scene.path("unpacked"))?;
    let plugins = scene.home().join(".terraform.d/plugins");
    let install = [
        "install".as_ref(),
        "--binary".as_ref(),
        provider.as_os_str(),
    ];
    let told = xtask(install, &plugins)?;
    for host in HOSTS {
        assert!(told.contains(host), "{told}");
    }
    assert!(
        told.contains("cargo xtask install --remove --dir"),
        "{told}"
    );
    scene.init_and_plan()?;

    // A second time it takes the place of the first.
    xtask(install, &plugins)?;
    let other = plugins.join("registry.terraform.io/other/other");
    fs::create_dir_all(&other)?;
    let told = xtask(["install", "--remove"], &plugins)?;
    assert_eq!(told.lines().count(), HOSTS.len(), "{told}");
    assert!(other.is_dir(), "another provider is gone");
    let left: Vec<_> = fs::read_dir(&plugins)?.collect::<Result<_, _>>()?;
    assert_eq!(left.len(), 1, "{left:?}");
    Ok(())
}

//! `cargo xtask install` and its `--remove` option.

use std::fs;

use libtest_mimic::Failed;
use swas_testing::terraform::Client;

use crate::fixture::{Fixture, HOSTS, packages, xtask};

pub fn xtask_install_replaces_and_remove_deletes_versions(client: &Client) -> Result<(), Failed> {
    let packages = packages()?;
    let fixture = Fixture::new(client)?;
    let provider = packages.unpack(&fixture.path("unpacked"))?;
    let plugins = fixture.home().join(".terraform.d/plugins");
    let install = [
        "install".as_ref(),
        "--binary".as_ref(),
        provider.as_os_str(),
    ];
    let stdout = xtask(install, &plugins)?;
    for host in HOSTS {
        assert!(stdout.contains(host), "{stdout}");
    }
    assert!(
        stdout.contains("cargo xtask install --remove --dir"),
        "{stdout}"
    );
    fixture.init_and_plan()?;

    // The second installation replaces the first.
    xtask(install, &plugins)?;
    let other = plugins.join("registry.terraform.io/other/other");
    fs::create_dir_all(&other)?;
    let stdout = xtask(["install", "--remove"], &plugins)?;
    assert_eq!(stdout.lines().count(), HOSTS.len(), "{stdout}");
    assert!(other.is_dir(), "another provider was removed");
    let left: Vec<_> = fs::read_dir(&plugins)?.collect::<Result<_, _>>()?;
    assert_eq!(left.len(), 1, "{left:?}");
    Ok(())
}

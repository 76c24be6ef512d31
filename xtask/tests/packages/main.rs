//! Tests of the packages: installation from a filesystem mirror, from a network mirror and
//! with `cargo xtask install`, and a run in an empty root directory.
//!
//! `SWAS_TEST_DIST` is the folder with the packages to test. By default the tests package
//! the provider that this run of `cargo test` has built.

mod bare_root;
mod contents;
mod fixture;
mod mirror;
mod network;
mod plugin_folder;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use swas_testing::terraform::{TerraformTest, terraform_tests};

fn main() -> ExitCode {
    let mut trials = terraform_tests(&[
        TerraformTest::of(mirror::filesystem_mirror_installs_the_package)
            .only_for(supports_mirrors),
        TerraformTest::of(mirror::network_mirror_installs_the_package).only_for(supports_mirrors),
        TerraformTest::of(mirror::network_mirror_with_a_changed_package_fails_checksum)
            .only_for(supports_mirrors),
        TerraformTest::of(plugin_folder::xtask_install_replaces_and_remove_deletes_versions)
            .only_for(shows_outputs_in_plans),
    ]);
    trials.extend(contents::tests());
    trials.extend(bare_root::tests());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Returns whether plans show changes to outputs, which they do since 0.14.
fn shows_outputs_in_plans(client: &swas_testing::terraform::Client) -> bool {
    client.version.at_least(0, 14)
}

/// Returns whether the client supports mirrors, since 0.13, and the lock file, since 0.14.
fn supports_mirrors(client: &swas_testing::terraform::Client) -> bool {
    client.version.at_least(0, 14)
}

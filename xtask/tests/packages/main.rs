//! Packages do what they are for: they install from a folder, from a mirror on
//! the network and by one command, and run where there is nothing but Terraform.
//!
//! `SWAS_TEST_DIST` names a folder with the packages to test. Without it they are
//! made of the provider that this run of `cargo test` has built.

mod bare_root;
mod contents;
mod mirror;
mod network;
mod plugin_folder;
mod scene;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use swas_testing::terraform::{TerraformTest, terraform_tests};

fn main() -> ExitCode {
    let mut trials = terraform_tests(&[
        TerraformTest::of(mirror::a_folder_of_packages_is_one).only_for(knows_mirrors),
        TerraformTest::of(mirror::a_server_of_packages_is_one).only_for(knows_mirrors),
        TerraformTest::of(mirror::a_changed_package_is_refused).only_for(knows_mirrors),
        TerraformTest::of(plugin_folder::one_command_installs_and_removes)
            .only_for(shows_outputs_in_plans),
    ]);
    trials.extend(contents::tests());
    trials.extend(bare_root::tests());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Plans tell of changes to outputs since 0.14.
fn shows_outputs_in_plans(client: &swas_testing::terraform::Client) -> bool {
    client.version.at_least(0, 14)
}

/// Mirrors came with 0.13, and the lock file with 0.14.
fn knows_mirrors(client: &swas_testing::terraform::Client) -> bool {
    client.version.at_least(0, 14)
}

//! Credentials come from where Alibaba Cloud users have them: each source alone,
//! each against every other, with roles on top, until they expire, and never in
//! any output.
//!
//! The emulator hands credentials out as STS, a metadata service or a sidecar
//! does, under IDs that say which of them it was, and sees with which key the
//! provider lists images in the end.

mod lifetimes;
mod network;
mod precedence;
mod profiles;
mod roles;
mod scene;
mod secrecy;
mod sources;

use std::process::ExitCode;

use swas_testing::terraform::{TerraformTest, run_terraform_tests};

fn main() -> ExitCode {
    let tests = [
        precedence::tests(),
        profiles::tests(),
        roles::tests(),
        lifetimes::tests(),
        network::tests(),
        secrecy::tests(),
    ];
    let tests: Vec<TerraformTest> = tests
        .concat()
        .into_iter()
        // Older versions trace to the terminal and cannot print outputs as JSON.
        .map(|test| test.only_for(|client| client.version.at_least(1, 0)))
        .collect();
    run_terraform_tests(&tests)
}

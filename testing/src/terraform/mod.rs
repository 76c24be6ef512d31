//! A harness that runs Terraform and `OpenTofu` with the provider.
//!
//! A [`Client`] is a Terraform or `OpenTofu` binary on this machine. A [`Workspace`] is
//! a configuration directory with an isolated environment. A [`TerraformTest`] is a test
//! that runs once per client.

mod client;
mod install;
mod output;
mod processes;
mod running;
mod trials;
mod version;
mod workspace;

pub use client::{CLIENTS_VARIABLE, Client, ClientError, Product};
pub use output::Output;
pub use processes::{processes_of, processes_under};
pub use running::Running;
pub use trials::{REQUIRE_VARIABLE, TerraformTest, run_terraform_tests, terraform_tests};
pub use version::Version;
pub use workspace::Workspace;

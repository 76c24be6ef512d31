//! The real Terraform and `OpenTofu`, with the provider installed for them.
//!
//! A [`Client`] is one of their binaries on this machine. A [`Workspace`] is a
//! folder of configuration in which it runs with an environment of its own. A
//! [`TerraformTest`] is a test that runs once per client.

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

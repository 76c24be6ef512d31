//! The provider's executable: parses the arguments and calls [`serve`].

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use aliyun::text::debug_quote;
use swas_provider::plugin::{Mode, Service, StartError, serve};
use swas_provider::provider::SwasProvider;
use swas_provider::terraform::{PROTOCOL_VERSIONS, Server, Session};

/// With musl's own allocator, a plan of a thousand data sources takes 50 % more CPU time.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

const VERSION: &str = concat!("terraform-provider-swas ", env!("CARGO_PKG_VERSION"), "\n");

const HELP: &str = "\
A Terraform and OpenTofu provider for Alibaba Cloud Simple Application Server.

Terraform starts this program itself.

Usage: terraform-provider-swas [OPTION]

Options:
      --debug    Serve until interrupted, without being started by Terraform
                 (not on Windows). Prints the environment variable that makes
                 Terraform use this process. Other variables, such as
                 ALIBABA_CLOUD_REGION, are then read from this process and
                 not from Terraform.
      --version  Print the version.
  -h, --help     Print this text.
";

const NOT_A_CLI: &str = "\
this program is a Terraform provider, which Terraform starts itself.

To use it, copy it to a directory in which Terraform looks for providers:
  ~/.terraform.d/plugins/registry.terraform.io/swas-rs/swas/VERSION/OS_ARCH/
VERSION is for example 0.1.0, and OS_ARCH is linux_amd64. Add it to your configuration:
  terraform {
    required_providers {
      swas = { source = \"swas-rs/swas\" }
    }
  }
Then run \"terraform init\". For options of this program, run it with --help.
";

const WITHOUT_TLS: &str = "\
without TLS, every user of this machine could use the
provider and its credentials through the TCP port that this platform requires.
Unset TF_DISABLE_PLUGIN_TLS. The option --debug, which has no TLS, requires Unix
sockets: Linux, macOS, or WSL.
";

/// The exit code for invalid arguments.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let mut mode = Mode::Client;
    for argument in env::args_os().skip(1) {
        // Providers written in Go accept options with one dash too.
        match argument.to_str() {
            Some("--debug" | "-debug") => mode = Mode::Debug,
            Some("--version" | "-version") => return print(VERSION),
            Some("--help" | "-help" | "-h") => return print(HELP),
            _ => {
                let argument = debug_quote(&argument.to_string_lossy());
                print_error(&format!("unknown argument {argument}\n\n{HELP}"));
                return ExitCode::from(USAGE_ERROR);
            }
        }
    }
    match serve::<Arc<Session<SwasProvider>>>(PROTOCOL_VERSIONS, mode, service) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(StartError::StartedByHand) => print_error(NOT_A_CLI),
        Err(StartError::Plaintext) => print_error(WITHOUT_TLS),
        Err(error) => print_error(&format!("{error}\n")),
    }
    ExitCode::FAILURE
}

fn service() -> Service {
    let server = Server::new(SwasProvider);
    Service {
        routes: Arc::clone(&server).into_routes(),
        interrupted: Box::new(move || server.cancel_reads()),
    }
}

/// Prints text to stdout.
fn print(text: &str) -> ExitCode {
    match write(io::stdout(), text) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed the pipe: not an error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&format!("cannot print: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Prints an error to stderr. Ignores a closed stderr.
fn print_error(text: &str) {
    let _ = write(io::stderr(), &format!("terraform-provider-swas: {text}"));
}

fn write(mut stream: impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

//! The provider's executable: parses the arguments and calls [`serve`].

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use swas_provider::plugin::{Mode, Plugin, Reattach, Service, StartError, serve};
use swas_provider::provider::SwasProvider;
use swas_provider::terraform::{PROTOCOL_VERSIONS, Server, Session};

/// With musl's own allocator, a plan of a thousand data sources takes 50 % more CPU time.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

const PLUGIN: Plugin = Plugin {
    cookie: (
        "TF_PLUGIN_MAGIC_COOKIE",
        "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    ),
    protocols: PROTOCOL_VERSIONS,
    log_variables: &["TF_LOG_PROVIDER_SWAS", "TF_LOG_PROVIDER", "TF_LOG"],
    log_module: "provider.terraform-provider-swas",
    log_crates: &["aliyun", "swas_provider"],
    reattach: Reattach {
        variable: "TF_REATTACH_PROVIDERS",
        // Terraform and OpenTofu expand the short address with different registries.
        names: &[
            "registry.terraform.io/swas-rs/swas",
            "registry.opentofu.org/swas-rs/swas",
        ],
    },
};

const VERSION: &str = concat!("terraform-provider-swas ", env!("CARGO_PKG_VERSION"), "\n");

const HELP: &str = "\
A Terraform and OpenTofu provider for Alibaba Cloud Simple Application Server.

Terraform starts this program by itself; there is no need to run it by hand.

Usage: terraform-provider-swas [OPTION]

Options:
      --debug    Serve until interrupted, without being started by Terraform
                 (not on Windows). Prints the environment variable that makes
                 Terraform use this process. Variables such as
                 ALIBABA_CLOUD_REGION are those of this process then, and
                 not Terraform's.
      --version  Print the version.
  -h, --help     Print this text.
";

const NOT_A_CLI: &str = "\
This program is a Terraform provider. Terraform starts it by itself; run by hand,
it does nothing.

To use it, put it where Terraform looks for providers, for example
  ~/.terraform.d/plugins/registry.terraform.io/swas-rs/swas/VERSION/OS_ARCH/
with your VERSION and OS_ARCH such as 0.1.0 and linux_amd64, and name it in your
configuration:
  terraform {
    required_providers {
      swas = { source = \"swas-rs/swas\" }
    }
  }
Then run \"terraform init\". With --help it tells its options.
";

const WITHOUT_TLS: &str = "\
terraform-provider-swas: without TLS, everyone on this computer could use the
provider and its credentials through the TCP port that it needs on this platform.
Unset TF_DISABLE_PLUGIN_TLS. The option --debug, which has no TLS, works only where
there are Unix sockets: on Linux, macOS, or in WSL.
";

fn main() -> ExitCode {
    match arguments() {
        Ok(Command::Serve(mode)) => {
            match serve::<Arc<Session<SwasProvider>>>(&PLUGIN, mode, service) {
                Ok(()) => ExitCode::SUCCESS,
                Err(StartError::StartedByHand) => exit_with_error(NOT_A_CLI),
                Err(StartError::Plaintext) => exit_with_error(WITHOUT_TLS),
                Err(error) => exit_with_error(&format!("terraform-provider-swas: {error}\n")),
            }
        }
        Ok(Command::Version) => print(VERSION),
        Ok(Command::Help) => print(HELP),
        Err(error) => {
            exit_with_error(&format!("terraform-provider-swas: {error}\n\n{HELP}"));
            ExitCode::from(2)
        }
    }
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
        Err(error) => exit_with_error(&format!("terraform-provider-swas: cannot print: {error}\n")),
    }
}

/// Prints an error to stderr. Ignores a closed stderr.
fn exit_with_error(text: &str) -> ExitCode {
    let _ = write(io::stderr(), text);
    ExitCode::FAILURE
}

fn write(mut stream: impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

enum Command {
    Serve(Mode),
    Version,
    Help,
}

fn arguments() -> Result<Command, lexopt::Error> {
    use lexopt::prelude::{Long, Short};
    let mut command = Command::Serve(Mode::Client);
    let mut arguments = lexopt::Parser::from_iter(env::args_os().map(with_two_dashes));
    while let Some(argument) = arguments.next()? {
        command = match argument {
            Long("debug") => Command::Serve(Mode::Debug),
            Long("version") => Command::Version,
            Long("help") | Short('h') => Command::Help,
            other => return Err(other.unexpected()),
        };
    }
    Ok(command)
}

/// Adds a dash to options with one dash, which providers written in Go accept too.
fn with_two_dashes(argument: OsString) -> OsString {
    match argument.to_str() {
        Some("-debug" | "-version" | "-help") => {
            let mut two = OsString::from("-");
            two.push(argument);
            two
        }
        _ => argument,
    }
}

//! A local emulator of SWAS-OPEN, to try the provider without an account:
//!
//! ```text
//! cargo run --example emulator -- --listen 127.0.0.1:0
//! ```
//!
//! It prints its address and the environment variables to export. It verifies the
//! signature of every call, enforces the quota of the real API, and runs until it is
//! stopped. It also emulates STS, the metadata service and a credentials sidecar.
//! docs/guides/testing.md describes how to inject faults while it runs.

use std::error::Error;
use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Parser;
use swas_testing::emulator::{Emulator, Options, Quota};

/// Run a local emulator of SWAS-OPEN until it is stopped.
#[derive(Parser)]
struct Arguments {
    /// Address to listen on. Port 0 selects a free port.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Access key ID of the calls.
    #[arg(long, default_value = "LTAItestid")]
    access_key_id: String,
    /// Secret of the access key.
    #[arg(long, default_value = "testsecret")]
    access_key_secret: String,
    /// Security token of the access key, for a temporary key.
    #[arg(long)]
    security_token: Option<String>,
    /// Quota of each operation.
    #[arg(long, default_value = "10/60", value_name = "CALLS/SECONDS")]
    quota: Quota,
    /// Disable the quota.
    #[arg(long, conflicts_with = "quota")]
    no_quota: bool,
    /// Omit x-acs-retry-after from throttled responses.
    #[arg(long)]
    hide_wait: bool,
    /// Delay of every response, in milliseconds.
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    delay_ms: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse(), &mut io::stdout().lock()) {
        Ok(_emulator) => loop {
            thread::park();
        },
        Err(error) => {
            eprintln!("{error}.");
            ExitCode::FAILURE
        }
    }
}

/// Starts the emulator and prints its address and environment variables.
fn run(arguments: &Arguments, stdout: &mut impl Write) -> Result<Emulator, Box<dyn Error>> {
    let listen = &arguments.listen;
    let quota = (!arguments.no_quota).then_some(Quota {
        sends_retry_after: !arguments.hide_wait,
        ..arguments.quota
    });
    let options = Options {
        listen: address(listen)
            .map_err(|error| format!("{listen:?} is no address such as 127.0.0.1:8080: {error}"))?,
        access_key_id: arguments.access_key_id.clone(),
        access_key_secret: arguments.access_key_secret.clone(),
        security_token: arguments.security_token.clone(),
        quota,
        delay: Duration::from_millis(arguments.delay_ms),
        ..Options::default()
    };
    let emulator = Emulator::start(options.clone())
        .map_err(|error| format!("Cannot listen on {listen}: {error}"))?;
    writeln!(stdout, "listening on {}", emulator.url())?;
    // Scripts read the address through a pipe, which is not flushed by line.
    stdout.flush()?;
    // A script may close the pipe after the first line. The emulator keeps running.
    let _ = write!(stdout, "{}", introduction(&emulator, &options));
    let _ = stdout.flush();
    Ok(emulator)
}

fn address(listen: &str) -> io::Result<SocketAddr> {
    let mut addresses = listen.to_socket_addrs()?;
    addresses
        .next()
        .ok_or_else(|| io::Error::other("it has no address"))
}

/// The environment variables and hints for a running emulator, as a shell script.
fn introduction(emulator: &Emulator, options: &Options) -> String {
    let url = emulator.url();
    let more = [
        ("ALIBABA_CLOUD_STS_ENDPOINT", url.clone()),
        ("ALIBABA_CLOUD_REGION", "cn-hangzhou".to_owned()),
    ];
    let variables = emulator.environment().iter().chain(&more);
    let export = |(name, value): &(_, String)| format!("export {name}={}\n", shell_quote(value));
    let exports: String = variables.map(export).collect();
    let quota = options.quota.map_or("none".to_owned(), |quota| {
        let seconds = quota.window.as_secs();
        format!("{} calls of an operation in {seconds} s", quota.calls)
    });
    format!(
        r#"
# To use this emulator:
{exports}
# Other sources of credentials, instead of these keys:
# - the sidecar:
#   export ALIBABA_CLOUD_CREDENTIALS_URI={sidecar}
# - the metadata service of an instance:
#   export ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT={url}
#   export ALIBABA_CLOUD_ECS_METADATA={role}
# - STS, for any role, with these keys or with the OIDC token {token}.

# The quota: {quota}.
# To inject faults into the next calls, and to count the calls so far:
#   curl -X PUT {url}/_faults -d '[{{"fault": "http", "status": 503}}]'
#   curl {url}/_faults
"#,
        sidecar = emulator.credentials_uri(),
        role = options.ecs_role,
        token = options.oidc_token,
    )
}

/// Quotes a text for a shell.
fn shell_quote(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/+=@".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(arguments: &[&str]) -> Result<(Emulator, String), String> {
        let arguments = [&["emulator"], arguments].concat();
        let arguments = Arguments::try_parse_from(arguments).map_err(|error| error.to_string())?;
        let mut stdout = Vec::new();
        let emulator = run(&arguments, &mut stdout).map_err(|error| error.to_string())?;
        let text = String::from_utf8(stdout).map_err(|error| error.to_string())?;
        Ok((emulator, text))
    }

    #[test]
    fn emulator_prints_its_address_and_exports() {
        let (emulator, text) = started(&["--access-key-secret", "it's; $HOME"]).expect("a port");
        let url = emulator.url();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(&*format!("listening on {url}")));
        let exports: Vec<&str> = lines.filter(|line| line.starts_with("export ")).collect();
        let expected = [
            &format!("export ALIBABA_CLOUD_SWAS_ENDPOINT={url}"),
            "export ALIBABA_CLOUD_ACCESS_KEY_ID=LTAItestid",
            r"export ALIBABA_CLOUD_ACCESS_KEY_SECRET='it'\''s; $HOME'",
            &format!("export ALIBABA_CLOUD_STS_ENDPOINT={url}"),
            "export ALIBABA_CLOUD_REGION=cn-hangzhou",
        ];
        assert_eq!(exports, expected);
        assert!(text.contains(&format!("CREDENTIALS_URI={url}/credentials\n")));
        assert!(text.contains("ALIBABA_CLOUD_ECS_METADATA=testrole\n"));
    }

    #[test]
    fn emulator_has_the_quota_of_the_api_by_default() {
        for (arguments, quota) in [
            (&[][..], "10 calls of an operation in 60 s"),
            (&["--quota", "3/6"], "3 calls of an operation in 6 s"),
            (&["--no-quota"], "none"),
        ] {
            let (_, text) = started(arguments).expect("a port");
            assert!(text.contains(&format!("# The quota: {quota}.\n")), "{text}");
        }
    }

    #[test]
    fn unavailable_address_is_reported_in_one_line() {
        let (emulator, _) = started(&[]).expect("a port");
        let busy = emulator.address().to_string();
        for (listen, expected) in [
            (
                &*busy,
                format!("Cannot listen on {busy}: Address already in use"),
            ),
            (
                "here",
                r#""here" is no address such as 127.0.0.1:8080: "#.to_owned(),
            ),
        ] {
            let error = started(&["--listen", listen]).err().expect("no port");
            assert!(
                error.starts_with(&expected) && !error.contains('\n'),
                "{error}"
            );
        }
    }
}

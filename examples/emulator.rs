//! A local SWAS-OPEN endpoint, to try the provider without an account:
//!
//! ```text
//! cargo run --example emulator -- --listen 127.0.0.1:0
//! ```
//!
//! It prints the address it listens on, checks the signature of every call, and
//! answers until it is stopped. It is STS too, for `endpoints.sts`, and hands out
//! credentials at `/credentials` as a sidecar does.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::thread;

use clap::Parser;
use swas_testing::emulator::{Emulator, Options};

/// Serves a local SWAS-OPEN endpoint until it is stopped.
#[derive(Parser)]
struct Arguments {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The access key ID that calls have to be signed with.
    #[arg(long, default_value = "LTAItestid")]
    access_key_id: String,
    /// The secret of that access key.
    #[arg(long, default_value = "testsecret")]
    access_key_secret: String,
    /// The token that calls have to carry, if the key is a temporary one.
    #[arg(long)]
    security_token: Option<String>,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let emulator = Emulator::start(Options {
        listen: arguments.listen,
        access_key_id: arguments.access_key_id,
        access_key_secret: arguments.access_key_secret,
        security_token: arguments.security_token,
        ..Options::default()
    })?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on {}", emulator.url())?;
    // A script that reads the address through a pipe would wait for it forever.
    stdout.flush()?;
    loop {
        thread::park();
    }
}

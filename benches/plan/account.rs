//! What a process has used, as the operating system accounts for it.
//!
//! Terraform starts and ends providers by itself, and what it does not tell of
//! them is lost. So this program stands between: a script in place of the binary
//! starts this program, which runs the binary with the same streams and notes in
//! a file what it has used. It adds a millisecond to each start, which is why
//! time is never measured so.

use std::env;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::Result;

/// The first argument of a run that accounts for another program.
const ACCOUNT: &str = "--account";

/// To run a program and note what it used.
pub struct Order {
    notes: PathBuf,
    program: PathBuf,
    arguments: Vec<std::ffi::OsString>,
}

/// What one run of a program used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Processor time of the program and all that it waited for.
    pub cpu: Duration,
    /// Processor time of standing between.
    pub between: Duration,
    /// The most memory that it had resident at one time, in bytes; of several
    /// processes, that of the largest one.
    pub peak: u64,
}

/// The order, if this process was started to carry out one.
pub fn asked() -> Option<Order> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next()? != ACCOUNT {
        return None;
    }
    Some(Order {
        notes: arguments.next()?.into(),
        program: arguments.next()?.into(),
        arguments: arguments.collect(),
    })
}

/// Carries out an order and ends as the program did.
pub fn run(order: &Order) -> Result<ExitCode> {
    let status = Command::new(&order.program)
        .args(&order.arguments)
        .status()?;
    let children = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let own = getrusage(UsageWho::RUSAGE_SELF)?;
    let line = format!(
        "{} {} {}\n",
        micros(&children),
        micros(&own),
        children.max_rss()
    );
    // In one write: another provider may be ending at this moment.
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&order.notes)?
        .write_all(line.as_bytes())?;
    // A program that a signal ended has no code.
    Ok(match status.code().map(u8::try_from) {
        Some(Ok(code)) => ExitCode::from(code),
        _ => ExitCode::FAILURE,
    })
}

fn micros(usage: &Usage) -> i64 {
    (usage.user_time() + usage.system_time()).num_microseconds()
}

/// A program whose runs are accounted for.
pub struct Accounted {
    /// To be run in its place.
    pub script: PathBuf,
    notes: PathBuf,
}

impl Accounted {
    /// Prepares accounts of `program` in `folder`, under a name of its own.
    pub fn new(folder: &Path, name: &str, program: &Path) -> Result<Self> {
        let script = folder.join(name);
        let notes = folder.join(format!("{name}.notes"));
        let quoted =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
        let text = format!(
            "#!/bin/sh\nexec {} {ACCOUNT} {} {} \"$@\"\n",
            quoted(&env::current_exe()?),
            quoted(&notes),
            quoted(&program.canonicalize()?),
        );
        fs::write(&script, text)?;
        fs::set_permissions(&script, Permissions::from_mode(0o755))?;
        Ok(Self { script, notes })
    }

    /// What the runs since the last call used, taken together.
    pub fn take(&self) -> Result<Used> {
        let notes = fs::read_to_string(&self.notes).unwrap_or_default();
        let mut all = Used::default();
        for line in notes.lines() {
            let numbers: std::result::Result<Vec<u64>, _> =
                line.split(' ').map(str::parse).collect();
            let [cpu, between, kibibytes] = numbers?[..] else {
                return Err(format!("no account: {line}").into());
            };
            all.cpu += Duration::from_micros(cpu);
            all.between += Duration::from_micros(between);
            all.peak = all.peak.max(kibibytes * 1024);
        }
        fs::write(&self.notes, "")?;
        Ok(all)
    }
}

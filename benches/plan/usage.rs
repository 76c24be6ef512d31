//! Resource usage of processes, from `getrusage`.
//!
//! Terraform starts and stops providers itself and does not report their resource usage.
//! A wrapper script in place of the binary runs this program, which runs the binary with
//! the same streams and appends its usage to a log file. The wrapper adds a millisecond
//! to each start: do not measure elapsed time with it.

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

/// The first argument of a wrapper process.
const WRAPPER: &str = "--wrapper";

/// The arguments of a wrapper process.
pub struct Wrapper {
    log: PathBuf,
    program: PathBuf,
    arguments: Vec<std::ffi::OsString>,
}

/// The resource usage of one or more runs of a program.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResourceUsage {
    /// CPU time of the program and its awaited child processes.
    pub cpu: Duration,
    /// CPU time of the wrapper.
    pub wrapper_cpu: Duration,
    /// Peak resident memory in bytes. With several processes, the peak of the largest.
    pub peak: u64,
}

impl Wrapper {
    /// The wrapper's arguments, if this process is a wrapper.
    pub fn from_args() -> Option<Self> {
        let mut arguments = env::args_os().skip(1);
        if arguments.next()? != WRAPPER {
            return None;
        }
        Some(Self {
            log: arguments.next()?.into(),
            program: arguments.next()?.into(),
            arguments: arguments.collect(),
        })
    }

    /// Runs the program, logs its resource usage and returns its exit code.
    pub fn run(&self) -> Result<ExitCode> {
        let status = Command::new(&self.program).args(&self.arguments).status()?;
        let children = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let own = getrusage(UsageWho::RUSAGE_SELF)?;
        let line = format!(
            "{} {} {}\n",
            micros(&children),
            micros(&own),
            children.max_rss()
        );
        // A single write: wrappers of other providers append concurrently.
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.log)?
            .write_all(line.as_bytes())?;
        // A program that a signal ended has no exit code.
        Ok(match status.code().map(u8::try_from) {
            Some(Ok(code)) => ExitCode::from(code),
            _ => ExitCode::FAILURE,
        })
    }
}

fn micros(usage: &Usage) -> i64 {
    (usage.user_time() + usage.system_time()).num_microseconds()
}

/// A program with a wrapper script that logs its resource usage.
pub struct WrappedProgram {
    /// The wrapper script, which replaces the program.
    pub script: PathBuf,
    log: PathBuf,
}

impl WrappedProgram {
    /// Writes a wrapper script for `program` to `folder`.
    pub fn new(folder: &Path, name: &str, program: &Path) -> Result<Self> {
        let script = folder.join(name);
        let log = folder.join(format!("{name}.log"));
        let shell_quote =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
        let text = format!(
            "#!/bin/sh\nexec {} {WRAPPER} {} {} \"$@\"\n",
            shell_quote(&env::current_exe()?),
            shell_quote(&log),
            shell_quote(&program.canonicalize()?),
        );
        fs::write(&script, text)?;
        fs::set_permissions(&script, Permissions::from_mode(0o755))?;
        Ok(Self { script, log })
    }

    /// Returns the total usage of the runs since the last call.
    pub fn take_usage(&self) -> Result<ResourceUsage> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let mut total = ResourceUsage::default();
        for line in log.lines() {
            let numbers: std::result::Result<Vec<u64>, _> =
                line.split(' ').map(str::parse).collect();
            let [cpu, wrapper_cpu, kibibytes] = numbers?[..] else {
                return Err(format!("invalid line in the usage log: {line}").into());
            };
            total.cpu += Duration::from_micros(cpu);
            total.wrapper_cpu += Duration::from_micros(wrapper_cpu);
            total.peak = total.peak.max(kibibytes * 1024);
        }
        fs::write(&self.log, "")?;
        Ok(total)
    }
}

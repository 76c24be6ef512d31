//! From exec to the handshake line, and what is in memory then.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use swas_testing::plugin_client::{COOKIE_NAME, COOKIE_VALUE, ClientCertificate};

use super::binaries::{Provider, Role};
use super::report::Report;
use super::statistics::{Sample, mebibytes, short};
use super::table::Table;
use super::{Effort, Result, progress, shuffled};

/// How long a provider may take to say how to reach it, and to wait for a
/// connection after that.
const LIMIT: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Starts {
    line: Sample,
    cpu: Sample,
    resident: Sample,
    faults: Sample,
}

/// One start.
struct Start {
    line: Duration,
    waiting: Waiting,
}

/// A process that waits for its client, in the words of the operating system.
struct Waiting {
    /// Bytes in memory, those of its files too.
    resident: u64,
    /// Processor time of all its threads.
    cpu: Duration,
    /// How often it touched a page of memory that was not there.
    faults: u64,
}

pub fn measure(providers: &[Provider], effort: Effort, report: &mut Report) -> Result<()> {
    progress("starts");
    let certificate = ClientCertificate::generate()?;
    let folder = tempfile::tempdir()?;
    let binaries = copies(providers, folder.path())?;
    let mut all: Vec<Starts> = providers.iter().map(|_| Starts::default()).collect();
    let mut nothing = Sample::default();
    for round in 0..=effort.starts {
        let empty = process_that_ends()?;
        // The first round only brings the files into memory.
        if round > 0 {
            nothing.push(empty);
        }
        for place in shuffled(providers.len()) {
            let started = start(&binaries[place], certificate.pem())?;
            if round > 0 {
                all[place].line.push(started.line);
                all[place].cpu.push(started.waiting.cpu);
                all[place]
                    .resident
                    .push_number(mebibytes(started.waiting.resident));
                all[place].faults.push_count(started.waiting.faults);
            }
        }
    }

    let mut table = Table::new(
        format!("Start ({} of each)", effort.starts),
        &[
            "",
            "binary, MiB",
            "exec to handshake line, ms",
            "by noop-provider",
            "its CPU until it waits, ms",
            "resident then, MiB",
            "page faults",
        ],
    );
    table.row(["/bin/true, to its end", "", &nothing.summary().to_string()]);
    let base = providers
        .iter()
        .position(|it| it.role == Role::NoopProvider);
    for (provider, starts) in providers.iter().zip(&all) {
        let ratio = base.map(|base| starts.line.over(&all[base].line).summary());
        table.row([
            provider.name.clone(),
            short(mebibytes(fs::metadata(&provider.binary)?.len())),
            starts.line.summary().to_string(),
            ratio.map(|ratio| ratio.to_string()).unwrap_or_default(),
            starts.cpu.summary().to_string(),
            starts.resident.summary().to_string(),
            short(starts.faults.median()),
        ]);
    }
    report.table(&table);
    Ok(())
}

/// Copies of all binaries in one folder. How much of a file counts as resident
/// depends on how it came into memory, and now all have come in the same way.
fn copies(providers: &[Provider], folder: &Path) -> Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for (number, provider) in providers.iter().enumerate() {
        let copy = folder.join(number.to_string());
        fs::copy(&provider.binary, &copy)?;
        copies.push(copy);
    }
    Ok(copies)
}

/// How long it takes to start a process that ends at once.
fn process_that_ends() -> Result<Duration> {
    let mut command = Command::new("/bin/true");
    command.env_clear().stdin(Stdio::null());
    let begin = Instant::now();
    command.status()?;
    Ok(begin.elapsed())
}

/// Starts a provider as Terraform does, and ends it once it waits.
fn start(binary: &Path, certificate: &str) -> Result<Start> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(binary);
    command
        .env_clear()
        .env("HOME", folder.path())
        .env("TMPDIR", folder.path())
        .env(COOKIE_NAME, COOKIE_VALUE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("PLUGIN_CLIENT_CERT", certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let mut line = String::new();
    let read = match child.stdout.take() {
        Some(stdout) => BufReader::new(stdout).read_line(&mut line),
        None => Ok(0),
    };
    let elapsed = begin.elapsed();
    let waiting = waiting(&child, begin + LIMIT);
    // It may have ended by itself, which the line tells.
    let _ = child.kill();
    child.wait()?;
    read?;
    if line.split('|').count() < 6 {
        return Err(format!("{} says {line:?} and is no provider", binary.display()).into());
    }
    Ok(Start {
        line: elapsed,
        waiting: waiting?,
    })
}

/// Looks at a process as soon as it sleeps: it has nothing left to do then but
/// to wait for a connection.
fn waiting(child: &Child, deadline: Instant) -> Result<Waiting> {
    loop {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
        // The name, in parentheses, may have blanks in it.
        let fields: Vec<&str> = stat
            .rsplit_once(") ")
            .map(|(_, fields)| fields.split(' ').collect())
            .unwrap_or_default();
        let (Some(&state), Some(faults)) = (fields.first(), fields.get(7)) else {
            return Err("/proc is of another form here".into());
        };
        if state == "S" {
            return Ok(Waiting {
                resident: resident(child.id())?,
                cpu: cpu(child.id())?,
                faults: faults.parse()?,
            });
        }
        if Instant::now() > deadline {
            return Err("the provider does not come to rest".into());
        }
        thread::yield_now();
    }
}

/// How long the threads of a process have run that still do.
fn cpu(pid: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let times = match fs::read_to_string(task?.path().join("schedstat")) {
            // A thread has ended since: before its file was opened, or after that.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) if error.raw_os_error() == Some(Errno::ESRCH as i32) => continue,
            times => times?,
        };
        let running = times.split(' ').next().unwrap_or_default();
        nanoseconds += running.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// How many bytes of a process are in memory.
pub fn resident(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .ok_or("/proc tells no resident memory")?;
    Ok(kibibytes.parse::<u64>()? * 1024)
}

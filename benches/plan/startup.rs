//! Time from exec to the handshake line, and the memory at that point.

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

/// The timeout for the handshake line, and for becoming idle after it.
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Starts {
    line: Sample,
    cpu: Sample,
    resident: Sample,
    faults: Sample,
}

/// The measurements of one start.
struct Start {
    line: Duration,
    idle: IdleProcess,
}

/// The state of a process that waits for its client, from `/proc`.
struct IdleProcess {
    /// Resident memory in bytes, including mapped files.
    resident: u64,
    /// CPU time of all threads.
    cpu: Duration,
    /// The number of minor page faults.
    faults: u64,
}

pub fn measure(providers: &[Provider], effort: Effort, report: &mut Report) -> Result<()> {
    progress("starts");
    let certificate = ClientCertificate::generate()?;
    let folder = tempfile::tempdir()?;
    let binaries = copies(providers, folder.path())?;
    let mut all: Vec<Starts> = providers.iter().map(|_| Starts::default()).collect();
    let mut empty_process = Sample::default();
    for round in 0..=effort.starts {
        let elapsed = run_empty_process()?;
        // The first round warms the page cache.
        if round > 0 {
            empty_process.push(elapsed);
        }
        for index in shuffled(providers.len()) {
            let Start { line, idle } = start(&binaries[index], certificate.pem())?;
            if round > 0 {
                let starts = &mut all[index];
                starts.line.push(line);
                starts.cpu.push(idle.cpu);
                starts.resident.push_number(mebibytes(idle.resident));
                starts.faults.push_count(idle.faults);
            }
        }
    }

    let mut table = Table::new(
        format!("Start ({} of each)", effort.starts),
        &[
            "",
            "binary, MiB",
            "exec to handshake line, ms",
            "relative to noop-provider",
            "its CPU until it waits, ms",
            "resident then, MiB",
            "page faults",
        ],
    );
    table.row([
        "/bin/true, to its end",
        "",
        &empty_process.summary().to_string(),
    ]);
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

/// Copies all binaries to one folder. The resident size of a mapped file depends on how
/// it got into the page cache. Copying makes that the same for all.
fn copies(providers: &[Provider], folder: &Path) -> Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for (number, provider) in providers.iter().enumerate() {
        let copy = folder.join(number.to_string());
        fs::copy(&provider.binary, &copy)?;
        copies.push(copy);
    }
    Ok(copies)
}

/// Measures a process that exits immediately.
fn run_empty_process() -> Result<Duration> {
    let mut command = Command::new("/bin/true");
    command.env_clear().stdin(Stdio::null());
    let begin = Instant::now();
    command.status()?;
    Ok(begin.elapsed())
}

/// Starts a provider as Terraform does, and kills it once it is idle.
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
    let idle = wait_until_idle(&child, begin + TIMEOUT);
    // Fails if the process has exited, which shows in the line.
    let _ = child.kill();
    child.wait()?;
    read?;
    if line.split('|').count() < 6 {
        return Err(format!("{} is not a provider: {line:?}", binary.display()).into());
    }
    Ok(Start {
        line: elapsed,
        idle: idle?,
    })
}

/// Waits until a process sleeps, which means that it waits for a connection.
fn wait_until_idle(child: &Child, deadline: Instant) -> Result<IdleProcess> {
    loop {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
        // The name is in parentheses and may contain blanks.
        let fields: Vec<&str> = stat
            .rsplit_once(") ")
            .map(|(_, fields)| fields.split(' ').collect())
            .unwrap_or_default();
        let (Some(&state), Some(faults)) = (fields.first(), fields.get(7)) else {
            return Err("/proc/PID/stat has an unexpected format".into());
        };
        if state == "S" {
            return Ok(IdleProcess {
                resident: resident(child.id())?,
                cpu: cpu(child.id())?,
                faults: faults.parse()?,
            });
        }
        if Instant::now() > deadline {
            return Err("the provider does not become idle".into());
        }
        thread::yield_now();
    }
}

/// The CPU time of the live threads of a process.
fn cpu(pid: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let times = match fs::read_to_string(task?.path().join("schedstat")) {
            // The thread has exited, before or after its file was opened.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) if error.raw_os_error() == Some(Errno::ESRCH as i32) => continue,
            times => times?,
        };
        let running = times.split(' ').next().unwrap_or_default();
        nanoseconds += running.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The resident memory of a process, in bytes.
pub fn resident(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .ok_or("/proc/PID/status has no VmRSS")?;
    Ok(kibibytes.parse::<u64>()? * 1024)
}

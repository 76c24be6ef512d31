//! A running command.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpgid};
use signal_hook::consts::SIGINT;
use signal_hook::flag::register_conditional_shutdown;

use super::output::strip_line_prefix;
use super::{Output, processes_of};

/// The polling interval.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// The number of retries, one per interval, if the binary is busy.
const BUSY_RETRIES: u32 = 1000;

/// A running command in a separate process group. Dropping it kills the group.
#[derive(Debug)]
pub struct Running {
    child: Child,
    program: PathBuf,
    command: String,
    stdout: PathBuf,
    stderr: PathBuf,
    begin: Instant,
    status: Option<ExitStatus>,
}

impl Running {
    /// Starts a command whose output goes to files with the prefix `log`. Unlike pipes,
    /// files never block the command.
    pub(super) fn spawn(mut command: Command, log: impl AsRef<Path>) -> io::Result<Self> {
        let stdout = log.as_ref().with_extension("stdout");
        let stderr = log.as_ref().with_extension("stderr");
        command
            .stdin(Stdio::null())
            .stdout(File::create(&stdout)?)
            .stderr(File::create(&stderr)?)
            .process_group(0);
        handle_interrupts()?;
        let begin = Instant::now();
        Ok(Self {
            child: spawn(&mut command)?,
            program: command.get_program().into(),
            command: command_line(&command),
            stdout,
            stderr,
            begin,
            status: None,
        })
    }

    /// The process ID.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The standard output so far.
    pub fn stdout(&self) -> String {
        read(&self.stdout, "o:")
    }

    /// The standard error so far.
    pub fn stderr(&self) -> String {
        read(&self.stderr, "e:")
    }

    /// Sends SIGINT to the process group, like Ctrl-C.
    pub fn interrupt(&mut self) -> io::Result<()> {
        self.signal_group(Signal::SIGINT)
    }

    /// Kills the command but not its child processes, such as providers. Terraform before
    /// 1.1 runs a second process of the same binary, which is killed too.
    pub fn kill(&mut self) -> io::Result<()> {
        let group = i32::try_from(self.pid()).map_err(io::Error::other)?;
        let group = Pid::from_raw(group);
        for id in processes_of(&self.program) {
            let id = Pid::from_raw(i32::try_from(id).map_err(io::Error::other)?);
            // Other commands may run the same binary. Exited processes have no group.
            if getpgid(Some(id)) == Ok(group) {
                kill(id, Signal::SIGKILL)?;
            }
        }
        self.child.kill()
    }

    /// Returns whether the command has exited.
    pub fn has_ended(&mut self) -> io::Result<bool> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?;
        }
        Ok(self.status.is_some())
    }

    /// Waits for the command to exit. After `limit`, kills the process group and fails.
    pub fn wait(&mut self, limit: Duration) -> Result<Output, Box<dyn Error>> {
        let deadline = Instant::now() + limit;
        while !self.has_ended()? {
            if Instant::now() >= deadline {
                let output = self.kill_group()?;
                return Err(format!("killed after {limit:?}: {output}").into());
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(self.output(self.status.unwrap_or_default()))
    }

    fn kill_group(&mut self) -> io::Result<Output> {
        self.signal_group(Signal::SIGKILL)?;
        let status = self.child.wait()?;
        self.status = Some(status);
        Ok(self.output(status))
    }

    fn output(&self, status: ExitStatus) -> Output {
        Output {
            command: self.command.clone(),
            status,
            stdout: self.stdout(),
            stderr: self.stderr(),
            elapsed: self.begin.elapsed(),
        }
    }

    fn signal_group(&mut self, signal: Signal) -> io::Result<()> {
        if self.has_ended()? {
            // The group ID may have been reused.
            return Err(io::Error::other("the command has ended"));
        }
        let group = i32::try_from(self.pid()).map_err(io::Error::other)?;
        Ok(killpg(Pid::from_raw(group), signal)?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.status.is_none() {
            // Fails only if the command has exited.
            let _ = self.kill_group();
        }
    }
}

/// Installs a SIGINT handler that exits this process. Shells start background jobs with
/// SIGINT ignored, and child processes inherit that. A handler is reset to the default on
/// exec, so that child processes receive SIGINT.
fn handle_interrupts() -> io::Result<()> {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    if INSTALLED.get().is_none() {
        let enabled = Arc::new(AtomicBool::new(true));
        let status = 128 + SIGINT;
        register_conditional_shutdown(SIGINT, status, enabled)?;
        INSTALLED.get_or_init(|| ());
    }
    Ok(())
}

/// Starts a command. Retries while the binary is busy: a process that another thread has
/// just forked holds a file open for writing until it calls exec.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..BUSY_RETRIES {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                thread::sleep(POLL_INTERVAL);
            }
            result => return result,
        }
    }
    command.spawn()
}

fn command_line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn read(file: &Path, prefix: &str) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    strip_line_prefix(&String::from_utf8_lossy(&bytes), prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(folder: &Path, script: &str) -> Running {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        Running::spawn(command, folder.join("log")).unwrap()
    }

    #[test]
    fn wait_kills_the_process_group_on_timeout() {
        let folder = tempfile::tempdir().unwrap();
        let mut running = shell(folder.path(), "sleep 60 & echo $!; wait");
        let error = running.wait(Duration::from_millis(300)).unwrap_err();
        assert!(error.to_string().starts_with("killed after 300ms"));
        let stat = format!("/proc/{}/stat", running.stdout().trim());
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let state = fs::read_to_string(&stat).unwrap_or_default();
            if state.is_empty() || state.contains(" Z ") {
                break;
            }
            // A killed process exits asynchronously.
            assert!(Instant::now() < deadline, "{state}");
            thread::sleep(POLL_INTERVAL);
        }
    }

    #[test]
    fn interrupt_reaches_the_process_group() {
        let folder = tempfile::tempdir().unwrap();
        let script =
            "trap 'echo interrupted; exit 0' INT; echo ready; while :; do sleep 0.01; done";
        let mut running = shell(folder.path(), script);
        while !running.stdout().contains("ready") {
            thread::sleep(POLL_INTERVAL);
        }
        running.interrupt().unwrap();
        let output = running.wait(Duration::from_secs(10)).unwrap();
        assert_eq!(output.stdout, "ready\ninterrupted\n");
    }

    /// Background jobs of shell scripts start with SIGINT ignored.
    #[test]
    fn interrupt_works_if_the_parent_ignores_it() {
        let mut command = Command::new("/bin/sh");
        let test = "terraform::running::tests::interrupt_reaches_the_process_group";
        command.args(["-c", r#"trap "" INT; exec "$0" --exact "$1""#]);
        command.arg(std::env::current_exe().unwrap()).arg(test);
        let folder = tempfile::tempdir().unwrap();
        let mut running = Running::spawn(command, folder.path().join("log")).unwrap();
        let output = running.wait(Duration::from_mins(1)).unwrap();
        assert!(output.stdout.contains("1 passed"), "{output}");
    }
}

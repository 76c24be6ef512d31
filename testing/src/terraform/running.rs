//! A command that runs.

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

use super::output::without_marks;
use super::{Output, processes_of};

/// How often a running command is looked at.
const TICK: Duration = Duration::from_millis(1);

/// For how many ticks a busy binary is tried again.
const BUSY_TICKS: u32 = 1000;

/// A command under way, in a process group of its own. It is killed on drop,
/// with all of the group.
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
    /// Starts a command that writes into files whose names begin with `log`:
    /// files never fill up, whoever holds them open.
    pub(super) fn spawn(mut command: Command, log: impl AsRef<Path>) -> io::Result<Self> {
        let stdout = log.as_ref().with_extension("stdout");
        let stderr = log.as_ref().with_extension("stderr");
        command
            .stdin(Stdio::null())
            .stdout(File::create(&stdout)?)
            .stderr(File::create(&stderr)?)
            .process_group(0);
        receive_interrupts()?;
        let begin = Instant::now();
        Ok(Self {
            child: spawn(&mut command)?,
            program: command.get_program().into(),
            command: line_of(&command),
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

    /// What the command has written to standard output so far.
    pub fn stdout(&self) -> String {
        read(&self.stdout, "o:")
    }

    /// What the command has written to standard error so far.
    pub fn stderr(&self) -> String {
        read(&self.stderr, "e:")
    }

    /// Does what Ctrl-C does: sends SIGINT to the command and everything it has
    /// started.
    pub fn interrupt(&mut self) -> io::Result<()> {
        self.signal_group(Signal::SIGINT)
    }

    /// Kills the command alone, so that what it has started is on its own.
    /// Terraform before 1.1 is two processes, of which one only watches the
    /// other: both are killed.
    pub fn kill(&mut self) -> io::Result<()> {
        let group = i32::try_from(self.pid()).map_err(io::Error::other)?;
        let group = Pid::from_raw(group);
        for id in processes_of(&self.program) {
            let id = Pid::from_raw(i32::try_from(id).map_err(io::Error::other)?);
            // Others may use the same binary; one that is gone has no group.
            if getpgid(Some(id)) == Ok(group) {
                kill(id, Signal::SIGKILL)?;
            }
        }
        self.child.kill()
    }

    /// Whether the command has ended.
    pub fn has_ended(&mut self) -> io::Result<bool> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?;
        }
        Ok(self.status.is_some())
    }

    /// Waits for the end. When it has not come after `limit`, the whole group
    /// is killed.
    pub fn wait(&mut self, limit: Duration) -> Result<Output, Box<dyn Error>> {
        let deadline = Instant::now() + limit;
        while !self.has_ended()? {
            if Instant::now() >= deadline {
                let output = self.give_up()?;
                return Err(format!("killed after {limit:?}: {output}").into());
            }
            thread::sleep(TICK);
        }
        Ok(self.output(self.status.unwrap_or_default()))
    }

    fn give_up(&mut self) -> io::Result<Output> {
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
            // Its number may be another group's by now.
            return Err(io::Error::other("the command has ended"));
        }
        let group = i32::try_from(self.pid()).map_err(io::Error::other)?;
        Ok(killpg(Pid::from_raw(group), signal)?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.status.is_none() {
            // It fails only for a command that is gone, as is wanted.
            let _ = self.give_up();
        }
    }
}

/// Has Ctrl-C received by this process, which it ends, and so by those it starts:
/// what a process ignores, as one in a script's background does, its children
/// ignore too, while a handler is gone with the start of another program.
fn receive_interrupts() -> io::Result<()> {
    static RECEIVED: OnceLock<()> = OnceLock::new();
    if RECEIVED.get().is_none() {
        let at_once = Arc::new(AtomicBool::new(true));
        let status = 128 + SIGINT;
        register_conditional_shutdown(SIGINT, status, at_once)?;
        RECEIVED.get_or_init(|| ());
    }
    Ok(())
}

/// Starts a command. A file just written is busy for as long as a process
/// forked meanwhile takes to start its own program.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..BUSY_TICKS {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::sleep(TICK),
            result => return result,
        }
    }
    command.spawn()
}

fn line_of(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn read(file: &Path, mark: &str) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    without_marks(&String::from_utf8_lossy(&bytes), mark)
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
    fn kills_what_takes_too_long_with_all_it_started() {
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
            // A killed process is gone soon, and not at once.
            assert!(Instant::now() < deadline, "{state}");
            thread::sleep(TICK);
        }
    }

    #[test]
    fn interrupts_the_whole_group() {
        let folder = tempfile::tempdir().unwrap();
        let script =
            "trap 'echo interrupted; exit 0' INT; echo ready; while :; do sleep 0.01; done";
        let mut running = shell(folder.path(), script);
        while !running.stdout().contains("ready") {
            thread::sleep(TICK);
        }
        running.interrupt().unwrap();
        let output = running.wait(Duration::from_secs(10)).unwrap();
        assert_eq!(output.stdout, "ready\ninterrupted\n");
    }

    /// As in a background job of a script.
    #[test]
    fn interrupts_where_whoever_started_the_tests_has_it_ignored() {
        let mut command = Command::new("/bin/sh");
        let test = "terraform::running::tests::interrupts_the_whole_group";
        command.args(["-c", r#"trap "" INT; exec "$0" --exact "$1""#]);
        command.arg(std::env::current_exe().unwrap()).arg(test);
        let folder = tempfile::tempdir().unwrap();
        let mut running = Running::spawn(command, folder.path().join("log")).unwrap();
        let output = running.wait(Duration::from_mins(1)).unwrap();
        assert!(output.stdout.contains("1 passed"), "{output}");
    }
}

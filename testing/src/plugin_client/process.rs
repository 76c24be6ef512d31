//! A provider process, from start to exit.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use super::capture::Capture;
use super::start::CLIENT_CERTIFICATE;
use super::{
    ClientCertificate, Connect, ConnectError, Connection, Handshake, LineError, Reattach, Start,
};

pub use nix::sys::signal::Signal;

/// The environment variable of the folder for temporary files.
const TEMPORARY: &str = "TMPDIR";

/// Time limit for the handshake line.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Time limit for the exit of a process without a handshake line, before it is killed.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// A provider process with its [`Handshake`], or its [`Reattach`] in debug mode. It is
/// killed on drop.
#[derive(Debug)]
pub struct PluginProcess<T = Handshake> {
    child: Child,
    pid: u32,
    stdout: Capture,
    stderr: Capture,
    certificate: Option<ClientCertificate>,
    line: T,
    _folder: Option<TempDir>,
}

/// The exit status and output of a provider that failed to start.
#[derive(Debug)]
pub struct ExitOutput {
    /// The exit status. `None` means that the process was killed.
    pub status: Option<ExitStatus>,
    /// The whole standard output.
    pub stdout: String,
    /// The whole standard error.
    pub stderr: String,
}

/// An error while starting a provider.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The client certificate could not be generated.
    #[error("no client certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The folder for temporary files could not be created.
    #[error("no folder could be made: {0}")]
    Folder(std::io::Error),
    /// The binary could not be run.
    #[error("{} could not be run: {source}", .binary.display())]
    Spawn {
        /// The binary.
        binary: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The process exited or timed out without a handshake line.
    #[error("the provider printed no handshake line: {0:?}")]
    Silent(ExitOutput),
    /// The handshake line is invalid.
    #[error("the handshake line is invalid: {error}: {output:?}")]
    Line {
        /// The error in the line.
        error: LineError,
        /// The output of the process, including the line.
        output: ExitOutput,
    },
}

impl PluginProcess<Handshake> {
    /// Starts a provider and parses its handshake line.
    pub async fn start(start: Start) -> Result<Self, StartError> {
        let (started, line) = Started::launch(start, |_| true).await?;
        started.with_line(Handshake::parse(&line)).await
    }

    /// The parsed handshake line.
    pub fn handshake(&self) -> &Handshake {
        &self.line
    }

    /// The client certificate that the provider expects.
    pub fn client_certificate(&self) -> Option<&ClientCertificate> {
        self.certificate.as_ref()
    }

    /// Connects as Terraform does.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        self.connect_with(Connect::new()).await
    }

    /// Connects with other options. In TLS 1.3, the server rejects a client
    /// certificate after the handshake: the error may come from HTTP/2 or from the
    /// first call.
    pub async fn connect_with(&self, connect: Connect) -> Result<Connection, ConnectError> {
        connect.to(&self.line, self.certificate.as_ref()).await
    }
}

impl PluginProcess<Reattach> {
    /// Starts a provider in debug mode: with `--debug` and without Terraform's
    /// environment variables.
    pub async fn start_debug(start: Start) -> Result<Self, StartError> {
        let (started, line) = Started::launch(start.debug(), Reattach::is_in).await?;
        started.with_line(Reattach::parse(&line)).await
    }

    /// The parsed reattach line.
    pub fn reattach(&self) -> &Reattach {
        &self.line
    }

    /// Connects in plaintext.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        Connection::plaintext(&self.line.socket, self.line.protocol).await
    }
}

impl<T> PluginProcess<T> {
    /// The process ID, which remains available after the process has exited.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The standard error so far. It is complete once [`PluginProcess::wait_exit`]
    /// has returned a status.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// The standard output after the handshake line. It is empty for plugins that
    /// follow go-plugin's rules.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Waits for the process to exit. Returns `None` if it still runs after `limit`.
    pub async fn wait_exit(&mut self, limit: Duration) -> Option<ExitStatus> {
        let status = timeout(limit, self.child.wait()).await.ok()?.ok()?;
        self.stdout.finish().await;
        self.stderr.finish().await;
        Some(status)
    }

    /// Kills the process. Use [`PluginProcess::wait_exit`] to wait for its exit.
    pub fn kill(&mut self) -> std::io::Result<()> {
        self.child.start_kill()
    }

    /// Sends a signal to the process alone.
    pub fn signal(&self, signal: Signal) -> Result<(), Errno> {
        // The ID of a process that has not been waited for cannot be reused.
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        kill(Pid::from_raw(id.ok_or(Errno::ESRCH)?), signal)
    }
}

/// A process that has printed its handshake line, not parsed yet.
struct Started {
    child: Child,
    stdout: Capture,
    stderr: Capture,
    certificate: Option<ClientCertificate>,
    /// The folder for temporary files unless the test sets one. A killed process does
    /// not remove its files.
    folder: Option<TempDir>,
}

impl Started {
    /// Starts the process and waits for the first line of output that matches.
    async fn launch(start: Start, matches: fn(&str) -> bool) -> Result<(Self, String), StartError> {
        let mut command = Command::new(&start.binary);
        command
            .args(&start.arguments)
            .env_clear()
            .envs(&start.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let certificate = if start.client_certificate {
            let certificate = ClientCertificate::generate()?;
            command.env(CLIENT_CERTIFICATE, certificate.pem());
            Some(certificate)
        } else {
            None
        };
        let folder = if start.environment.contains_key(OsStr::new(TEMPORARY)) {
            None
        } else {
            let folder = tempfile::tempdir().map_err(StartError::Folder)?;
            command.env(TEMPORARY, folder.path());
            Some(folder)
        };
        let spawn_error = |source| StartError::Spawn {
            binary: start.binary,
            source,
        };
        let (child, stdout, stderr) = spawn(command).map_err(spawn_error)?;
        let stderr = Capture::new(stderr, Vec::new());
        let (line, stdout) = Capture::find_line(stdout, matches, HANDSHAKE_TIMEOUT).await;
        let started = Self {
            child,
            stdout,
            stderr,
            certificate,
            folder,
        };
        match line {
            Some(line) => Ok((started, line)),
            None => Err(StartError::Silent(started.end(EXIT_TIMEOUT).await)),
        }
    }

    async fn with_line<T>(
        mut self,
        line: Result<T, LineError>,
    ) -> Result<PluginProcess<T>, StartError> {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                let output = self.end(Duration::ZERO).await;
                return Err(StartError::Line { error, output });
            }
        };
        self.stdout.skip_prefix();
        Ok(PluginProcess {
            pid: self.child.id().unwrap_or_default(),
            child: self.child,
            stdout: self.stdout,
            stderr: self.stderr,
            certificate: self.certificate,
            line,
            _folder: self.folder,
        })
    }

    /// Waits for the process to exit, and kills it after `limit`.
    async fn end(mut self, limit: Duration) -> ExitOutput {
        let exited = timeout(limit, self.child.wait()).await;
        if exited.is_err() {
            // Fails only if the process has exited.
            let _ = self.child.kill().await;
        }
        self.stdout.finish().await;
        self.stderr.finish().await;
        ExitOutput {
            status: exited.ok().and_then(Result::ok),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }
}

fn spawn(mut command: Command) -> std::io::Result<(Child, ChildStdout, ChildStderr)> {
    let mut child = command.spawn()?;
    match (child.stdout.take(), child.stderr.take()) {
        (Some(stdout), Some(stderr)) => Ok((child, stdout, stderr)),
        _ => Err(std::io::ErrorKind::BrokenPipe.into()),
    }
}

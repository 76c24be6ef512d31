//! A provider's process, from its start until nothing is left of it.

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

/// The variable that says where temporary files go.
const TEMPORARY: &str = "TMPDIR";

/// How long a provider may take to say how to reach it.
const SILENCE: Duration = Duration::from_secs(10);

/// How long a process that said nothing useful may take to end by itself.
const FAREWELL: Duration = Duration::from_secs(2);

/// A provider's process, with what it told about itself: a [`Handshake`], or a
/// [`Reattach`] in debug mode. It is killed on drop.
#[derive(Debug)]
pub struct PluginProcess<T = Handshake> {
    child: Child,
    pid: u32,
    stdout: Capture,
    stderr: Capture,
    certificate: Option<ClientCertificate>,
    told: T,
    _folder: Option<TempDir>,
}

/// What a provider that failed to start left behind.
#[derive(Debug)]
pub struct ExitOutput {
    /// How it ended, or `None` when it had to be killed.
    pub status: Option<ExitStatus>,
    /// All it wrote to standard output.
    pub stdout: String,
    /// All it wrote to standard error.
    pub stderr: String,
}

/// Why a provider did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No client certificate could be made.
    #[error("no client certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// No folder for temporary files could be made.
    #[error("no folder could be made: {0}")]
    Folder(std::io::Error),
    /// The binary could not be run.
    #[error("{} could not be run: {source}", .binary.display())]
    Spawn {
        /// The binary.
        binary: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// It ended or stayed silent for too long without saying how to reach it.
    #[error("the provider did not say how to reach it: {0:?}")]
    Silent(ExitOutput),
    /// The line that says how to reach it cannot be read.
    #[error("it does not say how to reach it: {error}: {remains:?}")]
    Line {
        /// What is wrong with the line.
        error: LineError,
        /// What the process left, the line included.
        remains: ExitOutput,
    },
}

impl PluginProcess<Handshake> {
    /// Starts a provider and reads its handshake line.
    pub async fn start(start: Start) -> Result<Self, StartError> {
        let (started, line) = Started::launch(start, |_| true).await?;
        started.telling(Handshake::parse(&line)).await
    }

    /// What the provider said at its start.
    pub fn handshake(&self) -> &Handshake {
        &self.told
    }

    /// The certificate that the provider was given to know its client by.
    pub fn client_certificate(&self) -> Option<&ClientCertificate> {
        self.certificate.as_ref()
    }

    /// Connects as Terraform does.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        self.connect_with(Connect::new()).await
    }

    /// Connects in another way. With TLS 1.3 a provider that refuses the client's
    /// certificate says so only after the handshake, so then the error can also
    /// be that of HTTP/2 or of the first call.
    pub async fn connect_with(&self, connect: Connect) -> Result<Connection, ConnectError> {
        connect.to(&self.told, self.certificate.as_ref()).await
    }
}

impl PluginProcess<Reattach> {
    /// Starts a provider in debug mode: with `--debug` and without what
    /// Terraform sets.
    pub async fn start_debug(start: Start) -> Result<Self, StartError> {
        let (started, line) = Started::launch(start.debug(), Reattach::is_in).await?;
        started.telling(Reattach::parse(&line)).await
    }

    /// What the provider said at its start.
    pub fn reattach(&self) -> &Reattach {
        &self.told
    }

    /// Connects in plaintext.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        Connection::plaintext(&self.told.socket, self.told.protocol).await
    }
}

impl<T> PluginProcess<T> {
    /// The process ID, also after the end.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What the provider has written to standard error so far: all of it once
    /// [`PluginProcess::wait_exit`] has returned a status.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// What the provider has written to standard output after the line that
    /// says how to reach it: nothing, if it keeps to go-plugin's rules.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Waits for the process to end, or returns `None` when it still runs
    /// after `limit`.
    pub async fn wait_exit(&mut self, limit: Duration) -> Option<ExitStatus> {
        let status = timeout(limit, self.child.wait()).await.ok()?.ok()?;
        self.stdout.finish().await;
        self.stderr.finish().await;
        Some(status)
    }

    /// Kills the process: [`PluginProcess::wait_exit`] tells when it is gone.
    pub fn kill(&mut self) -> std::io::Result<()> {
        self.child.start_kill()
    }

    /// Sends a signal to the process alone.
    pub fn signal(&self, signal: Signal) -> Result<(), Errno> {
        // An ID of a process not yet waited for cannot be another's.
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        kill(Pid::from_raw(id.ok_or(Errno::ESRCH)?), signal)
    }
}

/// A process that has written the line looked for, not yet read.
struct Started {
    child: Child,
    stdout: Capture,
    stderr: Capture,
    certificate: Option<ClientCertificate>,
    /// Where its temporary files are, unless the test says where: a process that
    /// is killed leaves them.
    folder: Option<TempDir>,
}

impl Started {
    /// Starts the process and returns it with the first line that is `wanted`.
    async fn launch(start: Start, wanted: fn(&str) -> bool) -> Result<(Self, String), StartError> {
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
        let stderr = Capture::of(stderr, Vec::new());
        let (line, stdout) = Capture::listen(stdout, wanted, SILENCE).await;
        let started = Self {
            child,
            stdout,
            stderr,
            certificate,
            folder,
        };
        match line {
            Some(line) => Ok((started, line)),
            None => Err(StartError::Silent(started.end(FAREWELL).await)),
        }
    }

    async fn telling<T>(
        mut self,
        told: Result<T, LineError>,
    ) -> Result<PluginProcess<T>, StartError> {
        let told = match told {
            Ok(told) => told,
            Err(error) => {
                let remains = self.end(Duration::ZERO).await;
                return Err(StartError::Line { error, remains });
            }
        };
        self.stdout.skip_opening();
        Ok(PluginProcess {
            pid: self.child.id().unwrap_or_default(),
            child: self.child,
            stdout: self.stdout,
            stderr: self.stderr,
            certificate: self.certificate,
            told,
            _folder: self.folder,
        })
    }

    /// Sees the process off: by itself within `limit`, else killed.
    async fn end(mut self, limit: Duration) -> ExitOutput {
        let ended = timeout(limit, self.child.wait()).await;
        if ended.is_err() {
            // It fails only for a process that is gone, as is wanted.
            let _ = self.child.kill().await;
        }
        self.stdout.finish().await;
        self.stderr.finish().await;
        ExitOutput {
            status: ended.ok().and_then(Result::ok),
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

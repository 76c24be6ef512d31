//! Commands that print credentials.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt;
#[cfg(unix)]
use nix::sys::signal::{Signal, killpg};
#[cfg(unix)]
use nix::unistd::Pid;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::task::unconstrained;

use super::error::CredentialsError;

/// Time limit for the command. It can request another service, but cannot prompt: there is
/// no terminal.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Maximum length of the output, in bytes.
const MAX_OUTPUT: usize = 1024 * 1024;

/// A command. Errors contain neither its arguments nor its standard error, because these can
/// contain secrets.
#[derive(Debug)]
pub(crate) struct Process {
    program: String,
    arguments: Vec<SecretString>,
}

impl Process {
    /// Parses a command line.
    ///
    /// # Errors
    ///
    /// Returns the problem, as the end of a sentence: the line is blank, a quote is not
    /// closed, or it begins with the assignment of a variable, whose value can be secret.
    pub(crate) fn parse(line: &str) -> Result<Self, &'static str> {
        const INVALID: &str = "is blank or has an unclosed quote";
        let mut words = split_command_line(line).ok_or(INVALID)?.into_iter();
        let program = words.next().ok_or(INVALID)?;
        if program.contains('=') {
            return Err("begins with the assignment of a variable, but is not run by a shell");
        }
        Ok(Self {
            program,
            arguments: words.map(SecretString::from).collect(),
        })
    }

    /// Runs the command and returns its output.
    pub(crate) async fn output(&self) -> Result<Vec<u8>, CredentialsError> {
        let output = tokio::time::timeout(TIMEOUT, run(&self.program, &self.arguments)).await;
        let timed_out = |_| Err(format!("took more than {} s", TIMEOUT.as_secs()));
        let output = output.unwrap_or_else(timed_out);
        output.map_err(|problem| self.error(problem))
    }

    /// Returns an error of the command. `problem` is the end of a sentence.
    pub(crate) fn error(&self, problem: String) -> CredentialsError {
        CredentialsError::Command {
            program: self.program.clone(),
            problem,
        }
    }
}

/// Runs a command and returns its output, or the problem as the end of a sentence. All
/// processes of its process group end with it.
async fn run(program: &str, arguments: &[SecretString]) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    command
        .args(arguments.iter().map(ExposeSecret::expose_secret))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut group =
        ProcessGroup::spawn(&mut command).map_err(|error| format!("cannot be started: {error}"))?;
    let unreadable = |error| format!("cannot be read from: {error}");
    let stdout = group.child.stdout.take();
    let mut stdout = stdout.ok_or_else(|| unreadable(io::ErrorKind::BrokenPipe.into()))?;
    let mut output = Vec::new();
    let mut is_open = true;
    let status = loop {
        tokio::select! {
            read = stdout.read_buf(&mut output), if is_open => {
                is_open = read.map_err(unreadable)? > 0;
            }
            status = group.child.wait() => break status,
        }
        check_length(&output)?;
    };
    let status = status.map_err(|error| format!("cannot be waited for: {error}"))?;
    drop(group);
    // The pipe contains all output of the command by now. Waiting for its end could take
    // forever, because other processes can hold it open.
    while let Some(read) = unconstrained(stdout.read_buf(&mut output)).now_or_never() {
        if read.map_err(unreadable)? == 0 {
            break;
        }
        check_length(&output)?;
    }
    if status.success() {
        Ok(output)
    } else {
        Err(format!("failed: {status}"))
    }
}

fn check_length(output: &[u8]) -> Result<(), String> {
    if output.len() > MAX_OUTPUT {
        Err("printed more than 1 MiB".to_owned())
    } else {
        Ok(())
    }
}

/// A process and, on Unix, its process group. Drop kills them.
struct ProcessGroup {
    child: Child,
    #[cfg(unix)]
    id: Option<Pid>,
}

impl ProcessGroup {
    fn spawn(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        Ok(Self {
            #[cfg(unix)]
            id: child
                .id()
                .and_then(|id| id.try_into().ok())
                .map(Pid::from_raw),
            child,
        })
    }
}

#[cfg(unix)]
impl Drop for ProcessGroup {
    fn drop(&mut self) {
        // If the group is empty, killing it fails. The kernel reuses its ID last.
        if let Some(id) = self.id {
            let _ = killpg(id, Signal::SIGKILL);
        }
    }
}

/// Splits a command line as the CLI does: at white space, with quotes, and with backslash
/// escapes. On Windows a backslash separates directories. Returns `None` if a quote is not
/// closed.
fn split_command_line(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                // Empty quotes are an empty word.
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') if !cfg!(windows) => {
                word.get_or_insert_default().push(rest.next()?);
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(windows))]
    #[test]
    fn command_line_is_split_as_in_a_shell() {
        for (line, expected) in [
            ("", Some(&[][..])),
            ("  a  b\tc ", Some(&["a", "b", "c"])),
            (r#""a b" 'c "d"' e\ f "#, Some(&["a b", "c \"d\"", "e f"])),
            (r#"a "" b"#, Some(&["a", "", "b"])),
            (r#"a"b c"d"#, Some(&["ab cd"])),
            (r#""a\"b" 'c\d'"#, Some(&["a\"b", "c\\d"])),
            (r#""a"#, None),
            (r"a\", None),
        ] {
            let words = split_command_line(line);
            let words = words
                .as_ref()
                .map(|words| words.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(words.as_deref(), expected, "{line}");
        }
    }

    async fn shell(script: &str) -> Result<Vec<u8>, String> {
        run("/bin/sh", &["-c", script].map(SecretString::from)).await
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn failing_command_error_does_not_contain_its_output() {
        let error = shell("echo goldfish; echo goldfish >&2; exit 3").await;
        assert_eq!(error.unwrap_err(), "failed: exit status: 3");
        let error = run("/nonexistent/sso", &[]).await.unwrap_err();
        assert!(error.starts_with("cannot be started: "), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn command_output_over_limit_is_an_error() {
        let print = |length: usize| format!("head -c {length} /dev/zero");
        let output = shell(&print(MAX_OUTPUT)).await.unwrap();
        assert_eq!(output.len(), MAX_OUTPUT);
        let error = shell(&print(MAX_OUTPUT + 1)).await.unwrap_err();
        assert_eq!(error, "printed more than 1 MiB");
        let error = shell("cat /dev/zero").await.unwrap_err();
        assert_eq!(error, "printed more than 1 MiB");
    }

    /// Returns true if the process whose ID is in the file is alive.
    #[cfg(unix)]
    fn is_alive(file: &std::path::Path) -> bool {
        let id = std::fs::read_to_string(file).unwrap();
        let id = id.trim();
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
        // A zombie is dead.
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn output_ends_with_the_command_and_its_children_are_killed() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("id");
        let script = format!("sleep 600 & echo $! > {}; echo out", id.display());
        let output = tokio::time::timeout(Duration::from_secs(20), shell(&script)).await;
        assert_eq!(output.unwrap().unwrap(), b"out\n");
        assert_exited(&id).await;
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn process_outside_the_group_that_holds_the_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("id");
        let script = format!(
            "setsid sh -c 'echo $$ > {0}; exec sleep 30' & until [ -s {0} ]; do :; done; echo out",
            id.display()
        );
        let output = tokio::time::timeout(Duration::from_secs(20), shell(&script)).await;
        assert_eq!(output.unwrap().unwrap(), b"out\n");
        assert!(is_alive(&id));
        let id = std::fs::read_to_string(id).unwrap().trim().parse().unwrap();
        nix::sys::signal::kill(Pid::from_raw(id), Signal::SIGKILL).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn canceled_command_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("id");
        let script = format!("sleep 600 & echo $! > {}; wait", id.display());
        let run = tokio::spawn(async move { shell(&script).await });
        while !std::fs::read_to_string(&id).is_ok_and(|id| id.ends_with('\n')) {
            tokio::task::yield_now().await;
        }
        run.abort();
        run.await.unwrap_err();
        assert_exited(&id).await;
    }

    #[cfg(target_os = "linux")]
    async fn assert_exited(id: &std::path::Path) {
        let began = std::time::Instant::now();
        while is_alive(id) {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "the process is alive"
            );
            tokio::task::yield_now().await;
        }
    }
}

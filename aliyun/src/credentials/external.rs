//! A command that prints credentials.

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

use super::Reason;

/// How long a command may take. Some ask another service, none asks a person:
/// there is no terminal.
const LIMIT: Duration = Duration::from_mins(1);

/// The longest output that is read, in bytes.
const LARGEST_OUTPUT: usize = 1024 * 1024;

/// A command that prints a profile as JSON. What it writes to standard error is
/// not shown, nor are its arguments: both may hold secrets.
#[derive(Debug)]
pub(crate) struct ExternalCommand {
    program: String,
    arguments: Vec<SecretString>,
}

impl ExternalCommand {
    /// The command on this line, if there is one.
    pub(crate) fn parse(line: &SecretString) -> Option<Self> {
        let mut words = words(line.expose_secret())?.into_iter();
        Some(Self {
            program: words.next()?,
            arguments: words.map(SecretString::from).collect(),
        })
    }

    /// What the command prints.
    pub(crate) async fn output(&self) -> Result<Vec<u8>, Reason> {
        let run = run(&self.program, &self.arguments);
        match tokio::time::timeout(LIMIT, run).await {
            Ok(output) => output.map_err(|problem| self.failed(problem)),
            Err(_) => Err(self.failed(format!("took more than {} s", LIMIT.as_secs()))),
        }
    }

    /// The reason why the command gives nothing, from the end of a sentence.
    pub(crate) fn failed(&self, problem: String) -> Reason {
        Reason::Command {
            program: self.program.clone(),
            problem,
        }
    }
}

/// What the command prints until it ends, or what is wrong, as the end of a
/// sentence. Nothing that it started lives on, but for what has left its process
/// group on purpose.
async fn run(program: &str, arguments: &[SecretString]) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    command
        .args(arguments.iter().map(ExposeSecret::expose_secret))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut group =
        Group::spawn(&mut command).map_err(|error| format!("cannot be started: {error}"))?;
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
    // What it has printed is there by now. Others may hold the other end open, and
    // nobody waits for them.
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
    if output.len() > LARGEST_OUTPUT {
        Err("printed more than 1 MiB".to_owned())
    } else {
        Ok(())
    }
}

/// A process and, where there are process groups, all that it starts. They are
/// killed on drop.
struct Group {
    child: Child,
    #[cfg(unix)]
    id: Option<Pid>,
}

impl Group {
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
impl Drop for Group {
    fn drop(&mut self) {
        // The group of a process that has just ended may be empty, and then there
        // is nobody to kill: its number is given out again last of all.
        if let Some(id) = self.id {
            let _ = killpg(id, Signal::SIGKILL);
        }
    }
}

/// The words of a command line, as the CLI takes it apart: at white space, with
/// quotes around what belongs together and a backslash before what stands for
/// itself. On Windows a backslash separates folders. None when a quote is not
/// closed.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                // Quotes with nothing in them are a word too.
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
    fn a_command_line_is_taken_apart_as_a_shell_does_it() {
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
            let words = words(line);
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
    async fn a_command_that_fails_is_named_without_its_output() {
        let error = shell("echo goldfish; echo goldfish >&2; exit 3").await;
        assert_eq!(error.unwrap_err(), "failed: exit status: 3");
        let error = run("/nonexistent/sso", &[]).await.unwrap_err();
        assert!(error.starts_with("cannot be started: "), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn all_that_a_command_prints_is_read_and_no_more_than_a_mebibyte() {
        let print = |length: usize| format!("head -c {length} /dev/zero");
        let output = shell(&print(LARGEST_OUTPUT)).await.unwrap();
        assert_eq!(output.len(), LARGEST_OUTPUT);
        let error = shell(&print(LARGEST_OUTPUT + 1)).await.unwrap_err();
        assert_eq!(error, "printed more than 1 MiB");
        let error = shell("cat /dev/zero").await.unwrap_err();
        assert_eq!(error, "printed more than 1 MiB");
    }

    /// Whether the process whose ID a file holds lives.
    #[cfg(unix)]
    fn lives(file: &std::path::Path) -> bool {
        let id = std::fs::read_to_string(file).unwrap();
        let id = id.trim();
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
        // One that nobody has waited for yet is dead all the same.
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_output_ends_with_the_command_and_its_children_do_too() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("id");
        let script = format!("sleep 600 & echo $! > {}; echo out", id.display());
        let output = tokio::time::timeout(Duration::from_secs(20), shell(&script)).await;
        assert_eq!(output.unwrap().unwrap(), b"out\n");
        assert_gone(&id).await;
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn who_left_the_group_and_holds_the_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("id");
        let script = format!(
            "setsid sh -c 'echo $$ > {0}; exec sleep 30' & until [ -s {0} ]; do :; done; echo out",
            id.display()
        );
        let output = tokio::time::timeout(Duration::from_secs(20), shell(&script)).await;
        assert_eq!(output.unwrap().unwrap(), b"out\n");
        assert!(lives(&id));
        let id = std::fs::read_to_string(id).unwrap().trim().parse().unwrap();
        nix::sys::signal::kill(Pid::from_raw(id), Signal::SIGKILL).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_command_that_nobody_waits_for_dies_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let id = folder.path().join("id");
        let script = format!("sleep 600 & echo $! > {}; wait", id.display());
        let run = tokio::spawn(async move { shell(&script).await });
        while !std::fs::read_to_string(&id).is_ok_and(|id| id.ends_with('\n')) {
            tokio::task::yield_now().await;
        }
        run.abort();
        run.await.unwrap_err();
        assert_gone(&id).await;
    }

    #[cfg(target_os = "linux")]
    async fn assert_gone(id: &std::path::Path) {
        let began = std::time::Instant::now();
        while lives(id) {
            assert!(began.elapsed() < Duration::from_secs(20), "it lives on");
            tokio::task::yield_now().await;
        }
    }
}

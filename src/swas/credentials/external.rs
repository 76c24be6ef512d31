//! A command that prints credentials.

use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::Reason;

/// How long a command may take. Some ask another service, none asks a person:
/// there is no terminal.
const LIMIT: Duration = Duration::from_mins(1);

/// The longest output that is read, in bytes.
const LARGEST_OUTPUT: u64 = 1024 * 1024;

/// A command that prints a profile as JSON. What it writes to standard error is
/// not shown, nor are its arguments: both may hold secrets.
#[derive(Debug)]
pub(super) struct ExternalCommand {
    program: String,
    arguments: Vec<SecretString>,
}

impl ExternalCommand {
    /// The command on this line, if there is one.
    pub(super) fn parse(line: &SecretString) -> Option<Self> {
        let mut words = words(line.expose_secret())?.into_iter();
        Some(Self {
            program: words.next()?,
            arguments: words.map(SecretString::from).collect(),
        })
    }

    /// What the command prints.
    pub(super) async fn output(&self) -> Result<Vec<u8>, Reason> {
        let run = run(&self.program, &self.arguments);
        match tokio::time::timeout(LIMIT, run).await {
            Ok(output) => output.map_err(|problem| self.failed(problem)),
            Err(_) => Err(self.failed(format!("took more than {} s", LIMIT.as_secs()))),
        }
    }

    /// The reason why the command gives nothing, from the end of a sentence.
    pub(super) fn failed(&self, problem: String) -> Reason {
        Reason::Command {
            program: self.program.clone(),
            problem,
        }
    }
}

/// What the command prints, or what is wrong, as the end of a sentence.
async fn run(program: &str, arguments: &[SecretString]) -> Result<Vec<u8>, String> {
    let mut child = Command::new(program)
        .args(arguments.iter().map(ExposeSecret::expose_secret))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let read = stdout.take(LARGEST_OUTPUT).read_to_end(&mut output).await;
        read.map_err(|error| format!("cannot be read from: {error}"))?;
    }
    let status = child.wait().await;
    let status = status.map_err(|error| format!("cannot be waited for: {error}"))?;
    if status.success() {
        Ok(output)
    } else {
        Err(format!("failed: {status}"))
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

    #[tokio::test]
    async fn a_command_that_fails_is_named_without_its_output() {
        let arguments = ["-c", "echo goldfish; echo goldfish >&2; exit 3"].map(SecretString::from);
        let error = run("/bin/sh", &arguments).await.unwrap_err();
        assert_eq!(error, "failed: exit status: 3");
        let error = run("/nonexistent/sso", &[]).await.unwrap_err();
        assert!(error.starts_with("cannot be started: "), "{error}");
    }
}

//! The output of a command.

use std::error::Error;
use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;

/// The exit status and output of a finished command.
#[derive(Clone, Debug)]
pub struct Output {
    /// The command line, for error messages.
    pub command: String,
    /// The exit status.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The duration of the command.
    pub elapsed: Duration,
}

impl Output {
    /// The exit code. `None` if a signal ended the command.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Standard output followed by standard error.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The text without the frames and line breaks that Terraform adds to messages: a
    /// sentence can be searched regardless of the line width.
    pub fn flat_text(&self) -> String {
        let text = self.text();
        let words = text
            .split(|c: char| c.is_whitespace() || matches!(c, '│' | '╷' | '╵'))
            .filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    }

    /// Returns an error if the command failed.
    pub fn checked(self) -> Result<Self, Box<dyn Error>> {
        if self.status.success() {
            Ok(self)
        } else {
            Err(format!("failed: {self}").into())
        }
    }

    /// Parses standard output as JSON, regardless of the exit status.
    pub fn json(&self) -> Result<Value, Box<dyn Error>> {
        let json = serde_json::from_str(&self.stdout);
        json.map_err(|error| format!("no JSON ({error}): {self}").into())
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.status, self.stdout, self.stderr
        )
    }
}

/// Strips the line prefix that Terraform before 1.0 adds when it traces to the terminal:
/// `o:` on standard output, `e:` on standard error.
pub(super) fn strip_line_prefix(text: &str, prefix: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| line.strip_prefix(prefix).unwrap_or(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_prefix_is_stripped_once_per_line() {
        assert_eq!(
            strip_line_prefix("o:{\no:  \"o:a\": 1\n}\no:o:b", "o:"),
            "{\n  \"o:a\": 1\n}\no:b"
        );
    }
}

//! What a command left.

use std::error::Error;
use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;

/// What a finished command left.
#[derive(Clone, Debug)]
pub struct Output {
    /// The command line, for messages.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// From start to end.
    pub elapsed: Duration,
}

impl Output {
    /// The exit status as a number, where no signal ended the command.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Standard output and standard error, one after the other.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The same text with the frames, colors and line breaks that Terraform
    /// puts around messages taken out, so that a sentence can be looked for
    /// whatever its width.
    pub fn flat_text(&self) -> String {
        let text = self.text();
        let words = text
            .split(|c: char| c.is_whitespace() || matches!(c, '│' | '╷' | '╵'))
            .filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    }

    /// The output, if the command succeeded.
    pub fn checked(self) -> Result<Self, Box<dyn Error>> {
        if self.status.success() {
            Ok(self)
        } else {
            Err(format!("failed: {self}").into())
        }
    }

    /// Standard output as JSON, whatever the exit status.
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

/// Takes off the marks that Terraform before 1.0 puts before every line when it
/// traces to the terminal: `o:` on standard output, `e:` on standard error.
pub(super) fn without_marks(text: &str, mark: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| line.strip_prefix(mark).unwrap_or(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_off_one_mark_per_line() {
        assert_eq!(
            without_marks("o:{\no:  \"o:a\": 1\n}\no:o:b", "o:"),
            "{\n  \"o:a\": 1\n}\no:b"
        );
    }
}

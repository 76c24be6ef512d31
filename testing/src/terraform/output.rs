use std::fmt;
use std::io;
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

/// Why a command gave nothing to go on with.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not be started or waited for.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It had to be killed, with all it started.
    #[error("killed after {limit:?}: {output}")]
    TimedOut {
        /// How long it was let run.
        limit: Duration,
        /// What it said until then.
        output: Box<Output>,
    },
    /// It ended with another status than wanted.
    #[error("failed: {0}")]
    Failed(Box<Output>),
    /// Its output is not JSON.
    #[error("no JSON ({error}): {output}")]
    Json {
        /// What is wrong with it.
        error: serde_json::Error,
        /// The output.
        output: Box<Output>,
    },
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
    pub fn checked(self) -> Result<Self, RunError> {
        if self.status.success() {
            Ok(self)
        } else {
            Err(RunError::Failed(Box::new(self)))
        }
    }

    /// Standard output as JSON, whatever the exit status.
    pub fn json(self) -> Result<Value, RunError> {
        serde_json::from_str(&self.stdout).map_err(|error| RunError::Json {
            error,
            output: Box::new(self),
        })
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

    #[test]
    fn finds_sentences_across_frames_and_line_breaks() {
        let output = Output {
            command: String::new(),
            status: ExitStatus::default(),
            stdout: String::new(),
            stderr: "╷\n│ Error: The region is\n│ not there\n╵\n".to_owned(),
            elapsed: Duration::ZERO,
        };
        assert_eq!(output.flat_text(), "Error: The region is not there");
    }
}

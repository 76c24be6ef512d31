//! Responses that a read has received, and work on them.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::terraform::{Diagnostic, Diagnostics, ReadError};
use aliyun::http::executor::run_on_thread;
use aliyun::redact::Redactor;

/// A response. It is accessible on another thread only: a slow regular expression over
/// thousands of names must not keep other reads waiting.
#[derive(Debug)]
pub struct Fetched<T> {
    value: T,
    deadline: Instant,
    redactor: Redactor,
}

/// Work on a response.
#[derive(Debug, Default)]
pub struct Work {
    ended: CancellationToken,
    warnings: Diagnostics,
    redactor: Redactor,
}

impl Work {
    /// Stops work whose read has ended: its time limit has passed, or Terraform has canceled
    /// it. Work calls this for each name that it matches or compares.
    ///
    /// # Errors
    ///
    /// If the read has ended. This error is not shown.
    pub fn check(&self) -> Result<(), Diagnostic> {
        if self.ended.is_cancelled() {
            return Err(too_slow_error());
        }
        Ok(())
    }

    /// Adds a warning to the read.
    pub fn warn(&mut self, warning: Option<Diagnostic>) {
        if let Some(warning) = warning {
            self.warnings.push(self.redacted(warning));
        }
    }

    /// Redacts a diagnostic, which can quote values of the response.
    fn redacted(&self, diagnostic: Diagnostic) -> Diagnostic {
        let lines = diagnostic.detail.split('\n');
        let lines: Vec<_> = lines.map(|line| self.redactor.redact(line)).collect();
        Diagnostic {
            detail: lines.join("\n"),
            ..diagnostic
        }
    }
}

impl<T: Send + 'static> Fetched<T> {
    /// Creates a response to a read that ends at the deadline.
    pub fn new(value: T, deadline: Instant, redactor: Redactor) -> Self {
        Self {
            value,
            deadline,
            redactor,
        }
    }

    /// Returns a response without entries, for a read that needs no request.
    pub fn none() -> Self
    where
        T: Default,
    {
        const TIME_LIMIT: Duration = Duration::from_secs(30);
        let deadline = Instant::now() + TIME_LIMIT;
        Self::new(T::default(), deadline, Redactor::default())
    }

    /// Runs `work` on another thread until the read ends. Redacts its diagnostics.
    ///
    /// # Errors
    ///
    /// If `work` fails, the time limit of the read passes, or the operating system starts no
    /// thread.
    pub async fn process<R: Send + 'static>(
        self,
        warnings: &mut Diagnostics,
        work: impl FnOnce(T, &mut Work) -> Result<R, Diagnostic> + Send + 'static,
    ) -> Result<R, ReadError> {
        let ended = CancellationToken::new();
        // Dropped when the time limit passes, and when Terraform cancels the read.
        let _guard = ended.clone().drop_guard();
        let Self {
            value,
            deadline,
            redactor,
        } = self;
        let work = run_on_thread(move || {
            let mut context = Work {
                ended,
                warnings: Diagnostics::default(),
                redactor,
            };
            let result = work(value, &mut context).map_err(|error| context.redacted(error));
            (result, context.warnings)
        });
        let Ok(done) = timeout_at(deadline, work).await else {
            return Err(too_slow_error().into());
        };
        let (result, found) = done.map_err(|error| no_thread_error(&error))?;
        warnings.append(found);
        Ok(result?)
    }
}

fn too_slow_error() -> Diagnostic {
    Diagnostic::error(
        "Processing the response timed out",
        "The response was received, but processing it did not end within the time limit of the \
         read. Simplify \"name_regex\", for example by smaller counts of repetitions.",
    )
}

fn no_thread_error(error: &std::io::Error) -> Diagnostic {
    let detail = format!(
        "Processing the response failed: {error}. Increase the limit of threads or processes, or \
         run Terraform with a lower -parallelism."
    );
    Diagnostic::error("Processing the response failed", detail)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_stops_when_the_time_limit_passes() {
        let (stopped, has_stopped) = mpsc::channel();
        let deadline = Instant::now() + Duration::from_millis(10);
        let fetched = Fetched::new((), deadline, Redactor::default());
        let endless = move |(), work: &mut Work| {
            while work.check().is_ok() {}
            stopped.send(()).unwrap();
            work.check()
        };
        let mut warnings = Diagnostics::default();
        let result = fetched.process(&mut warnings, endless).await;
        assert!(matches!(result, Err(ReadError::Failed(errors)) if errors.has_error()));
        has_stopped.recv().unwrap();
    }

    #[tokio::test]
    async fn work_stops_when_the_read_is_canceled() {
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (stopped, has_stopped) = mpsc::channel();
        let endless = move |(), work: &mut Work| {
            started.send(()).unwrap();
            while work.check().is_ok() {}
            stopped.send(()).unwrap();
            Ok(())
        };
        let mut warnings = Diagnostics::default();
        let read = Fetched::<()>::none().process(&mut warnings, endless);
        tokio::select! {
            _ = read => panic!("endless work ended"),
            started = has_started => started.unwrap(),
        }
        has_stopped.recv().unwrap();
    }
}

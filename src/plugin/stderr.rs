//! Lines on their way to stderr. Whoever reads there may be slow or gone, and
//! nothing else waits for that.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How much may wait to be written, in bytes.
const MOST_WAITING: usize = 4 * 1024 * 1024;

/// Writes lines on a thread of its own, in their order.
///
/// Lines for which there is no room are left out, and counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<String>,
    /// The length of all that wait and of those that are being written, in bytes.
    bytes: usize,
    left_out: usize,
}

impl Lines {
    /// Begins to write to stderr.
    ///
    /// # Errors
    ///
    /// When the operating system starts no thread.
    pub(super) fn to_stderr() -> io::Result<Self> {
        // Without the lock of `io::stderr()`, which would keep others waiting.
        #[cfg(unix)]
        let stderr = {
            use std::os::fd::AsFd;
            std::fs::File::from(io::stderr().as_fd().try_clone_to_owned()?)
        };
        #[cfg(not(unix))]
        let stderr = io::stderr();
        Self::to(stderr)
    }

    fn to(mut output: impl Write + Send + 'static) -> io::Result<Self> {
        let lines = Self::default();
        let shared = Arc::clone(&lines.0);
        thread::Builder::new()
            .name("stderr".to_owned())
            .spawn(move || {
                loop {
                    let next = shared.next();
                    // There is nowhere to report that logging failed.
                    let _ = output.write_all(next.as_bytes());
                    shared.written(next.len());
                }
            })?;
        Ok(lines)
    }

    /// Has a line written when it is its turn. Returns how many were left out
    /// before it, if it is not left out itself.
    pub(super) fn put(&self, line: String) -> usize {
        let mut state = self.0.lock();
        if state.bytes + line.len() > MOST_WAITING {
            state.left_out += 1;
            return 0;
        }
        state.bytes += line.len();
        state.waiting.push_back(line);
        self.0.changed.notify_all();
        mem::take(&mut state.left_out)
    }

    /// Waits until all lines are written, but not longer than `limit`.
    pub(super) fn finish(&self, limit: Duration) {
        let changed = &self.0.changed;
        drop(changed.wait_timeout_while(self.0.lock(), limit, |state| state.bytes > 0));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> String {
        let mut state = self.lock();
        loop {
            if let Some(line) = state.waiting.pop_front() {
                return line;
            }
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn written(&self, bytes: usize) {
        self.lock().bytes -= bytes;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, pipe};

    use super::*;

    #[test]
    fn all_lines_are_written_in_order_before_the_end() {
        let (mut reader, writer) = pipe().unwrap();
        let lines = Lines::to(writer).unwrap();
        let numbered: Vec<String> = (0..100).map(|number| format!("{number}\n")).collect();
        for line in &numbered {
            assert_eq!(lines.put(line.clone()), 0);
        }
        lines.finish(Duration::from_mins(1));
        let expected = numbered.concat();
        let mut read = vec![0; expected.len()];
        reader.read_exact(&mut read).unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), expected);
    }

    #[test]
    fn what_nobody_reads_is_left_out_and_counted() {
        let (mut reader, writer) = pipe().unwrap();
        let lines = Lines::to(writer).unwrap();
        // More than a pipe holds, so that not even the first one is written.
        let line = "x".repeat(128 * 1024 - 1) + "\n";
        for _ in 0..100 {
            assert_eq!(lines.put(line.clone()), 0);
        }
        lines.finish(Duration::ZERO);
        assert!(lines.0.lock().bytes <= MOST_WAITING);
        let taken = MOST_WAITING / line.len();
        reader.read_exact(&mut vec![0; taken * line.len()]).unwrap();
        lines.finish(Duration::from_mins(1));
        assert_eq!(lines.put(line), 100 - taken);
    }
}

//! Reading of files within limits of time and size.
//!
//! Metadata of a file is not queried before it is read: the query can block, be wrong for
//! files of the kernel, and be outdated when the file is read.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use crate::http::executor::run_on_thread;

/// Time limit for reading files. They can be on a network disk that no longer responds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum size of a file of profiles or with a token, in bytes.
const MAX_SIZE: usize = 1024 * 1024;

/// Maximum number of files in a directory.
const MAX_FILES: usize = 10_000;

/// Reads a small file.
///
/// # Errors
///
/// If the file cannot be read within the limits.
pub(crate) async fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = path.to_owned();
    let read = within_limit(move |reader| reader.read(&file, MAX_SIZE)).await;
    read.map_err(|(_, error)| error)
}

/// Reads files on a thread that the process does not wait for.
///
/// # Errors
///
/// An error has the path of the file that could not be read.
pub(crate) async fn within_limit<T: Send + 'static>(
    work: impl FnOnce(&Reader) -> Result<T, (PathBuf, io::Error)> + Send + 'static,
) -> Result<T, (PathBuf, io::Error)> {
    let reader = Reader::default();
    let current = Arc::clone(&reader.current);
    let current = || {
        let path = current.lock().unwrap_or_else(PoisonError::into_inner);
        path.clone()
    };
    match timeout(TIMEOUT, run_on_thread(move || work(&reader))).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err((current(), error)),
        Err(_) => {
            let reason = format!("it was not read within {} s", TIMEOUT.as_secs());
            Err((current(), io::Error::new(ErrorKind::TimedOut, reason)))
        }
    }
}

/// Reads files, and remembers the one that it reads.
#[derive(Default)]
pub(crate) struct Reader {
    current: Arc<Mutex<PathBuf>>,
}

impl Reader {
    /// Reads a file of at most `max_size` bytes.
    pub(crate) fn read(
        &self,
        path: &Path,
        max_size: usize,
    ) -> Result<Vec<u8>, (PathBuf, io::Error)> {
        self.begin(path);
        read_limited(path, max_size).map_err(|error| (path.to_owned(), error))
    }

    /// Returns the paths in a directory.
    pub(crate) fn list(&self, path: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
        self.begin(path);
        let entries = fs::read_dir(path).map(|entries| entries.take(MAX_FILES));
        let paths = entries.and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        paths.map_err(|error| (path.to_owned(), error))
    }

    fn begin(&self, path: &Path) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        path.clone_into(&mut current);
    }
}

fn read_limited(path: &Path, max_size: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| match error.kind() {
        // A volume that is not mounted, for example: the file is configured.
        ErrorKind::NotFound if is_behind_dangling_link(path) => {
            io::Error::other("it is a link to a file that does not exist")
        }
        _ => error,
    })?;
    let mut content = Vec::new();
    file.take(max_size as u64 + 1).read_to_end(&mut content)?;
    if content.len() > max_size {
        let reason = format!("it is larger than {} MiB", max_size.div_ceil(1024 * 1024));
        return Err(io::Error::new(ErrorKind::FileTooLarge, reason));
    }
    Ok(content)
}

/// Returns true if the path or one of its directories is a link to nothing.
fn is_behind_dangling_link(path: &Path) -> bool {
    let mut paths = path.ancestors();
    paths.any(|path| path.is_symlink() && !path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_error(path: &Path) -> String {
        read(path).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn file_over_the_size_limit_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(MAX_SIZE as u64).unwrap();
        assert_eq!(read(file.path()).await.unwrap().len(), MAX_SIZE);
        file.as_file().set_len(MAX_SIZE as u64 + 1).unwrap();
        let error = read_error(file.path()).await;
        assert_eq!(error, "it is larger than 1 MiB");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn endless_file_is_an_error() {
        let error = read_error("/dev/zero".as_ref()).await;
        assert_eq!(error, "it is larger than 1 MiB");
        // By its metadata, it is regular and empty.
        assert!(read("/proc/self/pagemap".as_ref()).await.is_err());
    }

    /// The paused clock reaches the time limit at once.
    #[cfg(unix)]
    #[tokio::test(start_paused = true)]
    async fn file_that_blocks_is_an_error_after_the_time_limit() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let error = read_error(&pipe).await;
        assert_eq!(error, "it was not read within 10 s");
        // Opening the other end ends the thread.
        drop(File::options().write(true).open(&pipe));
    }
}

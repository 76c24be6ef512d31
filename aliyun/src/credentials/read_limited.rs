//! Reading of small files.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::error::CredentialsErrorKind;
use crate::http::executor::run_on_thread;

/// Maximum size of a file, in bytes.
const MAX_SIZE: usize = 1024 * 1024;

/// Reads a small regular file on another thread, because the file system can be slow.
pub(crate) async fn read(path: &Path) -> Result<Vec<u8>, CredentialsErrorKind> {
    let file = path.to_owned();
    let read = move || {
        let mut content = Vec::new();
        let file = open(&file).map_err(|error| match error.kind() {
            // A volume that is not mounted, for example: the file is configured.
            ErrorKind::NotFound if is_behind_dangling_link(&file) => {
                io::Error::other("it is a link to a file that does not exist")
            }
            _ => error,
        })?;
        // Anything else can be endless or block.
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let mut file = file.take(MAX_SIZE as u64 + 1);
        file.read_to_end(&mut content).map(|_| content)
    };
    let unreadable = |reason: String| CredentialsErrorKind::File {
        file: path.to_owned(),
        reason,
    };
    match run_on_thread(read).await.flatten() {
        Ok(content) if content.len() > MAX_SIZE => {
            Err(unreadable("it is larger than 1 MiB".to_owned()))
        }
        Ok(content) => Ok(content),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(CredentialsErrorKind::NoFile(path.to_owned()))
        }
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// Returns true if the path or one of its directories is a link to nothing.
fn is_behind_dangling_link(path: &Path) -> bool {
    let mut paths = path.ancestors();
    paths.any(|path| path.is_symlink() && !path.exists())
}

/// Opens a file without waiting for the other end of a pipe, or for data: some files of the
/// kernel are regular by name only.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits());
    }
    options.read(true).open(path)
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
        assert!(error.ends_with("it is larger than 1 MiB"), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for path in [&pipe, folder.path(), "/dev/zero".as_ref()] {
            let error = read_error(path).await;
            assert!(error.ends_with("it is no regular file"), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn kernel_file_that_blocks_is_not_waited_for() {
        // Without permission it cannot be opened, and with it, it is not a small file.
        let path = Path::new("/proc/kmsg");
        let limit = std::time::Duration::from_secs(20);
        let read = tokio::time::timeout(limit, read(path)).await;
        assert!(read.is_ok(), "the read blocks");
    }
}

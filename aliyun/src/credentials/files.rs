//! Small files that hold credentials.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::Reason;
use crate::http::thread;

/// The longest file that is read, in bytes.
const LARGEST_FILE: usize = 1024 * 1024;

/// Reads a small regular file on a thread of its own: a file system may be far
/// away.
pub(crate) async fn read(path: &Path) -> Result<Vec<u8>, Reason> {
    let file = path.to_owned();
    let read = move || {
        let mut content = Vec::new();
        let file = open(&file).map_err(|error| match error.kind() {
            // Something puts the file there, such as a volume that is not mounted.
            ErrorKind::NotFound if is_behind_dangling_link(&file) => {
                io::Error::other("it is a link to a file that does not exist")
            }
            _ => error,
        })?;
        // Anything else may have no end, or never say anything.
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let mut file = file.take(LARGEST_FILE as u64 + 1);
        file.read_to_end(&mut content).map(|_| content)
    };
    let unreadable = |reason: String| Reason::File {
        file: path.to_owned(),
        reason,
    };
    match thread::on_its_own(read).await.flatten() {
        Ok(content) if content.len() > LARGEST_FILE => {
            Err(unreadable("it is larger than 1 MiB".to_owned()))
        }
        Ok(content) => Ok(content),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Reason::NoFile(path.to_owned())),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// Whether the path or one of its folders is a link to something that does not exist.
fn is_behind_dangling_link(path: &Path) -> bool {
    let mut paths = path.ancestors();
    paths.any(|path| path.is_symlink() && !path.exists())
}

/// Opens a file without waiting for anybody to open its other end, or for what it
/// does not hold yet: some files of the kernel are regular ones by name only.
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

    async fn refusal(path: &Path) -> String {
        read(path).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_file_of_more_than_a_mebibyte_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(LARGEST_FILE as u64).unwrap();
        assert_eq!(read(file.path()).await.unwrap().len(), LARGEST_FILE);
        file.as_file().set_len(LARGEST_FILE as u64 + 1).unwrap();
        let error = refusal(file.path()).await;
        assert!(error.ends_with("it is larger than 1 MiB"), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for path in [&pipe, folder.path(), "/dev/zero".as_ref()] {
            let error = refusal(path).await;
            assert!(error.ends_with("it is no regular file"), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_file_of_the_kernel_that_waits_for_messages_ends() {
        // Whoever may not read it is refused, and it is no file of a small size
        // for whoever may.
        let path = Path::new("/proc/kmsg");
        let limit = std::time::Duration::from_secs(20);
        let read = tokio::time::timeout(limit, read(path)).await;
        assert!(read.is_ok(), "it is waited for");
    }
}

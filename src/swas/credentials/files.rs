//! Small files that hold credentials.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::Reason;

/// The longest file that is read, in bytes.
const LARGEST_FILE: usize = 1024 * 1024;

/// Reads a small file on a thread of its own: a file system may be far away, and
/// what looks like a file may be a pipe.
pub(super) async fn read(path: &Path) -> Result<Vec<u8>, Reason> {
    let file = path.to_owned();
    let read = move || {
        let mut content = Vec::new();
        let mut file = std::fs::File::open(file)?.take(LARGEST_FILE as u64 + 1);
        file.read_to_end(&mut content).map(|_| content)
    };
    let unreadable = |reason: String| Reason::File {
        file: path.to_owned(),
        reason,
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(content)) if content.len() > LARGEST_FILE => {
            Err(unreadable("it is larger than 1 MiB".to_owned()))
        }
        Ok(Ok(content)) => Ok(content),
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {
            Err(Reason::NoFile(path.to_owned()))
        }
        Ok(Err(error)) => Err(unreadable(error.to_string())),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_endless_file_is_refused() {
        let error = read("/dev/zero".as_ref()).await.unwrap_err();
        assert!(error.to_string().contains("larger than 1 MiB"), "{error}");
    }
}

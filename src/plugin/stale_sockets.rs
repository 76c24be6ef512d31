//! Removal of sockets left by killed processes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::unix_listener::{DIRECTORY_PREFIX, Listener, SOCKET_NAME, open_own, remove};

/// The minimum age of a stale directory without a socket. In a newer one, the process
/// that created it may be about to open a socket.
const MIN_AGE: Duration = Duration::from_mins(10);

/// Removes stale socket directories beside that of `listener`, on a separate thread.
/// Ignores errors.
pub(super) fn sweep(listener: &Listener) {
    let Some(parent) = listener.parent_directory().map(Path::to_owned) else {
        return;
    };
    // If the thread cannot be started, the next start of a plugin removes them.
    let _ = thread::Builder::new()
        .name("stale_sockets".to_owned())
        .spawn(move || {
            for directory in candidates(&parent) {
                if let Ok(Some(stale)) = open_stale(&directory) {
                    let path = directory.display();
                    tracing::debug!(%path, "removing a stale socket");
                    remove(&directory, &stale);
                }
            }
        });
}

/// Returns the entries of `parent` that are named like a socket directory.
fn candidates(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let candidates = entries.filter(|entry| {
        entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(DIRECTORY_PREFIX.as_bytes())
    });
    candidates.map(|entry| entry.path()).collect()
}

/// Opens and locks a directory if it belongs to this user and its owner has certainly
/// exited: a running owner holds the lock, from before it opens the socket.
fn open_stale(path: &Path) -> io::Result<Option<File>> {
    let directory = open_own(path)?;
    directory.try_lock()?;
    let mut entries = fs::read_dir(path)?;
    let is_stale = match entries.next().transpose()? {
        None => {
            let age = directory.metadata()?.modified()?.elapsed();
            age.is_ok_and(|age| age > MIN_AGE)
        }
        // Other entries belong to another program.
        Some(entry) => entry.file_name() == SOCKET_NAME && entries.next().is_none(),
    };
    Ok(is_stale.then_some(directory))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::time::SystemTime;

    use super::*;

    fn create_directory(parent: &Path, name: &str) -> PathBuf {
        let directory = parent.join(format!("{DIRECTORY_PREFIX}{name}"));
        fs::create_dir(&directory).unwrap();
        directory
    }

    #[test]
    fn directory_is_stale_only_if_its_owner_has_exited() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path();
        let dead = create_directory(parent, "dead");
        drop(UnixListener::bind(dead.join(SOCKET_NAME)).unwrap());
        let shared = create_directory(parent, "shared");
        drop(UnixListener::bind(shared.join(SOCKET_NAME)).unwrap());
        fs::write(shared.join("other"), "").unwrap();
        let locked = create_directory(parent, "locked");
        drop(UnixListener::bind(locked.join(SOCKET_NAME)).unwrap());
        let lock = File::open(&locked).unwrap();
        lock.lock().unwrap();
        let new = create_directory(parent, "new");
        let old = create_directory(parent, "old");
        let long_ago = SystemTime::now() - 2 * MIN_AGE;
        File::open(&old).unwrap().set_modified(long_ago).unwrap();
        let link = parent.join(format!("{DIRECTORY_PREFIX}link"));
        std::os::unix::fs::symlink(&dead, &link).unwrap();
        fs::create_dir(parent.join("other")).unwrap();

        assert_eq!(candidates(parent).len(), 6);
        for (directory, expected) in [
            (&dead, true),
            (&shared, false),
            (&locked, false),
            (&new, false),
            (&old, true),
            (&link, false),
        ] {
            let stale = open_stale(directory);
            assert_eq!(
                matches!(stale, Ok(Some(_))),
                expected,
                "{}",
                directory.display()
            );
        }
    }
}

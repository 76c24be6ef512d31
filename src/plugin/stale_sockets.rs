//! Folders of processes that were killed and could not remove them.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::listener::Listener;
use super::socket::{NAME, PREFIX};

/// How old a folder has to be that has no socket: the process that made it may be
/// about to open one.
const MIN_AGE: Duration = Duration::from_mins(10);

/// Removes the folders of dead processes beside that of `listener`, on a thread of
/// its own. What cannot be removed stays.
pub(super) fn sweep(listener: &Listener) {
    let Listener::Unix(_, place) = listener else {
        return;
    };
    let Some(parent) = place.parent().map(Path::to_owned) else {
        return;
    };
    // Without a thread, the next start does it.
    let _ = thread::Builder::new()
        .name("stale_sockets".to_owned())
        .spawn(move || {
            for folder in candidates(&parent) {
                if let Ok(true) = is_stale(&folder) {
                    tracing::debug!(folder = %folder.display(), "removing what is left of a process");
                    let _ = fs::remove_file(folder.join(NAME));
                    let _ = fs::remove_dir(&folder);
                }
            }
        });
}

/// What has the name of a socket's folder.
fn candidates(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PREFIX.as_bytes())
    });
    ours.map(|entry| entry.path()).collect()
}

/// Whether a folder is of this user and of a process that is dead for sure.
fn is_stale(folder: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(folder)?;
    if !metadata.is_dir() || metadata.uid() != nix::unistd::geteuid().as_raw() {
        return Ok(false);
    }
    // Whoever lives holds the lock.
    if File::open(folder)?.try_lock().is_err() {
        return Ok(false);
    }
    match UnixStream::connect(folder.join(NAME)).map_err(|error| error.kind()) {
        // A folder with anything else in it is not as we left it.
        Err(io::ErrorKind::ConnectionRefused) => Ok(fs::read_dir(folder)?.count() == 1),
        Err(io::ErrorKind::NotFound) => {
            let age = metadata.modified()?.elapsed();
            Ok(age.is_ok_and(|age| age > MIN_AGE))
        }
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::time::SystemTime;

    use super::*;

    fn folder(parent: &Path, name: &str) -> PathBuf {
        let folder = parent.join(format!("{PREFIX}{name}"));
        fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn only_what_is_provably_dead_is_left() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path();
        let dead = folder(parent, "dead");
        drop(UnixListener::bind(dead.join(NAME)).unwrap());
        let shared = folder(parent, "shared");
        drop(UnixListener::bind(shared.join(NAME)).unwrap());
        fs::write(shared.join("other"), "").unwrap();
        let listening = folder(parent, "listening");
        let _listener = UnixListener::bind(listening.join(NAME)).unwrap();
        let locked = folder(parent, "locked");
        drop(UnixListener::bind(locked.join(NAME)).unwrap());
        let lock = File::open(&locked).unwrap();
        lock.lock().unwrap();
        let new = folder(parent, "new");
        let old = folder(parent, "old");
        let long_ago = SystemTime::now() - 2 * MIN_AGE;
        File::open(&old).unwrap().set_modified(long_ago).unwrap();
        let link = parent.join(format!("{PREFIX}link"));
        std::os::unix::fs::symlink(&dead, &link).unwrap();
        fs::create_dir(parent.join("other")).unwrap();

        assert_eq!(candidates(parent).len(), 7);
        for (folder, expected) in [
            (&dead, true),
            (&shared, false),
            (&listening, false),
            (&locked, false),
            (&new, false),
            (&old, true),
            (&link, false),
        ] {
            assert_eq!(is_stale(folder).unwrap(), expected, "{}", folder.display());
        }
    }
}

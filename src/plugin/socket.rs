//! The Unix socket and its directory.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use nix::unistd::Group;
use tokio::net::UnixListener;

use super::environment;

/// The maximum length of a socket path on every Unix, in bytes. With the terminating
/// zero, macOS allows 104 and Linux 108.
const MAX_PATH_LENGTH: usize = 103;

/// The prefix of the names of socket directories.
pub(super) const DIRECTORY_PREFIX: &str = "tf-swas-";

/// The name of the socket in its directory.
pub(super) const SOCKET_NAME: &str = "s";

/// A directory with a socket in it. Dropping it removes both.
#[derive(Debug)]
pub(super) struct SocketDir {
    path: PathBuf,
    /// The lock on the directory, if the file system supports locks. Acquiring it proves
    /// to other processes that this process has exited.
    _lock: Option<File>,
}

impl Drop for SocketDir {
    /// Does not list the directory, which would need a file descriptor: this process may
    /// have run out of them.
    fn drop(&mut self) {
        let _ = fs::remove_file(self.socket_path());
        let _ = fs::remove_dir(&self.path);
    }
}

impl SocketDir {
    pub(super) fn socket_path(&self) -> PathBuf {
        self.path.join(SOCKET_NAME)
    }

    /// The directory in which this one was created.
    pub(super) fn parent(&self) -> Option<&Path> {
        self.path.parent()
    }
}

/// Listens on a new socket in a new directory inside `requested`, by default inside the
/// directory for temporary files. Falls back to `/tmp` if that directory is not usable, or
/// if the socket's path would be too long or would not fit into the handshake line.
///
/// Only this user can connect and, if there is a `group`, its members.
///
/// # Errors
///
/// If no directory can be created, if the group does not exist, or if this user may not
/// give the group access.
pub(super) fn bind(
    requested: Option<&Path>,
    group: Option<&str>,
) -> io::Result<(UnixListener, SocketDir)> {
    let parent = requested.map_or_else(environment::temporary_directory, Path::to_owned);
    let directory = create(&parent).or_else(|error| {
        create(Path::new("/tmp"))
            .map_err(|_| io::Error::new(error.kind(), format!("{}: {error}", parent.display())))
    })?;
    let path = directory.socket_path();
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    if let Some(group) = group {
        let id = group_id(group)?;
        chown(&path, None, Some(id))?;
        fs::set_permissions(&path, Permissions::from_mode(0o660))?;
        chown(&directory.path, None, Some(id))?;
        fs::set_permissions(&directory.path, Permissions::from_mode(0o710))?;
    }
    Ok((listener, directory))
}

fn create(parent: &Path) -> io::Result<SocketDir> {
    let path = tempfile::Builder::new()
        .prefix(DIRECTORY_PREFIX)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent)?
        .keep();
    let lock = File::open(&path).ok();
    let directory = SocketDir {
        _lock: lock.filter(|lock| lock.try_lock().is_ok()),
        path,
    };
    if directory.socket_path().as_os_str().as_bytes().len() > MAX_PATH_LENGTH {
        return Err(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "too long for the path of a Unix socket",
        ));
    }
    if !fits_handshake_line(&directory.socket_path()) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "holds a character that cannot be told to the client",
        ));
    }
    Ok(directory)
}

/// Returns `true` if a path can be a field of the handshake line, which has no escapes.
fn fits_handshake_line(path: &Path) -> bool {
    path.to_str()
        .is_some_and(|text| !text.contains(|c: char| c == '|' || c.is_control()))
}

fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    match Group::from_name(group)? {
        Some(found) => Ok(found.gid.as_raw()),
        None => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("PLUGIN_UNIX_SOCKET_GROUP names the group {group:?}, which does not exist"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn socket_is_private_and_is_removed_when_dropped() {
        let parent = tempfile::tempdir().unwrap();
        let (listener, directory) = bind(Some(parent.path()), None).unwrap();
        assert!(directory.socket_path().starts_with(parent.path()));
        assert_eq!(mode(&directory.path), 0o700);
        assert_eq!(mode(&directory.socket_path()), 0o600);
        drop((listener, directory));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn socket_group_by_number_may_connect() {
        let parent = tempfile::tempdir().unwrap();
        let group = nix::unistd::getgid().to_string();
        let (_listener, directory) = bind(Some(parent.path()), Some(&group)).unwrap();
        assert_eq!(mode(&directory.path), 0o710);
        assert_eq!(mode(&directory.socket_path()), 0o660);
    }

    #[tokio::test]
    async fn socket_group_unknown_is_an_error_with_its_name() {
        let parent = tempfile::tempdir().unwrap();
        let error = bind(Some(parent.path()), Some("no-such-group")).unwrap_err();
        assert!(error.to_string().contains("no-such-group"), "{error}");
    }

    #[tokio::test]
    async fn directory_that_does_not_fit_the_handshake_line_falls_back_to_tmp() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["a|b", "a\nb"] {
            let odd = parent.path().join(name);
            fs::create_dir(&odd).unwrap();
            let (_listener, directory) = bind(Some(&odd), None).unwrap();
            assert!(directory.socket_path().starts_with("/tmp"));
            assert_eq!(fs::read_dir(&odd).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn directory_too_long_or_missing_falls_back_to_tmp() {
        let parent = tempfile::tempdir().unwrap();
        let long = parent.path().join("x".repeat(100));
        fs::create_dir(&long).unwrap();
        let (_listener, directory) = bind(Some(&long), None).unwrap();
        assert!(directory.socket_path().starts_with("/tmp"));
        assert_eq!(fs::read_dir(&long).unwrap().count(), 0);

        let (_listener, directory) = bind(Some(&parent.path().join("missing")), None).unwrap();
        assert!(directory.socket_path().starts_with("/tmp"));
    }
}

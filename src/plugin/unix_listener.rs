//! The listener: a Unix socket in a directory that only this user can enter.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aliyun::text::{debug_quote, sanitize};
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag};
use nix::sys::stat::{FchmodatFlags, Mode, fchmod, fchmodat};
use nix::unistd::{Gid, Group, UnlinkatFlags, fchown, fchownat, unlinkat};
use tokio::net::{UnixListener, UnixStream};

use super::environment::{self, ClientEnvironment};
use super::handshake::Address;

/// The maximum length of a socket path on every Unix, in bytes. With the terminating
/// zero, macOS allows 104 and Linux 108.
const MAX_PATH_LENGTH: usize = 103;

/// The prefix of the names of socket directories.
pub(super) const DIRECTORY_PREFIX: &str = "tf-swas-";

/// The name of the socket in its directory.
pub(super) const SOCKET_NAME: &str = "s";

/// A connection before TLS.
pub(super) type Stream = UnixStream;

/// A socket that accepts connections, and its directory. Dropping it removes both.
#[derive(Debug)]
pub(super) struct Listener {
    listener: UnixListener,
    directory: SocketDir,
}

impl Listener {
    /// The operating system admits only this user and the client's
    /// `PLUGIN_UNIX_SOCKET_GROUP`, so that plaintext is safe.
    pub(super) const IS_PRIVATE: bool = true;

    /// Listens on a new socket in a new directory inside the one that the client requests,
    /// by default inside the directory for temporary files. Falls back to `/tmp` if that
    /// directory is not usable, or if the socket's path would be too long or would not fit
    /// into the handshake line.
    ///
    /// Returns the address for the handshake line too.
    ///
    /// Only this user can connect and, if there is a group, its members.
    ///
    /// # Errors
    ///
    /// If no directory can be created, if the group does not exist, or if this user may not
    /// give the group access.
    pub(super) fn bind(client: &ClientEnvironment) -> io::Result<(Self, Address)> {
        let requested = client.socket_directory.clone();
        let parent = requested.unwrap_or_else(environment::temporary_directory);
        let directory = SocketDir::create(&parent).or_else(|error| {
            SocketDir::create(Path::new("/tmp")).map_err(|_| {
                let parent = sanitize(&parent.display().to_string());
                io::Error::new(error.kind(), format!("{parent}: {error}"))
            })
        })?;
        let path = directory.socket_path();
        let listener = UnixListener::bind(&path)?;
        // Fails if another directory has taken the place of this one.
        let chmod = |mode| {
            let mode = Mode::from_bits_truncate(mode);
            let flags = FchmodatFlags::FollowSymlink;
            fchmodat(&directory.file, SOCKET_NAME, mode, flags)
        };
        chmod(0o600)?;
        if let Some(group) = &client.socket_group {
            let id = Some(group_id(group)?);
            fchownat(&directory.file, SOCKET_NAME, None, id, AtFlags::empty())?;
            chmod(0o660)?;
            fchown(&directory.file, None, id)?;
            fchmod(&directory.file, Mode::S_IRWXU | Mode::S_IXGRP)?;
        }
        let address = Address {
            network: "unix",
            text: path.display().to_string(),
        };
        let listener = Self {
            listener,
            directory,
        };
        Ok((listener, address))
    }

    /// The directory in which the socket's own was created.
    pub(super) fn parent_directory(&self) -> Option<&Path> {
        self.directory.path.parent()
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    ///
    /// If the operating system cannot accept. The listener stays usable.
    pub(super) async fn accept(&self) -> io::Result<Stream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }
}

/// A directory for a socket. Dropping it removes both.
#[derive(Debug)]
struct SocketDir {
    path: PathBuf,
    /// The directory itself: others may be able to replace the path. Locked, if the file
    /// system supports locks: acquiring the lock proves to other processes that this process
    /// has exited.
    file: File,
}

impl Drop for SocketDir {
    /// Does not list the directory, which would need a file descriptor: this process may
    /// have run out of them.
    fn drop(&mut self) {
        remove(&self.path, &self.file);
    }
}

impl SocketDir {
    fn create(parent: &Path) -> io::Result<Self> {
        let path = tempfile::Builder::new()
            .prefix(DIRECTORY_PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent)?
            .keep();
        let directory = Self::open(&path).inspect_err(|_| drop(fs::remove_dir(&path)))?;
        let path = directory.socket_path();
        if path.as_os_str().len() > MAX_PATH_LENGTH || !fits_handshake_line(&path) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidFilename,
                "too long for the path of a Unix socket, or not printable",
            ));
        }
        Ok(directory)
    }

    /// Opens and locks a new directory.
    fn open(path: &Path) -> io::Result<Self> {
        let file = open_private(path)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            // Another process is looking for stale sockets. Without the lock, the socket
            // would be stale to the next process.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let path = path.to_owned();
        Ok(Self { path, file })
    }

    fn socket_path(&self) -> PathBuf {
        self.path.join(SOCKET_NAME)
    }
}

/// Opens a new directory, and allows its owner everything: the mask of the process may have
/// removed permissions.
fn open_private(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.mode() & 0o777 != 0o700 {
        let flags = FchmodatFlags::NoFollowSymlink;
        fchmodat(AT_FDCWD, path, Mode::S_IRWXU, flags)?;
    }
    open_own(path)
}

/// Opens a directory of this user, and follows no link to it.
///
/// # Errors
///
/// If it is no directory, belongs to another user, or cannot be opened.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
    let mut options = File::options();
    let directory = options.read(true).custom_flags(flags.bits()).open(path)?;
    if directory.metadata()?.uid() == nix::unistd::geteuid().as_raw() {
        Ok(directory)
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// Removes a socket and its directory, which is opened. Ignores errors.
pub(super) fn remove(path: &Path, directory: &File) {
    let _ = unlinkat(directory, SOCKET_NAME, UnlinkatFlags::NoRemoveDir);
    let _ = fs::remove_dir(path);
}

/// Returns `true` if a path can be a field of the handshake line, which has no escapes.
fn fits_handshake_line(path: &Path) -> bool {
    path.to_str()
        .is_some_and(|text| !text.contains(|c: char| c == '|' || c.is_control()))
}

fn group_id(group: &str) -> io::Result<Gid> {
    if let Ok(id) = group.parse() {
        return Ok(Gid::from_raw(id));
    }
    match Group::from_name(group)? {
        Some(found) => Ok(found.gid),
        None => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "PLUGIN_UNIX_SOCKET_GROUP names the group {}, which does not exist",
                debug_quote(group)
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn bind(parent: &Path, group: Option<&str>) -> io::Result<Listener> {
        let bound = Listener::bind(&ClientEnvironment {
            socket_directory: Some(parent.to_owned()),
            socket_group: group.map(str::to_owned),
            ..ClientEnvironment::default()
        });
        bound.map(|(listener, _)| listener)
    }

    #[tokio::test]
    async fn socket_is_private_and_is_removed_when_dropped() {
        let parent = tempfile::tempdir().unwrap();
        let listener = bind(parent.path(), None).unwrap();
        assert!(listener.directory.socket_path().starts_with(parent.path()));
        assert_eq!(mode(&listener.directory.path), 0o700);
        assert_eq!(mode(&listener.directory.socket_path()), 0o600);
        drop(listener);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn link_in_place_of_the_directory_is_not_followed() {
        let parent = tempfile::tempdir().unwrap();
        let victim = parent.path().join("victim");
        fs::create_dir(&victim).unwrap();
        fs::set_permissions(&victim, Permissions::from_mode(0o755)).unwrap();
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        open_private(&link).unwrap_err();
        assert_eq!(mode(&victim), 0o755);
    }

    #[tokio::test]
    async fn link_in_place_of_the_directory_does_not_lose_files_of_others() {
        let parent = tempfile::tempdir().unwrap();
        let listener = bind(parent.path(), None).unwrap();
        let victim = parent.path().join("victim");
        fs::create_dir(&victim).unwrap();
        fs::write(victim.join(SOCKET_NAME), "").unwrap();
        let path = listener.directory.path.clone();
        fs::rename(&path, parent.path().join("renamed")).unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        drop(listener);
        assert!(victim.join(SOCKET_NAME).exists());
    }

    #[test]
    fn directory_that_another_process_locked_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let other = File::open(directory.path()).unwrap();
        other.lock().unwrap();
        let error = SocketDir::open(directory.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn socket_group_by_number_may_connect() {
        let parent = tempfile::tempdir().unwrap();
        let group = nix::unistd::getgid().to_string();
        let listener = bind(parent.path(), Some(&group)).unwrap();
        assert_eq!(mode(&listener.directory.path), 0o710);
        assert_eq!(mode(&listener.directory.socket_path()), 0o660);
    }

    #[tokio::test]
    async fn socket_group_unknown_is_an_error_with_its_name() {
        let parent = tempfile::tempdir().unwrap();
        let error = bind(parent.path(), Some("no-such-group")).unwrap_err();
        assert!(error.to_string().contains("no-such-group"), "{error}");
    }

    #[tokio::test]
    async fn directory_that_does_not_fit_the_handshake_line_falls_back_to_tmp() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["a|b", "a\nb"] {
            let odd = parent.path().join(name);
            fs::create_dir(&odd).unwrap();
            let listener = bind(&odd, None).unwrap();
            assert!(listener.directory.socket_path().starts_with("/tmp"));
            assert_eq!(fs::read_dir(&odd).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn directory_too_long_or_missing_falls_back_to_tmp() {
        let parent = tempfile::tempdir().unwrap();
        let long = parent.path().join("x".repeat(100));
        fs::create_dir(&long).unwrap();
        let listener = bind(&long, None).unwrap();
        assert!(listener.directory.socket_path().starts_with("/tmp"));
        assert_eq!(fs::read_dir(&long).unwrap().count(), 0);

        let listener = bind(&parent.path().join("missing"), None).unwrap();
        assert!(listener.directory.socket_path().starts_with("/tmp"));
    }
}

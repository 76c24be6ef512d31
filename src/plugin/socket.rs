//! The Unix socket and its place in the file system.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use nix::unistd::Group;
use tokio::net::UnixListener;

/// The longest socket path that every Unix takes: macOS has 104 bytes with the
/// closing zero, Linux 108.
const LONGEST_PATH: usize = 103;

/// How the names of the folders begin.
pub(super) const PREFIX: &str = "tf-swas-";

/// The name of the socket in its folder.
pub(super) const NAME: &str = "s";

/// Occupies a folder with a socket in it. Dropping it removes both.
#[derive(Debug)]
pub(super) struct SocketDir {
    directory: PathBuf,
    /// The folder, locked for as long as this process lives, where the file system
    /// can do so. Whoever gets the lock knows that this process does not.
    _lock: Option<File>,
}

impl Drop for SocketDir {
    /// Without a look at what else may be in there, which takes a file descriptor
    /// that there may be none of.
    fn drop(&mut self) {
        let _ = fs::remove_file(self.path());
        let _ = fs::remove_dir(&self.directory);
    }
}

impl SocketDir {
    /// The path of the socket.
    pub(super) fn path(&self) -> PathBuf {
        self.directory.join(NAME)
    }

    /// The folder that the socket's own is in.
    pub(super) fn parent(&self) -> Option<&Path> {
        self.directory.parent()
    }
}

/// Listens on a new socket in a new folder inside `asked`, or else inside the
/// folder for temporary files, or else, where that one's path is too long for a
/// socket, cannot stand in the handshake line or is not usable, inside `/tmp`.
///
/// Only this user can reach the socket, unless `group` names one that may too.
///
/// # Errors
///
/// When no folder can be created, or when the group does not exist or is not
/// ours to give.
pub(super) fn bind(
    asked: Option<&Path>,
    group: Option<&str>,
) -> io::Result<(UnixListener, SocketDir)> {
    let preferred = asked.map_or_else(temporary, Path::to_owned);
    let place = create(&preferred).or_else(|error| {
        create(Path::new("/tmp"))
            .map_err(|_| io::Error::new(error.kind(), format!("{}: {error}", preferred.display())))
    })?;
    let path = place.path();
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    if let Some(group) = group {
        let id = group_id(group)?;
        chown(&path, None, Some(id))?;
        fs::set_permissions(&path, Permissions::from_mode(0o660))?;
        chown(&place.directory, None, Some(id))?;
        fs::set_permissions(&place.directory, Permissions::from_mode(0o710))?;
    }
    Ok((listener, place))
}

/// The folder for temporary files. A variable that names none is no reason to use
/// the folder that this process happens to be in.
fn temporary() -> PathBuf {
    let named = std::env::temp_dir();
    if named.as_os_str().is_empty() {
        "/tmp".into()
    } else {
        named
    }
}

fn create(parent: &Path) -> io::Result<SocketDir> {
    let directory = tempfile::Builder::new()
        .prefix(PREFIX)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent)?
        .keep();
    let lock = File::open(&directory).ok();
    let place = SocketDir {
        _lock: lock.filter(|directory| directory.try_lock().is_ok()),
        directory,
    };
    if place.path().as_os_str().as_bytes().len() > LONGEST_PATH {
        return Err(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "too long for the path of a Unix socket",
        ));
    }
    if !fits_a_line(&place.path()) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "holds a character that cannot be told to the client",
        ));
    }
    Ok(place)
}

/// Whether a path can be a field of the handshake line, which is text in lines
/// and knows no escapes.
fn fits_a_line(path: &Path) -> bool {
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
    async fn only_this_user_reaches_the_socket_and_nothing_stays_behind() {
        let parent = tempfile::tempdir().unwrap();
        let (listener, place) = bind(Some(parent.path()), None).unwrap();
        assert!(place.path().starts_with(parent.path()));
        assert_eq!(mode(&place.directory), 0o700);
        assert_eq!(mode(&place.path()), 0o600);
        drop((listener, place));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_group_by_number_may_reach_the_socket() {
        let parent = tempfile::tempdir().unwrap();
        let group = nix::unistd::getgid().to_string();
        let (_listener, place) = bind(Some(parent.path()), Some(&group)).unwrap();
        assert_eq!(mode(&place.directory), 0o710);
        assert_eq!(mode(&place.path()), 0o660);
    }

    #[tokio::test]
    async fn an_unknown_group_is_an_error_that_names_it() {
        let parent = tempfile::tempdir().unwrap();
        let error = bind(Some(parent.path()), Some("no-such-group")).unwrap_err();
        assert!(error.to_string().contains("no-such-group"), "{error}");
    }

    #[tokio::test]
    async fn a_folder_that_the_handshake_line_cannot_name_is_replaced() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["a|b", "a\nb"] {
            let odd = parent.path().join(name);
            fs::create_dir(&odd).unwrap();
            let (_listener, place) = bind(Some(&odd), None).unwrap();
            assert!(place.path().starts_with("/tmp"));
            assert_eq!(fs::read_dir(&odd).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn a_folder_too_long_or_missing_is_replaced_by_a_short_one() {
        let parent = tempfile::tempdir().unwrap();
        let long = parent.path().join("x".repeat(100));
        fs::create_dir(&long).unwrap();
        let (_listener, place) = bind(Some(&long), None).unwrap();
        assert!(place.path().starts_with("/tmp"));
        assert_eq!(fs::read_dir(&long).unwrap().count(), 0);

        let (_listener, place) = bind(Some(&parent.path().join("missing")), None).unwrap();
        assert!(place.path().starts_with("/tmp"));
    }
}

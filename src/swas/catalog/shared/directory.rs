//! Files of the directory that processes share.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

#[cfg(unix)]
use nix::errno::Errno;
#[cfg(unix)]
use nix::fcntl::{OFlag, open, openat, renameat};
#[cfg(unix)]
use nix::sys::stat::Mode;

/// A directory that only its owner, the user of this process, can write to.
///
/// An entry `NAME.json` is replaced as a whole, by the holder of the lock on the permanent
/// file `NAME.lock`. The lock ends with its process.
#[derive(Debug)]
pub struct Directory {
    #[cfg(windows)]
    path: PathBuf,
    /// Opened once, so that no other directory can take its place.
    #[cfg(unix)]
    directory: File,
}

/// Error of a directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The path is a symbolic link, whose target others may choose.
    #[error("is a symbolic link. Set it to the target")]
    Link,
    /// The path is a file, for example.
    #[error("is not a directory. Set it to a directory, or to a path that does not exist")]
    NotADirectory,
    /// Another user owns the directory.
    #[error("belongs to another user (user ID {0}). Set it to a directory of your own")]
    OtherOwner(u32),
    /// Others than the owner can create files in the directory, and could choose images.
    #[error(
        "other users can write to (mode {0:o}). Remove that permission, or set another directory"
    )]
    Writable(u32),
    /// The directory is missing and cannot be created, or cannot be opened.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An exclusive lock on an entry, which ends when this is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "its end unlocks")] File);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    /// Creates the file if it is missing.
    Lock,
    /// Creates the file, which must not exist.
    Create,
}

impl Directory {
    /// Opens the directory. Creates it if it is missing, for this user only.
    ///
    /// # Errors
    ///
    /// If others can change its files, or it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        // A slash at the end would follow a link.
        let path: PathBuf = path.components().collect();
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        builder.mode(0o700);
        let created = builder.recursive(true).create(&path);
        // The errors below describe an existing path better.
        let metadata = fs::symlink_metadata(&path);
        let metadata = metadata.or_else(|error| created.and(Err(error)))?;
        if metadata.is_symlink() {
            return Err(DirectoryError::Link);
        }
        if !metadata.is_dir() {
            return Err(DirectoryError::NotADirectory);
        }
        Self::of(&path)
    }

    #[cfg(unix)]
    fn of(path: &Path) -> Result<Self, DirectoryError> {
        // The path may have changed since it was examined: the opened file counts.
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let directory = File::from(open(path, flags, Mode::empty()).map_err(io::Error::from)?);
        let metadata = directory.metadata()?;
        if !is_own(&metadata) {
            return Err(DirectoryError::OtherOwner(metadata.uid()));
        }
        if is_writable_by_others(&metadata) {
            return Err(DirectoryError::Writable(metadata.mode() & 0o7777));
        }
        Ok(Self { directory })
    }

    #[cfg(windows)]
    fn of(path: &Path) -> Result<Self, DirectoryError> {
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Reads the entry, unless it is missing, longer than `max_size`, or no file of this
    /// user.
    pub fn read(&self, name: &str, max_size: usize) -> Option<Vec<u8>> {
        let file = self.open_file(&format!("{name}.json"), Access::Read).ok()?;
        let mut content = Vec::new();
        let mut limited = file.take(max_size as u64 + 1);
        limited.read_to_end(&mut content).ok()?;
        (content.len() <= max_size).then_some(content)
    }

    /// Returns the lock on the entry, or `None` if another process holds it.
    ///
    /// # Errors
    ///
    /// If the file of the lock cannot be created, or the file system has no locks.
    pub fn try_lock(&self, name: &str) -> io::Result<Option<Lock>> {
        let name = format!("{name}.lock");
        let file = self.open_file(&name, Access::Lock).or_else(|error| {
            // Not a file of this user, so that no process of this user locks it.
            match error.kind() {
                ErrorKind::InvalidInput | ErrorKind::PermissionDenied => {
                    self.remove(&name)?;
                    self.open_file(&name, Access::Lock)
                }
                _ => Err(error),
            }
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Replaces the entry. Only the holder of its lock may call this.
    ///
    /// # Errors
    ///
    /// If the entry cannot be written. It is then unchanged.
    pub fn write(&self, name: &str, content: &[u8], _: &Lock) -> io::Result<()> {
        let temporary = format!("{name}.tmp");
        // Left by a process that was killed.
        let _ = self.remove(&temporary);
        let written = self
            .open_file(&temporary, Access::Create)
            .and_then(|mut file| file.write_all(content))
            .and_then(|()| self.rename(&temporary, &format!("{name}.json")));
        written.inspect_err(|_| drop(self.remove(&temporary)))
    }
}

#[cfg(unix)]
fn is_own(metadata: &fs::Metadata) -> bool {
    metadata.uid() == nix::unistd::geteuid().as_raw()
}

#[cfg(unix)]
fn is_writable_by_others(metadata: &fs::Metadata) -> bool {
    metadata.mode() & 0o022 != 0
}

/// Operations relative to the directory that was opened.
#[cfg(unix)]
impl Directory {
    /// Opens a regular file of this user.
    fn open_file(&self, name: &str, access: Access) -> io::Result<File> {
        let flags = match access {
            Access::Read => OFlag::O_RDONLY,
            Access::Lock => OFlag::O_RDWR | OFlag::O_CREAT,
            Access::Create => OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL,
        };
        // A pipe would block.
        let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        let file = match openat(&self.directory, name, flags, mode) {
            // A symbolic link.
            Err(Errno::ELOOP) => return Err(ErrorKind::InvalidInput.into()),
            file => File::from(file?),
        };
        let metadata = file.metadata()?;
        if metadata.is_file() && is_own(&metadata) && !is_writable_by_others(&metadata) {
            Ok(file)
        } else {
            Err(ErrorKind::InvalidInput.into())
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let directory = &self.directory;
        Ok(renameat(directory, from, directory, to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        use nix::unistd::{UnlinkatFlags, unlinkat};

        Ok(unlinkat(&self.directory, name, UnlinkatFlags::NoRemoveDir)?)
    }
}

#[cfg(windows)]
impl Directory {
    /// Opens a regular file.
    fn open_file(&self, name: &str, access: Access) -> io::Result<File> {
        let path = self.path.join(name);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if !metadata.is_file() => return Err(ErrorKind::InvalidInput.into()),
            _ => {}
        }
        File::options()
            .read(access != Access::Create)
            .write(access != Access::Read)
            .create(access == Access::Lock)
            .create_new(access == Access::Create)
            .open(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }
}

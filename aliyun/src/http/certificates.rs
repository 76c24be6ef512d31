//! The CA certificates that the environment configures, in place of those of the system.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::env::Environment;
use crate::file;
use crate::text::sanitize;

/// Maximum size in bytes of all certificate files together. The certificates of operating systems are a fiftieth of it.
const MAX_SIZE: usize = 16 * 1024 * 1024;

const FILE: &str = "SSL_CERT_FILE";
const DIRECTORY: &str = "SSL_CERT_DIR";

/// Reads the certificates that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Returns `None` if
/// neither is set.
///
/// # Errors
///
/// Returns a sentence about the variable that is wrong.
pub(super) async fn configured(environment: &Environment) -> Result<Option<RootCertStore>, String> {
    let get = |name| environment.os_value(name).filter(|value| !value.is_empty());
    let file = get(FILE).map(PathBuf::from);
    let directories: Vec<_> =
        get(DIRECTORY).map_or_else(Vec::new, |value| std::env::split_paths(value).collect());
    if file.is_none() && directories.is_empty() {
        return Ok(None);
    }
    let variable = if file.is_some() { FILE } else { DIRECTORY };
    let mut contents = Vec::new();
    if let Some(file) = file {
        let content = file::read(&file, MAX_SIZE).await;
        contents.push(content.map_err(|error| unreadable(FILE, &file, &error))?);
    }
    for directory in directories {
        read_all(&directory, &mut contents).await?;
    }
    let mut roots = RootCertStore::empty();
    for content in contents {
        // Anything else in the file is not for TLS, or is not supported.
        let certificates = CertificateDer::pem_slice_iter(&content).flatten();
        roots.add_parsable_certificates(certificates);
    }
    if roots.is_empty() {
        return Err(format!(
            "{variable} names no file with a usable certificate"
        ));
    }
    Ok(Some(roots))
}

/// Reads the files in a directory. A file that cannot be read is left out, because a
/// directory can contain anything.
async fn read_all(directory: &Path, contents: &mut Vec<Vec<u8>>) -> Result<(), String> {
    let files = match file::list(directory).await {
        Err(error) if error.kind() == ErrorKind::TimedOut => {
            return Err(unreadable(DIRECTORY, directory, &error));
        }
        files => files.unwrap_or_default(),
    };
    for path in files {
        let read: usize = contents.iter().map(Vec::len).sum();
        match file::read(&path, MAX_SIZE.saturating_sub(read)).await {
            Ok(content) => contents.push(content),
            Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                let error = io::Error::other("its files are larger than 16 MiB in all");
                return Err(unreadable(DIRECTORY, directory, &error));
            }
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                return Err(unreadable(DIRECTORY, &path, &error));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn unreadable(variable: &str, path: &Path, error: &io::Error) -> String {
    let path = sanitize(&path.display().to_string());
    format!("{variable} names {path}, which cannot be read: {error}")
}

//! The CA certificates that the environment configures, in place of those of the system.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::env::Environment;
use crate::file::{self, Reader};
use crate::text::sanitize;

/// Maximum size in bytes of a certificate file, and of all files in certificate
/// directories together. The certificates of operating systems are a fiftieth of it.
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
    let named_by = |path: &Path| match &file {
        Some(file) if path == file => FILE,
        _ => DIRECTORY,
    };
    let (read_file, read_directories) = (file.clone(), directories);
    let read = file::within_limit(move |reader| {
        let mut contents = Vec::new();
        if let Some(file) = read_file {
            contents.push(reader.read(&file, MAX_SIZE)?);
        }
        read_all(&read_directories, reader, &mut contents)?;
        Ok(contents)
    });
    let contents = read.await.map_err(|(path, error)| {
        let path_text = sanitize(&path.display().to_string());
        format!(
            "{} names {path_text}, which cannot be read: {error}",
            named_by(&path)
        )
    })?;
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

/// Reads the files in directories. A file that cannot be read is left out, because a
/// directory can contain anything.
fn read_all(
    directories: &[PathBuf],
    reader: &Reader,
    contents: &mut Vec<Vec<u8>>,
) -> Result<(), (PathBuf, io::Error)> {
    let mut left = MAX_SIZE;
    for directory in directories {
        let Ok(files) = reader.list(directory) else {
            continue;
        };
        for file in files {
            match reader.read(&file, left) {
                Ok(content) => {
                    left -= content.len();
                    contents.push(content);
                }
                Err((_, error)) if error.kind() == ErrorKind::FileTooLarge => {
                    let reason = "its files are larger than 16 MiB in all";
                    return Err((directory.clone(), io::Error::other(reason)));
                }
                Err(_) => {}
            }
        }
    }
    Ok(())
}

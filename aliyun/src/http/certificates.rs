//! Limits of the certificate files that the environment configures, because the TLS
//! library reads them without one.

use std::fs;
use std::path::Path;

use crate::env::Environment;

/// Maximum size in bytes of a certificate file, and of all files in certificate
/// directories together. The certificates of operating systems are a fiftieth of it.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

/// Checks the files. Read errors are reported when the TLS library loads the certificates.
///
/// # Errors
///
/// Returns a sentence about the variable that is wrong.
pub(super) fn check(environment: &Environment) -> Result<(), String> {
    check_file(environment)?;
    check_directories(environment)
}

fn check_file(environment: &Environment) -> Result<(), String> {
    const VARIABLE: &str = "SSL_CERT_FILE";
    let Some(file) = environment.os_value(VARIABLE).map(Path::new) else {
        return Ok(());
    };
    let problem = match fs::metadata(file) {
        Ok(metadata) if !metadata.is_file() => "which is no regular file",
        Ok(metadata) if metadata.len() > MAX_SIZE => "which is longer than 16 MiB",
        _ => return Ok(()),
    };
    Err(format!("{VARIABLE} names {}, {problem}", file.display()))
}

/// Checks regular files only: the TLS library reads nothing else in a directory.
fn check_directories(environment: &Environment) -> Result<(), String> {
    const VARIABLE: &str = "SSL_CERT_DIR";
    let Some(directories) = environment.os_value(VARIABLE) else {
        return Ok(());
    };
    let mut total = 0;
    for directory in std::env::split_paths(directories) {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            total += regular_file_size(&entry.path());
            if total > MAX_SIZE {
                let directory = directory.display();
                return Err(format!(
                    "{VARIABLE} names {directory}, whose files are longer than 16 MiB in all"
                ));
            }
        }
    }
    Ok(())
}

/// Returns the size of a regular file in bytes, or 0 for anything else.
fn regular_file_size(file: &Path) -> u64 {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => 0,
    }
}

//! Which processes run a binary.

use std::fs;
use std::path::{Path, PathBuf};

/// The processes that run a binary, by the path it was started under: a hard
/// link elsewhere is another binary.
pub fn processes_of(exe: &Path) -> Vec<u32> {
    let exe = exe.canonicalize().unwrap_or_else(|_| exe.to_owned());
    processes(|running| running == exe)
}

/// The processes that run any binary in a folder or below it.
pub fn processes_under(folder: &Path) -> Vec<u32> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    processes(|running| running.starts_with(&folder))
}

fn processes(wanted: impl Fn(&Path) -> bool) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| executable(&entry.path()).is_some_and(|exe| wanted(&exe)))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// The path of a process's binary. A process that is ending has none.
fn executable(process: &Path) -> Option<PathBuf> {
    let exe = fs::read_link(process.join("exe")).ok()?;
    // Linux says so when the file has been removed.
    match exe.to_str().and_then(|exe| exe.strip_suffix(" (deleted)")) {
        Some(removed) => Some(removed.into()),
        None => Some(exe),
    }
}

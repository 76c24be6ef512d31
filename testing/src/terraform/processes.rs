//! Lookup of processes by binary.

use std::fs;
use std::path::{Path, PathBuf};

/// The IDs of the processes that run a binary. A hard link with another path counts as
/// another binary.
pub fn processes_of(exe: &Path) -> Vec<u32> {
    let exe = exe.canonicalize().unwrap_or_else(|_| exe.to_owned());
    processes(|running| running == exe)
}

/// The IDs of the processes that run a binary in a folder or its subfolders.
pub fn processes_under(folder: &Path) -> Vec<u32> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    processes(|running| running.starts_with(&folder))
}

fn processes(matches: impl Fn(&Path) -> bool) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| executable(&entry.path()).is_some_and(|exe| matches(&exe)))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// The path of a process's binary. Exiting processes have none.
fn executable(process: &Path) -> Option<PathBuf> {
    let exe = fs::read_link(process.join("exe")).ok()?;
    // Linux appends this if the file has been removed.
    match exe.to_str().and_then(|exe| exe.strip_suffix(" (deleted)")) {
        Some(removed) => Some(removed.into()),
        None => Some(exe),
    }
}

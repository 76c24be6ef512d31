//! Memory use of a process.

use std::io;

/// The peak resident memory of a process, in KiB.
pub fn peak_memory(pid: u32) -> io::Result<usize> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    let kibibytes = kibibytes.and_then(|number| number.parse().ok());
    kibibytes.ok_or_else(|| io::Error::other("no VmHWM line"))
}

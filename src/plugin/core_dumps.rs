//! What a crash leaves behind.

/// Keeps a crash of this process, and of those that it starts, from writing what
/// was in memory to a disk.
#[cfg(unix)]
pub(super) fn disable_core_dumps() {
    use nix::sys::resource::{Resource, setrlimit};
    // No dump is as short as a byte. At 0, Linux would still hand one to a program
    // that collects them, and at 1 it does not.
    if let Err(error) = setrlimit(Resource::RLIMIT_CORE, 1, 1) {
        tracing::debug!(%error, "cannot turn core dumps off");
    }
}

#[cfg(not(unix))]
pub(super) fn disable_core_dumps() {}

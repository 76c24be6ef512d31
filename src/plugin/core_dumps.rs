//! Core dumps, which would hold credentials.

/// Keeps a crash of this process, or of its children, from writing memory to disk.
#[cfg(unix)]
pub(super) fn disable_core_dumps() {
    use nix::sys::resource::{Resource, setrlimit};
    // With a limit of 0, Linux still pipes the dump to a collector such as
    // systemd-coredump. With 1, it does not, and no dump fits into one byte.
    let mut disabled = setrlimit(Resource::RLIMIT_CORE, 1, 1);
    // A hard limit of 0 cannot be raised to 1. Linux dumps no process that is not dumpable,
    // and lets no other process of this user read its memory.
    #[cfg(target_os = "linux")]
    {
        disabled = nix::sys::prctl::set_dumpable(false).or(disabled);
    }
    if let Err(error) = disabled {
        tracing::debug!(%error, "cannot disable core dumps");
    }
}

#[cfg(not(unix))]
pub(super) fn disable_core_dumps() {}

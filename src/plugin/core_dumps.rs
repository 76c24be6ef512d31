//! Core dumps, which would hold credentials.

/// Keeps a crash of this process, or of its children, from writing memory to disk.
#[cfg(unix)]
pub(super) fn disable_core_dumps() {
    use nix::sys::resource::{Resource, setrlimit};
    // With a limit of 0, Linux still pipes the dump to a collector such as
    // systemd-coredump. With 1, it does not, and no dump fits into one byte.
    let disabled = setrlimit(Resource::RLIMIT_CORE, 1, 1);
    // A hard limit of 0 cannot be raised. The commands of profiles keep the limit of 0, and
    // debuggers of this user cannot attach, which is why this is not done otherwise.
    #[cfg(target_os = "linux")]
    let disabled = disabled.or_else(|_| nix::sys::prctl::set_dumpable(false));
    if let Err(error) = disabled {
        tracing::debug!(%error, "cannot disable core dumps");
    }
}

#[cfg(not(unix))]
pub(super) fn disable_core_dumps() {}

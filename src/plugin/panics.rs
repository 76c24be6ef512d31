//! The end of the process at a panic, which is a bug, or a lack of resources.
//!
//! As for providers written in Go, Terraform shows what a crashed plugin has printed from
//! "panic: " on, and asks users to report it.

use std::process::abort;
use std::sync::Arc;

use super::logging::{FLUSH_TIMEOUT, print};
use super::stderr::LineQueue;

/// Makes a panic of any thread end this process: other threads would wait for that one, or
/// continue with data that it has left half changed. Writes the lines of `log` first. Omits
/// the message of the panic, which may quote the configuration.
pub(super) fn end_process_at_panic(log: Option<Arc<LineQueue>>) {
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(lines) = &log {
            lines.finish(FLUSH_TIMEOUT);
        }
        let location = panic.location().map(ToString::to_string);
        print(&format!(
            "panic: terraform-provider-swas {} has a bug, or lacks a resource such as file \
             descriptors (ulimit -n), at {}. Please report this with your configuration and \
             the log that the environment variable TF_LOG_PROVIDER=trace makes Terraform write.",
            env!("CARGO_PKG_VERSION"),
            location.unwrap_or_default(),
        ));
        abort();
    }));
}

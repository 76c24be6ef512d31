//! Credentials providers: each source alone, the precedence between each pair, assumed
//! roles, refresh and redaction.
//!
//! The emulator issues credentials as STS, the metadata service or a sidecar does. The
//! access key ID names its source, so a test sees which credentials list images.

mod boolean_variables;
mod deprecated_names;
mod deprecated_variables;
#[cfg(unix)]
mod half_configured;
mod invalid_keys;
mod metadata_service;
mod network;
mod precedence;
mod profiles;
mod refresh;
mod refresh_source;
mod rejected;
mod roles;
mod user_files;
mod variables;

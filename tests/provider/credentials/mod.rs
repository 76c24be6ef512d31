//! Credentials come from where Alibaba Cloud users have them: each source alone,
//! each against every other, with roles on top, until they expire, and never in
//! any output.
//!
//! The emulator hands credentials out as STS, a metadata service or a sidecar
//! does, under IDs that say which of them it was, and sees with which key the
//! provider lists images in the end.

mod deprecated_variables;
#[cfg(unix)]
mod half_configured;
mod network;
mod precedence;
mod profiles;
mod refresh;
mod roles;
mod variables;

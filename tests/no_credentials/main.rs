//! Where credentials cannot be had, the error names the file, the profile, the
//! variable or the address, says what to do, and shows no secret.

#[path = "../support/golden.rs"]
mod golden;

mod default;
mod files;
mod scene;
mod services;
mod sts;
mod validation;

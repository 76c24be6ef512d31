//! Where credentials cannot be had, the error names the file, the profile, the
//! variable or the address, says what to do, and shows no secret.

mod default;
mod files;
mod services;
mod sts;

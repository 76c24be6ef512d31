//! Missing and unusable credentials: the error names the file, profile, variable or
//! address and the fix, and redacts secrets.

mod default;
mod files;
mod services;
mod sts;

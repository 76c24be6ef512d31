//! Errors of the API as users read them: what was tried, where, what came back,
//! and what to do.
//!
//! - [`call`]: a call that failed
//! - [`credentials`]: credentials that cannot be had
//! - [`failure`]: what came back, of whichever API
//! - [`tried`]: how often and how long it was tried

mod call;
mod credentials;
mod failure;
mod tried;

use crate::swas::Error;
use crate::terraform::Diagnostic;

pub use credentials::tell_renamed;
pub use tried::slow;

/// What to tell the user about a call that gave no result.
pub fn diagnostic(error: &Error) -> Diagnostic {
    match error {
        Error::Credentials(error) => credentials::diagnostic(error),
        Error::Call(error) => call::diagnostic(error),
    }
}

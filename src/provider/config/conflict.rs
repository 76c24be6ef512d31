//! Arguments that exclude each other.

use super::model::OIDC_BLOCK;
use crate::terraform::{Diagnostic, Parser};

/// Rejects two sources of credentials that are both set.
pub(super) fn conflict(one: &str, other: &str, parser: &mut Parser<'_>) {
    let detail =
        format!("\"{one}\" and \"{other}\" are both set, and only one can be used. Remove one.");
    let error = Diagnostic::error("Conflicting credentials", detail);
    let path = match other {
        OIDC_BLOCK => parser.path(other).at_index(0),
        _ => parser.path(other),
    };
    parser.reject(error.at(path));
}

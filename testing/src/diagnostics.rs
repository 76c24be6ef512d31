//! Diagnostics as readable text.

use std::fmt::Write;

use crate::plugin_client::wire::tfplugin::attribute_path::step::Selector;
use crate::plugin_client::wire::tfplugin::diagnostic::Severity;
use crate::plugin_client::wire::tfplugin::{AttributePath, Diagnostic};

/// Returns whether any diagnostic is an error, which stops Terraform.
pub fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|one| one.severity() == Severity::Error)
}

/// Formats diagnostics as one text: severity, attribute path, summary and detail
/// of each.
pub fn shown(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let severity = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Invalid => "no severity",
        };
        let place = match diagnostic.attribute.as_ref().map(path) {
            Some(path) => format!(" at {path}"),
            None => String::new(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{severity}{place}: {}", diagnostic.summary);
        for line in diagnostic.detail.lines() {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    text
}

/// Formats an attribute path in Terraform's expression syntax.
fn path(path: &AttributePath) -> String {
    let mut text = String::new();
    for step in &path.steps {
        let _ = match &step.selector {
            Some(Selector::AttributeName(name)) if text.is_empty() => write!(text, "{name}"),
            Some(Selector::AttributeName(name)) => write!(text, ".{name}"),
            Some(Selector::ElementKeyString(key)) => write!(text, "[{key:?}]"),
            Some(Selector::ElementKeyInt(index)) => write!(text, "[{index}]"),
            None => write!(text, "[no step]"),
        };
    }
    text
}

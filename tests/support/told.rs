//! Diagnostics in short.

use std::fmt::Write;

use swas_testing::plugin_client::wire::tfplugin::Diagnostic;
use swas_testing::plugin_client::wire::tfplugin::attribute_path::step::Selector;
use swas_testing::plugin_client::wire::tfplugin::diagnostic::Severity;

/// The path of a diagnostic as in an expression: `image_ids[2]`, or nothing for
/// the block as a whole.
pub fn path(diagnostic: &Diagnostic) -> String {
    let steps = diagnostic.attribute.iter().flat_map(|path| &path.steps);
    let mut text = String::new();
    for step in steps {
        match step.selector.as_ref().expect("a selector") {
            Selector::AttributeName(name) if text.is_empty() => text.push_str(name),
            Selector::AttributeName(name) => write!(text, ".{name}").expect("memory"),
            Selector::ElementKeyString(key) => write!(text, "[{key:?}]").expect("memory"),
            Selector::ElementKeyInt(index) => write!(text, "[{index}]").expect("memory"),
        }
    }
    text
}

/// The paths of diagnostics, all of which have to be errors.
pub fn error_paths(diagnostics: &[Diagnostic]) -> Vec<String> {
    for diagnostic in diagnostics {
        assert_eq!(diagnostic.severity(), Severity::Error, "{diagnostic:?}");
    }
    diagnostics.iter().map(path).collect()
}

/// The one diagnostic, an error, as its summary and detail.
pub fn only_error(diagnostics: &[Diagnostic]) -> String {
    let [only] = diagnostics else {
        panic!("not one diagnostic: {diagnostics:?}");
    };
    assert_eq!(only.severity(), Severity::Error, "{only:?}");
    format!("{}: {}", only.summary, only.detail)
}

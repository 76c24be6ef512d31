//! Golden files of the texts that users see. `INSTA_UPDATE=always cargo test`
//! writes them anew; then read what changed as a user would.

/// Compares a text with the golden file `tests/snapshots/{folder}/{name}.snap`.
/// What differs from run to run, and from machine to machine, is masked.
pub fn assert_golden(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"127\.0\.0\.1:\d{5}\b", "127.0.0.1:PORT");
    settings.add_filter(r"request ID [0-9A-F-]{36}", "request ID REQUEST-ID");
    settings.add_filter(
        r"(cannot resolve the host name): [^\n]+\.",
        "$1: WHAT THE RESOLVER SAYS.",
    );
    settings.add_filter(
        r"(invalid peer certificate): [^\n]+\.",
        "$1: WHAT THE VERIFIER SAYS.",
    );
    settings.add_filter(r" \(os error \d+\)", " (os error N)");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

//! Golden files of diagnostics, one per table of cases. `INSTA_UPDATE=always cargo
//! test` rewrites them. Review each change as a user would read it.

use std::fmt::{Display, Write};

/// Diagnostics by case.
#[derive(Default)]
pub struct Golden(String);

impl Golden {
    /// Adds a case: its title and the diagnostics.
    pub fn add(&mut self, case: impl Display, text: &str) {
        write!(self.0, "# {case}\n{text}").expect("memory");
    }

    /// Compares all cases with `tests/snapshots/{name}.snap`. Values that differ from
    /// run to run, or between machines, are masked.
    pub fn assert(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (varies, mask) in [
            (r"127\.0\.0\.1:\d{5}\b", "127.0.0.1:PORT"),
            (r"request ID [0-9A-F-]{36}", "request ID REQUEST-ID"),
            (r"requestId=[0-9A-F-]{36}", "requestId=REQUEST-ID"),
            (
                r"(cannot resolve the host name): [^\n]+\.",
                "$1: WHAT THE RESOLVER SAYS.",
            ),
            (r" \(os error \d+\)", " (os error N)"),
        ] {
            settings.add_filter(varies, mask);
        }
        settings.bind(|| insta::assert_snapshot!(name, self.0));
    }
}

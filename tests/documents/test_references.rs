//! Tests that pages name, and codes of the API that one page has all of.

use std::collections::BTreeSet;
use std::io;

use super::configurations::{read, sources};

/// The pages whose promises name the tests that keep them.
pub const PAGES: [&str; 2] = ["SECURITY.md", "docs/threat-model.md"];

/// The fewest words in the name of a test. Names of other things are shorter.
const FEWEST_WORDS: usize = 4;

/// The tests that a page names.
fn named(page: &str) -> Vec<&str> {
    let code = page.split('`').skip(1).step_by(2);
    let is_name = |text: &&str| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        text.chars().all(allowed) && text.split('_').count() >= FEWEST_WORDS
    };
    code.filter(is_name).collect()
}

/// The tests that a page names and that are not there.
pub fn missing(page: &str) -> io::Result<Vec<String>> {
    let sources = sources(&["src", "tests"])?;
    let functions: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split("fn ").skip(1))
        .filter_map(|rest| rest.split('(').next())
        .collect();
    let text = read(page)?;
    let named = named(&text);
    assert!(named.len() > 10, "{page} names {} tests", named.len());
    let missing = named.into_iter().filter(|name| !functions.contains(name));
    Ok(missing.map(str::to_owned).collect())
}

/// The codes of the API that the provider knows and this page does not name.
pub fn unexplained_codes(page: &str) -> io::Result<Vec<String>> {
    let source = read("src/swas/api_error.rs")?;
    let known = source
        .lines()
        .filter(|line| line.contains("=> ErrorClass::"));
    let known: Vec<&str> = known
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect();
    assert!(known.len() > 10, "{known:?}");
    let text = read(page)?;
    let unexplained = known.into_iter().filter(|code| !text.contains(code));
    Ok(unexplained.map(str::to_owned).collect())
}

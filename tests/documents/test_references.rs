//! Tests and API error codes that pages must name.

use std::collections::BTreeSet;
use std::io;

use super::configurations::{read, sources};

/// The page that names a test for each protection.
pub const PAGE: &str = "THREAT_MODEL.md";

/// The minimum number of words in a test name. Other identifiers are shorter.
const MIN_WORDS: usize = 4;

/// The test names in a page.
fn test_names(page: &str) -> Vec<&str> {
    let code = page.split('`').skip(1).step_by(2);
    let is_name = |text: &&str| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        text.chars().all(allowed) && text.split('_').count() >= MIN_WORDS
    };
    code.filter(is_name).collect()
}

/// The tests that the page names and that do not exist.
pub fn missing_tests() -> io::Result<Vec<String>> {
    let sources = sources(&["aliyun/src", "src", "tests"])?;
    let functions: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split("fn ").skip(1))
        .filter_map(|rest| rest.split('(').next())
        .collect();
    let text = read(PAGE)?;
    let named = test_names(&text);
    assert!(named.len() > 10, "{PAGE} names {} tests", named.len());
    let missing = named.into_iter().filter(|name| !functions.contains(name));
    Ok(missing.map(str::to_owned).collect())
}

/// The API error codes that the provider handles and the page does not name.
pub fn undocumented_codes(page: &str) -> io::Result<Vec<String>> {
    let source = read("aliyun/src/rpc/api_error.rs")?;
    let known = source
        .lines()
        .filter(|line| line.contains("=> ErrorKind::"));
    let known: Vec<&str> = known
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect();
    assert!(known.len() > 10, "{known:?}");
    let text = read(page)?;
    let undocumented = known.into_iter().filter(|code| !text.contains(code));
    Ok(undocumented.map(str::to_owned).collect())
}

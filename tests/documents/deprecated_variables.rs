//! Deprecated environment variables in the code and in the guide on migration.

use std::collections::BTreeSet;
use std::io;

use super::configurations::read;

const GUIDE: &str = "docs/guides/migrate-from-alicloud.md";

/// Deprecated variables with their replacements.
pub type Pairs = BTreeSet<(String, String)>;

/// The pairs in the guide's table.
pub fn documented() -> io::Result<Pairs> {
    let text = read(GUIDE)?;
    let section = text.split("## Deprecated variables").nth(1);
    let section = section.and_then(|rest| rest.split("\n## ").next());
    let rows = section.unwrap_or_default().lines();
    let rows = rows.filter(|line| line.starts_with("| `"));
    let pair = |row: &str| {
        let mut names = row.split('`').skip(1).step_by(2).map(str::to_owned);
        Some((names.next()?, names.next()?))
    };
    Ok(rows.filter_map(pair).collect())
}

/// The pairs that the code reads: variables, arguments, and prefixes.
pub fn read_by_the_code() -> io::Result<Pairs> {
    let environment = read("aliyun/src/env.rs")?;
    let deprecated = array(&environment, "const DEPRECATED: ");
    let pairs = deprecated.split('(').skip(1).map(|pair| {
        let [current, deprecated] = arguments(pair);
        (
            value(&environment, deprecated),
            value(&environment, current),
        )
    });
    let prefixes = array(&environment, "const DEPRECATED_PREFIXES: ");
    let prefixes = prefixes.split('"').skip(1).step_by(2);
    let prefixes = prefixes.map(|prefix| (format!("{prefix}*"), "ALIBABA_CLOUD_*".to_owned()));
    let mut all: Pairs = pairs.chain(prefixes).collect();
    let table = read("src/provider/config/arguments.rs")?;
    let rows = table.split("= NumberArgument {").skip(1);
    let rows = rows.filter(|row| {
        let (row, _) = row.split_once("};").unwrap_or((row, ""));
        !row.contains("\"SWAS_")
    });
    all.extend(rows.filter_map(|row| {
        let mut literals = row.split('"').skip(1).step_by(2).map(str::to_owned);
        let (argument, deprecated) = (literals.next()?, literals.next()?);
        Some((deprecated, argument))
    }));
    Ok(all)
}

/// The elements of an array constant.
fn array<'a>(source: &'a str, start: &str) -> &'a str {
    let elements = source.split(start).nth(1);
    let elements = elements.and_then(|rest| rest.split_once(" = ["));
    let elements = elements.and_then(|(_, rest)| rest.split("];").next());
    elements.unwrap_or_default()
}

/// The first arguments of a call, or elements of a tuple.
fn arguments<const N: usize>(text: &str) -> [&str; N] {
    let mut parts = text.split([',', ')']).map(str::trim);
    [(); N].map(|()| parts.next().unwrap_or_default())
}

/// The value of a string literal or of a constant.
fn value(source: &str, expression: &str) -> String {
    let definition = format!("const {expression}: &str = ");
    let literal = source.split(&definition).nth(1).unwrap_or(expression);
    literal.split('"').nth(1).unwrap_or_default().to_owned()
}

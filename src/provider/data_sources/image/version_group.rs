//! The group `version` of `name_regex`, which captures the version in a name.

use regex::Regex;
use regex_syntax::ast::Ast;
use regex_syntax::ast::parse::Parser;
use regex_syntax::hir::Look;

use crate::swas::operations::images::model::Image;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::text::debug_quote;

const GROUP: &str = "version";

/// Returns whether the expression has the group.
pub(super) fn is_in(regex: &Regex) -> bool {
    regex.capture_names().flatten().any(|name| name == GROUP)
}

/// Checks that an expression with the group matches names as a whole. An expression that
/// matches a part of a name could capture the version of another product in it.
pub(super) fn check(regex: &Regex, path: &AttributePath) -> Result<(), Diagnostic> {
    if !is_in(regex) || is_anchored(regex.as_str()) {
        return Ok(());
    }
    let detail = format!(
        "\"{path}\" has a group \"{GROUP}\", so it must match the whole name. Begin it with \"^\", \
         end it with \"$\", put alternatives in a group, and do not set the flag \"m\", as in \
         \"^app-(?P<version>[0-9.]+)-(blue|green)$\"."
    );
    Err(Diagnostic::invalid(path, detail))
}

fn is_anchored(expression: &str) -> bool {
    let is_alternation = matches!(Parser::new().parse(expression), Ok(Ast::Alternation(_)));
    !is_alternation
        && regex_syntax::parse(expression).is_ok_and(|parsed| {
            let properties = parsed.properties();
            properties.look_set_prefix().contains(Look::Start)
                && properties.look_set_suffix().contains(Look::End)
        })
}

/// The captured text in the name of an image that the expression matches.
///
/// # Errors
///
/// If the group takes no part in the match, or only a part of a number.
pub(super) fn captured<'a>(regex: &Regex, image: &'a Image) -> Result<&'a str, Diagnostic> {
    let name = &image.image_name;
    let invalid = |problem: &str| {
        let path = AttributePath::attribute("name_regex");
        let name = debug_quote(name);
        let detail = format!("\"{path}\" matches {name}, but its group \"{GROUP}\" {problem}");
        Diagnostic::invalid(&path, detail)
    };
    let captures = regex.captures(name);
    let group = captures.and_then(|captures| captures.name(GROUP));
    let group = group.ok_or_else(|| {
        invalid("does not take part in the match. Make it a part of every match.")
    })?;
    let is_cut = |before: &str, after: &str| {
        before.ends_with(|c: char| c.is_ascii_digit())
            && after.starts_with(|c: char| c.is_ascii_digit())
    };
    let (before, after) = (&name[..group.start()], &name[group.end()..]);
    if is_cut(before, group.as_str()) || is_cut(group.as_str(), after) {
        return Err(invalid(
            "contains only a part of a number. Change the expression so that no digits match \
             directly before or after the group.",
        ));
    }
    Ok(group.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_group_in_unanchored_regex_is_rejected() {
        let path = AttributePath::attribute("name_regex");
        for (expression, is_valid) in [
            ("^app-(?P<version>[0-9.]+)-prod$", true),
            ("^app-(?<version>[0-9.]+)$", true),
            ("(?i)^app-(?P<version>.*)$", true),
            ("(?i)(?s)^(?:a|b)-(?P<version>.*)$", true),
            // Without the group, every expression is valid.
            ("app|web", true),
            ("app-(?P<version>.*)$", false),
            ("^app-(?P<version>.*)", false),
            ("^app-(?P<version>.*)$|^web$", false),
            ("(?m)^app-(?P<version>.*)$", false),
            ("^app-(?P<version>.*)(?m)$", false),
            ("(?m:^)app-(?P<version>.*)$", false),
            (r"^app-(?P<version>.*)\$", false),
            ("(?P<version>.*)", false),
        ] {
            let regex = Regex::new(expression).unwrap();
            assert_eq!(check(&regex, &path).is_ok(), is_valid, "{expression}");
        }
    }
}

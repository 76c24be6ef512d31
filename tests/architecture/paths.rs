//! Which places of the library a source file names.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The library, as others name it.
pub const CRATE: &str = "swas_provider";

/// A source names a place. Both ends are the steps that lead there from the root
/// of the library.
pub struct Arrow {
    /// The module that the name stands in, those within the file included.
    pub from: Vec<String>,
    /// What it leads to; `*` is everything in a place.
    pub to: Vec<String>,
}

/// Every path that the source of `module` spells, in `use` and elsewhere. Tokens
/// are read and no syntax tree, which would leave out what is in macros.
///
/// A path that begins with a name begins in the module itself, so that a foreign
/// crate looks like a part of it.
pub fn arrows(source: &str, module: &[String]) -> Vec<Arrow> {
    let mut found = Vec::new();
    let stream = source.parse().expect("a file of Rust");
    read(stream, module, &mut found);
    found
}

fn read(stream: TokenStream, module: &[String], found: &mut Vec<Arrow>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut tokens = &tokens[..];
    while let [first, rest @ ..] = tokens {
        tokens = match (&*word(first), rest) {
            ("mod", [name, TokenTree::Group(body), rest @ ..]) => {
                let inner = [module, &[word(name)]].concat();
                read(body.stream(), &inner, found);
                rest
            }
            ("use", _) => path(rest, module, module.to_vec(), found),
            (name, _) if name == CRATE || is_name(first) && separated(rest).is_some() => {
                path(tokens, module, module.to_vec(), found)
            }
            _ => {
                if let TokenTree::Group(group) = first {
                    read(group.stream(), module, found);
                }
                rest
            }
        };
    }
}

/// Reads the path or tree of paths that `tokens` begin with and that goes on from
/// `place`, and returns what is behind it.
fn path<'a>(
    tokens: &'a [TokenTree],
    module: &[String],
    mut place: Vec<String>,
    found: &mut Vec<Arrow>,
) -> &'a [TokenTree] {
    let mut rest = tokens;
    let mut next = Some(separated(tokens).unwrap_or(tokens));
    while let Some([step, behind @ ..]) = next {
        match &*word(step) {
            "crate" | CRATE => place.clear(),
            "super" => drop(place.pop()),
            "self" => {}
            name if name == "*" || is_name(step) => place.push(name.to_owned()),
            _ => {
                if let Some(branches) = braces(step) {
                    let branches: Vec<TokenTree> = branches.stream().into_iter().collect();
                    let branches = branches.split(|token| word(token) == ",");
                    for branch in branches.filter(|branch| !branch.is_empty()) {
                        path(branch, module, place.clone(), found);
                    }
                    return behind;
                }
                // Generic arguments, as of `Vec::<u8>`.
                break;
            }
        }
        rest = behind;
        next = separated(behind);
    }
    if place.is_empty() {
        place.push("*".to_owned());
    }
    found.push(Arrow {
        from: module.to_vec(),
        to: place,
    });
    rest
}

/// A name or a mark, and nothing for any other token.
fn word(token: &TokenTree) -> String {
    match token {
        TokenTree::Ident(name) => name.to_string().trim_start_matches("r#").to_owned(),
        TokenTree::Punct(mark) => mark.to_string(),
        TokenTree::Group(_) | TokenTree::Literal(_) => String::new(),
    }
}

fn is_name(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(_))
}

fn braces(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// What is behind the `::` that `tokens` begin with.
fn separated(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [first, second, rest @ ..] if word(first) == ":" && word(second) == ":" => Some(rest),
        _ => None,
    }
}

//! Which places of the library a source file names.

/// The library, as others name it.
pub const CRATE: &str = "swas_provider";

/// A place as the steps that lead to it from the root of the library.
pub type ModulePath = Vec<String>;

/// Every place of the library that the source of `module` names, in `use` and
/// elsewhere, wherever it is spelled out from `crate`, `super`, `self` or the
/// library's name.
///
/// `*` stands for everything in a place. A `#[path]`, which can make a file
/// part of another module, is the place `#[path]`.
pub fn paths(source: &str, module: &[String]) -> Vec<ModulePath> {
    let tokens = tokens(source);
    let mut scan = Scan {
        tokens: &tokens,
        module: module.to_vec(),
        opened: Vec::new(),
        depth: 0,
        found: Vec::new(),
    };
    scan.file();
    scan.found
}

struct Scan<'a> {
    tokens: &'a [String],
    /// The module that the scan is in.
    module: ModulePath,
    /// At which depths of braces the inline modules around it began.
    opened: Vec<usize>,
    depth: usize,
    found: Vec<ModulePath>,
}

impl Scan<'_> {
    fn token(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", String::as_str)
    }

    fn file(&mut self) {
        let mut place = 0;
        while place < self.tokens.len() {
            match self.token(place) {
                "{" => {
                    self.depth += 1;
                    if place >= 2 && self.token(place - 2) == "mod" {
                        self.module.push(self.token(place - 1).to_owned());
                        self.opened.push(self.depth);
                    }
                }
                "}" => {
                    if self.opened.last() == Some(&self.depth) {
                        self.opened.pop();
                        self.module.pop();
                    }
                    self.depth = self.depth.saturating_sub(1);
                }
                "path"
                    if place > 0
                        && self.token(place - 1) == "["
                        && self.token(place + 1) == "=" =>
                {
                    self.found.push(vec!["#[path]".to_owned()]);
                }
                "crate" if self.token(place + 1) == CRATE => {
                    self.found.push(vec!["*".to_owned()]);
                    place += 1;
                }
                _ => {
                    if let Some(start) = self.start(place) {
                        place = self.tree(place + 1, start);
                        continue;
                    }
                }
            }
            place += 1;
        }
    }

    /// The place that a path begins at, if one begins here.
    fn start(&self, place: usize) -> Option<ModulePath> {
        let follows = |next: &str| self.token(place + 1) == next;
        let name = self.token(place);
        // A value is what `self as u8` is about.
        let renamed = follows("as") && name != "self";
        if !follows("::") && !renamed {
            return None;
        }
        // Behind `::` it is a part of another path, unless that is the `::` of
        // a path that begins with it.
        let inside = place >= 2 && self.token(place - 1) == "::" && is_name(self.token(place - 2));
        match name {
            "crate" | CRATE if !inside || self.token(place - 2) == "use" => Some(Vec::new()),
            "super" => Some(parent(&self.module)),
            "self" => Some(self.module.clone()),
            _ => None,
        }
    }

    /// Reads the rest of a path or tree of paths, and returns the place behind.
    fn tree(&mut self, mut place: usize, mut path: ModulePath) -> usize {
        while self.token(place) == "::" {
            match self.token(place + 1) {
                "{" => return self.group(place + 2, &path),
                "self" => {}
                "super" => path = parent(&path),
                "*" => path.push("*".to_owned()),
                name if is_name(name) => path.push(name.to_owned()),
                // Generic arguments, as of `Vec::<u8>`.
                _ => break,
            }
            place += 2;
        }
        if path.is_empty() {
            path.push("*".to_owned());
        }
        self.found.push(path);
        place
    }

    fn group(&mut self, mut place: usize, path: &[String]) -> usize {
        loop {
            match self.token(place) {
                "" => return place,
                "}" => return place + 1,
                "," => place += 1,
                "as" => place += 2,
                name => {
                    let mut path = path.to_vec();
                    match name {
                        "self" => {}
                        "super" => path = parent(&path),
                        name => path.push(name.to_owned()),
                    }
                    place = self.tree(place + 1, path);
                }
            }
        }
    }
}

fn parent(path: &[String]) -> ModulePath {
    path[..path.len().saturating_sub(1)].to_vec()
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The names and marks of a source, without comments, texts and characters.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = text(rest) {
            length
        } else if first == '\'' {
            character(rest)
        } else if is_name(rest) {
            let name = rest.strip_prefix("r#").unwrap_or(rest);
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
            let name = &name[..end.unwrap_or(name.len())];
            tokens.push(name.to_owned());
            name.len() + if rest.starts_with("r#") { 2 } else { 0 }
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a comment, others within it included.
fn block_comment(source: &str) -> usize {
    let mut depth = 0;
    let mut place = 0;
    while place < source.len() {
        let rest = &source.as_bytes()[place..];
        if rest.starts_with(b"/*") {
            depth += 1;
            place += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            place += 2;
            if depth == 0 {
                break;
            }
        } else {
            place += 1;
        }
    }
    place
}

/// The length of a text in quotes, raw or not, if one begins here.
fn text(source: &str) -> Option<usize> {
    let prefix = source.len() - source.trim_start_matches(['b', 'c']).len();
    let body = &source[prefix.min(1)..];
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let opened = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = opened.find(&end).map_or(opened.len(), |at| at + end.len());
        return Some(source.len() - opened.len() + length);
    }
    let opened = body.strip_prefix('"')?;
    Some(source.len() - opened.len() + quoted(opened, '"'))
}

/// The length up to and with the closing quote.
fn quoted(source: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, c) in source.char_indices() {
        if c == quote && !escaped {
            return place + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    source.len()
}

/// The length of a character in quotes, or of the quote of a lifetime.
fn character(source: &str) -> usize {
    let inner = &source[1..];
    let first = inner.chars().next();
    let lone = first.is_some_and(|c| inner[c.len_utf8()..].starts_with('\''));
    if lone || first == Some('\\') {
        1 + quoted(inner, '\'')
    } else {
        1
    }
}

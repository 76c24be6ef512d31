//! Percent encoding, and the escapes of JSON and HTML.

use std::ops::Range;

/// HTML's names of characters that secrets contain.
const ENTITIES: [(&str, u8); 10] = [
    ("amp", b'&'),
    ("lt", b'<'),
    ("gt", b'>'),
    ("quot", b'"'),
    ("apos", b'\''),
    ("plus", b'+'),
    ("sol", b'/'),
    ("equals", b'='),
    ("period", b'.'),
    ("lowbar", b'_'),
];

/// A text after escapes have been undone.
#[derive(Debug)]
pub struct Unescaped {
    pub bytes: Vec<u8>,
    /// The offset in the original text of each byte, and of the end.
    offsets: Vec<usize>,
}

impl Unescaped {
    /// Creates the text without undoing escapes.
    pub fn original(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            offsets: (0..=text.len()).collect(),
        }
    }

    /// Undoes one more layer of escapes. Returns `None` if there are none.
    pub fn unescape(&self) -> Option<Self> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut offsets = Vec::with_capacity(self.offsets.len());
        let mut rest = &self.bytes[..];
        while let [first, ..] = rest {
            let (byte, length) = escape(rest).unwrap_or((*first, 1));
            bytes.push(byte);
            offsets.push(self.offsets[self.bytes.len() - rest.len()]);
            rest = &rest[length..];
        }
        offsets.extend(self.offsets.last());
        // Each escape is longer than its byte.
        (bytes.len() < self.bytes.len()).then_some(Self { bytes, offsets })
    }

    /// Returns the range in the original text of a range of `bytes`.
    pub fn original_range(&self, range: Range<usize>) -> Range<usize> {
        self.offsets[range.start]..self.offsets[range.end]
    }
}

/// Returns the byte that an escape at the start of the text stands for, and the length of
/// the escape.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%', digits @ ..] => Some((parse_byte(digits.get(..2)?, 16)?, 3)),
        [b'\\', b'u' | b'U', digits @ ..] => Some((parse_byte(digits.get(..4)?, 16)?, 6)),
        [b'\\', b'x', digits @ ..] => Some((parse_byte(digits.get(..2)?, 16)?, 4)),
        [b'\\', c @ (b'/' | b'\\' | b'"' | b'\''), ..] => Some((*c, 2)),
        [b'&', entity @ ..] => {
            let (byte, length) = entity_without_semicolon(entity)?;
            let semicolon = usize::from(entity.get(length) == Some(&b';'));
            Some((byte, 1 + length + semicolon))
        }
        _ => None,
    }
}

/// Parses an HTML entity. Browsers accept it without a semicolon.
fn entity_without_semicolon(text: &[u8]) -> Option<(u8, usize)> {
    let (prefix, digits, radix) = match text {
        [b'#', b'x' | b'X', digits @ ..] => (2, digits, 16),
        [b'#', digits @ ..] => (1, digits, 10),
        _ => {
            let is_start = |name: &str| {
                let start = text.get(..name.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
            };
            let entity = ENTITIES.iter().find(|(name, _)| is_start(name));
            return entity.map(|(name, byte)| (*byte, name.len()));
        }
    };
    // As many digits as make a byte, after any number of zeros.
    let (mut code, mut count) = (0, 0);
    for digit in digits
        .iter()
        .map_while(|byte| char::from(*byte).to_digit(radix))
    {
        let next = code * radix + digit;
        if next > 0xff {
            break;
        }
        (code, count) = (next, count + 1);
    }
    let byte = u8::try_from(code).ok().filter(|_| count > 0)?;
    Some((byte, prefix + count))
}

/// Parses the code of a byte.
fn parse_byte(digits: &[u8], radix: u32) -> Option<u8> {
    // `from_str_radix` accepts a sign.
    let all_digits = digits.iter().all(u8::is_ascii_alphanumeric);
    let digits = str::from_utf8(digits).ok().filter(|_| all_digits)?;
    u8::try_from(u32::from_str_radix(digits, radix).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> Option<String> {
        let unescaped = Unescaped::original(text).unescape()?;
        Some(String::from_utf8(unescaped.bytes).unwrap())
    }

    #[test]
    fn one_layer_of_escapes_is_undone() {
        for (text, expected) in [
            ("a%2Bb%2f", "a+b/"),
            ("%252B", "%2B"),
            (r"a\/b\u002b\x2B\\u002b", r"a/b++\u002b"),
            ("&amp;lt;&LT;&quot", "&lt;<\""),
            ("&#43;&#x2f;&#X2B;&#00000000000000000061;", "+/+="),
            ("a&#43b&#x2fz&plusc&equals", "a+b/z+c="),
            ("a&#x2Fa&#0431", "a/a+1"),
        ] {
            assert_eq!(unescaped(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn text_without_escapes_is_unchanged() {
        for text in [
            "", "镜像", "100%", "%+1", "% 1", r"\", r"\u+02b", r"\u2028", "a & b", "&#;", "&#x;",
            "&hearts;",
        ] {
            assert_eq!(unescaped(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_of_unescaped_text_are_mapped_to_the_original() {
        let text = "a%252Bb";
        let once = Unescaped::original(text).unescape().unwrap();
        let twice = once.unescape().unwrap();
        assert_eq!(twice.bytes, b"a+b");
        assert_eq!(&text[twice.original_range(1..2)], "%252B");
        assert_eq!(twice.original_range(1..3), 1..text.len());
        assert!(twice.unescape().is_none());
    }
}

//! Encodings undone, with the places in the text that what comes out stood at.

use std::ops::Range;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A byte of a decoded text, and where in the text it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub byte: u8,
    pub place: Range<usize>,
}

/// Padding and the bits behind the last byte say nothing here.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// The fewest digits of base64 or base 16 that are worth a look.
const FEWEST_DIGITS: usize = 8;

/// HTML's names of characters that secrets have.
const ENTITIES: [(&[u8], u8); 10] = [
    (b"&amp;", b'&'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&quot;", b'"'),
    (b"&apos;", b'\''),
    (b"&plus;", b'+'),
    (b"&sol;", b'/'),
    (b"&equals;", b'='),
    (b"&period;", b'.'),
    (b"&lowbar;", b'_'),
];

/// A text as it is. The bytes of one character share its place, so that no place
/// begins or ends within one.
pub fn seen(text: &str) -> Vec<Seen> {
    let characters = text.char_indices();
    characters
        .flat_map(|(start, c)| {
            let place = start..start + c.len_utf8();
            let bytes = text[place.clone()].bytes();
            bytes.map(move |byte| Seen {
                byte,
                place: place.clone(),
            })
        })
        .collect()
}

/// One layer of percent encoding and of JSON's and HTML's escapes undone.
pub fn unescaped(text: &[Seen]) -> Vec<Seen> {
    let bytes: Vec<u8> = text.iter().map(|seen| seen.byte).collect();
    let mut plain = Vec::with_capacity(text.len());
    let mut next = 0;
    while let Some(first) = text.get(next) {
        let (byte, length) = escape(&bytes[next..]).unwrap_or((first.byte, 1));
        let last = &text[next + length - 1];
        plain.push(Seen {
            byte,
            place: first.place.start..last.place.end,
        });
        next += length;
    }
    plain
}

/// The byte that an escape at the beginning stands for, and the escape's length.
/// Escapes of anything but ASCII are none: secrets have no such characters.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%', high, low, ..] => Some((number(&[*high, *low], 16)?, 3)),
        [b'\\', b'u' | b'U', digits @ ..] => Some((number(digits.get(..4)?, 16)?, 6)),
        [b'\\', b'x', high, low, ..] => Some((number(&[*high, *low], 16)?, 4)),
        [b'\\', c @ (b'/' | b'\\' | b'"' | b'\''), ..] => Some((*c, 2)),
        [b'&', b'#', rest @ ..] => {
            let end = rest.iter().take(8).position(|byte| *byte == b';')?;
            let code = match &rest[..end] {
                [b'x' | b'X', digits @ ..] => number(digits, 16)?,
                digits => number(digits, 10)?,
            };
            Some((code, end + 3))
        }
        [b'&', ..] => {
            let name = |name: &[u8]| {
                let start = text.get(..name.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            };
            let entity = ENTITIES.into_iter().find(|(entity, _)| name(entity));
            entity.map(|(name, byte)| (byte, name.len()))
        }
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    // `from_str_radix` takes a sign.
    let all = digits.iter().all(u8::is_ascii_alphanumeric);
    let digits = std::str::from_utf8(digits).ok().filter(|_| all)?;
    u8::try_from(u32::from_str_radix(digits, radix).ok()?).ok()
}

/// What every run of digits of base64 or base 16 may stand for, wherever in it
/// the first one of a group is.
pub fn unpacked(text: &[Seen]) -> Vec<Vec<Seen>> {
    let of_64 = |seen: &Seen| matches!(seen.byte, b'+' | b'/' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
    let of_16 = |seen: &Seen| seen.byte.is_ascii_hexdigit();
    let mut plain = Vec::new();
    for run in text.split(|seen| !of_64(seen)) {
        if run.len() >= FEWEST_DIGITS {
            plain.extend((0..4).map(|start| from_64(&run[start..])));
        }
    }
    for run in text.split(|seen| !of_16(seen)) {
        if run.len() >= FEWEST_DIGITS {
            plain.extend((0..2).map(|start| from_16(&run[start..])));
        }
    }
    plain
}

fn from_64(digits: &[Seen]) -> Vec<Seen> {
    let byte = |seen: &Seen| match seen.byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    };
    let mut text: Vec<u8> = digits.iter().map(byte).collect();
    // One digit alone is not yet a byte.
    if text.len() % 4 == 1 {
        text.pop();
    }
    let bytes = BASE64.decode(&text).unwrap_or_default();
    let seen = |(number, byte): (usize, u8)| {
        let first = number / 3 * 4 + number % 3;
        Seen {
            byte,
            place: digits[first].place.start..digits[first + 1].place.end,
        }
    };
    bytes.into_iter().enumerate().map(seen).collect()
}

fn from_16(digits: &[Seen]) -> Vec<Seen> {
    let pairs = digits.chunks_exact(2).filter_map(|pair| match pair {
        [high, low] => Some(Seen {
            byte: number(&[high.byte, low.byte], 16)?,
            place: high.place.start..low.place.end,
        }),
        _ => None,
    });
    pairs.collect()
}

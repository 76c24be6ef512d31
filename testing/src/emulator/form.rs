//! Strict decoding of `application/x-www-form-urlencoded` text.

use std::collections::BTreeMap;

/// What is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormError {
    /// A `%` that two hex digits do not follow.
    #[error("Invalid percent-encoding in \"{0}\".")]
    PercentEncoding(String),
    #[error("Not UTF-8 once decoded: \"{0}\".")]
    Utf8(String),
    /// A name that occurs twice. A server could take either value, so that a
    /// client which sends both has a mistake worth showing.
    #[error("Parameter {0} is given more than once.")]
    Duplicate(String),
}

/// Adds the pairs in `text` to `parameters`.
///
/// Stops at the first mistake; the pairs before it have been added by then.
pub(super) fn decode_into(
    parameters: &mut BTreeMap<String, String>,
    text: &str,
) -> Result<(), FormError> {
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        if parameters.contains_key(&name) {
            return Err(FormError::Duplicate(name));
        }
        parameters.insert(name, decode(value)?);
    }
    Ok(())
}

fn decode(text: &str) -> Result<String, FormError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(bytes.next())
                .zip(hex_digit(bytes.next()))
                .map(|(high, low)| high << 4 | low)
                .ok_or_else(|| FormError::PercentEncoding(text.to_owned()))?,
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| FormError::Utf8(text.to_owned()))
}

fn hex_digit(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Result<Vec<(String, String)>, FormError> {
        let mut parameters = BTreeMap::new();
        decode_into(&mut parameters, text)?;
        Ok(parameters.into_iter().collect())
    }

    #[test]
    fn decodes_what_forms_hold() {
        for (text, name, value) in [
            ("a=b", "a", "b"),
            ("a=", "a", ""),
            ("a", "a", ""),
            ("a=b=c", "a", "b=c"),
            ("a+b=c+d", "a b", "c d"),
            ("a=%2B%20%25", "a", "+ %"),
            ("a=%e5%AE%9d", "a", "宝"),
            ("&a=b&", "a", "b"),
        ] {
            let expected = vec![(name.to_owned(), value.to_owned())];
            assert_eq!(decoded(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_percent_encoding() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%4g", "a=%+1", "a=%%20", "%=a"] {
            let error = decoded(text).expect_err(text);
            assert!(matches!(error, FormError::PercentEncoding(_)), "{text}");
        }
    }

    #[test]
    fn refuses_bytes_that_are_no_utf8() {
        assert_eq!(decoded("a=%FF"), Err(FormError::Utf8("%FF".into())));
    }

    #[test]
    fn refuses_a_name_given_twice() {
        assert_eq!(decoded("a=1&a=1"), Err(FormError::Duplicate("a".into())));
    }
}

//! Strict decoding of `application/x-www-form-urlencoded` text.

use std::collections::BTreeMap;

/// An invalid form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormError {
    /// A `%` without two hex digits after it.
    #[error("Invalid percent-encoding in \"{0}\".")]
    PercentEncoding(String),
    #[error("Not UTF-8 once decoded: \"{0}\".")]
    Utf8(String),
    /// A repeated name. Servers may use either value, so a client that sends both
    /// has a bug.
    #[error("Parameter {0} is given more than once.")]
    Duplicate(String),
}

/// Adds the pairs in `text` to `parameters`, up to the first error.
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
    fn form_pairs_are_decoded() {
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
    fn invalid_percent_encoding_is_rejected() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%4g", "a=%+1", "a=%%20", "%=a"] {
            let error = decoded(text).expect_err(text);
            assert!(matches!(error, FormError::PercentEncoding(_)), "{text}");
        }
    }

    #[test]
    fn invalid_utf8_is_rejected() {
        assert_eq!(decoded("a=%FF"), Err(FormError::Utf8("%FF".into())));
    }

    #[test]
    fn duplicate_names_are_rejected() {
        assert_eq!(decoded("a=1&a=1"), Err(FormError::Duplicate("a".into())));
    }
}

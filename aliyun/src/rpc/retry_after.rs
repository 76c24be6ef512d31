//! Retry-After: the delay that a response requests before the next call.

use std::time::{Duration, SystemTime};

use http::header::HeaderMap;

/// The API's own header, in milliseconds.
const ACS_RETRY_AFTER: &str = "x-acs-retry-after";

/// Headers of older responses, such as `Limit:10,Remain:0,TimeLeft:2000,Reset:…`.
/// `TimeLeft` is in milliseconds.
const RATE_LIMIT_HEADERS: [&str; 2] = ["x-ratelimit-user-api", "x-ratelimit-user"];

/// The longest delay: a day, beyond which no time limit goes.
const MAX: Duration = Duration::from_hours(24);

/// Returns the requested delay, at most a day. Zero, a negative number and a date in the past
/// request none.
///
/// The API's own headers take precedence over the standard `Retry-After` of gateways,
/// which is in seconds or a date. Of several values of one kind, the longest counts.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let longest = |names: &[&str], parse: &dyn Fn(&str) -> Option<Duration>| {
        let values = names.iter().flat_map(|name| headers.get_all(*name));
        values.filter_map(|value| parse(value.to_str().ok()?)).max()
    };
    longest(&[ACS_RETRY_AFTER], &|text| parse_number(text, 1))
        .or_else(|| longest(&RATE_LIMIT_HEADERS, &parse_rate_limit))
        .or_else(|| longest(&["retry-after"], &|text| parse_retry_after(text, now)))
        .filter(|delay| !delay.is_zero())
        .map(|delay| delay.min(MAX))
}

/// Parses a number in a unit of this many milliseconds. A negative one is zero.
fn parse_number(text: &str, unit: i64) -> Option<Duration> {
    let number: i64 = text.trim().parse().ok()?;
    let milliseconds = number.saturating_mul(unit).try_into();
    Some(Duration::from_millis(milliseconds.unwrap_or(0)))
}

fn parse_rate_limit(text: &str) -> Option<Duration> {
    let fields = text.split(',').filter_map(|field| field.split_once(':'));
    let mut time_left = fields.filter(|(name, _)| name.trim().eq_ignore_ascii_case("TimeLeft"));
    parse_number(time_left.next()?.1, 1)
}

fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    parse_number(text, 1000).or_else(|| {
        let date = httpdate::parse_http_date(text.trim()).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&str, &str)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn retry_after_headers_are_parsed_in_order_of_precedence() {
        let now = httpdate::parse_http_date("Thu, 31 Oct 2024 08:15:30 GMT").unwrap();
        for (lines, expected) in [
            (&[][..], None),
            (&[("x-acs-retry-after", "1500")], Some(1500)),
            (&[("x-acs-retry-after", " 0 ")], None),
            (&[("x-acs-retry-after", "-5")], None),
            (&[("x-acs-retry-after", "soon")], None),
            (
                &[(
                    "x-ratelimit-user-api",
                    "Limit:10,Remain:0,TimeLeft:2000,Reset:17",
                )],
                Some(2000),
            ),
            (
                &[
                    ("x-ratelimit-user-api", "Limit:10, TimeLeft: 2000"),
                    ("x-ratelimit-user", "Limit:100,TimeLeft:3000"),
                ],
                Some(3000),
            ),
            (&[("x-ratelimit-user", "Limit:10,Remain:0")], None),
            (&[("retry-after", "7")], Some(7000)),
            (
                &[("retry-after", "Thu, 31 Oct 2024 08:15:40 GMT")],
                Some(10_000),
            ),
            (&[("retry-after", "Thu, 31 Oct 2024 08:15:20 GMT")], None),
            (
                &[("retry-after", "7"), ("x-acs-retry-after", "1500")],
                Some(1500),
            ),
            (&[("retry-after", "7"), ("x-acs-retry-after", "0")], None),
            (
                &[("retry-after", "9223372036854775807")],
                Some(24 * 60 * 60 * 1000),
            ),
        ] {
            let expected = expected.map(Duration::from_millis);
            assert_eq!(retry_after(&headers(lines), now), expected, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn retry_after_of_arbitrary_headers_never_panics(value in prop::collection::vec(any::<u8>(), 0..100)) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                for name in ["x-acs-retry-after", "x-ratelimit-user", "retry-after"] {
                    let mut headers = HeaderMap::new();
                    headers.insert(name, value.clone());
                    let _ = retry_after(&headers, SystemTime::now());
                }
            }
        }

        #[test]
        fn retry_after_of_arbitrary_text_never_panics(text in ".*") {
            let _ = parse_rate_limit(&text);
            let _ = parse_retry_after(&text, SystemTime::now());
        }
    }
}

//! How often and how long something was tried, in words.

use std::fmt::Write;
use std::time::Duration;

use super::failure::describe;
use crate::provider::list;
use crate::swas::catalog::lookups::Answered;
use crate::terraform::{Diagnostic, Diagnostics};
use aliyun::client::{CallError, RetryHistory};

/// A read that waited longer than this for the quota is told so.
const SLOW: Duration = Duration::from_secs(30);

/// How many different answers are listed.
const MOST_LISTED: usize = 5;

/// What to say of the attempts before the last one, and of a further one that
/// would have taken too long. Empty when there is nothing to say.
pub(super) fn retry_summary(error: &CallError) -> String {
    let RetryHistory {
        attempts,
        time,
        previous,
        next_wait,
    } = &error.retries;
    let mut text = String::new();
    if *attempts > 1 {
        let _ = write!(text, " It was tried {attempts} times in {}", seconds(*time));
        let mut answers: Vec<(String, u32)> = Vec::new();
        for answer in previous.iter().map(describe) {
            match answers.last_mut() {
                Some((last, times)) if *last == answer => *times += 1,
                _ => answers.push((answer, 1)),
            }
        }
        text.push_str(if answers.is_empty() {
            "."
        } else {
            "; before that:"
        });
        let lines = answers.into_iter().map(|(answer, times)| match times {
            1 => answer,
            _ => format!("{times} times: {answer}"),
        });
        list::append(&mut text, lines, MOST_LISTED);
    }
    // Where nothing is ever tried twice, there is nothing to tell.
    if let Some(wait) = next_wait.filter(|_| *attempts != 1 || error.retry_after.is_some()) {
        text.push(if text.contains('\n') { '\n' } else { ' ' });
        let _ = match error.retry_after {
            Some(told @ ..=0) => write!(
                text,
                "The answer tells to wait {told} ms, which is no wait, and \"max_retry_timeout\" in \
                 the provider block leaves no time for a further attempt."
            ),
            Some(_) => write!(
                text,
                "It is to be called again in {}, and \"max_retry_timeout\" in the provider block \
                 does not leave as much time for this read.",
                seconds(wait)
            ),
            None => write!(
                text,
                "\"max_retry_timeout\" in the provider block leaves no time for a further attempt."
            ),
        };
    }
    text
}

/// The warning about a read that waited long because of the quota.
pub fn slow<T>(answered: &Answered<T>) -> Diagnostics {
    if answered.throttled <= SLOW {
        return Diagnostics::default();
    }
    let detail = format!(
        "This read waited {}, because Alibaba Cloud takes ten calls of an operation a minute from \
         one account, and refused more. In this run, {} calls of the operation were made, and {} of \
         them refused. To need fewer, set \"image_type\" where it is known, and read fewer regions at a time. \
         The quota can be raised in Quota Center.",
        seconds(answered.throttled),
        answered.calls,
        answered.refused,
    );
    Diagnostic::warning("Slowed down by the quota of the API", detail).into()
}

fn seconds(time: Duration) -> String {
    match time.as_millis() {
        // Up, so that what is left of a wait is never none.
        0..1000 => format!("{} ms", time.as_micros().div_ceil(1000)),
        _ => format!("{} s", time.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aliyun::rpc::error::RequestError;

    fn failed(
        attempts: u32,
        previous: &[u16],
        next_wait: Option<u64>,
        retry_after: Option<i64>,
    ) -> CallError {
        CallError {
            action: "ListImages",
            region: "cn-hangzhou".parse().unwrap(),
            host: "swas.example".to_owned(),
            failure: RequestError::Empty { status: 503 },
            retry_after,
            retries: RetryHistory {
                attempts,
                time: Duration::from_millis(12_300),
                previous: previous
                    .iter()
                    .map(|status| RequestError::Empty { status: *status })
                    .collect(),
                next_wait: next_wait.map(Duration::from_secs),
            },
        }
    }

    #[test]
    fn attempts_are_told_with_what_came_back() {
        for (error, expected) in [
            (failed(1, &[], None, None), ""),
            // Nothing is ever tried twice: the limit is zero.
            (failed(1, &[], Some(3), None), ""),
            (
                failed(4, &[500, 500, 502], None, None),
                " It was tried 4 times in 12 s; before that:\n\
                 - 2 times: the answer is empty (HTTP 500)\n\
                 - the answer is empty (HTTP 502)",
            ),
            (
                failed(8, &[500, 501, 502, 503, 504, 505, 506], None, None),
                " It was tried 8 times in 12 s; before that:\n\
                 - the answer is empty (HTTP 500)\n\
                 - the answer is empty (HTTP 501)\n\
                 - the answer is empty (HTTP 502)\n\
                 - the answer is empty (HTTP 503)\n\
                 - the answer is empty (HTTP 504)\n\
                 - and 2 more",
            ),
            (
                failed(1, &[], Some(400), Some(400_000)),
                " It is to be called again in 400 s, and \"max_retry_timeout\" in the provider \
                 block does not leave as much time for this read.",
            ),
            (
                failed(2, &[500], Some(3), Some(0)),
                " It was tried 2 times in 12 s; before that:\n\
                 - the answer is empty (HTTP 500)\nThe answer tells to wait 0 ms, which is no wait, \
                 and \"max_retry_timeout\" in the provider block leaves no time for a further attempt.",
            ),
            (
                failed(2, &[500], Some(3), None),
                " It was tried 2 times in 12 s; before that:\n\
                 - the answer is empty (HTTP 500)\n\"max_retry_timeout\" in the provider block \
                 leaves no time for a further attempt.",
            ),
        ] {
            assert_eq!(retry_summary(&error), expected);
        }
    }

    #[test]
    fn a_read_that_waited_long_is_told_of_the_quota() {
        let answered = |seconds| Answered {
            found: (),
            throttled: Duration::from_secs(seconds),
            calls: 24,
            refused: 14,
        };
        assert_eq!(slow(&answered(30)), Diagnostics::default());
        let expected = Diagnostic::warning(
            "Slowed down by the quota of the API",
            "This read waited 61 s, because Alibaba Cloud takes ten calls of an operation a minute \
             from one account, and refused more. In this run, 24 calls of the operation were \
             made, and 14 of them refused. To need fewer, set \"image_type\" where it is known, and \
             read fewer regions at a time. The quota can be raised in Quota Center.",
        );
        assert_eq!(slow(&answered(61)), expected.into());
    }
}

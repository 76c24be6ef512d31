//! How often and how long something was tried, in words.

use std::fmt::Write;
use std::time::Duration;

use super::failure::came_back;
use crate::provider::list;
use crate::swas::catalog::lookups::Answered;
use crate::terraform::{Diagnostic, Diagnostics};
use aliyun::client::{CallError, Tried};

/// A read that waited longer than this for the quota is told so.
const SLOW: Duration = Duration::from_secs(30);

/// How many different answers are listed.
const MOST_LISTED: usize = 5;

/// What to say of the attempts before the last one, and of a further one that
/// would have taken too long. Empty when there is nothing to say.
pub(super) fn told(error: &CallError) -> String {
    let Tried {
        attempts,
        time,
        earlier,
        too_long,
    } = &error.tried;
    let mut text = String::new();
    if *attempts > 1 {
        let _ = write!(text, " It was tried {attempts} times in {}", seconds(*time));
        let mut answers: Vec<(String, u32)> = Vec::new();
        for answer in earlier.iter().map(came_back) {
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
    if let Some(wait) = too_long.filter(|_| *attempts != 1 || error.told_wait.is_some()) {
        text.push(if text.contains('\n') { '\n' } else { ' ' });
        let _ = match error.told_wait {
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
    use aliyun::rpc::error::Failure;

    fn failed(
        attempts: u32,
        earlier: &[u16],
        too_long: Option<u64>,
        told_wait: Option<i64>,
    ) -> CallError {
        CallError {
            action: "ListImages",
            region: "cn-hangzhou".parse().unwrap(),
            host: "swas.example".to_owned(),
            failure: Failure::Empty { status: 503 },
            told_wait,
            tried: Tried {
                attempts,
                time: Duration::from_millis(12_300),
                earlier: earlier
                    .iter()
                    .map(|status| Failure::Empty { status: *status })
                    .collect(),
                too_long: too_long.map(Duration::from_secs),
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
            assert_eq!(told(&error), expected);
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

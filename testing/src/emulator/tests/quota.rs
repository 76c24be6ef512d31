//! The quota of an account.

use super::*;

fn limited(calls: usize, sends_retry_after: bool) -> Emulator {
    let quota = Quota {
        calls,
        sends_retry_after,
        ..Quota::default()
    };
    start_with(Options {
        quota: Some(quota),
        ..Options::default()
    })
}

/// Status, code and `x-acs-retry-after` of a call of `ListImages`.
fn throttled(emulator: &Emulator) -> (u16, String, Option<Duration>) {
    let response = post(emulator, &signed("POST", list_images(&[]))).expect("a response");
    let wait = response.headers().get("x-acs-retry-after");
    let wait = wait.map(|value| value.to_str().expect("text").parse().expect("a number"));
    let (status, code) = error(json(Ok(response)));
    (status, code, wait.map(Duration::from_millis))
}

#[test]
fn calls_above_the_quota_are_throttled_with_retry_after() {
    let emulator = limited(2, true);
    let begin = Instant::now();
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    let (status, code, wait) = throttled(&emulator);
    let wait = wait.expect("x-acs-retry-after");
    assert_eq!((status, code.as_str()), (400, "Throttling.User"));
    let minute = Duration::from_mins(1);
    assert!(
        wait <= minute && wait + begin.elapsed() >= minute,
        "{wait:?}"
    );
    assert_eq!(call(&emulator, parameters("ListRegions")).0, 200);

    let calls = emulator.calls();
    let outcomes = calls
        .iter()
        .map(|call| (call.action.as_str(), call.outcome));
    let expected = [
        ("ListImages", Outcome::Succeeded),
        ("ListImages", Outcome::Succeeded),
        ("ListImages", Outcome::Throttled),
        ("ListRegions", Outcome::Succeeded),
    ];
    assert!(outcomes.eq(expected), "{calls:?}");
    assert!(calls.is_sorted_by_key(|call| call.at) && calls[0].at >= begin);
    let counts = Counts {
        succeeded: 2,
        throttled: 1,
        failed: 0,
    };
    assert_eq!(emulator.counts("ListImages"), counts);
}

#[test]
fn throttled_calls_without_retry_after_have_no_header() {
    let emulator = limited(0, false);
    let expected = (400, "Throttling.User".to_owned(), None);
    assert_eq!(throttled(&emulator), expected);
}

#[test]
fn quota_ignores_calls_with_a_wrong_signature() {
    let emulator = limited(1, true);
    let wrong = json(post(&emulator, &signed("GET", list_images(&[]))));
    assert_eq!(error(wrong).1, "SignatureDoesNotMatch");
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
}

#[test]
fn quota_is_shared_by_the_roles_of_an_account() {
    let emulator = limited(1, true);
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    for (account, status) in [("1234567890123456", 400), ("2222222222222222", 200)] {
        let arn = format!("acs:ram::{account}:role/reader");
        let (_, assumed) = call(
            &emulator,
            credentials::sts("AssumeRole", &[("RoleArn", &arn)]),
        );
        let (actual, _) = credentials::list_with(&emulator, &assumed["Credentials"]);
        assert_eq!(actual, status, "{account}");
    }
}

#[test]
fn delay_applies_to_every_call() {
    let delay = Duration::from_millis(50);
    let emulator = start_with(Options {
        delay,
        ..Options::default()
    });
    let begin = Instant::now();
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    assert!(begin.elapsed() >= delay);
}

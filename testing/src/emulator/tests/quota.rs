//! The quota of an account, over HTTP.

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

/// Status, code and the wait that is told, of a call of `ListImages`.
fn refused(emulator: &Emulator) -> (u16, String, Option<Duration>) {
    let response = post(emulator, &signed("POST", list_images(&[]))).expect("an answer");
    let wait = response.headers().get("x-acs-retry-after");
    let wait = wait.map(|value| value.to_str().expect("text").parse().expect("a number"));
    let (status, code) = error(json(Ok(response)));
    (status, code, wait.map(Duration::from_millis))
}

#[test]
fn a_call_above_the_quota_is_refused_and_told_when_to_come_again() {
    let emulator = limited(2, true);
    let begin = Instant::now();
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    let (status, code, wait) = refused(&emulator);
    let wait = wait.expect("a wait is told");
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
        ("ListImages", Outcome::Answered),
        ("ListImages", Outcome::Answered),
        ("ListImages", Outcome::Refused),
        ("ListRegions", Outcome::Answered),
    ];
    assert!(outcomes.eq(expected), "{calls:?}");
    assert!(calls.is_sorted_by_key(|call| call.at) && calls[0].at >= begin);
    let counts = Counts {
        answered: 2,
        refused: 1,
        failed: 0,
    };
    assert_eq!(emulator.counts("ListImages"), counts);
}

#[test]
fn a_refusal_may_tell_nothing() {
    let emulator = limited(0, false);
    let expected = (400, "Throttling.User".to_owned(), None);
    assert_eq!(refused(&emulator), expected);
}

#[test]
fn a_call_with_a_wrong_signature_does_not_count() {
    let emulator = limited(1, true);
    let wrong = json(post(&emulator, &signed("GET", list_images(&[]))));
    assert_eq!(error(wrong).1, "SignatureDoesNotMatch");
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
}

#[test]
fn a_role_has_the_quota_of_its_account() {
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
fn every_call_can_be_delayed() {
    let delay = Duration::from_millis(50);
    let emulator = start_with(Options {
        delay,
        ..Options::default()
    });
    let begin = Instant::now();
    assert_eq!(call(&emulator, list_images(&[])).0, 200);
    assert!(begin.elapsed() >= delay);
}

//! Retries, throttling and time limits.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::arbitrary::run_paused;
use super::fake_api::{Failure, FakeApi, LIMIT, outcome};
use super::images::{api, loader};
use crate::swas::catalog::calls::Calls;
use crate::swas::catalog::images::ImageLoader;
use crate::swas::catalog::reads::MAX_AGE;

#[tokio::test(start_paused = true)]
async fn one_call_probes_until_one_is_accepted() {
    let retry_after = Some(Duration::from_secs(2));
    let throttled = std::iter::repeat_n(Some(Failure::Throttled(retry_after)), 10);
    let faults = std::iter::repeat_n(Some(Failure::Fault), 3);
    let (loader, api) = loader(api().failing(throttled.chain(faults)));
    let reads = (0..10).map(|region| loader.read(region, [9]));
    let max_in_flight = async {
        // Between the throttled calls and the first success.
        sleep(Duration::from_millis(200)).await;
        api.log.lock().unwrap().max_in_flight = 0;
        while api.calls() < 14 {
            sleep(Duration::from_millis(1)).await;
        }
        api.log.lock().unwrap().max_in_flight
    };
    let (results, max_in_flight) = tokio::join!(join_all(reads), max_in_flight);
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(max_in_flight, 1);
    // Then the others follow at once.
    assert!(api.log.lock().unwrap().max_in_flight > 1);
}

#[tokio::test(start_paused = true)]
async fn error_has_retry_history_and_is_shared_while_fresh() {
    use Failure::{Fault, Final};
    let (loader, api) = loader(api().failing([Some(Fault), Some(Fault), Some(Final)]));
    let error = loader.read(1, [1]).await.unwrap_err();
    assert_eq!(outcome(&error), (Final, 3, None));
    let times = error.history.failures.iter().map(|(_, times)| *times);
    assert!(times.eq([2, 1]));
    assert_eq!(api.log.lock().unwrap().attempts, [1, 2, 3]);
    // The next read gets the same error, without a call.
    let error = loader.read(1, [1]).await.unwrap_err();
    assert_eq!(outcome(&error), (Final, 3, None));
    assert_eq!(api.calls(), 3);
    sleep(MAX_AGE + Duration::from_millis(1)).await;
    loader.read(1, [1]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn wait_over_the_limit_fails_at_once() {
    let retry_after = Duration::from_secs(301);
    let (loader, _) = loader(api().failing([Some(Failure::Throttled(Some(retry_after)))]));
    let throttled = |attempts, wait| (Failure::Throttled(None), attempts, Some(wait));
    let begin = Instant::now();
    let error = loader.read(1, [1]).await.unwrap_err();
    assert_eq!(begin.elapsed(), Duration::from_millis(100));
    assert_eq!(outcome(&error), throttled(1, retry_after));
    // In another region there was no attempt.
    let error = loader.read(2, [1]).await.unwrap_err();
    assert_eq!(outcome(&error), throttled(0, retry_after));
    assert_eq!(error.host, "cn-2.example");
    sleep(Duration::from_secs(2)).await;
    let before = loader.calls.gate.usage().closed;
    loader.read(2, [1]).await.unwrap();
    let usage = loader.calls.gate.usage();
    assert_eq!(usage.closed, before + Duration::from_secs(299));
    assert_eq!((usage.calls, usage.throttled_calls), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn each_read_has_its_own_limit() {
    let minutes = |count| Duration::from_mins(count);
    let always = std::iter::repeat_n(Some(Failure::Throttled(Some(minutes(3)))), 9);
    let (loader, api) = loader(api().failing(always));
    let begin = Instant::now();
    let read = async |start| {
        sleep(start).await;
        let error = loader.read(1, [1]).await.unwrap_err();
        assert_eq!(outcome(&error).2, Some(minutes(3)));
        (begin.elapsed().as_secs(), api.calls())
    };
    // The next attempts would be after 6 and 9 minutes.
    let reads = tokio::join!(read(Duration::ZERO), read(minutes(2)));
    assert_eq!(reads, ((180, 2), (360, 3)));
}

#[tokio::test(start_paused = true)]
async fn first_failure_is_final_without_retries() {
    // Often enough for backoffs of almost zero.
    for number in 0..2000 {
        let failure = [Failure::Fault, Failure::Throttled(None)][number % 2];
        let api = Arc::new(api().failing([Some(failure)]));
        let loader = ImageLoader::new(Calls::new(Arc::clone(&api), Duration::ZERO, None));
        let error = loader.read(1, [1]).await.unwrap_err();
        let (cause, attempts, _) = outcome(&error);
        assert_eq!((cause, attempts), (failure, 1));
        assert_eq!(api.calls(), 1);
    }
}

/// Sixty processes of an account read the same images without a response that says how long
/// to wait.
#[test]
fn many_processes_fit_a_quota_with_few_throttles() {
    for _ in 0..20 {
        let (elapsed, throttled) = run_paused(async {
            let api = Arc::new(FakeApi {
                quota: Some((10, Duration::from_mins(1))),
                ..api()
            });
            let calls = || Calls::new(Arc::clone(&api), LIMIT * 3, None);
            let processes: Vec<_> = (0..60).map(|_| ImageLoader::new(calls())).collect();
            let begin = Instant::now();
            let results = join_all(processes.iter().map(|process| process.read(1, [9]))).await;
            assert!(results.iter().all(Result::is_ok));
            let throttled = api.log.lock().unwrap().throttled;
            (begin.elapsed(), throttled)
        });
        assert!(throttled <= 600, "{throttled} throttled");
        assert!(elapsed <= Duration::from_mins(7), "{elapsed:?}");
    }
}

#[test]
fn many_regions_fit_a_quota_with_few_throttles() {
    for (sends_retry_after, max_throttled, max_seconds) in [(true, 3, 15), (false, 6, 30)] {
        for _ in 0..200 {
            let (elapsed, throttled) = run_paused(async {
                let (loader, api) = loader(FakeApi {
                    quota: Some((10, Duration::from_secs(6))),
                    sends_retry_after,
                    ..api()
                });
                let begin = Instant::now();
                let reads = (0..24).map(|region| loader.read(region, [9]));
                let results = join_all(reads).await;
                assert!(results.iter().all(Result::is_ok));
                let throttled = api.log.lock().unwrap().throttled;
                (begin.elapsed(), throttled)
            });
            assert!(throttled <= max_throttled, "{throttled} throttled");
            assert!(elapsed.as_secs() <= max_seconds, "{elapsed:?}");
        }
    }
}

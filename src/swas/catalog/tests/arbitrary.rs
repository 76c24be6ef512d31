//! Arbitrary reads, responses, throttles and cancellations.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::fake_api::{Failure, FakeApi, LIMIT, outcome};
use super::images::{CUSTOM, api, loader};
use crate::swas::catalog::reads::MAX_AGE;

pub fn run_paused<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

#[derive(Clone, Debug)]
struct PlannedRead {
    start: Duration,
    region: u8,
    numbers: BTreeSet<u8>,
    canceled_after: Option<Duration>,
}

/// Behavior of the API, without the clock that [`FakeApi`] needs.
#[derive(Clone, Debug)]
struct PlannedApi {
    delay: Duration,
    quota: Option<(usize, Duration)>,
    sends_retry_after: bool,
    script: Vec<Option<Failure>>,
    poison: Option<u8>,
}

fn milliseconds(max: u64) -> impl Strategy<Value = Duration> {
    (0..=max).prop_map(Duration::from_millis)
}

prop_compose! {
    fn planned_read()(
        start in milliseconds(5000),
        region in 0..4_u8,
        numbers in prop::collection::btree_set(0..16_u8, 1..4),
        canceled_after in prop::option::weighted(0.2, milliseconds(20_000)),
    ) -> PlannedRead {
        PlannedRead { start, region, numbers, canceled_after }
    }
}

fn failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        1 => Just(Failure::Final),
        4 => Just(Failure::Fault),
        4 => prop::option::of(milliseconds(9000)).prop_map(Failure::Throttled),
    ]
}

prop_compose! {
    fn planned_api()(
        delay in milliseconds(3000),
        quota in prop::option::of((1..12_usize, milliseconds(10_000))),
        sends_retry_after in any::<bool>(),
        script in prop::collection::vec(prop::option::weighted(0.4, failure()), 0..30),
        poison in prop::option::weighted(0.3, 0..16_u8),
    ) -> PlannedApi {
        PlannedApi { delay, quota, sends_retry_after, script, poison }
    }
}

proptest! {
    #[test]
    fn every_read_ends_with_its_own_images_or_error_and_nothing_expired(
        plan in planned_api(),
        reads in prop::collection::vec(planned_read(), 1..40),
    ) {
        run_paused(async {
            let (loader, api) = loader(FakeApi {
                delay: plan.delay,
                quota: plan.quota,
                sends_retry_after: plan.sends_retry_after,
                script: Mutex::new(plan.script.into()),
                poison: plan.poison.map(|number| format!("id-{number}")),
                ..api()
            });
            let loader = &loader;
            let all = join_all(reads.iter().map(|read| async move {
                sleep(read.start).await;
                let begin = Instant::now();
                let patience = read.canceled_after.unwrap_or(Duration::MAX);
                let result = loader.read(read.region, read.numbers.iter().copied());
                (begin, timeout(patience, result).await)
            }));
            let all = timeout(LIMIT * 2, all).await;
            prop_assert!(all.is_ok(), "a read never ends");
            for (read, (begin, result)) in reads.iter().zip(all.unwrap()) {
                match result {
                    Err(_) => prop_assert!(read.canceled_after.is_some()),
                    Ok(Ok(images)) => {
                        prop_assert!(images.keys().eq(read.numbers.iter()));
                        for (number, sent) in images {
                            let age = api.milliseconds(begin).saturating_sub(sent);
                            prop_assert!(number < CUSTOM || u128::from(age) <= MAX_AGE.as_millis());
                        }
                    }
                    Ok(Err(error)) => {
                        let (cause, _, next_wait) = outcome(&error);
                        let is_final = [Failure::Final, Failure::Poisoned].contains(&cause);
                        prop_assert!(is_final || next_wait.is_some(), "{error:?}");
                        // An invalid ID fails no other read.
                        let poison = plan.poison.filter(|_| cause == Failure::Poisoned);
                        prop_assert!(poison.is_none_or(|it| read.numbers.contains(&it)));
                    }
                }
            }
            let log = api.log.lock().unwrap();
            prop_assert_eq!(log.in_flight, 0);
            prop_assert!(log.max_in_flight <= 10);
            Ok(())
        })?;
    }
}

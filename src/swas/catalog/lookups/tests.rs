//! What [`Lookups`] promise, under a clock that stands still while anybody
//! works, with arbitrary reads, answers, refusals and cancellations.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::{CallInfo, Caller, FRESH, Lookup, Lookups, Waiting};
use crate::swas::catalog::error::Changed;
use aliyun::rpc::retry::Retry;

/// Looks up numbers, some of which change all the time.
struct Numbers;

#[derive(Clone, Debug)]
struct Need {
    scope: u8,
    numbers: BTreeSet<u8>,
}

/// Below this, a number never changes.
const CHANGING: u8 = 8;

type Found = BTreeMap<u8, Instant>;

impl Lookup for Numbers {
    type Scope = u8;
    type Need = Need;
    type Found = Found;
    type Call = Need;
    type Answer = Found;
    type Known = Found;

    fn scope(need: &Need) -> u8 {
        need.scope
    }

    fn find(known: &Found, need: &Need, oldest: Instant) -> Option<Found> {
        let fresh = |number: &u8| {
            let sent = *known.get(number)?;
            (*number < CHANGING || sent >= oldest).then_some((*number, sent))
        };
        need.numbers.iter().map(fresh).collect()
    }

    fn call(known: &Found, waiting: &[Waiting<'_, Need>]) -> Need {
        let missing = waiting.iter().flat_map(|read| {
            let missing = |number: &&u8| {
                let alone = BTreeSet::from([**number]);
                let need = Need {
                    numbers: alone,
                    ..read.need.clone()
                };
                Self::find(known, &need, read.oldest).is_none()
            };
            read.need.numbers.iter().filter(missing).copied()
        });
        Need {
            numbers: missing.collect(),
            ..waiting[0].need.clone()
        }
    }

    fn serves(call: &Need, need: &Need) -> bool {
        !call.numbers.is_disjoint(&need.numbers)
    }

    fn can_be_divided(call: &Need) -> bool {
        call.numbers.len() > 1
    }

    fn learn(known: &mut Found, call: &Need, _: Instant, answer: Found) -> Result<(), Changed> {
        assert!(answer.keys().eq(call.numbers.iter()));
        known.extend(answer);
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum FakeError {
    Final,
    Poisoned,
    Fault,
    Refused(Option<Duration>),
}

impl fmt::Display for FakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// An API that takes a while, has a quota, and fails as it is told to.
#[derive(Default)]
struct Api {
    delay: Duration,
    quota: Option<(usize, Duration)>,
    tells: bool,
    script: Mutex<VecDeque<Option<FakeError>>>,
    /// A number that no call may ask for.
    poison: Option<u8>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    calls: Vec<Need>,
    taken: Vec<Instant>,
    refused: usize,
    in_flight: usize,
    most_in_flight: usize,
    completed: usize,
    attempts: Vec<CallInfo>,
}

impl Api {
    fn with_quota(calls: usize, window: Duration, tells: bool) -> Self {
        Self {
            delay: Duration::from_millis(100),
            quota: Some((calls, window)),
            tells,
            ..Self::default()
        }
    }

    fn failing(script: impl IntoIterator<Item = Option<FakeError>>) -> Self {
        Self {
            delay: Duration::from_millis(100),
            script: Mutex::new(script.into_iter().collect()),
            ..Self::default()
        }
    }

    /// What becomes of a call that is made now.
    fn verdict(&self) -> Option<FakeError> {
        let now = Instant::now();
        let scripted = self.script.lock().unwrap().pop_front().flatten();
        let mut log = self.log.lock().unwrap();
        if let (Some((calls, window)), None) = (self.quota, scripted) {
            let first = log.taken.len().checked_sub(calls);
            let end = first.map(|first| log.taken[first] + window);
            if let Some(end) = end.filter(|end| *end > now) {
                log.refused += 1;
                return Some(FakeError::Refused(self.tells.then_some(end - now)));
            }
        }
        log.taken.push(now);
        scripted
    }
}

/// Counts a call in flight, also when it is dropped.
struct InFlight<'a>(&'a Api);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.log.lock().unwrap().in_flight -= 1;
    }
}

impl Caller<Numbers> for Api {
    type Error = FakeError;

    async fn call(&self, call: &Need, info: CallInfo) -> Result<Found, FakeError> {
        let sent = Instant::now();
        let poison = self.poison.filter(|poison| call.numbers.contains(poison));
        let verdict = self.verdict().or(poison.map(|_| FakeError::Poisoned));
        {
            let mut log = self.log.lock().unwrap();
            log.calls.push(call.clone());
            log.attempts.push(info);
            log.in_flight += 1;
            log.most_in_flight = log.most_in_flight.max(log.in_flight);
        }
        let _in_flight = InFlight(self);
        sleep(self.delay).await;
        self.log.lock().unwrap().completed += 1;
        match verdict {
            Some(failure) => Err(failure),
            None => Ok(call.numbers.iter().map(|number| (*number, sent)).collect()),
        }
    }

    fn changed(&self, _: &Need, _: Changed) -> FakeError {
        FakeError::Final
    }

    fn retry(error: &FakeError) -> Retry {
        match error {
            FakeError::Final => Retry::Never,
            FakeError::Poisoned => Retry::SplitBatch,
            FakeError::Fault => Retry::Transient(None),
            FakeError::Refused(told) => Retry::Throttled(*told),
        }
    }
}

const LIMIT: Duration = Duration::from_mins(5);

fn need(scope: u8, numbers: impl IntoIterator<Item = u8>) -> Need {
    Need {
        scope,
        numbers: numbers.into_iter().collect(),
    }
}

fn lookups(api: Api) -> (Lookups<Numbers, Api>, Arc<Api>) {
    let api = Arc::new(api);
    (Lookups::new(Arc::clone(&api), LIMIT), api)
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_alone_asks_for_what_it_needs() {
    let (lookups, api) = lookups(Api::default());
    lookups.get(need(1, [1, 9])).await.unwrap();
    let log = api.log.lock().unwrap();
    assert_eq!(log.calls.len(), 1);
    assert_eq!(log.calls[0].numbers, [1, 9].into());
    assert_eq!(
        log.attempts,
        [CallInfo {
            number: 1,
            reads: 1
        }]
    );
}

#[tokio::test(start_paused = true)]
async fn reads_that_wait_share_the_next_call() {
    let (lookups, api) = lookups(Api::failing([]));
    let others = async {
        sleep(Duration::from_millis(50)).await;
        join_all((1..7).map(|number| lookups.get(need(1, [number])))).await
    };
    let (_, others) = tokio::join!(lookups.get(need(1, [0])), others);
    assert!(others.iter().all(Result::is_ok));
    let log = api.log.lock().unwrap();
    let asked: Vec<_> = log.calls.iter().map(|call| call.numbers.len()).collect();
    assert_eq!(asked, [1, 6]);
    assert_eq!(log.attempts[1].reads, 6);
}

#[tokio::test(start_paused = true)]
async fn what_never_changes_is_asked_for_once_and_the_rest_when_it_is_old() {
    let (lookups, api) = lookups(Api::default());
    for (pause, calls) in [(0, 1), (1000, 1), (1, 2), (5000, 3)] {
        sleep(Duration::from_millis(pause)).await;
        lookups.get(need(1, [1])).await.unwrap();
        lookups.get(need(1, [9])).await.unwrap();
        // The number that does not change cost the first call.
        assert_eq!(api.log.lock().unwrap().calls.len(), calls + 1, "{pause}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_on_for_the_others_and_ends_when_nobody_waits() {
    let (lookups, api) = lookups(Api::failing([]));
    let first = timeout(Duration::from_millis(50), lookups.get(need(1, [9])));
    let (first, second) = tokio::join!(first, lookups.get(need(1, [9])));
    assert!(first.is_err());
    second.unwrap();
    assert_eq!(api.log.lock().unwrap().calls.len(), 1);

    let alone = timeout(Duration::from_millis(50), lookups.get(need(2, [9])));
    assert!(alone.await.is_err());
    // Lets the task see it.
    sleep(Duration::from_millis(1)).await;
    let log = api.log.lock().unwrap();
    assert_eq!((log.in_flight, log.completed), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn what_one_read_needs_does_not_fail_the_others() {
    let (lookups, api) = lookups(Api {
        poison: Some(3),
        ..Api::failing([])
    });
    let others = async {
        sleep(Duration::from_millis(50)).await;
        join_all((1..7).map(|number| lookups.get(need(1, [number])))).await
    };
    let (_, others) = tokio::join!(lookups.get(need(1, [0])), others);
    for (number, answer) in (1..7).zip(others) {
        match answer {
            Ok(_) => assert_ne!(number, 3),
            Err(error) => assert_eq!((number, error.error), (3, FakeError::Poisoned)),
        }
    }
    // One for the first, one for all the others, and one for each of them.
    assert_eq!(api.log.lock().unwrap().calls.len(), 8);
    // Who needs several alone is told, and asks no more.
    let error = lookups.get(need(2, [1, 3])).await.unwrap_err();
    assert_eq!((error.error, error.attempts), (FakeError::Poisoned, 1));
}

#[tokio::test(start_paused = true)]
async fn one_goes_first_until_one_is_taken() {
    let told = Duration::from_secs(2);
    let refused = std::iter::repeat_n(Some(FakeError::Refused(Some(told))), 10);
    let broken = std::iter::repeat_n(Some(FakeError::Fault), 3);
    let (lookups, api) = lookups(Api::failing(refused.chain(broken)));
    let reads = (0..10).map(|scope| lookups.get(need(scope, [9])));
    let watch = async {
        // Between the refusals and the first success.
        sleep(Duration::from_millis(200)).await;
        api.log.lock().unwrap().most_in_flight = 0;
        while api.log.lock().unwrap().calls.len() < 14 {
            sleep(Duration::from_millis(1)).await;
        }
        api.log.lock().unwrap().most_in_flight
    };
    let (answers, most_in_flight) = tokio::join!(join_all(reads), watch);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(most_in_flight, 1);
}

#[tokio::test(start_paused = true)]
async fn faults_are_told_and_what_is_final_is_not_tried_again() {
    use FakeError::{Fault, Final};
    let (lookups, api) = lookups(Api::failing([Some(Fault), Some(Fault), Some(Final)]));
    let error = lookups.get(need(1, [1])).await.unwrap_err();
    assert_eq!((error.error, error.attempts), (Final, 3));
    assert_eq!(error.earlier, [Fault, Fault]);
    assert_eq!(error.too_long, None);
    // Whoever comes right behind is told the same, without a call.
    let error = lookups.get(need(1, [1])).await.unwrap_err();
    assert_eq!(error.error, Final);
    assert_eq!(api.log.lock().unwrap().calls.len(), 3);
    sleep(FRESH).await;
    lookups.get(need(1, [1])).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_ends_the_read_at_once() {
    let told = Duration::from_secs(301);
    let (lookups, _) = lookups(Api::failing([Some(FakeError::Refused(Some(told)))]));
    let began = Instant::now();
    let error = lookups.get(need(1, [1])).await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_millis(100));
    assert_eq!((error.too_long, error.attempts), (Some(told), 1));
    // In another scope nothing was tried.
    let error = lookups.get(need(2, [1])).await.unwrap_err();
    assert_eq!((error.too_long, error.attempts), (Some(told), 0));
    sleep(Duration::from_secs(2)).await;
    let answered = lookups.get(need(2, [1])).await.unwrap();
    assert_eq!(answered.throttled, Duration::from_secs(299));
    assert_eq!((answered.calls, answered.refused), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn without_retries_the_first_failure_is_the_last() {
    // Often enough to meet waits that are next to none.
    for number in 0..2000 {
        let failure = [FakeError::Fault, FakeError::Refused(None)][number % 2];
        let api = Arc::new(Api::failing([Some(failure)]));
        let lookups = Lookups::<Numbers, _>::new(Arc::clone(&api), Duration::ZERO);
        let error = lookups.get(need(1, [1])).await.unwrap_err();
        assert_eq!((error.error, error.attempts), (failure, 1));
        assert_eq!(api.log.lock().unwrap().calls.len(), 1);
    }
}

#[test]
fn many_scopes_fit_a_quota_with_few_refusals() {
    for (tells, most_refusals, most_seconds) in [(true, 3, 15), (false, 16, 30)] {
        for _ in 0..200 {
            let (elapsed, log) = run_paused(async {
                let quota = Api::with_quota(10, Duration::from_secs(6), tells);
                let (lookups, api) = lookups(quota);
                let began = Instant::now();
                let lookups = &lookups;
                let reads = (0..24).map(|scope| async move {
                    lookups.get(need(scope, [9])).await.unwrap();
                });
                join_all(reads).await;
                (
                    began.elapsed(),
                    std::mem::take(&mut *api.log.lock().unwrap()),
                )
            });
            assert!(log.refused <= most_refusals, "{} refusals", log.refused);
            assert!(elapsed.as_secs() <= most_seconds, "{elapsed:?}");
        }
    }
}

#[tokio::test]
#[should_panic = "the task that makes calls has ended"]
async fn a_panic_in_the_task_is_one_of_the_read() {
    struct Broken;
    impl Caller<Numbers> for Broken {
        type Error = FakeError;
        async fn call(&self, _: &Need, _: CallInfo) -> Result<Found, FakeError> {
            panic!("a bug");
        }
        fn changed(&self, _: &Need, _: Changed) -> FakeError {
            FakeError::Final
        }
        fn retry(_: &FakeError) -> Retry {
            Retry::Never
        }
    }
    let lookups = Lookups::<Numbers, _>::new(Arc::new(Broken), LIMIT);
    let _ = lookups.get(need(1, [1])).await;
}

fn run_paused<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

#[derive(Clone, Debug)]
struct PlannedRead {
    begins: Duration,
    need: Need,
    gives_up: Option<Duration>,
}

fn milliseconds(most: u64) -> impl Strategy<Value = Duration> {
    (0..=most).prop_map(Duration::from_millis)
}

prop_compose! {
    fn read()(
        begins in milliseconds(5000),
        scope in 0..4_u8,
        numbers in prop::collection::btree_set(0..16_u8, 1..4),
        gives_up in prop::option::weighted(0.2, milliseconds(20_000)),
    ) -> PlannedRead {
        PlannedRead { begins, need: Need { scope, numbers }, gives_up }
    }
}

fn failure() -> impl Strategy<Value = FakeError> {
    prop_oneof![
        1 => Just(FakeError::Final),
        4 => Just(FakeError::Fault),
        4 => prop::option::of(milliseconds(9000)).prop_map(FakeError::Refused),
    ]
}

prop_compose! {
    fn api()(
        delay in milliseconds(3000),
        quota in prop::option::of((1..12_usize, milliseconds(10_000))),
        tells in any::<bool>(),
        script in prop::collection::vec(prop::option::weighted(0.4, failure()), 0..30),
        poison in prop::option::weighted(0.3, 0..16_u8),
    ) -> Api {
        let script = Mutex::new(script.into());
        Api { delay, quota, tells, script, poison, ..Api::default() }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = self.script.lock().unwrap();
        write!(
            f,
            "{:?} {:?} {} {script:?}",
            self.delay, self.quota, self.tells
        )
    }
}

proptest! {
    #[test]
    fn every_read_ends_and_gets_what_it_asked_for_and_nothing_old(
        api in api(),
        reads in prop::collection::vec(read(), 1..40),
    ) {
        run_paused(async {
            let (lookups, api) = lookups(api);
            let lookups = &lookups;
            let all = join_all(reads.iter().map(|read| async move {
                sleep(read.begins).await;
                let began = Instant::now();
                let patience = read.gives_up.unwrap_or(Duration::MAX);
                let answer = timeout(patience, lookups.get(read.need.clone())).await;
                (began, answer)
            }));
            let all = timeout(LIMIT * 2, all).await;
            prop_assert!(all.is_ok(), "somebody waits for ever");
            for (read, (began, answer)) in reads.iter().zip(all.unwrap()) {
                match answer {
                    Err(_) => prop_assert!(read.gives_up.is_some()),
                    Ok(Ok(answered)) => {
                        prop_assert!(answered.found.keys().eq(read.need.numbers.iter()));
                        for (number, sent) in answered.found {
                            prop_assert!(number < CHANGING || sent + FRESH >= began);
                        }
                    }
                    Ok(Err(error)) => {
                        let is_final = [FakeError::Final, FakeError::Poisoned].contains(&error.error);
                        prop_assert!(is_final || error.too_long.is_some(), "{error:?}");
                        // Nobody is told of what others need.
                        let poison = api.poison.filter(|_| error.error == FakeError::Poisoned);
                        prop_assert!(poison.is_none_or(|it| read.need.numbers.contains(&it)));
                    }
                }
            }
            // Lets the tasks see that the last reads have left.
            sleep(Duration::from_millis(1)).await;
            let log = api.log.lock().unwrap();
            prop_assert_eq!(log.in_flight, 0);
            prop_assert!(log.most_in_flight <= 10);
            Ok(())
        })?;
    }
}

//! Reads share calls, and responses while these are fresh.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use super::fake_api::{Failure, FakeApi, outcome};
use super::images::{api, loader};
use crate::swas::catalog::images::ImageLoader;

/// A read of `id-0`, and reads of the other images while its call is in flight.
async fn read_behind_first(
    loader: &ImageLoader<FakeApi>,
    others: impl IntoIterator<Item = u8>,
) -> Vec<(u8, Option<Failure>)> {
    let first = async { loader.read(1, [0]).await.unwrap() };
    let others = async {
        sleep(Duration::from_millis(50)).await;
        join_all(others.into_iter().map(|number| async move {
            let error = loader.read(1, [number]).await.err();
            (number, error.map(|error| outcome(&error).0))
        }))
        .await
    };
    tokio::join!(first, others).1
}

#[tokio::test(start_paused = true)]
async fn read_alone_requests_what_it_needs() {
    let (loader, api) = loader(api());
    loader.read(1, [1, 9]).await.unwrap();
    let log = api.log.lock().unwrap();
    assert_eq!(log.calls.len(), 1);
    assert_eq!(log.calls[0]["ImageIds"], r#"["id-1","id-9"]"#);
    assert_eq!(log.attempts, [1]);
}

#[tokio::test(start_paused = true)]
async fn waiting_reads_share_the_next_call() {
    let (loader, api) = loader(api());
    read_behind_first(&loader, [1, 2, 3, 4, 5, 6]).await;
    let log = api.log.lock().unwrap();
    let ids: Vec<_> = log.calls.iter().map(|call| call.get("ImageIds")).collect();
    // A list, and the images that it lacks.
    let missing = r#"["id-2","id-3","id-6"]"#.to_owned();
    assert_eq!(ids[1..], [None, Some(&missing)]);
}

#[tokio::test(start_paused = true)]
async fn public_images_are_requested_once_and_custom_images_when_they_expire() {
    let (loader, api) = loader(FakeApi {
        delay: Duration::ZERO,
        ..api()
    });
    for (pause, custom_calls) in [(0, 1), (1000, 1), (1, 2), (5000, 3)] {
        sleep(Duration::from_millis(pause)).await;
        loader.read(1, [1]).await.unwrap();
        loader.read(1, [9]).await.unwrap();
        assert_eq!(api.calls(), 1 + custom_calls, "{pause}");
    }
}

#[tokio::test(start_paused = true)]
async fn cached_image_does_not_wait_for_the_call_of_another_read() {
    let (loader, api) = loader(api());
    loader.read(1, [1]).await.unwrap();
    let begin = Instant::now();
    let cached = async {
        loader.read(1, [1]).await.unwrap();
        begin.elapsed()
    };
    let (_, elapsed) = tokio::join!(loader.read(1, [9]), cached);
    assert_eq!((elapsed, api.calls()), (Duration::ZERO, 2));
}

#[tokio::test(start_paused = true)]
async fn read_with_enough_images_does_not_wait_for_the_next_call() {
    let throttled = Failure::Throttled(Some(Duration::from_mins(1)));
    let (loader, api) = loader(api().failing([None, None, Some(throttled)]));
    let read = async |id| {
        let begin = Instant::now();
        loader.read(1, [id]).await.unwrap();
        begin.elapsed().as_secs()
    };
    // The second call is a list, and the third one is for `id-2`, which the list lacks.
    let elapsed = tokio::join!(read(0), read(2), read(1));
    assert_eq!((elapsed, api.calls()), ((0, 60, 0), 4));
}

#[tokio::test(start_paused = true)]
async fn waiting_read_calls_when_the_first_one_is_canceled() {
    let (loader, api) = loader(api());
    let first = timeout(Duration::from_millis(50), loader.read(1, [9]));
    let (first, second) = tokio::join!(first, loader.read(1, [9]));
    assert!(first.is_err());
    second.unwrap();
    assert_eq!(api.calls(), 2);

    let alone = timeout(Duration::from_millis(50), loader.read(2, [9]));
    assert!(alone.await.is_err());
    let log = api.log.lock().unwrap();
    assert_eq!((log.in_flight, log.completed), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn invalid_id_of_one_read_does_not_fail_the_others() {
    let (loader, api) = loader(FakeApi {
        poison: Some("id-3".to_owned()),
        ..api()
    });
    for (number, failure) in read_behind_first(&loader, [2, 3, 6, 7, 10, 11]).await {
        assert_eq!(failure, (number == 3).then_some(Failure::Poisoned));
    }
    // One for the first, a list, one for all the others, and one for each of them.
    assert_eq!(api.calls(), 9);
    // A read alone is not divided.
    let error = loader.read(2, [1, 3]).await.unwrap_err();
    assert_eq!(outcome(&error), (Failure::Poisoned, 1, None));
    assert_eq!(api.calls(), 10);
    loader.read(2, [1]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn invalid_id_of_a_canceled_read_does_not_fail_the_others() {
    let (loader, api) = loader(FakeApi {
        poison: Some("id-3".to_owned()),
        ..api()
    });
    let canceled = async {
        // Begins last, and ends between the request for both IDs and its response.
        sleep(Duration::from_millis(60)).await;
        let read = timeout(Duration::from_millis(190), loader.read(1, [3]));
        assert!(read.await.is_err());
    };
    let (others, ()) = tokio::join!(read_behind_first(&loader, [2]), canceled);
    assert_eq!(others, [(2, None)]);
    let log = api.log.lock().unwrap();
    let ids: Vec<_> = log.calls.iter().map(|call| call.get("ImageIds")).collect();
    let [shared, own] = [r#"["id-2","id-3"]"#, r#"["id-2"]"#].map(str::to_owned);
    assert_eq!(ids[1..], [None, Some(&shared), Some(&own)]);
}

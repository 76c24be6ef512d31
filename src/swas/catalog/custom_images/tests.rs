//! Requests for the pages of a list, and its expiration.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::*;
use crate::swas::catalog::cache::Cached;
use crate::swas::catalog::error::Cause;
use crate::swas::catalog::tests::fake_api::{FakeApi, calls};
use crate::swas::operations::custom_images::PAGE_SIZE;
use aliyun::rpc::signature::Parameters;
use futures_util::future::join_all;

fn query() -> CustomImagesQuery {
    CustomImagesQuery {
        region: "cn-hangzhou".parse().unwrap(),
        include_shared: false,
    }
}

/// A page of a list with `total` images.
fn page(parameters: &Parameters, total: usize) -> Value {
    let number: usize = parameters["PageNumber"].parse().unwrap();
    let ids = total.min((number - 1) * PAGE_SIZE)..total.min(number * PAGE_SIZE);
    let image = |id| json!({"ImageId": format!("{id:03}")});
    json!({"TotalCount": total, "CustomImages": ids.map(image).collect::<Vec<_>>()})
}

fn cached(
    respond: fn(&Parameters, u64) -> Value,
) -> (Cached<FakeApi, CustomImagesQuery>, Arc<FakeApi>) {
    let (calls, api) = calls(FakeApi {
        delay: Duration::from_millis(1),
        ..FakeApi::new(respond)
    });
    (Cached::new(calls), api)
}

/// Returns the pages that were requested since the last call.
fn requested(api: &FakeApi) -> Vec<String> {
    let mut log = api.log.lock().unwrap();
    let calls = log.calls.drain(..).map(|it| it["PageNumber"].clone());
    calls.collect()
}

#[tokio::test(start_paused = true)]
async fn reads_share_a_list_until_it_expires() {
    let (cached, api) = cached(|parameters, _| page(parameters, 230));
    let lists = join_all((0..50).map(|_| cached.get(query()))).await;
    assert!(lists.iter().all(|list| list.as_ref().unwrap().len() == 230));
    assert_eq!(requested(&api), ["1", "3", "2", "1"]);
    assert_eq!(api.log.lock().unwrap().work, 1, "the list was sorted here");
    // Four calls have been made: pauses no longer count. The first request was sent 4 ms ago.
    sleep(Duration::from_millis(996)).await;
    cached.get(query()).await.unwrap();
    assert_eq!(requested(&api), [""; 0]);
    sleep(Duration::from_millis(1)).await;
    cached.get(query()).await.unwrap();
    assert_eq!(requested(&api), ["1", "3", "2", "1"]);
}

#[tokio::test(start_paused = true)]
async fn list_that_keeps_changing_fails_after_three_attempts() {
    // 150 and 151 images in turn.
    let (cached, api) = cached(|parameters, sent| {
        let is_first = parameters["PageNumber"] == "1";
        page(
            parameters,
            if is_first || sent > 10_000 { 150 } else { 151 },
        )
    });
    let error = cached.get(query()).await.unwrap_err();
    assert!(matches!(&error.cause, Cause::Changed(_)));
    assert_eq!(requested(&api), ["1", "2", "1", "2", "1", "2"]);
    // The failure is shared while it is fresh.
    cached.get(query()).await.unwrap_err();
    assert_eq!(requested(&api), [""; 0]);
    sleep(Duration::from_secs(10)).await;
    let images = cached.get(query()).await.unwrap();
    assert_eq!(images.len(), 150);
    assert_eq!(requested(&api), ["1", "2", "1"]);
}

#[test]
fn images_in_any_order_are_sorted_newest_first() {
    let image = |id: &str, time: &str| -> CustomImage {
        serde_json::from_value(json!({"ImageId": id, "CreationTime": time})).unwrap()
    };
    let mut images = vec![
        image("c", "2026-05-01T16:00:00Z"),
        image("a", "2026-05-02T00:00:00+08:00"),
        image("b", "2026-05-02T00:00:00Z"),
        image("d", ""),
    ];
    for _ in 0..2 {
        let sorted = newest_first(images.clone());
        let ids: Vec<_> = sorted.iter().map(|it| it.image_id.as_str()).collect();
        assert_eq!(ids[..1], ["b"]);
        assert_eq!(ids[3..], ["d"]);
        images.reverse();
    }
}

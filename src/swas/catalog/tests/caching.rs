//! Plans, whose key is the operation itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::fake_api::{Failure, FakeApi, calls, outcome};
use crate::swas::catalog::cache::Cached;
use crate::swas::catalog::reads::MAX_AGE;
use crate::swas::operations::plans::ListPlans;

fn plans(
    script: impl IntoIterator<Item = Option<Failure>>,
) -> (Cached<FakeApi, ListPlans>, Arc<FakeApi>) {
    let api = FakeApi::new(|_, _| json!({"Plans": [{"PlanId": "plan"}]}));
    let (calls, api) = calls(api.failing(script));
    (Cached::new(calls), api)
}

fn of_region(number: usize) -> ListPlans {
    ListPlans {
        region: format!("cn-{number}").parse().unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_reads_of_a_key_share_one_call_that_never_expires() {
    let (plans, api) = plans([]);
    let reads = (0..50).map(|number| plans.get(of_region(number % 2)));
    let lists = join_all(reads).await;
    assert!(lists.iter().all(|list| list.as_ref().unwrap().len() == 1));
    sleep(MAX_AGE * 60).await;
    plans.get(of_region(0)).await.unwrap();
    assert_eq!(api.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn waiting_read_fetches_when_the_first_one_is_canceled() {
    let (plans, api) = plans([]);
    let first = timeout(api.delay / 2, plans.get(of_region(0)));
    let (first, second) = tokio::join!(first, plans.get(of_region(0)));
    assert!(first.is_err());
    second.unwrap();
    assert_eq!(api.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn failure_is_shared_for_a_second() {
    let (plans, api) = plans([Some(Failure::Fault), Some(Failure::Final)]);
    let all = join_all((0..50).map(|_| plans.get(of_region(0)))).await;
    for result in all {
        assert_eq!(outcome(&result.unwrap_err()), (Failure::Final, 2, None));
    }
    assert_eq!(api.calls(), 2);
    sleep(MAX_AGE + Duration::from_millis(1)).await;
    plans.get(of_region(0)).await.unwrap();
    assert_eq!(api.calls(), 3);
}

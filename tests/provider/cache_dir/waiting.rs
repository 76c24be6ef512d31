//! Processes that wait for the response to another one, and for the API's quota.

use std::time::{Duration, Instant};

use serde_json::json;
use swas_testing::emulator::{Reply, Request};
use swas_testing::running_provider::Result;
use tokio::join;

use super::{entry, files, folder, process, read, sharing, system};
use crate::support::{emulator, expect_state, wait_for_requests, wait_until, with};

#[tokio::test]
async fn concurrent_processes_wait_for_one_response() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    emulator.reply_next(Reply::hang());
    let others = async {
        wait_for_requests(&emulator, 1).await;
        let (one, two) = (process(&block).await?, process(&block).await?);
        let arguments = system();
        let reads = async {
            join!(
                one.read("swas_images", &arguments),
                two.read("swas_images", &arguments)
            )
        };
        // Both have had the time to look for the response.
        let release = async {
            one.connection.health("plugin").await?;
            two.connection.health("plugin").await?;
            emulator.release();
            Result::Ok(())
        };
        let ((one, two), release) = join!(reads, release);
        release?;
        expect_state(&one?)?;
        expect_state(&two?)
    };
    let (first, others) = join!(read(&block), others);
    assert_eq!(first?, others?);
    assert_eq!(emulator.requests().len(), 1);
    Ok(())
}

#[tokio::test]
async fn stalled_process_is_passed_after_the_read_timeout() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    emulator.reply_next(Reply::hang());
    let stalled = process(&block).await?;
    let block = with(&block, "client_connect_timeout", 300);
    let block = with(&block, "client_read_timeout", 300);
    let other = async {
        wait_for_requests(&emulator, 1).await;
        let state = read(&block).await;
        emulator.release();
        state
    };
    let arguments = system();
    let (stalled, other) = join!(stalled.read("swas_images", &arguments), other);
    assert_eq!(expect_state(&stalled?)?, other?);
    assert_eq!(emulator.requests().len(), 2);
    Ok(())
}

#[tokio::test]
async fn process_does_not_wait_beyond_its_retry_timeout() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    emulator.reply_next(Reply::hang());
    let other = async {
        wait_for_requests(&emulator, 1).await;
        let state = read(&with(&block, "max_retry_timeout", 0)).await;
        emulator.release();
        state
    };
    let (first, other) = join!(read(&block), other);
    assert_eq!(first?, other?);
    assert_eq!(emulator.requests().len(), 2);
    Ok(())
}

#[tokio::test]
async fn killed_process_does_not_keep_the_lock() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    emulator.reply_next(Reply::hang());
    let killed = process(&block).await?;
    let arguments = system();
    let kill = async {
        wait_for_requests(&emulator, 1).await;
    };
    tokio::select! {
        _ = killed.read("swas_images", &arguments) => return Err("no hang".into()),
        () = kill => drop(killed),
    }
    read(&block).await?;
    assert_eq!(emulator.requests().len(), 2);
    Ok(())
}

#[tokio::test]
async fn canceled_read_releases_the_lock() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    emulator.reply_next(Reply::hang());
    let canceled = process(&block).await?;
    let arguments = system();
    let stop = async {
        wait_for_requests(&emulator, 1).await;
        canceled.client.stop().await
    };
    let (response, stopped) = join!(canceled.read("swas_images", &arguments), stop);
    stopped?;
    assert_eq!(response?.diagnostics.len(), 1);
    read(&block).await?;
    assert_eq!(emulator.requests().len(), 2);
    Ok(())
}

#[tokio::test]
async fn throttled_process_makes_others_wait() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    let wait = Duration::from_secs(2);
    emulator.reply_next(Reply::throttled(429, Some(wait)));
    let other = async {
        wait_until("throttling", || !files(folder.path(), ".json").is_empty()).await;
        let begin = Instant::now();
        // Another region, which has an entry of its own.
        let other = with(&block, "region", "us-west-1");
        read(&other).await?;
        Result::Ok(begin.elapsed())
    };
    let throttled = async {
        let begin = Instant::now();
        read(&block).await?;
        Result::Ok(begin.elapsed())
    };
    let (throttled, other) = join!(throttled, other);
    let waited = [throttled?, other?];
    // The lock holder writes the wait as soon as it knows it, so that the others wait for
    // nearly as long.
    assert!(waited.iter().all(|waited| *waited > wait / 2), "{waited:?}");
    let regions: Vec<_> = emulator.requests().iter().map(region).collect();
    assert_eq!(regions[0], "cn-hangzhou");
    assert_eq!(regions.len(), 3);
    Ok(())
}

/// A process that is throttled again keeps the locks on what else it is about to request.
#[tokio::test]
async fn lock_of_a_throttled_process_is_waited_for_beyond_the_read_timeout() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    // Both requests, and then the probe.
    for wait in [1, 1, 4] {
        let reply = Reply::throttled(429, Some(Duration::from_secs(wait)));
        emulator.reply_next(reply.after(Duration::from_millis(200)));
    }
    let first = process(&block).await?;
    let regions = ["cn-hangzhou", "us-west-1"];
    let arguments = regions.map(|region| with(&system(), "region_id", region));
    let block = with(&block, "client_connect_timeout", 1000);
    let block = with(&block, "client_read_timeout", 1000);
    let second = process(&block).await?;
    let [one, two] = &arguments;
    let others = async {
        wait_for_requests(&emulator, 3).await;
        join!(
            second.read("swas_images", one),
            second.read("swas_images", two)
        )
    };
    let (first, second, (third, fourth)) = join!(
        first.read("swas_images", one),
        first.read("swas_images", two),
        others
    );
    for response in [first, second, third, fourth] {
        expect_state(&response?)?;
    }
    let requests = emulator.requests();
    let regions: Vec<_> = requests.iter().map(region).collect();
    assert_eq!(regions.len(), 5, "{regions:?}");
    Ok(())
}

fn region(request: &Request) -> String {
    request.parameter("RegionId").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn throttling_beyond_the_retry_timeout_is_not_waited_for() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    let hour = Duration::from_hours(1);
    emulator.reply_next(Reply::throttled(429, Some(hour)));
    let throttled = process(&block).await?;
    let response = throttled.read("swas_images", &system()).await?;
    assert_eq!(response.diagnostics.len(), 1);
    entry(folder.path());
    // The response to its own request decides, and is shared.
    for _ in 0..2 {
        read(&block).await?;
        assert_eq!(emulator.requests().len(), 2);
    }
    Ok(())
}

#[tokio::test]
async fn reads_of_one_process_share_the_cached_response() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    read(&block).await?;
    let provider = process(&block).await?;
    for number in 0..20 {
        let arguments = json!({"image_type": "system", "name_regex": format!("{number}")});
        expect_state(&provider.read("swas_images", &arguments).await?)?;
    }
    assert_eq!(emulator.requests().len(), 1);
    Ok(())
}

//! Hostile clients of the socket: the time and memory that they cost are bounded, and
//! the real client is served meanwhile.

mod frames;

use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use swas_testing::plugin_client::{Connect, PluginProcess};
use swas_testing::running_provider::Result;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::memory::peak_memory;
use crate::support::{start_in, start_with_shell, temp_dir};
use frames::RawConnection;

/// Limit for the latency of a call after an attack.
const LATENCY_LIMIT: Duration = Duration::from_secs(1);

/// Limit for the latency during an attack, which the same test process makes.
const ATTACK_LATENCY_LIMIT: Duration = Duration::from_secs(5);

/// Limit for the memory that an attack costs, in KiB.
const MEMORY_LIMIT: usize = 32 * 1024;

/// A script that limits the file descriptors of the provider.
const LIMIT_FILES: &str = r#"ulimit -n 256; exec "$0""#;

/// Raises the limit of this process for file descriptors.
fn raise_file_limit() -> Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}

async fn assert_served_in_time(
    process: &PluginProcess,
    connect: Connect,
    after: &str,
) -> Result<()> {
    let started = Instant::now();
    let connection = process.connect_with(connect).await?;
    assert_eq!(connection.health("plugin").await?, ServingStatus::Serving);
    let waited = started.elapsed();
    println!("{after}: a response after {} ms", waited.as_millis());
    assert!(waited < LATENCY_LIMIT, "{after}: {waited:?}");
    Ok(())
}

#[tokio::test]
async fn thousand_idle_connections_do_not_block_the_client() -> Result<()> {
    const CONNECTIONS: usize = 1000;
    raise_file_limit()?;
    // A TLS record that is never completed, and bytes that are not TLS.
    for (name, said) in [
        ("silence", &b""[..]),
        ("half a record", &[22, 3, 1, 2, 0, 1]),
        ("garbage", b"GET / HTTP/1.1\r\n\r\n"),
    ] {
        let folder = temp_dir();
        let process = PluginProcess::start(start_with_shell(LIMIT_FILES, &folder)).await?;
        let before = peak_memory(process.pid())?;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut connection = UnixStream::connect(process.handshake().socket.path()).await?;
            // The process may have closed the connection already.
            let _ = connection.write_all(said).await;
            connections.push(connection);
        }
        let after = format!("{CONNECTIONS} connections of {name}");
        assert_served_in_time(&process, Connect::new(), &after).await?;
        let cost = peak_memory(process.pid())? - before;
        println!("{after}: {cost} KiB");
        assert!(cost < MEMORY_LIMIT, "{after}: {cost} KiB");
    }
    Ok(())
}

/// Sends frames as an accepted client, and asserts the limits for memory and latency.
async fn assert_bounded(
    name: &str,
    frames: impl Iterator<Item = Vec<u8>> + Send + 'static,
    most_sent: Option<usize>,
) -> Result<()> {
    let folder = temp_dir();
    let process = PluginProcess::start(start_in(&folder).plaintext()).await?;
    let client = process.connect().await?;
    client.health("plugin").await?;
    let before = peak_memory(process.pid())?;
    let mut raw = RawConnection::connect(process.handshake().socket.path()).await?;
    let flood = tokio::spawn(async move { (raw.flood(frames).await, raw) });
    let mut max_latency = Duration::ZERO;
    while !flood.is_finished() {
        let started = Instant::now();
        client.health("plugin").await?;
        max_latency = max_latency.max(started.elapsed());
    }
    let (sent, _raw) = flood.await?;
    assert_served_in_time(&process, Connect::new().plaintext(), name).await?;
    let cost = peak_memory(process.pid())? - before;
    println!("{name}: {sent} frames, {cost} KiB, others waited {max_latency:?}");
    assert!(cost < MEMORY_LIMIT, "{name}: {cost} KiB");
    assert!(
        max_latency < ATTACK_LATENCY_LIMIT,
        "{name}: {max_latency:?}"
    );
    if let Some(most) = most_sent {
        assert!(sent <= most, "{name}: {sent} frames were taken");
    }
    Ok(())
}

/// The stream IDs of a client.
fn streams(count: u32) -> impl Iterator<Item = u32> + Send {
    (0..count).map(|number| 2 * number + 1)
}

#[tokio::test]
async fn ten_thousand_streams_use_bounded_memory() -> Result<()> {
    const STREAMS: u32 = 10_000;
    let reset =
        streams(STREAMS).map(|number| [frames::open(number), frames::reset(number)].concat());
    assert_bounded("streams that are opened and reset", reset, None).await?;
    let open = streams(STREAMS).map(frames::open);
    assert_bounded("streams that stay open", open, None).await
}

#[tokio::test]
async fn floods_of_small_frames_use_bounded_memory() -> Result<()> {
    const FRAMES: u32 = 100_000;
    let settings = (0..FRAMES).map(|_| frames::settings());
    assert_bounded("settings", settings, None).await?;
    let pings = (0..FRAMES).map(frames::ping);
    assert_bounded("pings", pings, None).await?;
    let updates = (0..FRAMES).map(|_| frames::window_update());
    assert_bounded("window updates", updates, None).await?;
    let resets = streams(FRAMES).map(frames::reset);
    assert_bounded("resets of unopened streams", resets, None).await
}

#[tokio::test]
async fn oversized_frames_and_messages_are_rejected() -> Result<()> {
    const FRAMES: u32 = 100_000;
    let headers = (0..FRAMES).map(|number| match number {
        0 => frames::endless_headers(1),
        number => frames::more_headers(1, number),
    });
    assert_bounded("endless headers", headers, Some(10_000)).await?;
    let oversized = [frames::open(1)]
        .into_iter()
        .chain((0..64).map(|_| frames::oversized(1)));
    assert_bounded("frames of a mebibyte", oversized, None).await?;
    let messages = streams(500).map(|number| {
        let message = frames::message(number, u32::MAX);
        [frames::open(number), message].concat()
    });
    assert_bounded("messages of four gibibytes", messages, None).await
}

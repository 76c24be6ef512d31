//! A TCP endpoint that sends arbitrary bytes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Maps the number of a request to its reply.
pub trait Script: Fn(usize) -> RawReply + Send + Sync + 'static {}

impl<F: Fn(usize) -> RawReply + Send + Sync + 'static> Script for F {}

/// The bytes sent in reply to one request.
#[derive(Clone)]
pub struct RawReply {
    first: Vec<u8>,
    /// Sent repeatedly until the client disconnects.
    repeated: Vec<u8>,
}

impl RawReply {
    pub fn once(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            first: bytes.into(),
            repeated: Vec::new(),
        }
    }

    pub fn forever(first: impl Into<Vec<u8>>, repeated: impl Into<Vec<u8>>) -> Self {
        Self {
            first: first.into(),
            repeated: repeated.into(),
        }
    }

    /// A complete JSON response.
    pub fn json(body: &str) -> Self {
        let length = body.len();
        Self::once(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Appends bytes to the reply.
    pub fn then(mut self, bytes: &[u8]) -> Self {
        self.first.extend(bytes);
        self
    }
}

/// An endpoint that listens until it is dropped.
pub struct RawEndpoint {
    pub address: SocketAddr,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl RawEndpoint {
    pub async fn start(script: impl Script) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, script) = (Arc::clone(&requests), Arc::new(script));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // An error means that the client disconnected.
                tokio::spawn(talk(stream, Arc::clone(&count), Arc::clone(&script)));
            }
        });
        Ok(Self {
            address,
            requests,
            task,
        })
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for RawEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk<S: Script>(
    stream: TcpStream,
    count: Arc<AtomicUsize>,
    script: Arc<S>,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            if line == "\r\n" {
                break;
            }
        }
        stream.read_exact(&mut vec![0; length]).await?;
        let reply = script(count.fetch_add(1, Ordering::SeqCst));
        stream.get_mut().write_all(&reply.first).await?;
        while !reply.repeated.is_empty() {
            stream.get_mut().write_all(&reply.repeated).await?;
        }
    }
}

//! Accepts connections, does the TLS handshake on each, and counts the open ones.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::either::Either;
use tonic::transport::server::Connected;

use super::listener::{Listener, Stream};

/// The time limit of a TLS handshake. Terraform needs milliseconds.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The limit of concurrent TLS handshakes. The client does one at a time.
const MAX_HANDSHAKES: usize = 64;

/// The pause after a failed `accept`, for example when file descriptors run out.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

/// The limit of connections that wait for the server after their TLS handshake.
const QUEUED_CONNECTIONS: usize = 16;

/// The state of one connection, which its requests carry as an extension. Clones share
/// the state.
pub trait ConnectionState: Clone + Default + Send + Sync + Unpin + 'static {}

impl<S: Clone + Default + Send + Sync + Unpin + 'static> ConnectionState for S {}

/// Spawns a task that accepts connections, each in its own task, until the stream is
/// dropped. The stream yields connections after their TLS handshake. If `tls` is `None`,
/// connections are plaintext.
///
/// The second value counts the open connections.
pub(super) fn accept<S: ConnectionState>(
    listener: Listener,
    tls: Option<TlsAcceptor>,
) -> (ReceiverStream<io::Result<Connection<S>>>, ConnectionCount) {
    let (sender, receiver) = mpsc::channel(QUEUED_CONNECTIONS);
    let (count, observer) = watch::channel(0);
    let count = Arc::new(count);
    tokio::spawn(async move {
        let mut handshakes = Handshakes::default();
        loop {
            // Dropping the stream ends this task, which drops the listener.
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = sender.closed() => return,
            };
            match accepted {
                Ok(stream) => {
                    let guard = ConnectionGuard::new(&count);
                    let secured = secure(stream, tls.clone(), guard, sender.clone());
                    handshakes.add(tokio::spawn(secured).abort_handle());
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    // Frees the file descriptor of a pending handshake.
                    handshakes.abort_oldest();
                    sleep(ACCEPT_BACKOFF).await;
                }
            }
        }
    });
    (ReceiverStream::new(receiver), ConnectionCount(observer))
}

/// Pending TLS handshakes, oldest first.
///
/// A genuine client needs milliseconds. If there are too many handshakes, the oldest is
/// therefore the least likely to be genuine, and is aborted.
#[derive(Default)]
struct Handshakes(VecDeque<AbortHandle>);

impl Handshakes {
    fn add(&mut self, handshake: AbortHandle) {
        self.0.retain(|handshake| !handshake.is_finished());
        if self.0.len() >= MAX_HANDSHAKES {
            self.abort_oldest();
        }
        self.0.push_back(handshake);
    }

    fn abort_oldest(&mut self) {
        self.0.retain(|handshake| !handshake.is_finished());
        if let Some(oldest) = self.0.pop_front() {
            tracing::warn!("rejected a connection: aborted its TLS handshake to accept others");
            oldest.abort();
        }
    }
}

/// Performs the TLS handshake, if TLS is on, and passes the connection to the server.
async fn secure<S: ConnectionState>(
    stream: Stream,
    tls: Option<TlsAcceptor>,
    guard: ConnectionGuard,
    sender: mpsc::Sender<io::Result<Connection<S>>>,
) {
    let stream = match tls {
        None => Either::Left(stream),
        Some(acceptor) => {
            let accepted = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await;
            match accepted.unwrap_or_else(|elapsed| Err(elapsed.into())) {
                Ok(stream) => Either::Right(stream),
                Err(error) => {
                    tracing::warn!(%error, "rejected a connection: its TLS handshake failed");
                    return;
                }
            }
        }
    };
    // Fails only after the server has stopped. The connection is closed then.
    let _ = sender
        .send(Ok(Connection {
            stream,
            state: S::default(),
            _guard: guard,
        }))
        .await;
}

/// The number of open connections, including those in their TLS handshake.
#[derive(Clone, Debug)]
pub(super) struct ConnectionCount(watch::Receiver<usize>);

impl ConnectionCount {
    /// Returns when no connection has been open for `idle_timeout`. Until the first
    /// connection, `first_timeout` applies.
    pub(super) async fn idle(mut self, first_timeout: Duration, idle_timeout: Duration) {
        let mut limit = first_timeout;
        loop {
            let busy = self.0.wait_for(|open| *open > 0);
            match timeout(limit, busy).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => return,
            }
            if self.0.wait_for(|open| *open == 0).await.is_err() {
                return;
            }
            limit = idle_timeout;
        }
    }
}

/// Counts one open connection until it is dropped.
#[derive(Debug)]
struct ConnectionGuard(Arc<watch::Sender<usize>>);

impl ConnectionGuard {
    fn new(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|open| *open += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

/// A connection after its TLS handshake, if there is TLS.
pub(super) struct Connection<S> {
    stream: Either<Stream, TlsStream<Stream>>,
    state: S,
    _guard: ConnectionGuard,
}

impl<S: ConnectionState> Connected for Connection<S> {
    type ConnectInfo = S;

    fn connect_info(&self) -> S {
        self.state.clone()
    }
}

impl<S: Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test(start_paused = true)]
    async fn tls_handshake_without_data_times_out() {
        use super::super::environment::ClientEnvironment;
        use super::super::tls::PinnedTls;
        use tokio::io::AsyncReadExt;

        let parent = tempfile::tempdir().unwrap();
        let (listener, address) = Listener::bind(&ClientEnvironment {
            socket_directory: Some(parent.path().to_owned()),
            ..ClientEnvironment::default()
        })
        .unwrap();
        let tls = PinnedTls::accepting(vec![0].into()).unwrap();
        let (_secured, _count) = accept::<()>(listener, Some(TlsAcceptor::from(tls.config)));
        let started = tokio::time::Instant::now();
        let mut peer = tokio::net::UnixStream::connect(address.text).await.unwrap();
        let read = peer.read(&mut [0]).await.unwrap();
        assert_eq!((read, started.elapsed().as_secs()), (0, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_timeout_starts_when_the_last_connection_closes() {
        let (count, observer) = watch::channel(0);
        let count = Arc::new(count);
        let idle = ConnectionCount(observer).idle(Duration::from_mins(1), Duration::from_secs(5));
        let started = tokio::time::Instant::now();
        let busy = async {
            sleep(Duration::from_secs(50)).await;
            let guard = ConnectionGuard::new(&count);
            sleep(Duration::from_secs(100)).await;
            drop(guard);
            sleep(Duration::from_secs(4)).await;
            let guard = ConnectionGuard::new(&count);
            sleep(Duration::from_secs(1)).await;
            drop(guard);
        };
        tokio::join!(idle, busy);
        assert_eq!(started.elapsed().as_secs(), 160);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_timeout_without_a_first_connection_expires() {
        let (_count, observer) = watch::channel(0);
        let started = tokio::time::Instant::now();
        ConnectionCount(observer)
            .idle(Duration::from_mins(1), Duration::from_secs(5))
            .await;
        assert_eq!(started.elapsed().as_secs(), 60);
    }
}

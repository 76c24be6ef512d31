//! Accepts connections, does TLS on each, and knows how many are open.

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
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::listener::{Listener, Transport};

/// How long a peer may take to prove who it is. Terraform needs milliseconds.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// The most connections that may be proving who they are. The client does so with
/// one at a time.
const MOST_HANDSHAKES: usize = 64;

/// How long to wait when the operating system cannot accept, as when it is out
/// of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The state of one connection, which its requests carry as an extension. Clones share
/// it.
pub trait ConnectionState: Clone + Default + Send + Sync + Unpin + 'static {}

impl<S: Clone + Default + Send + Sync + Unpin + 'static> ConnectionState for S {}

/// Accepts connections forever, each in its own task, and hands on those that
/// are secured. `None` for `tls` means plaintext.
///
/// The second value counts the connections that are open now.
pub(super) fn accept<S: ConnectionState>(
    listener: Listener,
    tls: Option<TlsAcceptor>,
) -> (ReceiverStream<io::Result<Connection<S>>>, ConnectionCount) {
    let (sender, receiver) = mpsc::channel(16);
    let (count, observer) = watch::channel(0);
    let count = Arc::new(count);
    tokio::spawn(async move {
        let mut handshakes = Handshakes::default();
        loop {
            // A stream whose receiver is gone takes the listener with it.
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = sender.closed() => return,
            };
            match accepted {
                Ok(transport) => {
                    let open = ConnectionGuard::new(&count);
                    let secured = secure(transport, tls.clone(), open, sender.clone());
                    handshakes.add(tokio::spawn(secured).abort_handle());
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    handshakes.end_the_oldest();
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    });
    (ReceiverStream::new(receiver), ConnectionCount(observer))
}

/// Connections that have not proved yet who they are, the oldest first.
///
/// One that is in order needs milliseconds: when there are too many, it is the
/// oldest that is least likely to be.
#[derive(Default)]
struct Handshakes(VecDeque<AbortHandle>);

impl Handshakes {
    fn add(&mut self, handshake: AbortHandle) {
        self.0.retain(|handshake| !handshake.is_finished());
        if self.0.len() >= MOST_HANDSHAKES {
            self.end_the_oldest();
        }
        self.0.push_back(handshake);
    }

    fn end_the_oldest(&mut self) {
        self.0.retain(|handshake| !handshake.is_finished());
        if let Some(oldest) = self.0.pop_front() {
            tracing::warn!("refused a connection: others came before its TLS handshake was done");
            oldest.abort();
        }
    }
}

async fn secure<S: ConnectionState>(
    transport: Box<dyn Transport>,
    tls: Option<TlsAcceptor>,
    open: ConnectionGuard,
    sender: mpsc::Sender<io::Result<Connection<S>>>,
) {
    let stream: Box<dyn Transport> = match tls {
        None => transport,
        Some(acceptor) => match timeout(HANDSHAKE_LIMIT, acceptor.accept(transport)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) => {
                tracing::warn!(%error, "refused a connection");
                return;
            }
            Err(_) => {
                tracing::warn!("refused a connection: its TLS handshake took too long");
                return;
            }
        },
    };
    // Fails only when the server has stopped: then nobody wants the connection.
    let _ = sender
        .send(Ok(Connection {
            stream,
            state: S::default(),
            _open: open,
        }))
        .await;
}

/// How many connections are open, including those in their TLS handshake.
#[derive(Clone, Debug)]
pub(super) struct ConnectionCount(watch::Receiver<usize>);

impl ConnectionCount {
    /// Returns once no connection has been open for `limit`, but never before
    /// `first` has passed without any.
    pub(super) async fn idle(mut self, first: Duration, limit: Duration) {
        let mut patience = first;
        loop {
            let busy = self.0.wait_for(|open| *open > 0);
            match timeout(patience, busy).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => return,
            }
            if self.0.wait_for(|open| *open == 0).await.is_err() {
                return;
            }
            patience = limit;
        }
    }
}

/// Counts one open connection for as long as it lives.
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

/// A connection that requests can be read from.
pub(super) struct Connection<S> {
    stream: Box<dyn Transport>,
    state: S,
    _open: ConnectionGuard,
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
    async fn a_peer_that_stays_silent_is_hung_up_on() {
        use super::super::{socket, tls::PinnedTls};
        use tokio::io::AsyncReadExt;

        let parent = tempfile::tempdir().unwrap();
        let (listener, place) = socket::bind(Some(parent.path()), None).unwrap();
        let path = place.path();
        let tls = PinnedTls::accepting(vec![0].into()).unwrap();
        let (_secured, _count) = accept::<()>(
            Listener::Unix(listener, place),
            Some(TlsAcceptor::from(tls.config)),
        );
        let started = tokio::time::Instant::now();
        let mut peer = tokio::net::UnixStream::connect(path).await.unwrap();
        let read = peer.read(&mut [0]).await.unwrap();
        assert_eq!((read, started.elapsed().as_secs()), (0, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_begins_when_the_last_connection_closes() {
        let (count, observer) = watch::channel(0);
        let count = Arc::new(count);
        let idle = ConnectionCount(observer).idle(Duration::from_mins(1), Duration::from_secs(5));
        let started = tokio::time::Instant::now();
        let busy = async {
            sleep(Duration::from_secs(50)).await;
            let open = ConnectionGuard::new(&count);
            sleep(Duration::from_secs(100)).await;
            drop(open);
            sleep(Duration::from_secs(4)).await;
            let open = ConnectionGuard::new(&count);
            sleep(Duration::from_secs(1)).await;
            drop(open);
        };
        tokio::join!(idle, busy);
        assert_eq!(started.elapsed().as_secs(), 160);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_begins_at_once_when_nobody_ever_connects() {
        let (_count, observer) = watch::channel(0);
        let started = tokio::time::Instant::now();
        ConnectionCount(observer)
            .idle(Duration::from_mins(1), Duration::from_secs(5))
            .await;
        assert_eq!(started.elapsed().as_secs(), 60);
    }
}

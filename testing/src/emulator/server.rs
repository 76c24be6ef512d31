//! The HTTP server and its thread.

use std::error::Error;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::respond::{self, Disconnect};
use super::state::Shared;

/// A running server. Dropping it stops the server and closes all connections.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on a dedicated thread and runtime: the emulator works in synchronous
    /// tests and under any runtime.
    pub(super) fn start(listener: TcpListener, shared: Arc<Shared>) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("swas-emulator".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = accept(listener, shared) => {}
                        _ = stopped => {}
                    }
                });
                // Dropping the runtime drops the connection tasks, including
                // hanging ones, and their sockets.
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The panic hook has already reported a panic of the thread.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
            // Most likely out of file descriptors, until some connections close.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // With Nagle's algorithm, a response in two writes waits for the client's delayed
    // acknowledgment. It fails only on a closed connection.
    let _ = stream.set_nodelay(true);
    let _open = shared.connect();
    let service = service_fn(|request| respond::handle(&shared, request));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // Other errors are a disconnected client or a deliberately truncated response.
    let Err(error) = (&mut connection).await else {
        return;
    };
    if error.source().and_then(|cause| cause.downcast_ref()) == Some(&Disconnect::Reset) {
        let stream = connection.into_parts().io.into_inner();
        // Closing with SO_LINGER of 0 resets the connection. It fails only on a closed
        // connection.
        let _ = stream.set_zero_linger();
    }
}

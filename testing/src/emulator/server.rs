//! The HTTP side: a thread that accepts connections and answers requests.

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

use super::respond::{self, Ended};
use super::state::Shared;

/// A running server; dropping it stops it and closes every connection.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on a thread and a runtime of its own, so that it works under any
    /// runtime of the test and under none.
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
                // Dropping the runtime drops the connections' tasks, hung ones
                // too, and with them the sockets.
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
            // A panic of the thread was reported when it happened.
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
            // Out of file descriptors, most likely: some will come free.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Without it, an answer in two writes waits for the client's delayed
    // acknowledgment. It can only fail on a connection that is gone already.
    let _ = stream.set_nodelay(true);
    let _open = shared.connect();
    let service = service_fn(|request| respond::handle(&shared, request));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // Another error is a client that left or an answer that is meant to be cut
    // off.
    let Err(error) = (&mut connection).await else {
        return;
    };
    if error.source().and_then(|cause| cause.downcast_ref()) == Some(&Ended::Reset) {
        let stream = connection.into_parts().io.into_inner();
        // Closed with nothing lingering, a connection is reset. It can only fail
        // on one that is gone already.
        let _ = stream.set_zero_linger();
    }
}

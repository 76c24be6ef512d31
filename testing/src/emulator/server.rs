//! The HTTP side: a thread that accepts connections and answers requests.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::answer::{JSON, Kind};
use super::body;
use super::error::ApiError;
use super::instance;
use super::request::Request;
use super::request_id;
use super::state::Shared;

/// A request body above this closes the connection. 50 image IDs need some 3 KB.
const MAX_REQUEST_BODY: usize = 1024 * 1024;

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
                shared.state().connections += 1;
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
    let service = service_fn(|request| handle(&shared, request));
    // An error is a client that left or an answer that is meant to be cut off.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer")]
struct Close;

async fn handle(
    shared: &Shared,
    request: hyper::Request<Incoming>,
) -> Result<Response<UnsyncBoxBody<Bytes, Infallible>>, Close> {
    let _in_flight = shared.enter();
    // Before the request is seen, or a release right after would be lost.
    let mut releases = shared.releases.subscribe();
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST_BODY).collect().await;
    let body: Bytes = body.map_err(|_| Close)?.to_bytes();
    let request = Request::new(&head, &body);

    let answer = shared.record(request.clone());
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    let mut body = None;
    let mut response = match answer.kind {
        Kind::Normal => normal(shared, &request),
        Kind::Error(error) => error_response(&error, &request, &request_id::next()),
        Kind::Echo => {
            let values: Vec<_> = request.parameters.values().map(String::as_str).collect();
            let message = format!("{} {}", request.body, values.join(" "));
            let error = ApiError::new(400, "InvalidParameter", message);
            error_response(&error, &request, &request_id::next())
        }
        Kind::Raw(status, text) => plain_response(status, text),
        Kind::Blanks(length) => {
            body = Some(body::blanks(length));
            Response::default()
        }
        Kind::Hang => {
            // Fails only when the sender is gone, which `shared` holds.
            let _ = releases.changed().await;
            normal(shared, &request)
        }
        Kind::Close => return Err(Close),
    };
    // Whatever the header says of the length goes, whether it is true or not.
    let is_length_given = answer.headers.contains_key(CONTENT_LENGTH);
    let whole = if is_length_given {
        body::cut
    } else {
        body::whole
    };
    response.headers_mut().extend(answer.headers);
    Ok(response.map(|text| body.unwrap_or_else(|| whole(text))))
}

fn normal(shared: &Shared, request: &Request) -> Response<Bytes> {
    let mut state = shared.state();
    if let Some((status, text)) = instance::answer(request, &mut state.world) {
        return plain_response(status, text.into());
    }
    let request_id = request_id::next();
    match state.answer(request, &request_id) {
        Ok(body) => json_response(StatusCode::OK, body, &request_id),
        Err(error) => error_response(&error, request, &request_id),
    }
}

fn error_response(error: &ApiError, request: &Request, request_id: &str) -> Response<Bytes> {
    let host = request.header("host").unwrap_or_default();
    // The codes come from this module, or `Answer` has checked them.
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json_response(status, error.body(request_id, host), request_id)
}

fn json_response(status: StatusCode, body: String, request_id: &str) -> Response<Bytes> {
    let mut response = plain_response(status, body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    if let Ok(request_id) = HeaderValue::try_from(request_id) {
        headers.insert("x-acs-request-id", request_id);
    }
    response
}

fn plain_response(status: StatusCode, text: Bytes) -> Response<Bytes> {
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response
}

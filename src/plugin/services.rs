//! The gRPC services that go-plugin requires of every plugin.

use std::pin::Pin;

use futures_util::stream;
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Request, Response, Status, Streaming};

mod proto {
    #![allow(missing_docs, clippy::pedantic, reason = "generated code")]
    tonic::include_proto!("plugin");
}

use proto::grpc_broker_server::{GrpcBroker, GrpcBrokerServer};
use proto::grpc_controller_server::{GrpcController, GrpcControllerServer};
use proto::grpc_stdio_server::{GrpcStdio, GrpcStdioServer};
use proto::{ConnInfo, Empty, StdioData};

/// Adds the services. The client's call of `Shutdown` cancels `shutdown_requested`. The
/// caller cancels `shutdown` when this process shuts down.
pub(super) fn add(
    routes: Routes,
    shutdown_requested: CancellationToken,
    shutdown: CancellationToken,
) -> Routes {
    let idle = IdleServices { shutdown };
    routes
        .add_service(GrpcControllerServer::new(Controller { shutdown_requested }))
        .add_service(GrpcStdioServer::new(idle.clone()))
        .add_service(GrpcBrokerServer::new(idle))
}

struct Controller {
    shutdown_requested: CancellationToken,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.shutdown_requested.cancel();
        Ok(Response::new(Empty {}))
    }
}

/// Services whose streams are open and empty until this process shuts down.
///
/// Stdout holds only the handshake line, the client reads stderr itself, and connections
/// are not brokered. Streams stay open: a client may interpret the end of one as the exit
/// of the plugin.
#[derive(Clone)]
struct IdleServices {
    shutdown: CancellationToken,
}

type PendingStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl IdleServices {
    fn pending_stream<T: Send + 'static>(&self) -> PendingStream<T> {
        let shutdown = self.shutdown.clone();
        Box::pin(stream::unfold(shutdown, |shutdown| async move {
            shutdown.cancelled_owned().await;
            None
        }))
    }
}

#[tonic::async_trait]
impl GrpcStdio for IdleServices {
    type StreamStdioStream = PendingStream<StdioData>;

    async fn stream_stdio(
        &self,
        _: Request<()>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(self.pending_stream()))
    }
}

#[tonic::async_trait]
impl GrpcBroker for IdleServices {
    type StartStreamStream = PendingStream<ConnInfo>;

    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.pending_stream()))
    }
}

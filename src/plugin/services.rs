//! The services that go-plugin expects beside the plugin's own.

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

/// Adds the services. `shutdown` is canceled when the client asks for the end of
/// this process; none means that it may not. `ending` is canceled by others, when
/// this process is about to end.
pub(super) fn add(
    routes: Routes,
    shutdown: Option<CancellationToken>,
    ending: CancellationToken,
) -> Routes {
    let streams = IdleServices { ending };
    routes
        .add_service(GrpcControllerServer::new(Controller { shutdown }))
        .add_service(GrpcStdioServer::new(streams.clone()))
        .add_service(GrpcBrokerServer::new(streams))
}

struct Controller {
    shutdown: Option<CancellationToken>,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        if let Some(shutdown) = &self.shutdown {
            tracing::debug!("the client asked for the end of this process");
            shutdown.cancel();
        }
        Ok(Response::new(Empty {}))
    }
}

/// Streams on which nothing is ever said, open until this process ends.
///
/// Nothing but the handshake line goes to stdout, and stderr reaches the client
/// by itself; connections are not brokered. A client may take the end of either
/// stream for the end of the plugin.
#[derive(Clone)]
struct IdleServices {
    ending: CancellationToken,
}

type PendingStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl IdleServices {
    fn silence<T: Send + 'static>(&self) -> PendingStream<T> {
        let ending = self.ending.clone();
        Box::pin(stream::unfold(ending, |ending| async move {
            ending.cancelled_owned().await;
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
        Ok(Response::new(self.silence()))
    }
}

#[tonic::async_trait]
impl GrpcBroker for IdleServices {
    type StartStreamStream = PendingStream<ConnInfo>;

    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

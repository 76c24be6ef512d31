//! The services that go-plugin expects beside the plugin's own.

use std::pin::Pin;

use futures_util::stream;
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::proto::grpc_broker_server::GrpcBroker;
use super::proto::grpc_controller_server::GrpcController;
use super::proto::grpc_stdio_server::GrpcStdio;
use super::proto::{ConnInfo, Empty, StdioData};

/// Lets the client end this process.
#[derive(Debug)]
pub struct Controller {
    /// Canceled when the client asks; none where the client may not end it.
    pub shutdown: Option<CancellationToken>,
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
#[derive(Clone, Debug)]
pub struct SilentStreams {
    /// Canceled when this process is about to end.
    pub ending: CancellationToken,
}

type Silence<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl SilentStreams {
    fn silence<T: Send + 'static>(&self) -> Silence<T> {
        let ending = self.ending.clone();
        Box::pin(stream::unfold(ending, |ending| async move {
            ending.cancelled_owned().await;
            None
        }))
    }
}

#[tonic::async_trait]
impl GrpcStdio for SilentStreams {
    type StreamStdioStream = Silence<StdioData>;

    async fn stream_stdio(
        &self,
        _: Request<()>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[tonic::async_trait]
impl GrpcBroker for SilentStreams {
    type StartStreamStream = Silence<ConnInfo>;

    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

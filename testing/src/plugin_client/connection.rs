//! A connection to a provider, with go-plugin's services.

use std::io;

use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Status, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tower::service_fn;

use super::connect::{ConnectError, Stream};
use super::wire::plugin::grpc_broker_client::GrpcBrokerClient;
use super::wire::plugin::grpc_controller_client::GrpcControllerClient;
use super::wire::plugin::grpc_stdio_client::GrpcStdioClient;
use super::wire::plugin::{ConnInfo, Empty, StdioData};
use super::{Protocol, ProviderClient};

/// The limit of message sizes in either direction, in bytes, as in Terraform.
pub const MAX_MESSAGE_SIZE: usize = 256 << 20;

/// A connection to a provider. It never reconnects: once it breaks, calls fail.
#[derive(Clone, Debug)]
pub struct Connection {
    channel: Channel,
    protocol: Protocol,
}

/// The bidirectional stream of `GRPCBroker.StartStream`.
#[derive(Debug)]
pub struct Broker {
    /// Messages to the provider. Dropping it ends the stream.
    pub sender: mpsc::Sender<ConnInfo>,
    /// Messages from the provider.
    pub receiver: Streaming<ConnInfo>,
}

impl Connection {
    pub(super) async fn over(
        stream: Box<dyn Stream>,
        protocol: Protocol,
    ) -> Result<Self, ConnectError> {
        let mut stream = Some(stream);
        let connector = service_fn(move |_: Uri| {
            let stream = stream.take().map(TokioIo::new);
            std::future::ready(stream.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
        });
        // The host becomes the :authority header. Go clients send the same value.
        let channel = Endpoint::from_static("http://localhost")
            .connect_with_connector(connector)
            .await?;
        Ok(Self { channel, protocol })
    }

    /// A client for the negotiated protocol.
    pub fn provider(&self) -> ProviderClient {
        self.provider_in(self.protocol)
    }

    /// A client for the given protocol.
    pub fn provider_in(&self, protocol: Protocol) -> ProviderClient {
        ProviderClient::new(self.channel.clone(), protocol)
    }

    /// Calls `GRPCController.Shutdown`.
    pub async fn shutdown(&self) -> Result<(), Status> {
        GrpcControllerClient::new(self.channel.clone())
            .shutdown(Empty {})
            .await?;
        Ok(())
    }

    /// Checks the health of a service. Terraform checks `plugin`.
    pub async fn health(&self, service: &str) -> Result<ServingStatus, Status> {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let response = HealthClient::new(self.channel.clone())
            .check(request)
            .await?;
        Ok(response.into_inner().status())
    }

    /// Opens the stream of the provider's output.
    pub async fn stdio(&self) -> Result<Streaming<StdioData>, Status> {
        let response = GrpcStdioClient::new(self.channel.clone())
            .stream_stdio(())
            .await?;
        Ok(response.into_inner())
    }

    /// Opens the broker's stream.
    pub async fn broker(&self) -> Result<Broker, Status> {
        let (sender, outgoing) = mpsc::channel(8);
        let response = GrpcBrokerClient::new(self.channel.clone())
            .start_stream(Request::new(ReceiverStream::new(outgoing)))
            .await?;
        Ok(Broker {
            sender,
            receiver: response.into_inner(),
        })
    }
}

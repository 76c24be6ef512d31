//! Services beside the provider's own: health, stdio, broker and reflection, for
//! go-plugin and grpcurl.

use std::collections::BTreeSet;

use swas_testing::plugin_client::Protocol;
use swas_testing::running_provider::{Result, RunningProvider};
use tokio_stream::once;
use tonic::client::Grpc;
use tonic::{Code, Request};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use crate::lifetime::assert_still_serving;
use crate::support::{PROTOCOLS, start_provider};

#[tokio::test]
async fn health_check_serves_plugin_and_rejects_other_services() -> Result<()> {
    for protocol in PROTOCOLS {
        let RunningProvider { connection, .. } = &start_provider(protocol).await?;
        assert_eq!(connection.health("plugin").await?, ServingStatus::Serving);
        let other = connection.health("tfplugin7.Provider").await;
        assert_eq!(other.unwrap_err().code(), Code::NotFound);
    }
    Ok(())
}

#[tokio::test]
async fn stdio_and_broker_streams_stay_open_until_shutdown() -> Result<()> {
    for protocol in PROTOCOLS {
        let RunningProvider { connection, .. } = &start_provider(protocol).await?;
        let mut stdio = connection.stdio().await?;
        let mut broker = connection.broker().await?;
        tokio::select! {
            biased;
            message = stdio.message() => panic!("{message:?}"),
            message = broker.receiver.message() => panic!("{message:?}"),
            () = assert_still_serving(connection) => {}
        }
        connection.shutdown().await?;
        let (last, last_of_broker) = (stdio.message().await, broker.receiver.message().await);
        assert!(!matches!(last, Ok(Some(_))), "{last:?}");
        assert!(!matches!(last_of_broker, Ok(Some(_))), "{last_of_broker:?}");
    }
    Ok(())
}

/// Calls the reflection service. Both of its versions have the same messages.
async fn reflect(version: &str, request: MessageRequest) -> Result<MessageResponse> {
    let provider = start_provider(Protocol::V6).await?;
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(request),
    };
    let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
    let codec = ProstCodec::<_, ServerReflectionResponse>::default();
    let mut grpc = Grpc::new(provider.connection.channel());
    grpc.ready().await?;
    let request = Request::new(once(request));
    let responses = grpc.streaming(request, path.parse()?, codec).await?;
    let response = responses
        .into_inner()
        .message()
        .await?
        .ok_or("no response")?;
    Ok(response.message_response.ok_or("no message")?)
}

#[tokio::test]
async fn reflection_lists_every_service() -> Result<()> {
    for version in ["v1", "v1alpha"] {
        let response = reflect(version, MessageRequest::ListServices(String::new())).await?;
        let MessageResponse::ListServicesResponse(list) = response else {
            panic!("no list: {response:?}");
        };
        let listed: BTreeSet<_> = list.service.into_iter().map(|one| one.name).collect();
        for service in [
            "grpc.health.v1.Health",
            "plugin.GRPCBroker",
            "plugin.GRPCController",
            "plugin.GRPCStdio",
            "tfplugin5.Provider",
            "tfplugin6.Provider",
        ] {
            assert!(listed.contains(service), "{service}: {listed:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn reflection_describes_the_calls_of_both_protocols() -> Result<()> {
    for name in ["tfplugin5.Provider", "tfplugin6.Provider"] {
        let request = MessageRequest::FileContainingSymbol(name.to_owned());
        let response = reflect("v1", request).await?;
        let MessageResponse::FileDescriptorResponse(file) = response else {
            panic!("no descriptor: {response:?}");
        };
        let bytes = file.file_descriptor_proto.concat();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("ReadDataSource"), "{name}: {text}");
    }
    Ok(())
}

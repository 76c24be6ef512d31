//! What go-plugin and people with grpcurl ask beside the provider's own calls.

use std::collections::BTreeSet;

use swas_testing::plugin_client::{Connection, Protocol};
use tokio_stream::{StreamExt, once};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_reflection::pb::{v1, v1alpha};

use crate::support::BOTH;
use crate::support::provider::Provider;

#[tokio::test]
async fn the_plugin_is_healthy() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let health = provider.connection.health("plugin").await;
        assert_eq!(health.expect("an answer"), ServingStatus::Serving);
    }
}

#[tokio::test]
async fn health_knows_no_other_service() {
    let provider = Provider::start(Protocol::V6).await;
    let health = provider.connection.health("tfplugin7.Provider").await;
    assert_eq!(health.unwrap_err().code(), Code::NotFound);
}

/// Many answers in a row, to let pass what happens beside them.
async fn is_served_on(connection: &Connection) {
    for _ in 0..50 {
        connection.health("plugin").await.expect("an answer");
    }
}

#[tokio::test]
async fn the_stream_of_output_is_silent_and_open_until_shutdown() {
    for protocol in BOTH {
        let Provider { connection, .. } = &Provider::start(protocol).await;
        let mut stdio = connection.stdio().await.expect("a stream");
        tokio::select! {
            biased;
            heard = stdio.message() => panic!("{heard:?}"),
            () = is_served_on(connection) => {}
        }
        connection.shutdown().await.expect("an answer");
        let last = stdio.message().await;
        assert!(!matches!(last, Ok(Some(_))), "{last:?}");
    }
}

#[tokio::test]
async fn the_stream_of_the_broker_is_silent_and_open_until_shutdown() {
    for protocol in BOTH {
        let Provider { connection, .. } = &Provider::start(protocol).await;
        let mut broker = connection.broker().await.expect("a stream");
        tokio::select! {
            biased;
            heard = broker.receiver.message() => panic!("{heard:?}"),
            () = is_served_on(connection) => {}
        }
        connection.shutdown().await.expect("an answer");
        let last = broker.receiver.message().await;
        assert!(!matches!(last, Ok(Some(_))), "{last:?}");
    }
}

/// What reflection has to list.
const SERVICES: [&str; 6] = [
    "grpc.health.v1.Health",
    "plugin.GRPCBroker",
    "plugin.GRPCController",
    "plugin.GRPCStdio",
    "tfplugin5.Provider",
    "tfplugin6.Provider",
];

fn missing<'a>(listed: &BTreeSet<String>) -> Vec<&'a str> {
    let missing = SERVICES.into_iter().filter(|name| !listed.contains(*name));
    missing.collect()
}

#[tokio::test]
async fn reflection_v1_lists_every_service() {
    use v1::server_reflection_client::ServerReflectionClient;
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;

    let provider = Provider::start(Protocol::V6).await;
    let request = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(provider.connection.channel());
    let answers = client.server_reflection_info(once(request)).await;
    let answer = answers.expect("a stream").into_inner().next().await;
    let answer = answer.expect("an answer").expect("no error");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list: {answer:?}");
    };
    let listed = list.service.into_iter().map(|one| one.name).collect();
    assert_eq!(missing(&listed), [""; 0]);
}

#[tokio::test]
async fn reflection_v1alpha_lists_every_service() {
    use v1alpha::server_reflection_client::ServerReflectionClient;
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;

    let provider = Provider::start(Protocol::V6).await;
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(provider.connection.channel());
    let answers = client.server_reflection_info(once(request)).await;
    let answer = answers.expect("a stream").into_inner().next().await;
    let answer = answer.expect("an answer").expect("no error");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list: {answer:?}");
    };
    let listed = list.service.into_iter().map(|one| one.name).collect();
    assert_eq!(missing(&listed), [""; 0]);
}

#[tokio::test]
async fn reflection_describes_the_calls_of_both_protocols() {
    use v1::server_reflection_client::ServerReflectionClient;
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;

    let provider = Provider::start(Protocol::V6).await;
    for name in ["tfplugin5.Provider", "tfplugin6.Provider"] {
        let request = v1::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::FileContainingSymbol(name.to_owned())),
        };
        let mut client = ServerReflectionClient::new(provider.connection.channel());
        let answers = client.server_reflection_info(once(request)).await;
        let answer = answers.expect("a stream").into_inner().next().await;
        let answer = answer.expect("an answer").expect("no error");
        let Some(MessageResponse::FileDescriptorResponse(file)) = answer.message_response else {
            panic!("no descriptor: {answer:?}");
        };
        let bytes = file.file_descriptor_proto.concat();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("ReadDataSource"), "{name}: {text}");
    }
}

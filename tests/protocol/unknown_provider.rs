//! A provider block that hangs on another resource: planning goes as far as it
//! can without the values that are not known yet.

use rmpv::Value;
use swas_testing::emulator::Emulator;
use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::values::{dynamic, unknown};
use swas_testing::plugin_client::wire::tfplugin::deferred::Reason;
use swas_testing::plugin_client::wire::tfplugin::{ClientCapabilities, read_data_source};

use crate::support::provider::{Provider, endpoints, settings};
use crate::support::told::only_error;
use crate::support::{BOTH, emulator};

/// The arguments without which nothing can be read, and how each looks when it
/// is not known.
fn needed() -> [(&'static str, Value); 6] {
    [
        ("region", unknown()),
        ("access_key", unknown()),
        ("secret_key", unknown()),
        ("security_token", unknown()),
        ("protocol", unknown()),
        ("endpoints", endpoints(unknown())),
    ]
}

/// A provider of which one argument is not known.
async fn without(
    protocol: Protocol,
    emulator: &Emulator,
    argument: (&'static str, Value),
) -> Provider {
    let mut set = settings(emulator);
    set.retain(|(name, _)| *name != argument.0);
    set.push(argument);
    let provider = Provider::start(protocol).await;
    provider.configure(&set).await;
    provider
}

#[tokio::test]
async fn a_read_that_needs_an_unknown_argument_names_it() {
    let emulator = emulator();
    for protocol in BOTH {
        for argument in needed() {
            let name = argument.0;
            let provider = without(protocol, &emulator, argument).await;
            let answer = provider.read(&[]).await;
            let told = only_error(&answer.diagnostics);
            assert!(
                told.contains(&format!("the provider's argument \"{name}")),
                "{protocol:?}: {told}"
            );
            assert_eq!((answer.state, answer.deferred), (None, None), "{name}");
        }
    }
    assert_eq!(emulator.requests().len(), 0);
}

#[tokio::test]
async fn a_client_that_can_wait_gets_an_unknown_state_and_the_reason() {
    let emulator = emulator();
    for protocol in BOTH {
        for argument in needed() {
            let name = argument.0;
            let provider = without(protocol, &emulator, argument).await;
            let request = read_data_source::Request {
                type_name: "swas_images".to_owned(),
                config: Some(provider.images_config(&[])),
                client_capabilities: Some(ClientCapabilities {
                    deferral_allowed: true,
                    ..Default::default()
                }),
                ..Default::default()
            };
            let answer = provider.client.read_data_source_as(request).await;
            let read_data_source::Response {
                state,
                diagnostics,
                deferred,
            } = answer.expect("an answer");
            assert_eq!(diagnostics, [], "{protocol:?}: {name}");
            assert_eq!(state, Some(dynamic(&unknown())), "{protocol:?}: {name}");
            let reason = deferred.expect("a reason").reason();
            assert_eq!(reason, Reason::ProviderConfigUnknown, "{name}");
        }
    }
    assert_eq!(emulator.requests().len(), 0);
}

#[tokio::test]
async fn a_data_block_with_its_own_region_needs_none_of_the_provider() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = without(protocol, &emulator, ("region", unknown())).await;
        let state = provider.state(&[("region_id", "us-west-1".into())]).await;
        assert_eq!(state["region_id"], "us-west-1".into(), "{protocol:?}");
    }
}

#[tokio::test]
async fn a_block_of_endpoints_that_is_wholly_unknown_is_no_mistake_either() {
    let emulator = emulator();
    let provider = without(Protocol::V6, &emulator, ("endpoints", unknown())).await;
    let told = only_error(&provider.read(&[]).await.diagnostics);
    assert!(told.contains("\"endpoints\""), "{told}");
}

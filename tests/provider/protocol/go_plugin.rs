//! Services beside the provider's own: health, stdio and broker, for go-plugin.

use swas_testing::running_provider::{Result, RunningProvider};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

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

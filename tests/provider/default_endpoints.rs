//! Default endpoints: calls go to the endpoint of the region, over HTTPS.

use serde_json::json;
use swas_testing::network::ConnectProxy;
use swas_testing::running_provider::{Result, RunningProvider};

use crate::support::{configure, start};

#[tokio::test]
async fn default_endpoint_uses_region_and_https() -> Result<()> {
    let vpc = json!([{"swas": "swas-vpc.{region}.aliyuncs.com"}]);
    for (data_source, block, endpoints, host) in [
        (
            "swas_images",
            json!({}),
            json!([]),
            "swas.ap-southeast-1.aliyuncs.com:443",
        ),
        (
            "swas_images",
            json!({"region_id": "us-west-1"}),
            json!([]),
            "swas.us-west-1.aliyuncs.com:443",
        ),
        (
            "swas_images",
            json!({"region_id": "us-west-1"}),
            vpc,
            "swas-vpc.us-west-1.aliyuncs.com:443",
        ),
        // Every region lists all regions.
        (
            "swas_regions",
            json!({}),
            json!([]),
            "swas.cn-hangzhou.aliyuncs.com:443",
        ),
    ] {
        // The proxy records the target and forwards to a closed port.
        let proxy = ConnectProxy::start(([127, 0, 0, 1], 9).into())?;
        let start = start().env("HTTPS_PROXY", format!("http://{}", proxy.address));
        let provider = RunningProvider::start(start).await?;
        let keys = json!({
            "access_key": "LTAItestid",
            "secret_key": "testsecret",
            "region": "ap-southeast-1",
            "endpoints": endpoints,
        });
        configure(&provider, &keys).await?;
        let response = provider.read(data_source, &block).await?;
        assert!(response.state.is_none(), "{data_source} read something");
        assert_eq!(proxy.targets(), [host], "{data_source}");
    }
    Ok(())
}

//! Where calls go when no endpoint is configured: to the region's own, over
//! HTTPS, and nowhere else.

use rmpv::Value;
use swas_testing::network::ConnectProxy;
use swas_testing::plugin_client::Start;
use swas_testing::running_provider::{Result, RunningProvider};

#[tokio::test]
async fn each_call_goes_to_the_endpoint_of_its_region() -> Result<()> {
    let us_west: Vec<(&str, Value)> = vec![("region_id", "us-west-1".into())];
    for (data_source, arguments, host) in [
        (
            "swas_images",
            vec![],
            "swas.ap-southeast-1.aliyuncs.com:443",
        ),
        ("swas_images", us_west, "swas.us-west-1.aliyuncs.com:443"),
        // Every region knows all of them.
        ("swas_regions", vec![], "swas.cn-hangzhou.aliyuncs.com:443"),
    ] {
        // It records who is asked for, and leads to nobody.
        let nobody = ([127, 0, 0, 1], 9).into();
        let proxy = ConnectProxy::start(nobody)?;
        let start = Start::new(env!("CARGO_BIN_EXE_terraform-provider-swas"))
            .env("HTTPS_PROXY", format!("http://{}", proxy.address));
        let provider = RunningProvider::start(start).await?;
        let block = [
            ("region", "ap-southeast-1".into()),
            ("access_key", "LTAItestid".into()),
            ("secret_key", "testsecret".into()),
        ];
        provider.configure(&block).await?;
        let answer = provider.read(data_source, &arguments).await?;
        provider.end().await?;
        assert!(answer.state.is_none(), "{data_source} read something");
        assert_eq!(proxy.targets(), [host], "{data_source}");
    }
    Ok(())
}

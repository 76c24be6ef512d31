//! The API.

use aliyun::rpc::service::Service;

/// Simple Application Server.
pub const SWAS: Service = Service {
    name: "swas",
    version: "2020-06-01",
    endpoint_variables: &[
        "ALIBABA_CLOUD_SWAS_ENDPOINT",
        // The official provider's.
        "ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN",
    ],
};

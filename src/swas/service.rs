//! Name, version, and endpoint variables of the API.

use aliyun::rpc::service::Service;

/// Simple Application Server.
pub const SWAS: Service = Service {
    name: "swas",
    version: "2020-06-01",
    endpoint_variables: &[
        "ALIBABA_CLOUD_SWAS_ENDPOINT",
        // Read by the official provider too.
        "ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN",
    ],
};

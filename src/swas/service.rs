//! Name, version, and endpoint variables of the API.

use aliyun::rpc::service::Service;

/// Simple Application Server.
pub const SWAS: Service = Service {
    name: "swas",
    version: "2020-06-01",
};

/// Environment variables that set the endpoint, in order of precedence. The official
/// provider reads the second one too.
pub const ENDPOINT_VARIABLES: [&str; 2] = [
    "ALIBABA_CLOUD_SWAS_ENDPOINT",
    "ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN",
];

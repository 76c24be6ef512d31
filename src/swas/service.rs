//! The APIs that are called, and the hosts that they have.

use super::region::RegionId;

/// One of Alibaba Cloud's APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The first part of its host names.
    name: &'static str,
    /// The version of it that everything in here speaks.
    pub version: &'static str,
    /// What variable of the environment names its endpoint.
    pub endpoint_variable: &'static str,
}

/// Simple Application Server.
pub const SWAS: Service = Service {
    name: "swas",
    version: "2020-06-01",
    endpoint_variable: "ALIBABA_CLOUD_SWAS_ENDPOINT",
};

/// Security Token Service, which hands out the credentials of roles.
pub const STS: Service = Service {
    name: "sts",
    version: "2015-04-01",
    endpoint_variable: "ALIBABA_CLOUD_STS_ENDPOINT",
};

impl Service {
    /// The host that it has in a region or, for a service that has such a host,
    /// the one for all regions.
    pub(super) fn host(&self, region: Option<&RegionId>) -> String {
        match region {
            Some(region) => format!("{}.{region}.aliyuncs.com", self.name),
            None => format!("{}.aliyuncs.com", self.name),
        }
    }
}

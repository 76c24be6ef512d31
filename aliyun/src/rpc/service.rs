//! Descriptions of APIs.

/// An RPC API of Alibaba Cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// First label of the API's host names.
    pub name: &'static str,
    /// API version, which is a date.
    pub version: &'static str,
}

/// Security Token Service (STS), which issues temporary credentials of roles.
pub const STS: Service = Service {
    name: "sts",
    version: "2015-04-01",
};

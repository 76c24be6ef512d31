//! The operations of the API: parameters, response, and model.

pub mod custom_images;
pub mod images;
pub mod plans;
pub mod regions;

use aliyun::client::Operation;

/// An operation whose public response processes can share.
pub trait Share: Operation + PartialEq {
    /// Returns true if the response is shared. By default it is not.
    fn is_shared(&self) -> bool {
        false
    }

    /// Returns the public part of the response, in the form of a response. `None` if it
    /// cannot be distinguished from the rest.
    fn shared_body(&self, _: &Self::Output) -> Option<Vec<u8>> {
        None
    }
}

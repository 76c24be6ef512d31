//! The state of one connection: the provider data, and the cancellation of reads.
//!
//! Terraform opens one connection for each instance of a provider. Several of them lead to
//! one process in debug mode.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;

use super::provider::Provider;

/// The state of one connection, in the extensions of its requests.
pub struct Session<P: Provider> {
    /// The result of the last successful [`Provider::configure`].
    provider_data: RwLock<Option<Arc<P::ProviderData>>>,
    /// Cancels the reads of this connection.
    pub(super) stop: Notify,
}

impl<P: Provider> Default for Session<P> {
    fn default() -> Self {
        Self {
            provider_data: RwLock::default(),
            stop: Notify::new(),
        }
    }
}

impl<P: Provider> Session<P> {
    pub(super) fn provider_data(&self) -> Option<Arc<P::ProviderData>> {
        let data = self.provider_data.read();
        data.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_provider_data(&self, data: P::ProviderData) {
        let current = self.provider_data.write();
        *current.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(data));
    }
}

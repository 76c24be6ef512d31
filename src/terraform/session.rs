//! The state of one connection: the provider data, and the cancellation of reads.
//!
//! Terraform opens one connection for each instance of a provider. Several of them lead to
//! one process in debug mode.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;
use tonic::Request;

use super::provider::Provider;

/// The state of one connection. Clones share it.
///
/// [`Server`](super::Server) takes it from the extensions of each request.
pub struct Session<P: Provider>(Arc<SessionState<P::ProviderData>>);

struct SessionState<Data> {
    /// The result of the last successful [`Provider::configure`].
    provider_data: RwLock<Option<Arc<Data>>>,
    /// Cancels the reads of this connection.
    stop: Notify,
}

impl<P: Provider> Default for Session<P> {
    fn default() -> Self {
        Self(Arc::new(SessionState {
            provider_data: RwLock::default(),
            stop: Notify::new(),
        }))
    }
}

impl<P: Provider> Clone for Session<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Provider> Session<P> {
    /// Returns the session of a request's connection. A request without one gets a new
    /// session, which is not configured.
    pub(super) fn from_request<T>(request: &Request<T>) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    pub(super) fn provider_data(&self) -> Option<Arc<P::ProviderData>> {
        let data = self.0.provider_data.read();
        data.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_provider_data(&self, data: P::ProviderData) {
        let current = self.0.provider_data.write();
        *current.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(data));
    }

    /// Cancels the running reads, and not later ones.
    pub(super) fn cancel_reads(&self) {
        self.0.stop.notify_waiters();
    }

    /// Waits until reads are canceled.
    pub(super) async fn canceled(&self) {
        self.0.stop.notified().await;
    }
}

//! The state of one connection: the configured provider, and how to cancel reads.
//!
//! Terraform opens one connection for each instance of a provider. Several of them lead to
//! one process if a person has started it for debugging.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;
use tonic::Request;

use super::provider::Provider;

/// The state of one connection. Clones share it.
///
/// [`Server`](super::Server) finds it among the extensions of each request.
pub struct Session<P: Provider>(Arc<State<P::ProviderData>>);

struct State<C> {
    /// The result of the last successful configuration.
    configured: RwLock<Option<Arc<C>>>,
    /// Cancels the reads of this connection.
    stop: Notify,
}

impl<P: Provider> Default for Session<P> {
    fn default() -> Self {
        Self(Arc::new(State {
            configured: RwLock::default(),
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
    /// The session of the connection that a request came through. A request without
    /// one gets a new session, which is not configured.
    pub(super) fn of<T>(request: &Request<T>) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    pub(super) fn configured(&self) -> Option<Arc<P::ProviderData>> {
        let configured = self.0.configured.read();
        configured.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces an earlier configuration.
    pub(super) fn configure(&self, configured: P::ProviderData) {
        let last = self.0.configured.write();
        *last.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(configured));
    }

    /// Cancels the reads that are under way, and not later ones.
    pub(super) fn cancel_reads(&self) {
        self.0.stop.notify_waiters();
    }

    /// Returns when reads are canceled.
    pub(super) async fn canceled(&self) {
        self.0.stop.notified().await;
    }
}

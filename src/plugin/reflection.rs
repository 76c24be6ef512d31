//! gRPC reflection, for tools such as grpcurl and evans. Terraform does not use it, so
//! the descriptors are decoded at the first request.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_reflection::server::Builder;
use tower_service::Service;

/// Adds both versions of the reflection service. `descriptors` is an encoded file
/// descriptor set.
pub(super) fn add(routes: Routes, descriptors: &'static [u8]) -> Routes {
    let builder = move || {
        Builder::configure()
            .register_encoded_file_descriptor_set(descriptors)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // The descriptors come from this build, so that they are valid.
    routes
        .add_service(Lazy::new(move || {
            builder().build_v1().expect("descriptors of this build")
        }))
        .add_service(Lazy::new(move || {
            builder()
                .build_v1alpha()
                .expect("descriptors of this build")
        }))
}

/// A service that is built at its first call.
struct Lazy<S, F> {
    built: Arc<OnceLock<S>>,
    build: F,
}

impl<S, F: Fn() -> S> Lazy<S, F> {
    fn new(build: F) -> Self {
        Self {
            built: Arc::default(),
            build,
        }
    }
}

impl<S, F: Clone> Clone for Lazy<S, F> {
    fn clone(&self) -> Self {
        Self {
            built: Arc::clone(&self.built),
            build: self.build.clone(),
        }
    }
}

impl<S: NamedService, F> NamedService for Lazy<S, F> {
    const NAME: &'static str = S::NAME;
}

impl<S, F> Service<Request<Body>> for Lazy<S, F>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
    F: Fn() -> S,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = self.built.get_or_init(&self.build);
        service.clone().call(request)
    }
}

//! gRPC-Web and Connect beside gRPC, for the callers that [`access`](crate::access) lets in.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::{self, HeaderName};
use tonic::service::Routes;
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::validate_request::ValidateRequestHeaderLayer;

use crate::access::WebAccess;
use crate::connect;
use crate::daemon::Daemon;

/// The time for which a browser may remember that an origin is allowed.
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// The request headers that stubs for browsers send and that need permission.
const REQUEST_HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-user-agent"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("connect-protocol-version"),
    HeaderName::from_static("connect-timeout-ms"),
];
/// The response headers that these stubs read.
const RESPONSE_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
];

/// Adds Connect to the routes, gRPC-Web if any page may call, and a check of the caller in front of
/// them.
#[must_use]
pub fn routes(access: &WebAccess, routes: Routes, daemon: &Arc<Daemon>) -> Routes {
    let mut router = routes.into_axum_router();
    if access.is_open() {
        router = router.layer(GrpcWebLayer::new());
    }
    let mut router = connect::beside(router.into(), daemon).into_axum_router();
    if access.is_open() {
        router = router.layer(cors(access));
    }
    router
        .layer(ValidateRequestHeaderLayer::custom(access.clone()))
        .into()
}

fn cors(access: &WebAccess) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(access.header_values()))
        .allow_methods([Method::POST])
        .allow_headers(REQUEST_HEADERS)
        .expose_headers(RESPONSE_HEADERS)
        .max_age(PREFLIGHT_AGE)
        // Browsers send a preflight before a public page may call this machine.
        .allow_private_network(true)
}

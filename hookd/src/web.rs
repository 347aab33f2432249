//! Web pages as clients: gRPC-Web for the origins that the config names, nothing for any
//! other page.
//!
//! A browser lets every page of the web send requests to this machine; it only keeps the
//! answer from the page. For hooks that is too late, so a request that a page of another
//! origin caused is refused before any service sees it, by its `Origin` header, which
//! scripts cannot change. A page that got hold of a name for this machine (DNS rebinding)
//! gives itself away by the same header, and by the `Host` that it calls.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use tonic::Status;
use tonic::service::{AxumBody, Routes};
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::validate_request::{ValidateRequest, ValidateRequestHeaderLayer};

use crate::connect;
use crate::daemon::Daemon;
use crate::settings::Origin;

/// How long a browser may remember that an origin is allowed.
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// What stubs for browsers send beyond what every page may.
const REQUEST_HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-user-agent"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("connect-protocol-version"),
    HeaderName::from_static("connect-timeout-ms"),
];
/// What they need to see of an answer.
const RESPONSE_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
];

/// The web pages that may call the services.
#[derive(Clone, Debug, Default)]
pub struct Web(Arc<[Origin]>);

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// A page of an origin that is not named caused it.
    Origin,
    /// It calls this machine by a name that is not its own.
    Host,
}

impl Web {
    /// Pages of these origins may call.
    #[must_use]
    pub fn new(origins: Vec<Origin>) -> Web {
        Web(origins.into())
    }

    /// Whether any page may call: only then are gRPC-Web, and HTTP/1.1 for it, spoken.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// These routes and those of Connect with the guard before them and, if any page may
    /// call, gRPC-Web.
    #[must_use]
    pub fn routes(&self, routes: Routes, daemon: &Arc<Daemon>) -> Routes {
        let mut router = routes.into_axum_router();
        if self.is_open() {
            router = router.layer(GrpcWebLayer::new());
        }
        let mut router = connect::beside(router.into(), daemon).into_axum_router();
        if self.is_open() {
            router = router.layer(self.cors());
        }
        router
            .layer(ValidateRequestHeaderLayer::custom(self.clone()))
            .into()
    }

    fn cors(&self) -> CorsLayer {
        let origins = self.0.iter().map(Origin::as_str);
        // An origin is plain ASCII, so every one of them is a header's value.
        let origins = origins.filter_map(|origin| HeaderValue::from_str(origin).ok());
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::POST])
            .allow_headers(REQUEST_HEADERS)
            .expose_headers(RESPONSE_HEADERS)
            .max_age(PREFLIGHT_AGE)
            // Browsers ask before a page of the web calls this machine.
            .allow_private_network(true)
    }

    fn admit<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let mut origins = request.headers().get_all(header::ORIGIN).iter();
        if !origins.all(|origin| self.is_named(origin)) {
            return Err(Refusal::Origin);
        }
        // No browser speaks HTTP/2 without TLS, so what does is none.
        if request.version() != Version::HTTP_2 && !self.is_own_host(request) {
            return Err(Refusal::Host);
        }
        Ok(())
    }

    fn is_named(&self, origin: &HeaderValue) -> bool {
        let named = |named: &Origin| origin.as_bytes() == named.as_str().as_bytes();
        self.0.iter().any(named)
    }

    /// Whether a request calls this machine by a name for itself, or by that of an origin:
    /// a proxy before hookd hands that name on.
    fn is_own_host<B>(&self, request: &Request<B>) -> bool {
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()?.parse().ok());
        host.is_some_and(|authority: http::uri::Authority| {
            let host = authority.host().to_ascii_lowercase();
            is_loopback(&host) || self.0.iter().any(|origin| origin.host() == host)
        })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

impl<B> ValidateRequest<B> for Web {
    type ResponseBody = AxumBody;

    fn validate(&mut self, request: &mut Request<B>) -> Result<(), Response<AxumBody>> {
        self.admit(request).map_err(Refusal::response)
    }
}

impl Refusal {
    /// For browsers by the HTTP status, for stubs by that of gRPC.
    fn response(self) -> Response<AxumBody> {
        let (http, grpc) = match self {
            Refusal::Origin => (
                StatusCode::FORBIDDEN,
                Status::permission_denied(
                    "hookd takes no calls from web pages of this origin: see --web-origin",
                ),
            ),
            Refusal::Host => (
                StatusCode::MISDIRECTED_REQUEST,
                Status::permission_denied(
                    "hookd takes no calls by this host name: call localhost or 127.0.0.1",
                ),
            ),
        };
        let mut response = grpc.into_http();
        *response.status_mut() = http;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(origins: &[&str]) -> Web {
        Web::new(origins.iter().map(|o| o.parse().unwrap()).collect())
    }

    fn request(version: Version, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn only_named_origins_pass() {
        let (open, closed) = (web(&["https://a.org", "http://localhost:5173"]), web(&[]));
        for origin in ["https://a.org", "http://localhost:5173"] {
            let request = request(Version::HTTP_2, &[("origin", origin)]);
            assert_eq!(open.admit(&request), Ok(()), "{origin}");
            assert_eq!(closed.admit(&request), Err(Refusal::Origin), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://a.org",
            "https://a.org:8443",
            "https://a.org.evil.org",
            "https://b.a.org",
            "https://A.org",
            "https://a.org/",
            "http://localhost",
        ] {
            let request = request(Version::HTTP_2, &[("origin", origin)]);
            assert_eq!(open.admit(&request), Err(Refusal::Origin), "{origin}");
        }
        let two = [("origin", "https://a.org"), ("origin", "https://evil.org")];
        let request = request(Version::HTTP_2, &two);
        assert_eq!(open.admit(&request), Err(Refusal::Origin));
    }

    #[test]
    fn only_names_for_this_machine_or_of_an_origin_pass() {
        let web = web(&["https://a.org"]);
        for host in [
            "localhost",
            "LocalHost:7432",
            "127.0.0.1:7432",
            "127.8.9.1",
            "[::1]:7432",
            "a.org",
        ] {
            let request = request(Version::HTTP_11, &[("host", host)]);
            assert_eq!(web.admit(&request), Ok(()), "{host}");
        }
        for host in [
            "",
            "evil.org:7432",
            "localhost.evil.org",
            "192.0.2.1",
            "a.org.evil.org",
        ] {
            let request = request(Version::HTTP_11, &[("host", host)]);
            assert_eq!(web.admit(&request), Err(Refusal::Host), "{host}");
        }
        let none = request(Version::HTTP_10, &[]);
        assert_eq!(web.admit(&none), Err(Refusal::Host));
        assert_eq!(web.admit(&request(Version::HTTP_2, &[])), Ok(()));
    }
}

//! Access to hookd: the rules for callers of every kind.
//!
//! - On a Unix socket: hookd's own user, by the mode of the socket and of its folder.
//! - On TCP: every user of this machine, on loopback addresses alone, and only with
//!   `--insecure-loopback`. There is no TLS, so no other machine may call.
//! - On sockets that systemd hands over: the callers that the socket unit lets in; TCP on
//!   loopback addresses alone.
//! - Web pages: those of the origins that are named, and no others.
//!
//! A browser lets every page of the web send requests to this machine; it only keeps the
//! answer from the page. For hooks that is too late, so a request that a page of another
//! origin caused is refused before any service sees it, by its `Origin` header, which
//! scripts cannot change. A page that got hold of a name for this machine (DNS rebinding)
//! gives itself away by the same header, and by the `Host` that it calls.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::header;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use tonic::Status;
use tonic::service::AxumBody;
use tower_http::validate_request::ValidateRequest;

use crate::listen::ListenError;
use crate::settings::Origin;

/// The mode of hookd's Unix socket.
pub(crate) const SOCKET_MODE: u32 = 0o600;

/// Checks that callers on a TCP address are those that are meant to call.
/// Fails if other machines could call, or if other users could and `insecure_loopback`
/// does not allow it.
pub(crate) fn check_tcp(address: SocketAddr, insecure_loopback: bool) -> Result<(), ListenError> {
    match (address.ip().is_loopback(), insecure_loopback) {
        (false, _) => Err(ListenError::NotLoopback(address)),
        (true, false) => Err(ListenError::LoopbackNotAsked(address)),
        (true, true) => Ok(()),
    }
}

/// The web pages that may call, by their origins.
#[derive(Clone, Debug, Default)]
pub struct WebAccess(Arc<[Origin]>);

/// The refusal of a request: the HTTP status for browsers, and the message for people.
type AccessRefusal = (StatusCode, &'static str);

/// A page of an origin that is not named caused the request.
const FOREIGN_ORIGIN: AccessRefusal = (
    StatusCode::FORBIDDEN,
    "hookd takes no calls from web pages of this origin: see --web-origin",
);

/// The request calls this machine by a name that is not its own.
const FOREIGN_HOST: AccessRefusal = (
    StatusCode::MISDIRECTED_REQUEST,
    "hookd takes no calls by this host name: call localhost or 127.0.0.1",
);

impl WebAccess {
    /// Lets pages of these origins call.
    #[must_use]
    pub fn new(origins: Vec<Origin>) -> WebAccess {
        WebAccess(origins.into())
    }

    /// Returns whether any page may call: only then are gRPC-Web, and HTTP/1.1 for it,
    /// spoken.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// Returns the origins as browsers send them.
    pub(crate) fn header_values(&self) -> impl Iterator<Item = HeaderValue> {
        let origins = self.0.iter().map(Origin::as_str);
        // An origin is plain ASCII, so every one of them is a header's value.
        origins.filter_map(|origin| HeaderValue::from_str(origin).ok())
    }

    fn check<B>(&self, request: &Request<B>) -> Result<(), AccessRefusal> {
        let mut origins = request.headers().get_all(header::ORIGIN).iter();
        if !origins.all(|origin| self.is_named(origin)) {
            return Err(FOREIGN_ORIGIN);
        }
        // No browser speaks HTTP/2 without TLS, so a caller that does is none.
        if request.version() != Version::HTTP_2 && !self.is_own_host(request) {
            return Err(FOREIGN_HOST);
        }
        Ok(())
    }

    fn is_named(&self, origin: &HeaderValue) -> bool {
        let named = |named: &Origin| origin.as_bytes() == named.as_str().as_bytes();
        self.0.iter().any(named)
    }

    /// Returns whether a request calls this machine by a name for itself, or by that of an
    /// origin: a proxy before hookd hands that name on.
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

impl<B> ValidateRequest<B> for WebAccess {
    type ResponseBody = AxumBody;

    fn validate(&mut self, request: &mut Request<B>) -> Result<(), Response<AxumBody>> {
        self.check(request).map_err(|(status, message)| {
            // Stubs read the status of gRPC.
            let mut response = Status::permission_denied(message).into_http();
            *response.status_mut() = status;
            response
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(origins: &[&str]) -> WebAccess {
        WebAccess::new(origins.iter().map(|o| o.parse().unwrap()).collect())
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
            assert_eq!(open.check(&request), Ok(()), "{origin}");
            assert_eq!(closed.check(&request), Err(FOREIGN_ORIGIN), "{origin}");
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
            assert_eq!(open.check(&request), Err(FOREIGN_ORIGIN), "{origin}");
        }
        let two = [("origin", "https://a.org"), ("origin", "https://evil.org")];
        let request = request(Version::HTTP_2, &two);
        assert_eq!(open.check(&request), Err(FOREIGN_ORIGIN));
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
            assert_eq!(web.check(&request), Ok(()), "{host}");
        }
        for host in [
            "",
            "evil.org:7432",
            "localhost.evil.org",
            "192.0.2.1",
            "a.org.evil.org",
        ] {
            let request = request(Version::HTTP_11, &[("host", host)]);
            assert_eq!(web.check(&request), Err(FOREIGN_HOST), "{host}");
        }
        let none = request(Version::HTTP_10, &[]);
        assert_eq!(web.check(&none), Err(FOREIGN_HOST));
        assert_eq!(web.check(&request(Version::HTTP_2, &[])), Ok(()));
    }
}

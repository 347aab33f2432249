//! Addresses of a hookd, as users write them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tonic::transport::Uri;

use crate::default_socket::default_socket;

/// Address at which hookd listens. It is written as for `hookd serve --listen`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// On a Unix socket: `unix:///run/hookd/hookd.sock`, or its bare path, which is absolute.
    Unix(PathBuf),
    /// On a TCP port, without encryption: `tcp://127.0.0.1:7432`, or with `http://`.
    Http(Uri),
}

impl Address {
    /// Returns the address of this user's hookd, if it listens on its default socket. If that does
    /// not exist yet, a later call may return another one.
    #[must_use]
    pub fn of_default_socket() -> Address {
        Address::Unix(default_socket())
    }
}

/// Error of a text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// A socket without an absolute path.
    #[error("unix:// lacks the absolute path of the socket")]
    NoPath,
    /// A socket that systemd hands over, of which only hookd knows the path.
    #[error("fd:// is an address for hookd alone; give the path of its systemd socket")]
    HandedOver,
    /// TLS, which is not supported yet.
    #[error("https:// is not supported yet; use the Unix socket")]
    Https,
    /// Any other text.
    #[error("give unix:///path or tcp://host:port")]
    Malformed,
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Address, InvalidAddress> {
        let after = |schemes: [&str; 2]| schemes.iter().find_map(|s| text.strip_prefix(s));
        let path = after(["unix://", "unix:"]);
        match path.or_else(|| text.starts_with('/').then_some(text)) {
            Some(path) if path.starts_with('/') => return Ok(Address::Unix(PathBuf::from(path))),
            Some(_) => return Err(InvalidAddress::NoPath),
            None if text == "fd://" => return Err(InvalidAddress::HandedOver),
            None => {}
        }
        if text.starts_with("https://") {
            return Err(InvalidAddress::Https);
        }
        after(["http://", "tcp://"])
            .and_then(|rest| format!("http://{rest}").parse::<Uri>().ok())
            .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
            .map(Address::Http)
            .ok_or(InvalidAddress::Malformed)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix://{}", path.display()),
            Address::Http(uri) => write!(f, "{}", uri.to_string().trim_end_matches('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, shown) in [
            (
                "unix:///run/hookd/hookd.sock",
                "unix:///run/hookd/hookd.sock",
            ),
            ("unix:/run/x", "unix:///run/x"),
            ("/run/x", "unix:///run/x"),
            ("http://127.0.0.1:7432", "http://127.0.0.1:7432"),
            ("tcp://[::1]:7432", "http://[::1]:7432"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
        }
        for text in [
            "",
            "unix://",
            "unix:relative.sock",
            "fd://",
            "https://host:1",
            "host:1",
            "http://",
            "ftp://x",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}

//! Origins of web pages, in the notation of browsers.

use std::net::Ipv6Addr;
use std::str::FromStr;

use hook_core::config::shown;

/// The origin of a web page: `https://backup.example.org`, `http://localhost:5173`.
///
/// Written exactly like the `Origin` header of browsers, so that bytes can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// A text that no browser would send as an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}: {remedy}")]
pub struct InvalidOrigin {
    /// The fault, as a fragment that quotes the text.
    pub problem: String,
    /// The remedy.
    pub remedy: String,
}

impl Origin {
    /// Returns the origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns its host, without the port; an IPv6 address in its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or("", |(_, rest)| rest);
        host_and_port(authority).0
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Origin, InvalidOrigin> {
        let invalid = |problem, remedy: &str| InvalidOrigin {
            problem,
            remedy: remedy.to_owned(),
        };
        let quoted = shown(text);
        let malformed = || {
            let problem = format!("{quoted} is no origin of a web page");
            invalid(problem, "write `https://host` or `http://host:port`")
        };
        if text.contains('*') || text == "null" {
            let problem = format!("{quoted} would let every web page run hooks");
            let remedy = "name each origin, such as `https://backup.example.org`";
            return Err(invalid(problem, remedy));
        }
        let lower = text.to_ascii_lowercase();
        let (scheme, rest) = lower.split_once("://").ok_or_else(malformed)?;
        let default_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(malformed()),
        };
        // A path is not part of an origin, but is often copied from the address bar.
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = host_and_port(authority);
        let host = as_browsers_write(host).ok_or_else(malformed)?;
        let port = match port {
            Some(port) => Some(port.parse::<u16>().map_err(|_| malformed())?),
            None => None,
        };
        let meant = match port {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        if meant == text {
            Ok(Origin(meant))
        } else {
            let problem = format!("no browser sends {quoted} as an origin");
            Err(invalid(problem, &format!("write `{meant}`")))
        }
    }
}

fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // The colons of an IPv6 address are within its brackets.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Returns a lower-case host in the spelling of browsers. Internationalised names must be in their
/// ASCII form.
fn as_browsers_write(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        let address: Ipv6Addr = address.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (!host.is_empty() && host.bytes().all(plain)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_taken_as_browsers_write_them() {
        for (text, host) in [
            ("https://backup.example.org", "backup.example.org"),
            ("http://localhost:5173", "localhost"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("http://[::1]:8080", "[::1]"),
            ("https://[2001:db8::1]", "[2001:db8::1]"),
            (
                "https://xn--bcher-kva.example:8443",
                "xn--bcher-kva.example",
            ),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!((origin.as_str(), origin.host()), (text, host));
        }
    }

    #[test]
    fn another_spelling_is_refused_with_the_right_one() {
        for (text, meant) in [
            ("https://backup.example.org/", "https://backup.example.org"),
            ("http://localhost:5173/runs?x#y", "http://localhost:5173"),
            ("HTTPS://Backup.example.org", "https://backup.example.org"),
            (
                "https://backup.example.org:443",
                "https://backup.example.org",
            ),
            ("http://host:080", "http://host"),
            ("http://[0:0::1]:1", "http://[::1]:1"),
        ] {
            let error = text.parse::<Origin>().unwrap_err();
            assert_eq!(error.remedy, format!("write `{meant}`"), "{text}");
        }
    }

    #[test]
    fn what_is_no_single_origin_is_refused() {
        for text in ["*", "https://*.example.org", "null"] {
            let error = text.parse::<Origin>().unwrap_err();
            assert!(error.remedy.starts_with("name each"), "{text}: {error}");
        }
        for text in [
            "",
            "localhost:5173",
            "https://",
            "ftp://host",
            "file:///index.html",
            "https://user@host",
            "https://host:99999",
            "https://host:x",
            "https://bücher.example",
            "http://[::1",
            "http://a b",
        ] {
            let error = text.parse::<Origin>().unwrap_err();
            assert!(
                error.problem.ends_with("no origin of a web page"),
                "{error}"
            );
        }
    }
}

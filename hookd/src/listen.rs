//! Listeners: a Unix socket in a private folder, loopback TCP on request, or sockets that systemd
//! opened.

#[cfg(unix)]
mod unix;

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hook_core::config::shown;
use tokio::net::TcpListener;

use crate::access;

/// The longest path of a Unix socket, in bytes; the kernel's limit.
const MAX_SOCKET_PATH: usize = 107;

/// An address to listen on. It is written as the address of a client, but for `fd://`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// A TCP port.
    Tcp(SocketAddr),
    /// The sockets that systemd hands over.
    Systemd,
}

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.problem(), InvalidAddress::REMEDY)]
pub struct InvalidAddress(String);

impl InvalidAddress {
    /// The supported notations of addresses.
    pub(crate) const REMEDY: &str = "give unix:///path, tcp://127.0.0.1:7432 or fd://";

    /// The fault, as a fragment that quotes the text.
    pub(crate) fn problem(&self) -> String {
        format!("{} is no address", shown(&self.0))
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Address, InvalidAddress> {
        let invalid = || InvalidAddress(text.to_owned());
        let after = |schemes: [&str; 2]| schemes.iter().find_map(|s| text.strip_prefix(s));
        let path = after(["unix://", "unix:"]);
        if let Some(path) = path.or_else(|| text.starts_with('/').then_some(text)) {
            let path = Path::new(path);
            return path
                .is_absolute()
                .then(|| Address::Unix(path.to_owned()))
                .ok_or_else(invalid);
        }
        if let Some(address) = after(["tcp://", "http://"]) {
            let address = address.trim_end_matches('/');
            let address = address.replacen("localhost", "127.0.0.1", 1);
            return address.parse().map(Address::Tcp).map_err(|_| invalid());
        }
        if text == "fd://" {
            Ok(Address::Systemd)
        } else {
            Err(invalid())
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix://{}", path.display()),
            Address::Tcp(address) => write!(f, "tcp://{address}"),
            Address::Systemd => f.write_str("fd://"),
        }
    }
}

/// Error of a listener that was not opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// TCP to other machines needs TLS.
    #[error(
        "refusing tcp://{0}: hookd has no TLS yet, so only loopback addresses are safe; listen on a Unix socket, or on tcp://127.0.0.1 with --insecure-loopback"
    )]
    NotLoopback(SocketAddr),
    /// Every local user can connect to loopback TCP.
    #[error(
        "refusing tcp://{0}: every user of this machine could run hooks; add --insecure-loopback if that is meant"
    )]
    LoopbackNotAsked(SocketAddr),
    /// The path does not fit into a socket address.
    #[error("the socket path {} is {} bytes long, and {MAX_SOCKET_PATH} is the limit; give a shorter one with --listen", .0.display(), .0.as_os_str().len())]
    PathTooLong(PathBuf),
    /// Another program listens there already.
    #[error("{} is in use: another hookd answers there; stop it, or give another path with --listen", .0.display())]
    InUse(PathBuf),
    /// The path exists and is not a socket.
    #[error("{} exists and is no socket; move it away, or give another path with --listen", .0.display())]
    NotASocket(PathBuf),
    /// Only Unix has such sockets.
    #[error(
        "{0} is not possible on this operating system: listen on tcp://127.0.0.1:7432 with --insecure-loopback"
    )]
    NotHere(Address),
    /// systemd passed no sockets.
    #[error("no socket was handed over for fd://: start hookd from a systemd socket unit")]
    NothingHandedOver,
    /// The system refused.
    #[error("cannot listen on {address}: {source}")]
    System {
        /// The address.
        address: String,
        /// The cause.
        source: io::Error,
    },
}

/// An open listener.
#[derive(Debug)]
pub enum Listener {
    /// A Unix socket that hookd or systemd has created.
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, Option<SocketGuard>),
    /// A TCP port.
    Tcp(TcpListener),
}

/// A Unix socket that hookd has created: locked while it is in use, unlinked when dropped.
#[derive(Debug)]
pub struct SocketGuard {
    path: PathBuf,
    _lock: File,
}

impl Drop for SocketGuard {
    fn drop(&mut self) {
        // A remaining socket file is replaced at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens the listeners of an address.
/// Fails if listening there is not safe, or not possible.
pub fn open(address: &Address, insecure_loopback: bool) -> Result<Vec<Listener>, ListenError> {
    match address {
        #[cfg(unix)]
        Address::Unix(path) => Ok(vec![unix::bind(path)?]),
        #[cfg(unix)]
        Address::Systemd => unix::handed_over(),
        #[cfg(not(unix))]
        Address::Unix(_) | Address::Systemd => Err(ListenError::NotHere(address.clone())),
        Address::Tcp(address) => {
            access::check_tcp(*address, insecure_loopback)?;
            let bind = || {
                let listener = std::net::TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener)
            };
            let listener = bind().map_err(|e| system(&format!("tcp://{address}"), e))?;
            Ok(vec![Listener::Tcp(listener)])
        }
    }
}

fn system(address: &str, source: io::Error) -> ListenError {
    ListenError::System {
        address: address.to_owned(),
        source,
    }
}

impl Listener {
    /// Stops listening; returns the guard of its socket, if it has one.
    pub(crate) fn close(self) -> Option<SocketGuard> {
        match self {
            #[cfg(unix)]
            Listener::Unix(_, guard) => guard,
            Listener::Tcp(_) => None,
        }
    }

    /// Returns its address in the notation for clients.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            #[cfg(unix)]
            Listener::Unix(listener, _) => {
                let address = listener.local_addr().ok();
                let path = address
                    .as_ref()
                    .and_then(|a| a.as_pathname())
                    .map(Path::display);
                path.map_or_else(|| "fd://".to_owned(), |path| format!("unix://{path}"))
            }
            Listener::Tcp(listener) => listener
                .local_addr()
                .map_or_else(|_| "tcp://".to_owned(), |a| format!("tcp://{a}")),
        }
    }
}

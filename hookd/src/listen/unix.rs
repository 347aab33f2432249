//! Sockets on Unix systems.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::fs::Mode;
#[cfg(target_os = "linux")]
use rustix::fs::fchmod;
#[cfg(not(target_os = "linux"))]
use rustix::fs::{AtFlags, CWD, chmodat};
use tokio::net::{TcpListener, UnixListener, UnixSocket};

use super::{ListenError, Listener, MAX_SOCKET_PATH, SocketGuard, system};
use crate::access;
use crate::private::{self, PrivateError};

/// Connections that may wait to be accepted; the system has a limit of its own.
const BACKLOG: u32 = 4096;

/// Binds a Unix socket, and creates its folder as a private one if it is missing.
/// Fails if a program listens there already, or the system refuses.
pub(super) fn bind(path: &Path) -> Result<Listener, ListenError> {
    if path.as_os_str().len() > MAX_SOCKET_PATH {
        return Err(ListenError::PathTooLong(path.to_owned()));
    }
    let system = |e| system(&format!("unix://{}", path.display()), e);
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        private::folder(folder).map_err(system)?;
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    private::check_irreplaceable(folder.unwrap_or(Path::new(".")))
        .map_err(|error| system(io::Error::other(error)))?;
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let in_use = || ListenError::InUse(path.to_owned());
    let unsafe_file = |error| match error {
        PrivateError::InUse => in_use(),
        error => system(io::Error::other(error)),
    };
    let lock = private::lock(Path::new(&lock_path)).map_err(unsafe_file)?;
    if let Ok(found) = fs::symlink_metadata(path) {
        if !found.file_type().is_socket() {
            return Err(ListenError::NotASocket(path.to_owned()));
        }
        private::check_owner(path, &found).map_err(unsafe_file)?;
        if UnixStream::connect(path).is_ok() {
            return Err(in_use());
        }
        fs::remove_file(path).map_err(system)?;
    }
    let listener = listen(path).map_err(system)?;
    Ok(Listener::Unix(
        listener,
        Some(SocketGuard {
            path: path.to_owned(),
            _lock: lock,
        }),
    ))
}

/// Listens on a new socket, to which nobody but hookd's user could ever connect.
fn listen(path: &Path) -> io::Result<UnixListener> {
    let socket = UnixSocket::new_stream()?;
    let mode = Mode::from_raw_mode(access::SOCKET_MODE as _);
    // On Linux the socket has its mode from the moment at which it gets its path.
    #[cfg(target_os = "linux")]
    fchmod(&socket, mode)?;
    socket.bind(path)?;
    // Elsewhere it gets the mode afterwards, while connections are still refused.
    #[cfg(not(target_os = "linux"))]
    chmodat(CWD, path, mode, AtFlags::SYMLINK_NOFOLLOW)?;
    socket.listen(BACKLOG)
}

/// Returns the sockets that systemd passed.
/// Fails if there are none, or one is not safe.
pub(super) fn handed_over() -> Result<Vec<Listener>, ListenError> {
    let system = |e| system("fd://", e);
    let mut fds = listenfd::ListenFd::from_env();
    let mut listeners = Vec::new();
    for index in 0..fds.len() {
        if let Ok(Some(listener)) = fds.take_unix_listener(index) {
            listener.set_nonblocking(true).map_err(system)?;
            let listener = UnixListener::from_std(listener).map_err(system)?;
            listeners.push(Listener::Unix(listener, None));
        } else if let Ok(Some(listener)) = fds.take_tcp_listener(index) {
            let address = listener.local_addr().map_err(system)?;
            // The address is intended, because an admin wrote it into the socket unit.
            access::check_tcp(address, true)?;
            listener.set_nonblocking(true).map_err(system)?;
            listeners.push(Listener::Tcp(
                TcpListener::from_std(listener).map_err(system)?,
            ));
        }
    }
    if listeners.is_empty() {
        Err(ListenError::NothingHandedOver)
    } else {
        Ok(listeners)
    }
}

//! Sockets on Unix systems.

use std::fs::{self, TryLockError};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use tokio::net::{TcpListener, UnixListener};

use super::{ListenError, Listener, MAX_SOCKET_PATH, SocketGuard, system};
use crate::{access, private};

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
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let in_use = || ListenError::InUse(path.to_owned());
    let lock = private::lock(Path::new(&lock_path)).map_err(|error| match error {
        TryLockError::WouldBlock => in_use(),
        TryLockError::Error(error) => system(error),
    })?;
    if let Ok(found) = fs::symlink_metadata(path) {
        if !found.file_type().is_socket() {
            return Err(ListenError::NotASocket(path.to_owned()));
        }
        if UnixStream::connect(path).is_ok() {
            return Err(in_use());
        }
        fs::remove_file(path).map_err(system)?;
    }
    let listener = UnixListener::bind(path).map_err(system)?;
    fs::set_permissions(path, fs::Permissions::from_mode(access::SOCKET_MODE)).map_err(system)?;
    Ok(Listener::Unix(
        listener,
        Some(SocketGuard {
            path: path.to_owned(),
            _lock: lock,
        }),
    ))
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

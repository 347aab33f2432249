//! The socket of hookd, if no address is given.
//!
//! hookd listens there by the same rule, which is also in `hookd/src/paths.rs`. A client may lack
//! the variables that hookd had: cron sets no `XDG_RUNTIME_DIR`, and systemd makes folders for
//! hookd alone. So a client looks at all sockets on which a hookd of its user can listen.

use std::env;
use std::path::{Path, PathBuf};

/// Returns the socket on which a hookd of this user listens by default: the first that exists,
/// else the one on which a hookd would listen that is started now.
pub(crate) fn default_socket() -> PathBuf {
    let mut usual = usual_folders().into_iter().map(socket);
    let first = usual.next().unwrap_or_default();
    let services = service_folders().into_iter().map(socket);
    let mut all = std::iter::once(first.clone()).chain(usual).chain(services);
    all.find(|socket| is_own(socket)).unwrap_or(first)
}

fn socket(folder: PathBuf) -> PathBuf {
    folder.join("hookd.sock")
}

/// Returns the folders of a hookd that this user starts, the preferred one first.
fn usual_folders() -> Vec<PathBuf> {
    if is_root() {
        return vec![PathBuf::from("/run/hookd")];
    }
    let home = || Some(env::home_dir()?.join(".local/state"));
    let state = absolute("XDG_STATE_HOME").or_else(home);
    let runtime = [absolute("XDG_RUNTIME_DIR"), user_runtime()];
    let runtime = runtime.into_iter().flatten().map(|at| at.join("hookd"));
    runtime
        .chain(state.map(|at| at.join("hookd/run")))
        .collect()
}

/// Returns the folders of a hookd that systemd starts with folders of its own.
fn service_folders() -> Vec<PathBuf> {
    let listed = env::var_os("RUNTIME_DIRECTORY").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&listed).take(1).collect();
    folders.extend(["/run/hookd", "/var/lib/hookd/run"].map(PathBuf::from));
    folders
}

fn absolute(variable: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os(variable)?);
    folder.is_absolute().then_some(folder)
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(unix)]
fn user_runtime() -> Option<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let usual = PathBuf::from(format!("/run/user/{user}"));
    usual.is_dir().then_some(usual)
}

/// Returns whether the socket exists and belongs to this user. A client never turns to the hookd
/// of another user because its own is being restarted.
#[cfg(unix)]
fn is_own(socket: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    socket.metadata().is_ok_and(|found| found.uid() == user)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(not(unix))]
fn user_runtime() -> Option<PathBuf> {
    None
}

#[cfg(not(unix))]
fn is_own(socket: &Path) -> bool {
    socket.exists()
}

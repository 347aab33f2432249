//! Where hookd's files are, if nobody says otherwise.

use std::env;
use std::path::PathBuf;

/// The config file: `/etc/hookd/hookd.yaml` for root, else in the user's config folder.
#[must_use]
pub fn default_config() -> PathBuf {
    of_root("/etc/hookd")
        .unwrap_or_else(|| xdg("XDG_CONFIG_HOME", ".config"))
        .join("hookd.yaml")
}

/// The socket: `/run/hookd/hookd.sock` for root, else in the user's runtime folder.
#[must_use]
pub fn default_socket() -> PathBuf {
    let runtime = || match env::var_os("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => PathBuf::from(dir).join("hookd"),
        None => default_state().join("run"),
    };
    of_root("/run/hookd")
        .unwrap_or_else(runtime)
        .join("hookd.sock")
}

/// The state folder: `/var/lib/hookd` for root, else in the user's state folder.
#[must_use]
pub fn default_state() -> PathBuf {
    of_root("/var/lib/hookd").unwrap_or_else(|| xdg("XDG_STATE_HOME", ".local/state"))
}

#[cfg(unix)]
fn of_root(path: &str) -> Option<PathBuf> {
    rustix::process::geteuid()
        .is_root()
        .then(|| PathBuf::from(path))
}

/// Where nobody is root.
#[cfg(not(unix))]
fn of_root(_path: &str) -> Option<PathBuf> {
    None
}

fn xdg(variable: &str, below_home: &str) -> PathBuf {
    let set = env::var_os(variable)
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute());
    let home = || env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    set.unwrap_or_else(|| home().join(below_home)).join("hookd")
}

//! The paths of hookd's files: the defaults, and the state folder.

use std::env;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::private::{self, PrivateError};

/// The paths of a daemon in its state folder, and its name.
#[derive(Clone, Debug, Default)]
pub struct DaemonPaths {
    /// The private folder for script files.
    pub scripts: PathBuf,
    /// The name of the daemon among all daemons, the same after a restart. Its processes
    /// are recognised by it.
    pub instance: String,
}

impl DaemonPaths {
    /// Makes the private folder for scripts in the state folder, and reads the name that the
    /// daemon has had since its first start.
    /// Fails if either is a link or of another kind, or not hookd's.
    pub(crate) fn create(state: &Path) -> Result<DaemonPaths, PrivateError> {
        let scripts = state.join("scripts");
        let path = state.join("instance");
        let is_used = fs::read_dir(&scripts).is_ok_and(|mut entries| entries.next().is_some());
        if is_used && !path.exists() {
            return Err(PrivateError::OtherUse(scripts));
        }
        private::subfolder(&scripts)?;
        let mut file = private::file(&path)?;
        let mut instance = String::new();
        let named = file.read_to_string(&mut instance);
        named
            .and_then(|_| {
                instance = instance.trim().to_owned();
                if instance.is_empty() {
                    instance = uuid::Uuid::new_v4().to_string();
                    file.write_all(instance.as_bytes())?;
                }
                let scripts = fs::canonicalize(scripts)?;
                Ok(DaemonPaths { scripts, instance })
            })
            .map_err(|source| PrivateError::System { path, source })
    }
}

/// Locks the state folder until the returned file is dropped. A second daemon that is started
/// there by mistake must not end the runs of the first.
/// Fails if another daemon has the lock, if other users can write in the folder, or if the system
/// refuses.
pub(crate) fn lock_state(state: &Path) -> Result<File, PrivateError> {
    private::own_folder(state)?;
    private::lock(&state.join("lock"))
}

/// Returns the default config file: `/etc/hookd/hookd.yaml` for root, else in the user's config folder.
#[must_use]
pub fn default_config() -> PathBuf {
    of_root("/etc/hookd")
        .unwrap_or_else(|| xdg("XDG_CONFIG_HOME", ".config"))
        .join("hookd.yaml")
}

/// Returns the default socket, `hookd.sock` in the first of these folders: the one of systemd's
/// `RuntimeDirectory=`, `/run/hookd` for root, `hookd` in the user's runtime folder, `run` in the
/// state folder. Clients look for it by the same rule, which is also in `hookd-client`.
#[must_use]
pub fn default_socket() -> PathBuf {
    from_systemd("RUNTIME_DIRECTORY")
        .or_else(|| of_root("/run/hookd"))
        .or_else(|| user_runtime().map(|folder| folder.join("hookd")))
        .unwrap_or_else(|| default_state().join("run"))
        .join("hookd.sock")
}

/// Returns the default state folder: the one of systemd's `StateDirectory=`, `/var/lib/hookd` for
/// root, else `hookd` in the user's state folder.
#[must_use]
pub fn default_state() -> PathBuf {
    from_systemd("STATE_DIRECTORY")
        .or_else(|| of_root("/var/lib/hookd"))
        .unwrap_or_else(|| xdg("XDG_STATE_HOME", ".local/state"))
}

/// Returns the first of the folders that systemd made for this service and lists in a variable.
fn from_systemd(variable: &str) -> Option<PathBuf> {
    let folders = env::var_os(variable)?;
    let first = env::split_paths(&folders).next()?;
    first.is_absolute().then_some(first)
}

/// Returns the user's runtime folder. Programs that cron starts do not have its variable.
#[cfg(unix)]
fn user_runtime() -> Option<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let usual = PathBuf::from(format!("/run/user/{user}"));
    absolute("XDG_RUNTIME_DIR").or_else(|| usual.is_dir().then_some(usual))
}

#[cfg(not(unix))]
fn user_runtime() -> Option<PathBuf> {
    absolute("XDG_RUNTIME_DIR")
}

fn absolute(variable: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os(variable)?);
    folder.is_absolute().then_some(folder)
}

#[cfg(unix)]
fn of_root(path: &str) -> Option<PathBuf> {
    rustix::process::geteuid()
        .is_root()
        .then(|| PathBuf::from(path))
}

/// Returns `None`: there is no root.
#[cfg(not(unix))]
fn of_root(_path: &str) -> Option<PathBuf> {
    None
}

fn xdg(variable: &str, below_home: &str) -> PathBuf {
    let home = || env::home_dir().unwrap_or_else(|| PathBuf::from("."));
    absolute(variable)
        .unwrap_or_else(|| home().join(below_home))
        .join("hookd")
}

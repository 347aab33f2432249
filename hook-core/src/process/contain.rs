//! Containment: the identity, the group, the cgroup and the limits of a process to be.

use std::ffi::OsString;
use std::path::Path;

use tokio::process::Command;

use super::error::StartError;
use super::privileges::{Impossible, Privileges};
use super::spec::Mark;
use super::tree::Cgroup;

/// As whom a process is going to run.
#[cfg(unix)]
pub(super) struct Identity(Option<super::account::Account>);

#[cfg(not(unix))]
pub(super) struct Identity(());

#[cfg(unix)]
impl Identity {
    /// The one that is asked for.
    ///
    /// # Errors
    /// If there is no such user or group.
    pub(super) fn find(privileges: &Privileges) -> Result<Identity, StartError> {
        let account = super::account::Account::find(privileges).map_err(impossible)?;
        Ok(Identity(account))
    }

    /// Its user and group, if the user is another than ours.
    pub(super) fn owner(&self) -> Option<(u32, u32)> {
        let account = self.0.as_ref().filter(|account| !account.is_own_user())?;
        Some((account.uid, account.gid))
    }

    /// The variables that say who it is.
    pub(super) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let Some(entry) = self.0.as_ref().and_then(|account| account.entry.as_ref()) else {
            return Vec::new();
        };
        vec![
            ("HOME", entry.home.clone().into()),
            ("USER", entry.name.clone().into()),
            ("LOGNAME", entry.name.clone().into()),
            ("SHELL", entry.shell.clone().into()),
        ]
    }

    /// Prepares the spawn of a process with those privileges, and its cgroup if there can
    /// be one; `mark` is its name.
    ///
    /// # Errors
    /// If the privileges ask for a limit that there is no cgroup for.
    pub(super) fn contain(
        &self,
        command: &mut Command,
        privileges: &Privileges,
        working_directory: &Path,
        mark: Option<&Mark>,
    ) -> Result<Option<Cgroup>, StartError> {
        use super::setup::Setup;
        command.process_group(0);
        let cgroup = cgroup(privileges, mark)?;
        let Some(mut setup) = Setup::new(privileges, self.0.as_ref(), working_directory) else {
            command.current_dir(working_directory);
            return Ok(cgroup);
        };
        if !setup.enters_folder() {
            command.current_dir(working_directory);
        }
        match &cgroup {
            Some(cgroup) => setup.doors = doors(cgroup)?,
            // It costs nothing here, as it forks anyway.
            None => setup.adopts = true,
        }
        super::sys::set_up(command, setup);
        Ok(cgroup)
    }
}

#[cfg(not(unix))]
impl Identity {
    /// Nobody in particular.
    ///
    /// # Errors
    /// If anything is asked for.
    pub(super) fn find(privileges: &Privileges) -> Result<Identity, StartError> {
        match privileges.asked_for().next() {
            None => Ok(Identity(())),
            Some(setting) => Err(impossible(Impossible::NotHere { setting })),
        }
    }

    pub(super) fn owner(&self) -> Option<(u32, u32)> {
        None
    }

    pub(super) fn variables(&self) -> Vec<(&'static str, OsString)> {
        Vec::new()
    }

    /// Prepares the spawn.
    ///
    /// # Errors
    /// Never.
    pub(super) fn contain(
        &self,
        command: &mut Command,
        _privileges: &Privileges,
        working_directory: &Path,
        _mark: Option<&Mark>,
    ) -> Result<Option<Cgroup>, StartError> {
        command.current_dir(working_directory);
        Ok(None)
    }
}

fn impossible(source: Impossible) -> StartError {
    StartError::Impossible { source }
}

#[cfg(target_os = "linux")]
fn cgroup(privileges: &Privileges, mark: Option<&Mark>) -> Result<Option<Cgroup>, StartError> {
    use super::tree::without_cgroup;
    use std::io::{Error, ErrorKind};
    let limits = privileges.cgroup_limits();
    let made = match mark {
        Some(mark) => Cgroup::create(mark),
        None => Err(Error::new(
            ErrorKind::Unsupported,
            "cgroups are not to be used",
        )),
    };
    let refused = match made {
        Ok(mut cgroup) => match cgroup.limit(limits) {
            Ok(()) => return Ok(Some(cgroup)),
            Err(refused) => refused,
        },
        Err(error) => without_cgroup(limits, &error),
    };
    match refused.into_iter().next() {
        Some(refused) => Err(impossible(refused)),
        None => Ok(None),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn cgroup(privileges: &Privileges, _mark: Option<&Mark>) -> Result<Option<Cgroup>, StartError> {
    match super::setup::not_here(privileges).next() {
        Some(refused) => Err(impossible(refused)),
        None => Ok(None),
    }
}

#[cfg(target_os = "linux")]
fn doors(cgroup: &Cgroup) -> Result<Vec<std::fs::File>, StartError> {
    cgroup.doors().map_err(|source| StartError::SetUp {
        step: super::setup::Step::Cgroup,
        source,
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
fn doors(cgroup: &Cgroup) -> Result<Vec<std::fs::File>, StartError> {
    match *cgroup {}
}

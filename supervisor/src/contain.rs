//! Containment of a process that is about to be spawned: its group, cgroup, limits and
//! privileges.

#[cfg(not(unix))]
pub(crate) use other::{Account, contain};
#[cfg(unix)]
pub(crate) use unix::contain;

#[cfg(unix)]
mod unix {
    use std::path::Path;

    use tokio::process::Command;

    use crate::account::Account;
    use crate::child_setup::{ChildSetup, SetupStep};
    use crate::tree::Cgroup;
    use crate::{Mark, Privileges, StartError, sys};

    /// Prepares the spawn of a process with those privileges. Returns its cgroup, which is
    /// named by `mark`, if there can be one.
    ///
    /// # Errors
    /// If the privileges ask for a limit that no cgroup can enforce here.
    pub(crate) fn contain(
        command: &mut Command,
        privileges: &Privileges,
        account: Option<&Account>,
        working_directory: &Path,
        mark: Option<&Mark>,
    ) -> Result<Option<Cgroup>, StartError> {
        command.process_group(0);
        let cgroup = Cgroup::for_script(privileges, mark)?;
        let mut setup = ChildSetup::new(privileges, account, working_directory);
        if !setup.as_ref().is_some_and(ChildSetup::enters_folder) {
            command.current_dir(working_directory);
        }
        match (&cgroup, &mut setup) {
            (Some(cgroup), Some(setup)) => {
                setup.cgroup_procs = cgroup.procs().map_err(|source| StartError::SetUp {
                    step: SetupStep::Cgroup,
                    source,
                })?;
            }
            // It is moved in after the spawn.
            (Some(_), None) => {}
            // Without a cgroup, the processes of a script are found by descent, which
            // orphans would lose. That is worth a fork.
            (None, setup) => setup.get_or_insert_default().adopts = cfg!(target_os = "linux"),
        }
        if let Some(setup) = setup {
            sys::set_up(command, setup);
        }
        Ok(cgroup)
    }
}

#[cfg(not(unix))]
mod other {
    use std::ffi::OsString;
    use std::path::Path;

    use tokio::process::Command;

    use crate::tree::Cgroup;
    use crate::{Mark, PrivilegeError, Privileges, StartError};

    /// Account of another user, which a script cannot have here.
    pub(crate) enum Account {}

    impl Account {
        /// Returns `None`.
        ///
        /// # Errors
        /// If any privilege is asked for.
        pub(crate) fn find(privileges: &Privileges) -> Result<Option<Account>, PrivilegeError> {
            privileges.not_here().next().map_or(Ok(None), Err)
        }

        pub(crate) fn file_owner(&self) -> Option<(u32, u32)> {
            match *self {}
        }

        pub(crate) fn variables(&self) -> Vec<(&'static str, OsString)> {
            match *self {}
        }
    }

    /// Prepares the spawn of a process.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn contain(
        command: &mut Command,
        _privileges: &Privileges,
        _account: Option<&Account>,
        working_directory: &Path,
        _mark: Option<&Mark>,
    ) -> Result<Option<Cgroup>, StartError> {
        command.current_dir(working_directory);
        Ok(None)
    }
}

//! Containment of a process before its spawn: its group, cgroup, limits and privileges.

use std::path::Path;

use tokio::process::Command;

use crate::account::Account;
use crate::child_setup::{ChildSetup, SetupStep};
use crate::tree::Cgroup;
use crate::{Mark, Privileges, SpawnError, sys};

/// Prepares the spawn of a process with these privileges. Returns its cgroup, named by `mark`, if
/// there can be one.
///
/// # Errors
/// Fails if the privileges include a limit that no cgroup can enforce here.
pub(crate) fn contain(
    command: &mut Command,
    privileges: &Privileges,
    account: Option<&Account>,
    working_directory: &Path,
    mark: Option<&Mark>,
) -> Result<Option<Cgroup>, SpawnError> {
    command.process_group(0);
    let cgroup = Cgroup::for_script(privileges, mark)?;
    let mut setup = ChildSetup::new(privileges, account, working_directory);
    if !setup.as_ref().is_some_and(ChildSetup::enters_folder) {
        command.current_dir(working_directory);
    }
    match (&cgroup, &mut setup) {
        (Some(cgroup), Some(setup)) => {
            setup.cgroup_procs = cgroup.procs().map_err(|source| SpawnError::SetUp {
                step: SetupStep::Cgroup,
                source,
            })?;
        }
        // The process is moved into the cgroup after the spawn.
        (Some(_), None) => {}
        // Without a cgroup, the processes of a script are found by descent, which loses orphans.
        // Making the child adopt them is worth the cost of a fork.
        (None, setup) => setup.get_or_insert_default().adopts = cfg!(target_os = "linux"),
    }
    if let Some(setup) = setup {
        sys::set_up(command, setup);
    }
    Ok(cgroup)
}

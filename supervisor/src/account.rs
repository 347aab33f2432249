//! Account that a script runs as: user, groups, and entry in the user database.

use std::ffi::OsString;

use nix::unistd::{Gid, Group, Uid, User};

use crate::{PrivilegeError, Privileges};

/// User and groups that a script runs as.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// All groups, with the first.
    pub(crate) groups: Vec<u32>,
    /// The entry in the user database; `None` for the user of this process, and for a user without
    /// an entry.
    entry: Option<User>,
}

impl Account {
    /// Returns the account that a script asks for; `None` if it asks for none.
    ///
    /// # Errors
    /// Fails if there is no such user or group.
    pub(crate) fn find(privileges: &Privileges) -> Result<Option<Account>, PrivilegeError> {
        let mut account = match &privileges.user {
            None if privileges.group.is_none() => return Ok(None),
            None => Account::own(),
            Some(name) => Account::of(name)?,
        };
        if let Some(name) = &privileges.group {
            account.gid = gid_of(name)?;
            // The user's other groups stay, as with `sudo -g`.
            account.groups.retain(|gid| *gid != account.gid);
            account.groups.insert(0, account.gid);
        }
        Ok(Some(account))
    }

    /// Returns whether this process runs as that user already.
    pub(crate) fn is_own_user(&self) -> bool {
        Uid::effective().as_raw() == self.uid
    }

    /// Returns whether this process has that group as its own already.
    pub(crate) fn is_own_group(&self) -> bool {
        Gid::effective().as_raw() == self.gid
    }

    /// Returns the user and group that must own files for the script; `None` if the user of this
    /// process may own them.
    pub(crate) fn file_owner(&self) -> Option<(u32, u32)> {
        (!self.is_own_user()).then_some((self.uid, self.gid))
    }

    /// Returns the variables that name the user.
    pub(crate) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let Some(entry) = &self.entry else {
            return Vec::new();
        };
        vec![
            ("HOME", entry.dir.clone().into()),
            ("USER", entry.name.clone().into()),
            ("LOGNAME", entry.name.clone().into()),
            ("SHELL", entry.shell.clone().into()),
        ]
    }

    fn own() -> Account {
        Account {
            uid: Uid::effective().as_raw(),
            gid: Gid::effective().as_raw(),
            groups: groups_of(None),
            entry: None,
        }
    }

    fn of(name: &str) -> Result<Account, PrivilegeError> {
        let number = name.parse().ok();
        let by_name = User::from_name(name).ok().flatten();
        let by_number = || User::from_uid(Uid::from_raw(number?)).ok().flatten();
        match (by_name.or_else(by_number), number) {
            (Some(user), _) => Ok(Account {
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
                groups: groups_of(Some(&user)),
                entry: Some(user),
            }),
            // A numeric user needs no entry; its group then has the same number.
            (None, Some(uid)) => Ok(Account {
                uid,
                gid: uid,
                groups: vec![uid],
                entry: None,
            }),
            (None, None) => Err(PrivilegeError::UnknownUser {
                name: name.to_owned(),
            }),
        }
    }
}

fn gid_of(name: &str) -> Result<u32, PrivilegeError> {
    match (Group::from_name(name), name.parse()) {
        (Ok(Some(group)), _) => Ok(group.gid.as_raw()),
        (_, Ok(gid)) => Ok(gid),
        _ => Err(PrivilegeError::UnknownGroup {
            name: name.to_owned(),
        }),
    }
}

/// Returns all groups of a user, or of this process.
#[cfg(not(target_vendor = "apple"))]
fn groups_of(user: Option<&User>) -> Vec<u32> {
    let groups = match user {
        None => nix::unistd::getgroups().ok(),
        Some(user) => std::ffi::CString::new(user.name.as_str())
            .ok()
            .and_then(|name| nix::unistd::getgrouplist(&name, user.gid).ok())
            .or_else(|| Some(vec![user.gid])),
    };
    let groups = groups.into_iter().flatten();
    groups.map(Gid::as_raw).collect()
}

#[cfg(target_vendor = "apple")]
fn groups_of(user: Option<&User>) -> Vec<u32> {
    vec![user.map_or_else(Gid::effective, |user| user.gid).as_raw()]
}

/// Returns whether this process has a capability, by its name.
#[cfg(target_os = "linux")]
pub(crate) fn is_capable(capability: &str) -> bool {
    use rustix::thread::{CapabilitySet, capabilities};
    let capability = CapabilitySet::from_name(capability.trim_start_matches("CAP_"));
    let effective = capabilities(None).map(|sets| sets.effective);
    capability.is_some_and(|capability| effective.is_ok_and(|own| own.contains(capability)))
}

/// Returns whether this process is root: there are no capabilities here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_capable(_capability: &str) -> bool {
    Uid::effective().is_root()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_known_by_name() {
        let root = Uid::effective().is_root();
        for name in ["CAP_SETUID", "CAP_SETGID"] {
            assert_eq!(is_capable(name), root, "{name}");
        }
        assert!(!is_capable("CAP_NO_SUCH"));
        use rustix::thread::CapabilitySet;
        for name in ["SETUID", "SETGID", "SYS_NICE", "SYS_ADMIN"] {
            assert!(CapabilitySet::from_name(name).is_some(), "{name}");
        }
    }
}

//! Users and groups, as the system knows them.

use std::path::PathBuf;

use nix::unistd::{Gid, Group, Uid, User};

use super::privileges::{Impossible, Privileges};

/// As whom a hook runs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// All groups, with the first.
    pub(super) groups: Vec<u32>,
    /// Of a user that is in the system's list.
    pub(super) entry: Option<Entry>,
}

/// What the system's list says about a user.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) home: PathBuf,
    pub(super) shell: PathBuf,
}

impl Account {
    /// The account that a hook asks for; `None` if it asks for none.
    ///
    /// # Errors
    /// If there is no such user or group.
    pub(super) fn find(privileges: &Privileges) -> Result<Option<Account>, Impossible> {
        let mut account = match &privileges.user {
            None if privileges.group.is_none() => return Ok(None),
            None => Account::own(),
            Some(name) => Account::of(name)?,
        };
        if let Some(name) = &privileges.group {
            account.gid = group(name)?;
            // The user's other groups stay, as `sudo -g` has it.
            account.groups.retain(|gid| *gid != account.gid);
            account.groups.insert(0, account.gid);
        }
        Ok(Some(account))
    }

    /// Whether this process runs as that user already.
    pub(super) fn is_own_user(&self) -> bool {
        Uid::effective().as_raw() == self.uid
    }

    /// Whether this process has that group as its own already.
    pub(super) fn is_own_group(&self) -> bool {
        Gid::effective().as_raw() == self.gid
    }

    fn own() -> Account {
        let gid = Gid::effective().as_raw();
        Account {
            uid: Uid::effective().as_raw(),
            gid,
            groups: own_groups(),
            entry: None,
        }
    }

    fn of(name: &str) -> Result<Account, Impossible> {
        let user = match User::from_name(name) {
            Ok(Some(user)) => Some(user),
            _ => match name.parse() {
                Ok(uid) => User::from_uid(Uid::from_raw(uid)).ok().flatten(),
                Err(_) => None,
            },
        };
        match (user, name.parse()) {
            (Some(user), _) => Ok(Account {
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
                groups: groups(&user),
                entry: Some(Entry {
                    name: user.name,
                    home: user.dir,
                    shell: user.shell,
                }),
            }),
            // A number needs no entry; it is its own group then.
            (None, Ok(uid)) => Ok(Account {
                uid,
                gid: uid,
                groups: vec![uid],
                entry: None,
            }),
            (None, Err(_)) => Err(Impossible::UnknownUser {
                name: name.to_owned(),
            }),
        }
    }
}

fn group(name: &str) -> Result<u32, Impossible> {
    match (Group::from_name(name), name.parse()) {
        (Ok(Some(group)), _) => Ok(group.gid.as_raw()),
        (_, Ok(gid)) => Ok(gid),
        _ => Err(Impossible::UnknownGroup {
            name: name.to_owned(),
        }),
    }
}

/// All groups of a user.
#[cfg(not(target_vendor = "apple"))]
fn groups(user: &User) -> Vec<u32> {
    let own = vec![user.gid.as_raw()];
    let Ok(name) = std::ffi::CString::new(user.name.as_str()) else {
        return own;
    };
    nix::unistd::getgrouplist(&name, user.gid)
        .map_or(own, |groups| groups.into_iter().map(Gid::as_raw).collect())
}

#[cfg(target_vendor = "apple")]
fn groups(user: &User) -> Vec<u32> {
    vec![user.gid.as_raw()]
}

#[cfg(not(target_vendor = "apple"))]
fn own_groups() -> Vec<u32> {
    let groups = nix::unistd::getgroups().unwrap_or_default();
    groups.into_iter().map(Gid::as_raw).collect()
}

#[cfg(target_vendor = "apple")]
fn own_groups() -> Vec<u32> {
    vec![Gid::effective().as_raw()]
}

//! Cgroups and leftovers on systems that have neither.

use std::collections::BTreeMap;

use super::Tree;
use crate::Owner;
#[cfg(unix)]
use crate::{Mark, PrivilegeError, Privileges};

/// Cgroup; has no values, because there are no cgroups.
#[derive(Debug)]
pub(crate) enum Cgroup {}

#[cfg(unix)]
impl Cgroup {
    /// Returns `None`.
    pub(crate) fn for_script(
        _privileges: &Privileges,
        _mark: Option<&Mark>,
    ) -> Result<Option<Cgroup>, PrivilegeError> {
        Ok(None)
    }

    pub(crate) fn procs(&self) -> std::io::Result<Vec<std::fs::File>> {
        match *self {}
    }
}

/// Returns no trees: a mark cannot be read here.
pub(crate) fn left_over(_owner: &Owner) -> BTreeMap<String, Tree> {
    BTreeMap::new()
}

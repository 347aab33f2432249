//! The files of a store.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The file whose name goes on with a suffix.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

/// How large a file is; 0 if it is not there.
pub(super) fn size_of(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |metadata| metadata.len())
}

/// The file that says that damage was seen while a store was in use.
pub(super) fn damage_mark(file: &Path) -> PathBuf {
    beside(file, "-damage-seen")
}

/// Leaves a mark beside a store whose damage was seen, for the next start to look closely.
pub(super) fn remember_damage(file: &Path, error: &StoreError) {
    if matches!(error, StoreError::Damaged { .. }) {
        // If that cannot be written, the next one who sees the damage tries again.
        let _ = fs::write(damage_mark(file), format!("{error}\n"));
    }
}

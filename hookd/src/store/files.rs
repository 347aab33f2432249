//! The files of a store, and setting aside damaged ones.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::{Timestamp, Unit};

use super::StoreError;
use crate::private;

/// A damaged store that was moved out of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its former file.
    pub path: PathBuf,
    /// Its present file.
    pub to: PathBuf,
    /// The damage.
    pub why: String,
    /// True if it is the WAL alone, and the store goes on without its damaged part.
    pub is_wal: bool,
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, to) = (self.path.display(), self.to.display());
        if self.is_wal {
            return write!(
                f,
                "the WAL {path} was damaged: {}; it is kept as {to}. Runs whose decision was told \
                 may be missing, and run again if they are asked for again",
                self.why
            );
        }
        write!(
            f,
            "the store {path} was damaged ({}) and is now {to}; a new one was begun. See what \
             can be read of it with: sqlite3 '{to}' .recover | sqlite3 recovered.sqlite3",
            self.why
        )
    }
}

/// Returns the path with a suffix appended to its file name.
pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

/// Returns the size of a file, 0 if it does not exist.
pub(super) fn size_of(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |metadata| metadata.len())
}

pub(super) fn wal_size(file: &Path) -> u64 {
    size_of(&with_suffix(file, "-wal"))
}

/// Returns the path of the marker file for damage that was found while the store was in use.
pub(super) fn damage_marker(file: &Path) -> PathBuf {
    with_suffix(file, "-damage-seen")
}

/// Makes the next start check the whole store, if the error reports damage.
pub(super) fn mark_damage(file: &Path, error: &StoreError) {
    if matches!(error, StoreError::Damaged(_)) {
        // If this fails, the next read of the damaged part marks it again.
        let marked = private::file(&damage_marker(file));
        let _ = marked.map(|mut marker| marker.write_all(format!("{error}\n").as_bytes()));
    }
}

/// Creates the file if it does not exist, for its owner alone, and returns its size. SQLite
/// gives the files beside it the same permissions.
pub(super) fn create(path: &Path) -> io::Result<u64> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?.metadata()?.len())
}

/// Makes the names of new files survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// Moves a damaged store and the files beside it to an unused name.
pub(super) fn set_aside(path: &Path, why: String) -> io::Result<SetAside> {
    const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];
    let to = unused_name(path, &SUFFIXES);
    // The database first: SQLite ignores a WAL that does not belong to its database.
    for suffix in SUFFIXES {
        match fs::rename(with_suffix(path, suffix), with_suffix(&to, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    let _ = fs::remove_file(damage_marker(path));
    let path = path.to_owned();
    let is_wal = false;
    Ok(SetAside {
        path,
        to,
        why,
        is_wal,
    })
}

/// Copies a damaged WAL to an unused name, and makes the whole store be checked.
pub(super) fn keep_damaged_wal(database: &Path, why: String) -> io::Result<SetAside> {
    let path = with_suffix(database, "-wal");
    let to = unused_name(&path, &[""]);
    fs::copy(&path, &to)?;
    fs::write(damage_marker(database), &why)?;
    let is_wal = true;
    Ok(SetAside {
        path,
        to,
        why,
        is_wal,
    })
}

/// Returns a name for a damaged file, unused with all of these suffixes.
fn unused_name(path: &Path, suffixes: &[&str]) -> PathBuf {
    let now = Timestamp::now().round(Unit::Second).unwrap_or_default();
    let now = now.to_string().replace(['-', ':'], "");
    let mut name = with_suffix(path, &format!(".damaged-{now}"));
    let mut more = 1;
    while suffixes
        .iter()
        .any(|suffix| with_suffix(&name, suffix).exists())
    {
        more += 1;
        name = with_suffix(path, &format!(".damaged-{now}-{more}"));
    }
    name
}

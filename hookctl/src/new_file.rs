//! Files that appear when they are complete, and not before.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::Exit;
use crate::failure::Failure;

/// A file under way, private, beside the place where it will be; nothing is left of one
/// that is given up.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file.
    ///
    /// # Errors
    /// If the folder is not there, or cannot be written, or if the path is that of something
    /// that is no file, such as a device, which must not be replaced.
    pub(crate) fn beside(path: &Path) -> Result<NewFile, Failure> {
        let path = &behind_links(path)?;
        let folder = folder(path);
        let name = path.file_name().unwrap_or(OsStr::new(""));
        let mut prefix = OsStr::new(".").to_owned();
        prefix.push(name);
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .tempfile_in(folder)
            .map_err(|error| unwritten(path, &unnamed(&error)))?;
        Ok(NewFile {
            file,
            path: path.to_owned(),
        })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file
            .as_file_mut()
            .write_all(bytes)
            .map_err(|error| unwritten(&self.path, &error))
    }

    /// What is there so far, to be read.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) fn reopen(&self) -> Result<File, Failure> {
        self.file
            .reopen()
            .map_err(|error| unwritten(&self.path, &unnamed(&error)))
    }

    /// Puts it, on the disk, in its place; gives its path.
    ///
    /// # Errors
    /// If that fails, or something is there already that is not to be replaced.
    pub(crate) fn finish(self, replace: bool) -> Result<PathBuf, Failure> {
        let NewFile { file, path } = self;
        let placed = file.as_file().sync_all().and_then(|()| {
            let placed = if replace {
                file.persist(&path)
            } else {
                file.persist_noclobber(&path)
            };
            placed.map_err(|error| error.error)
        });
        match placed.and_then(|_| File::open(folder(&path))?.sync_all()) {
            Ok(()) => Ok(path),
            Err(error) => Err(unwritten(&path, &error)),
        }
    }
}

/// The failure that there is something already.
#[must_use]
pub(crate) fn taken(path: &Path) -> Failure {
    Failure::usage(format!("{} is there already", path.display()))
        .help("give another name, or --force to replace it")
}

/// The file that a link leads to, or the path itself.
fn behind_links(path: &Path) -> Result<PathBuf, Failure> {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        // Nothing is there yet; what else may be wrong shows when it is made.
        return Ok(path.to_owned());
    };
    let target = match metadata.is_symlink() {
        true => fs::canonicalize(path).map_err(|error| unwritten(path, &error))?,
        false => path.to_owned(),
    };
    if !fs::metadata(&target).is_ok_and(|metadata| metadata.is_file()) {
        let what = format!("{} is there, and is no file", path.display());
        return Err(Failure::usage(what).help("give the name of a file"));
    }
    Ok(target)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The same error without the name of the file under way, which the user did not give.
fn unnamed(error: &io::Error) -> io::Error {
    match error.kind() {
        kind @ io::ErrorKind::NotFound => io::Error::new(kind, "there is no such folder"),
        kind => kind.into(),
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        kind => {
            let exit = match kind {
                io::ErrorKind::PermissionDenied => Exit::NotPermitted,
                _ => Exit::Other,
            };
            Failure::new(exit, format!("cannot write {}: {error}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let begin = || {
            let mut file = NewFile::beside(&path).unwrap();
            file.write(b"new").unwrap();
            file
        };
        drop(begin());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(begin().finish(false).unwrap(), path);
        fs::write(&path, "old").unwrap();
        assert_eq!(begin().finish(false).unwrap_err().exit(), Exit::Usage);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        begin().finish(true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            let mut file = NewFile::beside(&link).unwrap();
            file.write(b"newer").unwrap();
            file.finish(true).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read(&path).unwrap(), b"newer");
            for no_file in [Path::new("/dev/null"), folder.path()] {
                let refused = NewFile::beside(no_file).unwrap_err();
                assert_eq!(refused.exit(), Exit::Usage);
            }
        }
        let nowhere = NewFile::beside(&folder.path().join("none/x")).unwrap_err();
        assert_eq!(nowhere.exit(), Exit::Other);
    }
}

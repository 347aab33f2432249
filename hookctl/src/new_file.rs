//! Files that are written under a temporary name and renamed when they are complete.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// An unfinished, private file in the folder of its final path; removed when dropped.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Creates the unfinished file, unless the path leads to something that must not be
    /// replaced, such as a device.
    pub(crate) fn beside(path: &Path) -> Result<NewFile> {
        let path = behind_links(path)?;
        let mut prefix = OsStr::new(".").to_owned();
        prefix.push(path.file_name().unwrap_or_default());
        let mut builder = tempfile::Builder::new();
        let file = builder.prefix(&prefix).tempfile_in(folder(&path));
        // Removes the temporary file's name from the error, as the user did not give it.
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                unwritten(&path, &io::Error::other("there is no such folder"))
            }
            kind => unwritten(&path, &kind.into()),
        })?;
        Ok(NewFile { file, path })
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.as_file_mut().write_all(bytes);
        written.map_err(|error| unwritten(&self.path, &error))
    }

    /// Flushes the file to the disk, renames it and returns its final path. Without `replace`
    /// it fails if that path exists.
    pub(crate) fn finish(self, replace: bool) -> Result<PathBuf> {
        let NewFile { file, path } = self;
        let placed = file.as_file().sync_all().and_then(|()| {
            let placed = match replace {
                true => file.persist(&path),
                false => file.persist_noclobber(&path),
            };
            placed.map_err(|error| error.error)
        });
        match placed.and_then(|_| File::open(folder(&path))?.sync_all()) {
            Ok(()) => Ok(path),
            Err(error) => Err(unwritten(&path, &error)),
        }
    }
}

/// Returns the failure for a file that exists already.
pub(crate) fn taken(path: &Path) -> Failure {
    Failure::usage(format!("{} is there already", path.display()))
        .help("give another name, or --force to replace it")
}

/// Returns the file that a link leads to, or the path itself. Fails for a link of another user, who
/// could have this user's files replaced.
fn behind_links(path: &Path) -> Result<PathBuf> {
    let target = match fs::symlink_metadata(path) {
        // The file does not exist; a wrong folder fails at its creation.
        Err(_) => return Ok(path.to_owned()),
        Ok(metadata) if metadata.is_symlink() => {
            hookd::links::follow(path).map_err(|error| unwritten(path, &error))?
        }
        Ok(_) => path.to_owned(),
    };
    if !target.is_file() {
        let message = format!("{} is there, and is no file", path.display());
        return Err(Failure::usage(message).help("give the name of a file"));
    }
    Ok(target)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let exit = match error.kind() {
        io::ErrorKind::AlreadyExists => return taken(path),
        io::ErrorKind::PermissionDenied => Exit::NotPermitted,
        _ => Exit::Other,
    };
    Failure::new(exit, format!("cannot write {}: {error}", path.display()))
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
        assert_eq!(begin().finish(false).unwrap_err().exit, Exit::Usage);
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
            if std::os::unix::fs::lchown(&link, Some(65534), None).is_ok() {
                let refused = NewFile::beside(&link).unwrap_err();
                assert_eq!(refused.exit, Exit::NotPermitted);
                assert!(refused.message.contains("belongs to another user"));
            }
            for no_file in [Path::new("/dev/null"), folder.path()] {
                let refused = NewFile::beside(no_file).unwrap_err();
                assert_eq!(refused.exit, Exit::Usage);
            }
        }
        let nowhere = NewFile::beside(&folder.path().join("none/x")).unwrap_err();
        assert_eq!(nowhere.exit, Exit::Other);
    }
}

//! Files that the command line names; `-` is standard input.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// A file to read, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input(PathBuf);

impl Input {
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.is_stdin() {
            true => io::stdin().lock().read_to_end(&mut bytes)?,
            false => return std::fs::read(&self.0),
        };
        Ok(bytes)
    }

    /// Like [`Input::read`]; a failure is one of [bad data](Failure::bad_data).
    pub(crate) fn read_data(&self) -> Result<Vec<u8>> {
        self.read()
            .map_err(|error| Failure::bad_data(format!("cannot read {self}: {error}")))
    }

    /// Returns the path of the file; `None` for standard input.
    pub(crate) fn path(&self) -> Option<&Path> {
        (!self.is_stdin()).then_some(&self.0)
    }

    /// True for standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }
}

impl<P: Into<OsString>> From<P> for Input {
    fn from(path: P) -> Input {
        Input(PathBuf::from(path.into()))
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_stdin() {
            true => f.write_str("<stdin>"),
            false => write!(f, "{}", self.0.display()),
        }
    }
}

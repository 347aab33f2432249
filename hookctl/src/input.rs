//! Files that the command line names; `-` is standard input.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// Most bytes that are read of a pipe or a device, which may have no end. A regular file has no
/// bound, because its middle is not read.
pub(crate) const MAX_STREAM: u64 = 1 << 30;

/// Beginning and end of a file.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
    /// The number of bytes between the two.
    pub left_out: u64,
    /// True if reading stopped at [`MAX_STREAM`].
    pub is_endless: bool,
}

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

    /// Reads the first `head` and the last `tail` bytes, in memory of that order. The end of a
    /// file without more than `head` bytes is empty.
    pub(crate) fn read_ends(&self, head: u32, tail: u32) -> io::Result<Ends> {
        let mut file = match self.is_stdin() {
            true => File::from(io::stdin().as_fd().try_clone_to_owned()?),
            false => File::open(&self.0)?,
        };
        let mut ends = Ends::default();
        file.by_ref()
            .take(head.into())
            .read_to_end(&mut ends.head)?;
        let facts = file.metadata()?;
        if facts.is_file() {
            let position = file.stream_position()?;
            let start = facts.len().saturating_sub(tail.into()).max(position);
            ends.left_out = file.seek(SeekFrom::Start(start))? - position;
        }
        let mut rest = file.take(MAX_STREAM);
        while rest
            .by_ref()
            .take(tail.into())
            .read_to_end(&mut ends.tail)?
            > 0
        {
            let excess = ends.tail.len().saturating_sub(tail as usize);
            ends.tail.drain(..excess);
            ends.left_out += excess as u64;
        }
        ends.is_endless = rest.limit() == 0;
        Ok(ends)
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

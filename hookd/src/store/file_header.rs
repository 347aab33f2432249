//! The first bytes of a store's file, which stay the same while it is in use. SQLite does not
//! read them again, and would go on with a file that another program overwrites or cuts.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

/// The part of a header that never changes.
#[derive(Debug)]
pub(super) struct HeaderPart {
    at: u64,
    length: usize,
    /// The bytes with which it begins.
    magic: &'static [u8],
}

/// The magic string, the size of pages and the version of the format.
pub(super) const OF_DATABASE: HeaderPart = HeaderPart {
    at: 0,
    length: 24,
    magic: b"SQLite format 3\0",
};
/// The version of the format and the size of pages. The bytes before and after may change when
/// SQLite begins the WAL anew.
pub(super) const OF_WAL: HeaderPart = HeaderPart {
    at: 4,
    length: 8,
    magic: &3_007_000_u32.to_be_bytes(),
};

/// The header of an open file.
#[derive(Debug)]
pub(super) struct FileHeader {
    /// Stays open as long as the database, because closing it would drop SQLite's locks.
    file: File,
    part: HeaderPart,
    /// Unset while the file has no header, as a WAL before the first commit.
    expected: OnceLock<Vec<u8>>,
}

impl FileHeader {
    /// Opens a file.
    pub(super) fn open(path: &Path, part: HeaderPart) -> io::Result<FileHeader> {
        let header = FileHeader {
            file: File::open(path)?,
            part,
            expected: OnceLock::new(),
        };
        header.is_unchanged()?;
        Ok(header)
    }

    /// Returns whether the file has the header that it had at first.
    pub(super) fn is_unchanged(&self) -> io::Result<bool> {
        let mut found = vec![0; self.part.length];
        match read_at(&self.file, &mut found, self.part.at) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => found.clear(),
            Err(error) => return Err(error),
        }
        if let Some(expected) = self.expected.get() {
            return Ok(found == *expected);
        }
        if found.starts_with(self.part.magic) {
            // Fails if another thread was first, with the same bytes.
            let _ = self.expected.set(found);
        }
        Ok(true)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    let read = std::os::windows::fs::FileExt::seek_read(file, buffer, at)?;
    match read == buffer.len() {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

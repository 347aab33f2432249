//! Damage of a WAL. At an open, SQLite takes a WAL up to the first frame whose checksum is
//! wrong, and ignores the rest without an error: transactions that had been committed are lost.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::files::with_suffix;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number with checksums over little-endian words, and over big-endian ones.
const MAGIC: [u32; 2] = [0x377f_0682, 0x377f_0683];
const PAGE_SIZES: std::ops::RangeInclusive<usize> = 512..=65_536;

/// Returns the damage of a database's WAL, from which SQLite will lose committed transactions;
/// `None` if there is none.
///
/// The frames after the last valid one are remains of an earlier use of the file (with other
/// salts), or of a transaction that was not committed. Those that have the present salts and
/// end a transaction were committed.
pub(super) fn damage(database: &Path) -> io::Result<Option<String>> {
    let file = match File::open(with_suffix(database, "-wal")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut file = BufReader::new(file);
    let mut header = [0; HEADER];
    if !fill(&mut file, &mut header)? {
        return Ok(None);
    }
    let Some(mut checksum) = Checksum::of(&header) else {
        // SQLite writes frames only after the header.
        let has_frames = fill(&mut file, &mut [0; FRAME_HEADER])?;
        return Ok(has_frames.then(|| "its header is damaged, and all that it held is lost".into()));
    };
    let page_size = usize::try_from(word(&header, 8)).unwrap_or_default();
    if !PAGE_SIZES.contains(&page_size) {
        return Ok(None);
    }
    let mut frame = vec![0; FRAME_HEADER + page_size];
    let (mut valid, mut lost) = (0, 0);
    let mut is_damaged = false;
    while fill(&mut file, &mut frame)? {
        let is_of_this_use = frame[8..16] == header[16..24];
        if !is_damaged {
            checksum.add(&frame[..8]);
            checksum.add(&frame[FRAME_HEADER..]);
            is_damaged = !is_of_this_use || !checksum.is(&frame[16..24]);
            valid += u64::from(!is_damaged);
        }
        lost += u64::from(is_damaged && is_of_this_use && word(&frame, 4) != 0);
    }
    let damaged = valid + 1;
    Ok((lost > 0).then(|| {
        format!("its frame {damaged} is damaged, and {lost} transactions from there on are lost")
    }))
}

/// Fills the buffer; returns `false` if the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        filled => filled.map(|()| true),
    }
}

/// Returns the big-endian number at a position.
fn word(bytes: &[u8], at: usize) -> u32 {
    let bytes = bytes[at..at + 4].iter();
    bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// SQLite's checksum over the header and all frames before.
struct Checksum {
    is_big_endian: bool,
    sums: (u32, u32),
}

impl Checksum {
    /// Returns the checksum of a header; `None` if it has another.
    fn of(header: &[u8; HEADER]) -> Option<Checksum> {
        let magic = word(header, 0);
        let mut checksum = Checksum {
            is_big_endian: magic == MAGIC[1],
            sums: (0, 0),
        };
        checksum.add(&header[..24]);
        (MAGIC.contains(&magic) && checksum.is(&header[24..])).then_some(checksum)
    }

    fn add(&mut self, bytes: &[u8]) {
        let order = match self.is_big_endian {
            true => u32::from_be_bytes,
            false => u32::from_le_bytes,
        };
        for pair in bytes.as_chunks::<4>().0.as_chunks::<2>().0 {
            let [one, two] = pair.map(order);
            let (first, second) = &mut self.sums;
            *first = first.wrapping_add(one).wrapping_add(*second);
            *second = second.wrapping_add(two).wrapping_add(*first);
        }
    }

    fn is(&self, stored: &[u8]) -> bool {
        self.sums == (word(stored, 0), word(stored, 4))
    }
}

//! Making runs that have ended small: the records of their journals are much alike, and say
//! at length what the run at a glance says in short.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::store::StoreError;

/// What is shorter is not worth it.
const MIN_BYTES: usize = 200;
/// What nothing that was squeezed is longer than.
const MAX_BYTES: usize = 1 << 20;

/// Squeezes one run after another.
#[derive(Debug)]
pub(super) struct Squeezer(Compress);

impl Default for Squeezer {
    fn default() -> Self {
        Squeezer(Compress::new(Compression::fast(), false))
    }
}

impl Squeezer {
    /// The same in fewer bytes, if that can be.
    pub(super) fn squeeze(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !(MIN_BYTES..=MAX_BYTES).contains(&bytes.len()) {
            return None;
        }
        self.0.reset();
        // What needs as much room as it has is not squeezed.
        let mut squeezed = Vec::with_capacity(bytes.len() - 1);
        let end = self
            .0
            .compress_vec(bytes, &mut squeezed, FlushCompress::Finish);
        matches!(end, Ok(Status::StreamEnd)).then_some(squeezed)
    }
}

/// What was squeezed, which has so many bytes.
///
/// # Errors
/// If it has not.
pub(super) fn inflate(squeezed: &[u8], length: usize) -> Result<Vec<u8>, StoreError> {
    match start(squeezed, length)? {
        (bytes, Status::StreamEnd) => Ok(bytes),
        _ => Err(damaged()),
    }
}

/// The first so many bytes of what was squeezed.
///
/// # Errors
/// If it has not so many.
pub(super) fn inflate_start(squeezed: &[u8], length: usize) -> Result<Vec<u8>, StoreError> {
    start(squeezed, length).map(|(bytes, _)| bytes)
}

fn start(squeezed: &[u8], length: usize) -> Result<(Vec<u8>, Status), StoreError> {
    let mut bytes = Vec::with_capacity(length.min(MAX_BYTES));
    let end = Decompress::new(false).decompress_vec(squeezed, &mut bytes, FlushDecompress::Finish);
    // Room beyond the length may have been taken, too.
    let enough = bytes.len() >= length;
    bytes.truncate(length);
    match end {
        Ok(status) if enough => Ok((bytes, status)),
        _ => Err(damaged()),
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged {
        message: "a run that has ended cannot be inflated".into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_squeezed_comes_back(
            part in prop::collection::vec(any::<u8>(), 1..300), times in 1usize..50
        ) {
            let mut squeezer = Squeezer::default();
            for times in [times, 1] {
                let bytes = part.repeat(times);
                if let Some(squeezed) = squeezer.squeeze(&bytes) {
                    prop_assert!(squeezed.len() < bytes.len());
                    prop_assert_eq!(&inflate(&squeezed, bytes.len()).unwrap(), &bytes);
                    let start = inflate_start(&squeezed, part.len()).unwrap();
                    prop_assert_eq!(start, &part[..]);
                    prop_assert!(inflate(&squeezed, bytes.len() + 1).is_err());
                    prop_assert!(inflate_start(&squeezed, bytes.len() + 1).is_err());
                }
            }
        }

        #[test]
        fn no_row_makes_it_panic(row in prop::collection::vec(any::<u8>(), 0..100), length: usize) {
            prop_assert!(inflate(&row, length.max(100_000)).is_err());
            prop_assert!(inflate_start(&row, length.max(100_000)).is_err());
        }
    }

    #[test]
    fn what_is_much_alike_gets_much_smaller() {
        let bytes = "the same line again\n".repeat(100);
        let squeezed = Squeezer::default().squeeze(bytes.as_bytes()).unwrap();
        assert!(squeezed.len() < bytes.len() / 20);
    }
}

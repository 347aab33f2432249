//! Making runs that have ended small: the records of their journals are much alike, and say
//! at length what the run at a glance says in short.

use flate2::{Decompress, FlushDecompress, Status};
use rusqlite::Row;

use crate::store::StoreError;

/// What is shorter is not worth it.
const MIN_BYTES: usize = 200;
/// What nothing that was squeezed is longer than.
const MAX_BYTES: usize = 1 << 20;

/// The same in fewer bytes, if that can be.
pub(super) fn squeeze(bytes: &[u8]) -> Option<Vec<u8>> {
    if !(MIN_BYTES..=MAX_BYTES).contains(&bytes.len()) {
        return None;
    }
    // Deflate would leave 6 % less, and take 25 times as long: a fifth of what storing takes.
    let squeezed = lz4_flex::block::compress(bytes);
    (squeezed.len() < bytes.len()).then_some(squeezed)
}

/// How content is kept, with how many bytes it has otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Plain,
    /// As the first version of the schema squeezed it.
    Deflate(usize),
    Lz4(usize),
}

impl Form {
    /// What the columns `inflated` and `unpacked` say, of which the first has that number.
    pub(super) fn of(row: &Row<'_>, column: usize) -> rusqlite::Result<Form> {
        Ok(match (row.get(column)?, row.get(column + 1)?) {
            (_, Some(length)) => Form::Lz4(length),
            (Some(length), None) => Form::Deflate(length),
            (None, None) => Form::Plain,
        })
    }

    /// The content itself.
    ///
    /// # Errors
    /// If it is not kept so.
    pub(super) fn restore(self, content: &[u8]) -> Result<Vec<u8>, StoreError> {
        let bytes = match self {
            Form::Plain => return Ok(content.to_vec()),
            Form::Deflate(length) => inflate(content, length),
            Form::Lz4(length) => (length <= MAX_BYTES)
                .then(|| lz4_flex::block::decompress(content, length).ok())
                .flatten()
                .filter(|bytes| bytes.len() == length),
        };
        bytes.ok_or_else(|| StoreError::Damaged {
            message: "what a run that has ended was squeezed to does not come back".into(),
        })
    }
}

fn inflate(deflated: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length.min(MAX_BYTES));
    let end = Decompress::new(false).decompress_vec(deflated, &mut bytes, FlushDecompress::Finish);
    (matches!(end, Ok(Status::StreamEnd)) && bytes.len() == length).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};
    use proptest::prelude::*;

    use super::*;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut deflated = Vec::with_capacity(bytes.len() + 100);
        Compress::new(Compression::fast(), false)
            .compress_vec(bytes, &mut deflated, FlushCompress::Finish)
            .unwrap();
        deflated
    }

    proptest! {
        #[test]
        fn what_is_squeezed_comes_back(
            part in prop::collection::vec(any::<u8>(), 1..300), times in 1usize..50
        ) {
            let bytes = part.repeat(times);
            let length = bytes.len();
            prop_assert_eq!(&Form::Plain.restore(&bytes).unwrap(), &bytes);
            let deflated = deflate(&bytes);
            prop_assert_eq!(&Form::Deflate(length).restore(&deflated).unwrap(), &bytes);
            for wrong in [length - 1, length + 1] {
                prop_assert!(Form::Deflate(wrong).restore(&deflated).is_err());
            }
            if let Some(squeezed) = squeeze(&bytes) {
                prop_assert!(squeezed.len() < length);
                prop_assert_eq!(&Form::Lz4(length).restore(&squeezed).unwrap(), &bytes);
                for wrong in [length - 1, length + 1] {
                    prop_assert!(Form::Lz4(wrong).restore(&squeezed).is_err());
                }
            }
        }

        #[test]
        fn no_row_makes_it_panic(
            row in prop::collection::vec(any::<u8>(), 0..100),
            length in prop_oneof![0usize..300, 0usize..2 * MAX_BYTES, any::<usize>()],
        ) {
            for form in [Form::Deflate(length), Form::Lz4(length)] {
                let restored = form.restore(&row);
                prop_assert!(restored.is_err() || restored.is_ok_and(|b| b.len() == length));
            }
        }
    }

    #[test]
    fn what_is_much_alike_gets_much_smaller() {
        let bytes = "the same line again\n".repeat(100);
        assert!(squeeze(bytes.as_bytes()).unwrap().len() < bytes.len() / 20);
    }
}

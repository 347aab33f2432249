//! Compression of ended runs: the records of a journal resemble each other, and the summary
//! repeats their content.

use super::StoreError;

/// Shorter content is stored as it is.
const MIN_BYTES: usize = 200;
/// Longer content is stored as it is, which limits the allocation for a damaged length.
const MAX_BYTES: usize = 1 << 20;

/// Returns the content as an LZ4 block; `None` if that is not shorter.
pub(super) fn compress(content: &[u8]) -> Option<Vec<u8>> {
    if !(MIN_BYTES..=MAX_BYTES).contains(&content.len()) {
        return None;
    }
    // Deflate would save 6 % more, but takes 25 times as long: a fifth of the time for
    // storing.
    let compressed = lz4_flex::block::compress(content);
    (compressed.len() < content.len()).then_some(compressed)
}

/// Decompresses an LZ4 block of the given uncompressed length. Without a length, returns the
/// stored content as it is.
/// Fails if the block is damaged.
pub(super) fn decompress(stored: &[u8], length: Option<usize>) -> Result<Vec<u8>, StoreError> {
    let Some(length) = length else {
        return Ok(stored.to_vec());
    };
    (length <= MAX_BYTES)
        .then(|| lz4_flex::block::decompress(stored, length).ok())
        .flatten()
        .filter(|content| content.len() == length)
        .ok_or_else(|| StoreError::Damaged("a compressed run cannot be decompressed".into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn content_comes_back(
            part in prop::collection::vec(any::<u8>(), 1..300), times in 1usize..50
        ) {
            let content = part.repeat(times);
            let length = content.len();
            prop_assert_eq!(&decompress(&content, None).unwrap(), &content);
            if let Some(compressed) = compress(&content) {
                prop_assert!(compressed.len() < length);
                prop_assert_eq!(&decompress(&compressed, Some(length)).unwrap(), &content);
                for wrong in [length - 1, length + 1] {
                    prop_assert!(decompress(&compressed, Some(wrong)).is_err());
                }
            }
        }

        #[test]
        fn no_row_makes_decompression_panic(
            row in prop::collection::vec(any::<u8>(), 0..100),
            length in prop_oneof![0usize..300, 0usize..2 * MAX_BYTES, any::<usize>()],
        ) {
            let content = decompress(&row, Some(length));
            prop_assert!(content.is_err() || content.is_ok_and(|c| c.len() == length));
        }
    }

    #[test]
    fn repetitive_content_gets_much_shorter() {
        let content = "the same line again\n".repeat(100);
        assert!(compress(content.as_bytes()).unwrap().len() < content.len() / 20);
    }
}

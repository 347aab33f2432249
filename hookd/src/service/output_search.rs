//! Search for text in the output of hooks.

use std::collections::HashMap;
use std::sync::Arc;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use memchr::memmem::Finder;

use crate::limits::SEARCH_STEP;
use crate::runs::record;
use crate::store::{OutputSearch, Record};

/// Returns a search for a text, byte for byte, in each stream of each hook.
pub(super) fn search(text: &str) -> OutputSearch {
    let finder = Finder::new(text.as_bytes()).into_owned();
    let matches = move |records: &[Record]| {
        let mut streams: HashMap<_, SearchedStream> = HashMap::new();
        records
            .iter()
            .any(|record| match record::decode(record).entry {
                Some(Entry::HookOutput(output)) => {
                    let stream = streams.entry((output.index, output.stream)).or_default();
                    stream.contains(&finder, &output)
                }
                _ => false,
            })
    };
    OutputSearch {
        matches: Arc::new(matches),
        budget: SEARCH_STEP,
    }
}

/// A stream of a hook that has been searched up to an offset.
#[derive(Default)]
struct SearchedStream {
    offset: u64,
    /// The last bytes, one fewer than the text has, in which a match may begin.
    last: Vec<u8>,
}

impl SearchedStream {
    fn contains(&mut self, finder: &Finder<'_>, output: &v1::HookOutput) -> bool {
        // A match must not span a retry of the hook or dropped output.
        if self.offset != output.offset {
            self.last.clear();
        }
        self.offset = output.offset + output.data.len() as u64;
        self.last.extend_from_slice(&output.data);
        if finder.find(&self.last).is_some() {
            return true;
        }
        let held = finder.needle().len().saturating_sub(1);
        let searched = self.last.len().saturating_sub(held);
        self.last.drain(..searched);
        false
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;

    const OUT: v1::OutputStream = v1::OutputStream::Stdout;
    const ERR: v1::OutputStream = v1::OutputStream::Stderr;

    fn record(index: u32, stream: v1::OutputStream, offset: u64, data: &[u8]) -> Record {
        let output = v1::HookOutput {
            index,
            stream: stream.into(),
            offset,
            data: Bytes::copy_from_slice(data),
        };
        let entry = v1::JournalEntry {
            sequence: 1,
            time: None,
            entry: Some(Entry::HookOutput(output)),
        };
        Record {
            sequence: 1,
            bytes: entry.encode_to_vec().into(),
        }
    }

    fn finds(text: &str, records: &[Record]) -> bool {
        (search(text).matches)(records)
    }

    #[test]
    fn text_is_found_within_a_stream_and_across_its_pieces_alone() {
        let pieces = [
            record(0, OUT, 0, b"no space left on de"),
            record(1, OUT, 0, b"vice"),
            record(0, ERR, 0, b"vice"),
            record(0, OUT, 19, b"v"),
            record(0, OUT, 20, b"ice \xff"),
        ];
        assert!(finds("space", &pieces));
        assert!(finds("on device", &pieces));
        assert!(!finds("on device", &pieces[..4]));
        assert!(!finds("Space", &pieces));
        // Dropped output and a retry separate the pieces.
        assert!(!finds(
            "ab",
            &[record(0, OUT, 0, b"a"), record(0, OUT, 5, b"b")]
        ));
        assert!(!finds(
            "ab",
            &[record(0, OUT, 0, b"a"), record(0, OUT, 0, b"b")]
        ));
        assert!(!finds("a", &[]));
    }

    #[test]
    fn entries_other_than_output_are_not_searched() {
        let entry = v1::JournalEntry {
            entry: Some(Entry::HookStarted(v1::HookStarted {
                hook: "needle".to_owned(),
                ..v1::HookStarted::default()
            })),
            ..v1::JournalEntry::default()
        };
        let encoded = |bytes: Vec<u8>| Record {
            sequence: 1,
            bytes: bytes.into(),
        };
        let records = [encoded(entry.encode_to_vec()), encoded(b"needle".to_vec())];
        assert!(!finds("needle", &records));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            text in "[ab]{1,6}",
            stream in "[ab]{0,60}",
            cuts in proptest::collection::vec(0usize..60, 0..12),
        ) {
            let bytes = stream.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let records: Vec<Record> = cuts
                .windows(2)
                .map(|cut| record(0, OUT, cut[0] as u64, &bytes[cut[0]..cut[1]]))
                .collect();
            prop_assert_eq!(finds(&text, &records), stream.contains(&text));
        }
    }
}

//! Hooks: their keys, locks and surroundings, through the real daemon.

mod keys;
mod locks;
mod masked;
mod repaired;
mod seen;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::*;

use v1::OutputStream::Stdout;

fn text(entries: &[v1::JournalEntry], index: u32) -> String {
    String::from_utf8(output(entries, index, Stdout)).expect("text")
}

fn finished(entries: &[v1::JournalEntry]) -> Vec<v1::HookFinished> {
    let of = |entry: &v1::JournalEntry| match &entry.entry {
        Some(Entry::HookFinished(finished)) => Some(finished.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

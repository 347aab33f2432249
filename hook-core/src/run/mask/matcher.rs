//! Matcher: finding all of many patterns in one pass over the bytes.
//!
//! An Aho-Corasick automaton alone takes several nanoseconds a byte once it has outgrown the
//! processor's caches. So bytes where no pattern begins are skipped by a look at the next four
//! bytes, and the automaton runs only from where a pattern may begin until that is decided.
//! The time is linear in the bytes, whatever they are, and does not depend on the number of
//! patterns.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::automaton::{Automaton as _, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::forms::SHORTEST;

/// Number of bytes after which the automaton is asked whether a pattern is still pending.
const LOOK_EVERY: usize = 2 * SHORTEST;

/// Patterns, in a form in which they are found fast.
pub(super) struct Matcher {
    /// The automaton and its first state; `None` if the patterns are too many for one.
    automaton: Option<(NFA, StateID)>,
    beginnings: Beginnings,
}

impl Matcher {
    /// Returns a matcher of patterns of at least [`SHORTEST`] bytes.
    pub(super) fn new(patterns: &BTreeSet<Vec<u8>>) -> Matcher {
        let automaton = NFA::builder()
            // Reports every match, so that those that overlap are masked together.
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(patterns);
        Matcher {
            automaton: automaton.ok().and_then(|automaton| {
                let start = automaton.start_state(Anchored::No).ok()?;
                Some((automaton, start))
            }),
            beginnings: Beginnings::new(patterns),
        }
    }

    /// Calls `found` with the range of the longest match that ends at each byte. Returns the
    /// number of bytes at the end that are the beginning of a pattern, or all of it.
    /// Without an automaton, everything counts as a match.
    pub(super) fn scan(&self, bytes: &[u8], mut found: impl FnMut(Range<usize>)) -> usize {
        let Some((automaton, start)) = &self.automaton else {
            found(0..bytes.len());
            return 0;
        };
        let state_after = |bytes: &[u8]| {
            bytes.iter().fold(*start, |state, byte| {
                automaton.next_state(Anchored::No, state, *byte)
            })
        };
        let mut at = 0;
        loop {
            at += self.beginnings.find(&bytes[at..]);
            let from = at;
            let mut state = *start;
            loop {
                let Some(byte) = bytes.get(at) else {
                    // The state depends on the pending bytes alone: with fewer it is another.
                    return least(bytes.len() - from, |count| {
                        state_after(&bytes[bytes.len() - count..]) == state
                    });
                };
                state = automaton.next_state(Anchored::No, state, *byte);
                at += 1;
                if automaton.is_match(state) {
                    // The first pattern of a state is its longest.
                    let length = automaton.pattern_len(automaton.match_pattern(state, 0));
                    found(at - length..at);
                }
                if (at - from).is_multiple_of(LOOK_EVERY) {
                    let last = at - (SHORTEST - 1);
                    if state_after(&bytes[last..at]) == state {
                        // No pattern is pending that began before the last few bytes.
                        at = last;
                        break;
                    }
                }
            }
        }
    }

    /// Returns the bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        let automaton = self.automaton.as_ref();
        automaton.map_or(0, |(nfa, _)| nfa.memory_usage()) + size_of_val(&*self.beginnings.bits)
    }
}

/// Returns the least number up to `most` that passes, as all above it do; `most` always
/// does.
fn least(most: usize, passes: impl Fn(usize) -> bool) -> usize {
    if passes(0) {
        return 0;
    }
    let (mut fails, mut enough) = (0, 1);
    while enough < most && !passes(enough) {
        (fails, enough) = (enough, enough * 2);
    }
    enough = enough.min(most);
    while enough - fails > 1 {
        let middle = fails.midpoint(enough);
        match passes(middle) {
            true => enough = middle,
            false => fails = middle,
        }
    }
    enough
}

/// Set of the first bytes of patterns. A Bloom filter: it never misses one, and has few others.
struct Beginnings {
    bits: Box<[u64]>,
    /// Number of bits of a hash that are the index of a bit.
    width: u32,
}

impl Beginnings {
    fn new(patterns: &BTreeSet<Vec<u8>>) -> Beginnings {
        let words: BTreeSet<u32> = patterns
            .iter()
            .filter_map(|pattern| Some(u32::from_le_bytes(*pattern.first_chunk()?)))
            .collect();
        // At most 128 KiB, so that it stays in the cache.
        let width = (words.len() * 64).next_power_of_two().ilog2().clamp(10, 20);
        let mut beginnings = Beginnings {
            bits: vec![0; 1 << (width - 6)].into(),
            width,
        };
        for word in words {
            for bit in beginnings.bits_of(word) {
                beginnings.bits[bit >> 6] |= 1 << (bit & 63);
            }
        }
        beginnings
    }

    /// Returns the first place where a pattern can begin. One of the last few places is the
    /// latest, as too few bytes follow it to say no.
    fn find(&self, bytes: &[u8]) -> usize {
        bytes
            .array_windows()
            .position(|window| self.can_be(u32::from_le_bytes(*window)))
            .unwrap_or(bytes.len().saturating_sub(SHORTEST - 1))
    }

    fn can_be(&self, word: u32) -> bool {
        let [first, second] = self.bits_of(word);
        let has = |bit: usize| self.bits[bit >> 6] >> (bit & 63) & 1 == 1;
        has(first) && has(second)
    }

    /// Returns the indices of the two bits that stand for a word.
    fn bits_of(&self, word: u32) -> [usize; 2] {
        let hash = u64::from(word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let index = |hash: u64| (hash >> (64 - self.width)) as usize;
        [index(hash), index(hash << self.width)]
    }
}

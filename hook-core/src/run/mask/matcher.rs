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
        automaton.map_or(0, |(nfa, _)| nfa.memory_usage())
            + size_of_val(self.beginnings.bits.as_ref())
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

/// Number of bits of a hash that are the index of a bit.
const WIDTH: u32 = 19;

/// Set of the first bytes of patterns. A Bloom filter: it never misses one, and has few others.
struct Beginnings {
    /// Of a fixed size, so that no index has to be checked; small enough to stay in the cache.
    bits: Box<[u64; 1 << (WIDTH - 6)]>,
}

impl Beginnings {
    fn new(patterns: &BTreeSet<Vec<u8>>) -> Beginnings {
        let mut bits = Box::new([0; 1 << (WIDTH - 6)]);
        let words = patterns.iter().filter_map(|pattern| pattern.first_chunk());
        for bit in words.flat_map(bits_of) {
            bits[bit >> 6] |= 1 << (bit & 63);
        }
        Beginnings { bits }
    }

    /// Returns the first place where a pattern can begin. One of the last few places is the
    /// latest, as too few bytes follow it to say no.
    fn find(&self, bytes: &[u8]) -> usize {
        let has = |bit: usize| self.bits[bit >> 6] >> (bit & 63) & 1 == 1;
        let can_begin = |window: &[u8; SHORTEST]| {
            let [first, second] = bits_of(window);
            has(first) && has(second)
        };
        bytes
            .array_windows()
            .position(can_begin)
            .unwrap_or(bytes.len().saturating_sub(SHORTEST - 1))
    }
}

/// Returns the indices of the two bits that stand for the first bytes of a pattern.
fn bits_of(first: &[u8; SHORTEST]) -> [usize; 2] {
    let word = u64::from(u32::from_le_bytes(*first));
    let hash = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let index = |hash: u64| (hash >> (64 - WIDTH)) as usize;
    [index(hash), index(hash << WIDTH)]
}

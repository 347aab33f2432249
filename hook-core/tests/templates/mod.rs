//! Templates to compare with Go, made at random.
//!
//! Most follow the grammar and call what exists with arguments that often fit. Others are
//! damaged, or made of tokens in no order, and show where faults are reported.
//!
//! Nothing is made whose result is known to differ: no template prints the address of a
//! pointer, and none loops for longer than anyone would wait.

mod grammar;
mod literals;
mod noise;
mod operands;
mod pieces;
mod random;
mod words;

use grammar::Grammar;
use random::Random;

/// The data that a template meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Data {
    /// All there is, at three levels.
    Full,
    /// The same, with a list for the error.
    Listed,
    /// A repo and a plan with no more than names.
    Plain,
    /// The same at another offset from UTC.
    Zoned,
    /// Nothing behind a pointer.
    Flat,
    /// Nothing.
    Zero,
}

impl Data {
    /// Every one.
    pub(crate) const ALL: [Data; 6] = [
        Data::Full,
        Data::Listed,
        Data::Plain,
        Data::Zoned,
        Data::Flat,
        Data::Zero,
    ];

    /// Whether printing all of it prints addresses.
    fn hides_pointers(self) -> bool {
        !matches!(self, Data::Flat | Data::Zero)
    }

    /// Whether printing the repo does.
    fn hides_pointers_in_repo(self) -> bool {
        matches!(self, Data::Full | Data::Listed)
    }
}

/// A template and what it meets.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Case {
    pub(crate) template: String,
    pub(crate) data: Data,
}

/// Makes a case. The same seed makes the same one.
pub(crate) fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let data = random.pick(&[
        Data::Full,
        Data::Full,
        Data::Full,
        Data::Listed,
        Data::Plain,
        Data::Zoned,
        Data::Flat,
        Data::Zero,
    ]);
    let kind = random.below(100);
    if kind >= 75 {
        // What is damaged may print anything, so there must be no pointers to print.
        let data = random.pick(&[Data::Flat, Data::Zero]);
        let mut grammar = Grammar::new(random, data);
        let template = if kind < 87 {
            noise::damaged(&mut grammar)
        } else {
            noise::soup(&mut grammar.random)
        };
        return Case { template, data };
    }
    let mut grammar = Grammar::new(random, data);
    let template = match kind {
        0..25 => grammar.template(),
        25..45 => grammar.lone_action(),
        45..53 => grammar.printf_action(),
        53..61 => literals::number(&mut grammar.random),
        61..67 => literals::text(&mut grammar.random),
        67..72 => literals::layout(&mut grammar.random),
        _ => literals::duration(&mut grammar.random),
    };
    Case { template, data }
}

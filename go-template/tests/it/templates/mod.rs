//! Random templates to compare with Go.
//!
//! Most follow the grammar and call existing members with arguments that often fit. Others
//! are damaged, or made of tokens in no order, and test where faults are reported.
//!
//! No template prints the address of a pointer, which would differ, and none loops for long.

mod grammar;
mod literals;
mod noise;
mod operands;
mod pieces;
mod random;
mod words;

use go_template_fuzz::order::OrderName;
use grammar::Grammar;
use random::Random;

/// `true` if printing the whole order prints addresses.
fn hides_pointers(data: OrderName) -> bool {
    !matches!(data, OrderName::Flat | OrderName::Zero)
}

/// `true` if printing the customer prints addresses.
fn hides_pointers_in_customer(data: OrderName) -> bool {
    matches!(data, OrderName::Full | OrderName::Listed)
}

/// A template and the name of its data.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Case {
    pub(crate) template: String,
    pub(crate) data: OrderName,
}

/// Returns a random case; the same one for the same seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let data = random.pick(&[
        OrderName::Full,
        OrderName::Full,
        OrderName::Full,
        OrderName::Listed,
        OrderName::Plain,
        OrderName::Zoned,
        OrderName::Flat,
        OrderName::Zero,
    ]);
    let kind = random.below(100);
    if kind >= 75 {
        // A damaged template may print anything, so its data must have no pointers.
        let data = random.pick(&[OrderName::Flat, OrderName::Zero]);
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

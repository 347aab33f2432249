//! Compares this crate with Go itself, on random templates.
//!
//! If Go is installed, the program in `testdata/oracle` executes each template. The output must be
//! identical; an error must occur in the same phase and on the same line.
//!
//! `GO_TEMPLATE_SEED` repeats a comparison, `GO_TEMPLATE_CASES` sets its length:
//!
//! ```text
//! GO_TEMPLATE_SEED=7 GO_TEMPLATE_CASES=1000000 cargo test --release -p go-template differential
//! ```

use std::env;
use std::fmt::Debug;
use std::str::FromStr;

use crate::oracle::{Answer, Oracle};
use crate::templates::{self, Case};
use go_template_fuzz::order::{Order, OrderName, Phase, render};

/// The number of templates, unless `GO_TEMPLATE_CASES` sets it.
const CASES: u64 = 25_000;

/// The seed, unless `GO_TEMPLATE_SEED` sets it. It is constant, so that only a change of the code
/// can make the test fail.
const SEED: u64 = 1;

/// The number of differences that are shown.
const SHOWN: usize = 20;

/// The percentage of templates that must work, because errors alone would prove little.
const WORKING: u64 = 20;

#[test]
fn random_templates_give_what_go_gives() {
    let Some(oracle) = Oracle::build() else {
        return;
    };
    let seed: u64 = setting("GO_TEMPLATE_SEED").unwrap_or(SEED);
    let count = setting("GO_TEMPLATE_CASES").unwrap_or(CASES);
    println!("GO_TEMPLATE_SEED={seed} GO_TEMPLATE_CASES={count}");

    let whole = OrderName::ALL.map(|data| Case {
        template: "{{.Json .}}".to_owned(),
        data,
    });
    let random = (0..count).map(move |i| templates::case(seed.wrapping_mul(1 << 32) + i));
    let orders = OrderName::ALL.map(Order::of);
    let (mut working, mut differences) = (0, Vec::new());
    oracle.ask(whole.into_iter().chain(random), |case, theirs| {
        let (ours, message) = ours(&case.template, &orders[case.data as usize]);
        working += u64::from(matches!(theirs, Answer::Output(_)));
        if ours != theirs {
            differences.push(format!(
                "{:?} with {:?}\n  Go   {theirs}\n  here {ours} {message}",
                case.template, case.data
            ));
        }
    });
    println!("{working} of {count} templates gave an output");
    let found = differences.len();
    differences.truncate(SHOWN);
    assert!(
        found == 0,
        "GO_TEMPLATE_SEED={seed}: {found} differ from Go, among them\n{}",
        differences.join("\n")
    );
    assert!(working * 100 >= count * WORKING, "too many are errors");
}

fn setting<T: FromStr<Err: Debug>>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|e| panic!("{name}: {e:?}")))
}

/// The answer of this crate, and the message of an error, whose wording differs from Go's.
fn ours(template: &str, order: &Order) -> (Answer, String) {
    match render(template, order) {
        Ok(output) => (Answer::Output(output), String::new()),
        Err(failure) => {
            let phase = match failure.phase {
                Phase::Parse => "parse",
                Phase::Execute => "execute",
            };
            let answer = Answer::failed(phase, failure.line, "");
            (answer, failure.fault.message)
        }
    }
}

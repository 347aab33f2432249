//! What hookd's developers and its CI run: `cargo xtask VERB`, a file a verb.
//!
//! Nothing in here is needed to build hookd. Tools that a verb needs beyond cargo are
//! installed below `target/tools`, pinned; one that cannot be had is skipped by name.
#![expect(
    clippy::print_stdout,
    reason = "a program for terminals: what it prints is what it is for"
)]

mod bench;
mod command;
mod conformance;
mod daemon;
mod deny;
mod docs;
mod fuzz;
mod load;
mod proto;
mod repo;
mod skips;
mod soak;
mod steps;
mod stubs;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tests, fuzzing, benches and docs of hookd.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// One variant a file.
#[derive(Subcommand)]
enum Verb {
    /// Everything that must hold before a change lands: format, lints, tests, docs, contract
    Test(test::Args),
    /// Lint the gRPC contract, and compare it with the last release's
    Proto,
    /// Check the dependencies' licences, duplicates, sources and advisories
    Deny,
    /// Try to break everything that parses, for a while
    Fuzz(fuzz::Args),
    /// Measure: every criterion bench, then the load comparison
    Bench(bench::Args),
    /// Fire runs at a release daemon, beside a bare loop that spawns the same script
    Load(load::Args),
    /// Run thousands of hooks that do everything wrong; nothing may be left of them
    Soak(soak::Args),
    /// Generate clients of the contract in another language
    Stubs(stubs::Args),
    /// Put every agent through the same scenarios, in each language, and hookctl with them
    Conformance(conformance::Args),
    /// Write the reference pages that are made from code
    Docs(docs::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().verb {
        Verb::Test(args) => test::run(&args),
        Verb::Proto => proto::run(),
        Verb::Deny => deny::run(),
        Verb::Fuzz(args) => fuzz::run(&args),
        Verb::Bench(args) => bench::run(&args),
        Verb::Load(args) => load::run(&args),
        Verb::Soak(args) => soak::run(&args),
        Verb::Stubs(args) => stubs::run(&args),
        Verb::Conformance(args) => conformance::run(&args),
        Verb::Docs(args) => docs::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // On stdout, so that it stands after what it is about even in a log.
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

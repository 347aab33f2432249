//! The commands of hookd's developers and of CI: `cargo xtask VERB`, a file a verb.
//!
//! Nothing in here is needed to build hookd. Tools that a verb needs beyond cargo are
//! installed below `target/tools`, pinned; a tool that cannot be installed is skipped by
//! name. A verb has no time limit of its own: CI has one, and Ctrl-C ends it at a terminal.
#![expect(
    clippy::print_stdout,
    reason = "a program for terminals: its output is its purpose"
)]

mod attack;
mod bench;
mod crash;
mod deny;
mod docs;
mod fuzz;
mod load;
mod proto;
mod soak;
mod steps;
mod targets;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use conformance::{stubs, suite};

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
    /// Measure: every bench, then the load comparison
    Bench(bench::Args),
    /// Fire runs at a release daemon, beside a bare loop that spawns the same script
    Load(load::Args),
    /// Attack a release daemon, and measure its memory and a client beside the attack
    Attack,
    /// Run thousands of hooks that misbehave in every way; nothing may be left of them
    Soak(soak::Args),
    /// Check that the workspace compiles for Windows and macOS, too
    Targets,
    /// Generate clients of the contract in another language
    Stubs(stubs::Args),
    /// Put every agent through the same scenarios, in each language, and hookctl with them
    Conformance(suite::Args),
    /// Kill hookd at random moments, under load; everything it told must stay true
    Crash(crash::Args),
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
        Verb::Attack => attack::run(),
        Verb::Soak(args) => soak::run(&args),
        Verb::Targets => targets::run(),
        Verb::Stubs(args) => stubs::run(&args),
        Verb::Conformance(args) => suite::run(&args),
        Verb::Crash(args) => crash::run(&args),
        Verb::Docs(args) => docs::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // On stdout, so that it stands after its cause even in a log.
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

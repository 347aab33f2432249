//! `cargo xtask test`: everything that must hold before a change lands.
//!
//! The order is by cost, so that a failure shows early. clippy and the docs share what
//! cargo checks, the tests and the `--help` pages what it builds, and every step takes
//! the whole workspace: then cargo picks the same features each time and builds a
//! dependency once for each of the two kinds.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::skips::{self, Skip};
use crate::steps::Steps;
use crate::tools::{self, Tool};
use crate::{command, conformance, docs, proto, repo, stubs};

/// Past this a step hangs: a machine of two cores needs a fifth of it.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Take every step, even after one that failed
    #[arg(long)]
    keep_going: bool,
}

/// Carries out the verb.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut steps = Steps::new(args.keep_going);
    let mut tests = Tests::default();
    steps.take("format", || cargo(["fmt", "--all", "--check"], []));
    steps.take("contract", proto::check);
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-Dwarnings"];
    steps.take("clippy", || cargo(clippy, []));
    steps.take("tests", || tests.run(args.keep_going));
    steps.take("stubs", stubs::check);
    steps.take("agents", conformance::check);
    steps.take("pages", docs::check);
    let doc = ["doc", "--workspace", "--no-deps"];
    steps.take("docs", || cargo(doc, [("RUSTDOCFLAGS", "-Dwarnings")]));
    let result = steps.sum_up();
    tests.close(steps.skipped());
    result
}

/// Runs cargo with these arguments and variables.
fn cargo<const N: usize, const M: usize>(
    args: [&str; N],
    variables: [(&str, &str); M],
) -> Result<Vec<Skip>> {
    let mut command = repo::cargo(args);
    command.envs(variables);
    println!("$ {}", command::shown(&command));
    command::run(&mut command, LIMIT)?;
    Ok(Vec::new())
}

/// What cargo's test runs said.
#[derive(Default)]
struct Tests {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tests {
    /// Runs the tests and hands back what they skipped.
    fn run(&mut self, keep_going: bool) -> Result<Vec<Skip>> {
        let skips = tempfile::NamedTempFile::new()?;
        let mut command = repo::cargo(["test", "--workspace"]);
        if keep_going {
            command.arg("--no-fail-fast");
        }
        command.env(skips::FILE_VARIABLE, skips.path());
        // The name for crates that do not know hookd.
        command.env("TEST_SKIPS", skips.path());
        for (variable, tool) in [
            ("HOOKD_BUF", tools::buf()?),
            ("HOOKD_GRPCURL", tools::grpcurl()?),
        ] {
            // Where one cannot be had, the test that wants it says so.
            if let Tool::At(program) = tool {
                command.env(variable, program);
            }
        }
        println!("$ {}", command::shown(&command));
        command::run_seeing(&mut command, LIMIT, |line| self.see(line))?;
        ensure!(self.passed > 0, "not one test ran");
        skips::read(skips.path())
    }

    /// Adds up one line of output, if it is the last of a test program's.
    fn see(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        let counts = counts.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split("; ") {
            let (number, what) = count.split_once(' ').unwrap_or_default();
            let number: u64 = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// Says in one last line how many tests ran.
    fn close(&self, skipped: usize) {
        if self.passed + self.failed == 0 {
            return;
        }
        let skipped = self.ignored + u64::try_from(skipped).unwrap_or(u64::MAX);
        let (passed, failed) = (self.passed, self.failed);
        println!("tests: {passed} passed, {failed} failed, {skipped} skipped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_all_test_programs_are_added_up() {
        let mut tests = Tests::default();
        for line in [
            "running 3 tests",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test test result: ok. 9 passed; 9 failed",
            "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ] {
            tests.see(line);
        }
        assert_eq!((tests.passed, tests.failed, tests.ignored), (6, 1, 1));
    }
}

//! `cargo xtask test`: everything that must hold before a change lands.
//!
//! The order is by cost, so that a failure shows early. Builds in other languages run beside
//! those of cargo, and the agents beside the docs. clippy and the docs share cargo's checks, the tests and the `--help` pages
//! its builds, and every step takes the whole workspace: so cargo picks the same features
//! each time and builds a dependency once for each of the two kinds.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use conformance::skips::{self, Skip};
use conformance::{repo, stubs, suite};
use xshell::{Cmd, cmd};

use crate::steps::Steps;
use crate::{docs, proto, tools};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Take every step, even after one that failed
    #[arg(long)]
    keep_going: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let sh = repo::shell()?;
    let mut steps = Steps::new(args.keep_going);
    let mut tests = TestCounts::default();
    steps.take("format", || ran(cmd!(sh, "cargo fmt --all --check")));
    steps.take("spelling", spelling);
    steps.take("contract", proto::check);
    steps.take_beside("toolchains", toolchains, |steps| {
        steps.take("clippy", || {
            ran(cmd!(
                sh,
                "cargo clippy --workspace --all-targets -- -Dwarnings"
            ))
        });
        steps.take("build", || ran(cmd!(sh, "cargo test --workspace --no-run")));
    });
    steps.take("tests", || tests.run(args.keep_going));
    let agents = || suite::play_all(&suite::Args::default());
    steps.take_beside("agents", agents, |steps| {
        steps.take("pages", docs::check);
        steps.take("docs", || {
            ran(cmd!(sh, "cargo doc --workspace --no-deps").env("RUSTDOCFLAGS", "-Dwarnings"))
        });
    });
    let result = steps.sum_up();
    tests.print(steps.skipped());
    result
}

/// Fails if a word is misspelt.
fn spelling() -> Result<Vec<Skip>> {
    let sh = repo::shell()?;
    match tools::typos() {
        Ok(typos) => ran(cmd!(sh, "{typos}")),
        Err(skip) => Ok(vec![skip]),
    }
}

/// Returns the number of tests that run at once: most of them wait for a time limit or for
/// another process most of the time.
fn threads() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs a command, which skips nothing.
fn ran(command: Cmd<'_>) -> Result<Vec<Skip>> {
    command.run()?;
    Ok(Vec::new())
}

/// Generates the stubs of every language and builds every agent; returns the skipped ones.
fn toolchains() -> Result<Vec<Skip>> {
    Ok([stubs::check()?, suite::build()?].concat())
}

/// The numbers in the closing lines of cargo's test programs.
#[derive(Default)]
struct TestCounts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl TestCounts {
    /// Runs the tests; returns the skips that they wrote down.
    fn run(&mut self, keep_going: bool) -> Result<Vec<Skip>> {
        let sh = repo::shell()?;
        let skips = tempfile::NamedTempFile::new()?;
        let no_fail_fast = keep_going.then_some("--no-fail-fast");
        let mut tests = cmd!(sh, "cargo test --workspace {no_fail_fast...}")
            .env(skips::FILE_VARIABLE, skips.path())
            .env("RUST_TEST_THREADS", threads().to_string());
        // The test that needs a tool reports it if it cannot be installed.
        if let Ok(buf) = conformance::tools::buf() {
            tests = tests.env("HOOKD_BUF", buf);
        }
        if let Ok(python) = stubs::python::with_grpcio() {
            tests = tests.env("HOOKD_PYTHON", python);
        }
        if let Ok(grpcurl) = conformance::tools::grpcurl() {
            tests = tests.env("HOOKD_GRPCURL", grpcurl);
        }
        println!("$ {tests}");
        let mut tests = Command::from(tests);
        tests.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = tests.spawn().context("cannot start cargo")?;
        let output = child.stdout.take().context("its output is not piped")?;
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            // A closed terminal must not fail the tests.
            let _ = std::io::stdout().write_all(&[&line[..], b"\n"].concat());
            self.add(&String::from_utf8_lossy(&line));
        }
        let status = child.wait()?;
        ensure!(status.success(), "cargo test failed ({status})");
        ensure!(self.passed > 0, "not one test ran");
        skips::read(skips.path())
    }

    /// Adds the numbers in a line of output, if it is a closing line.
    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        let counts = counts.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split("; ") {
            let (number, name) = count.split_once(' ').unwrap_or_default();
            let number: u64 = number.parse().unwrap_or(0);
            match name {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// Prints the last line: how many tests ran.
    fn print(&self, skipped: usize) {
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
        let mut tests = TestCounts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test test result: ok. 9 passed; 9 failed",
            "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ] {
            tests.add(line);
        }
        assert_eq!((tests.passed, tests.failed, tests.ignored), (6, 1, 1));
    }
}

//! Skips: tests that this machine cannot run, listed by name and reason at the end.
//!
//! # For authors of tests
//!
//! A test that needs something which a machine may lack (a toolchain, a kernel feature, a
//! peer to compare with) does not pass in silence when it is missing. It appends one line
//! to the file that the environment variable `TEST_SKIPS` names, and returns:
//!
//! ```text
//! name: why
//! ```
//!
//! `name` is the test (`cgroup-kill`, `go-templates-beside-go`), `why` the missing thing
//! (`go is not installed`). Tests of any language may do so side by side: the line goes out
//! in one write to a file opened for appending. `cargo xtask test` sets the variable and
//! lists each line as `SKIPPED: name: why`. Without the variable (`cargo test` alone) the
//! test prints the line to standard error.
//!
//! With `HOOKD_TEST_ALL=1`, as in CI, a skip is a failure.

use std::collections::BTreeSet;
use std::env;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The variable that names the file of skips.
pub const FILE_VARIABLE: &str = "TEST_SKIPS";
/// The variable that makes a skip a failure.
const ALL_VARIABLE: &str = "HOOKD_TEST_ALL";

/// A skipped test, which is no failure. Code that returns it as an error separates it by
/// [`Skip::caught`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    name: String,
    why: String,
}

impl Skip {
    /// Creates a skip from the test's name and the reason.
    pub fn new(name: impl Into<String>, why: impl Into<String>) -> Self {
        let (name, why) = (name.into(), why.into());
        Self { name, why }
    }

    /// Parses a line that a test wrote. A line without a colon is kept whole, so that no
    /// skip is lost.
    fn parse(line: &str) -> Self {
        match line.split_once(": ") {
            Some((name, why)) => Self::new(name.trim(), why.trim()),
            None => Self::new(line.trim(), "no reason given"),
        }
    }

    /// Separates a skip from other errors.
    pub fn caught<T>(result: Result<T>) -> Result<Option<Skip>> {
        match result {
            Ok(_) => Ok(None),
            Err(error) => error.downcast().map(Some),
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SKIPPED: {}: {}", self.name, self.why)
    }
}

impl std::error::Error for Skip {}

/// Reads the skips from the tests' file, each once.
pub fn read(file: &Path) -> Result<Vec<Skip>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let skips: BTreeSet<_> = lines.map(Skip::parse).collect();
    Ok(skips.into_iter().collect())
}

/// Prints the skips; fails if there are any although `HOOKD_TEST_ALL` is set.
pub fn report(skips: &[Skip]) -> Result<()> {
    for skip in skips {
        println!("{skip}");
    }
    let must_run = env::var_os(ALL_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0");
    if must_run && !skips.is_empty() {
        bail!("{} skipped, and {ALL_VARIABLE} is set", skips.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_are_read_once_each_and_none_is_lost() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(
            &file,
            b"go: not installed\n\ngo: not installed\nodd\xff\na: b: c\n",
        )
        .unwrap();
        let shown: Vec<_> = read(file.path())
            .unwrap()
            .iter()
            .map(Skip::to_string)
            .collect();
        assert_eq!(
            shown,
            [
                "SKIPPED: a: b: c",
                "SKIPPED: go: not installed",
                "SKIPPED: odd\u{fffd}: no reason given",
            ]
        );
    }
}

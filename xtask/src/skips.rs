//! Skips: what was not tested, by name and with the reason, said loudly at the end.
//!
//! # For whoever writes a test
//!
//! A test that needs something which a machine may lack (a toolchain, a peer to compare
//! with, a kernel feature) does not pass in silence when it is missing. It appends one
//! line to the file that the environment variable `HOOKD_TEST_SKIPS` names, and returns:
//!
//! ```text
//! name: why
//! ```
//!
//! `name` says what was not tested (`cgroup-kill`, `go-templates-beside-go`), `why` what
//! was missing (`go is not installed`). The line goes out in one write to a file opened
//! for appending, so tests of any language may do so side by side. `cargo xtask test`
//! sets the variable to an empty file and lists what it finds there as
//! `SKIPPED: name: why`. Without the variable (a bare `cargo test`) the test prints the
//! line to standard error instead.
//!
//! With `HOOKD_TEST_ALL=1`, as CI has it, a skip is a failure.

use std::collections::BTreeSet;
use std::env;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The variable that tells tests where to write down what they skip.
pub(crate) const FILE_VARIABLE: &str = "HOOKD_TEST_SKIPS";
/// The variable that makes a skip a failure.
const ALL_VARIABLE: &str = "HOOKD_TEST_ALL";

/// Something that was not tested.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skip {
    name: String,
    why: String,
}

impl Skip {
    /// Says what was not tested, and why.
    pub(crate) fn new(name: impl Into<String>, why: impl Into<String>) -> Self {
        let (name, why) = (name.into(), why.into());
        Self { name, why }
    }

    /// Reads a line that a test wrote. One that breaks the convention is kept whole: a
    /// skip must not go unnoticed because it is badly written.
    fn parse(line: &str) -> Self {
        match line.split_once(": ") {
            Some((name, why)) => Self::new(name.trim(), why.trim()),
            None => Self::new(line.trim(), "no reason given"),
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SKIPPED: {}: {}", self.name, self.why)
    }
}

/// Reads what the tests skipped, each skip once.
pub(crate) fn read(file: &Path) -> Result<Vec<Skip>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let skips: BTreeSet<_> = lines.map(Skip::parse).collect();
    Ok(skips.into_iter().collect())
}

/// Whether a skip is a failure.
pub(crate) fn all_must_run() -> bool {
    env::var_os(ALL_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Lists the skips of a verb, and fails if there may be none.
pub(crate) fn report(skips: &[Skip]) -> Result<()> {
    for skip in skips {
        println!("{skip}");
    }
    if !skips.is_empty() && all_must_run() {
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

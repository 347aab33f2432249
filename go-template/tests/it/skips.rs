//! Reports tests that were skipped.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write as _};

/// Reports a skipped test as `name: reason`, in one write: to the file that `TEST_SKIPS`
/// names, or else to standard error.
pub(crate) fn skip(line: &str) {
    let Some(path) = env::var_os("TEST_SKIPS") else {
        let _ = writeln!(io::stderr(), "{line}");
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

//! Reporting skipped tests, so that the test run can list them.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write as _};

/// Reports a skipped test as `name: reason`, in a single write.
pub(crate) fn skip(line: &str) {
    let Some(path) = env::var_os("TEST_SKIPS") else {
        // Printed directly, as the test harness captures the output of `eprintln!`.
        let _ = writeln!(io::stderr(), "{line}");
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

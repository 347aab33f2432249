//! Saying what was not tested, for the test run to list.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write as _};

/// Notes what was not tested, as `name: why`, in one write.
pub(crate) fn skip(line: &str) {
    let Some(path) = env::var_os("HOOKD_TEST_SKIPS") else {
        // Whoever runs the test alone has to see it.
        let _ = writeln!(io::stderr(), "{line}");
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

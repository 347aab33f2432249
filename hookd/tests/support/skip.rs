//! Saying what a test could not test here.
#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it skips"
)]

use std::fs::OpenOptions;
use std::io::Write as _;

/// Writes down what was not tested and why, `name: why`, so that it shows.
pub(crate) fn skip(what: &str) {
    match std::env::var_os("HOOKD_TEST_SKIPS") {
        Some(file) => {
            let file = OpenOptions::new().append(true).open(file);
            let mut file = file.expect("the list of skips");
            file.write_all(format!("{what}\n").as_bytes())
                .expect("written");
        }
        None => eprintln!("SKIPPED: {what}"),
    }
}

//! Tests that this machine cannot run.

use std::fs::OpenOptions;
use std::io::Write as _;

/// Reports a test that was skipped, as `name: why`, to `cargo xtask test`.
pub fn skip(what: &str) {
    match std::env::var_os("TEST_SKIPS") {
        Some(file) => {
            let file = OpenOptions::new().append(true).open(file);
            let mut file = file.expect("the list of skips");
            file.write_all(format!("{what}\n").as_bytes())
                .expect("written");
        }
        None => eprintln!("SKIPPED: {what}"),
    }
}

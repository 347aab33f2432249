//! The program that does what hooks must not, and a look at what it started.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The path of the program that misbehaves. It is an example of
/// `process-supervisor`, which testing the workspace builds; when this package is tested alone, it is built here.
pub(crate) fn program() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let program = super::support::hookd_binary().with_file_name("examples/misbehave");
        if !program.exists() {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--quiet", "--package=process-supervisor"]);
            cargo.args(["--example=misbehave", "--manifest-path"]);
            cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
            if cfg!(not(debug_assertions)) {
                cargo.arg("--release");
            }
            assert!(cargo.status().expect("cargo runs").success());
        }
        program
    })
}

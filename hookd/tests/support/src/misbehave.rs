//! The program `misbehave`, whose processes fork, ignore signals, flood and hold pipes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the path of the program. It is an example of `process-supervisor`, which is built with
/// the tests of the workspace; for the tests of one package it is built here.
pub fn program() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let program = crate::hookd_binary().with_file_name("examples/misbehave");
        if !program.exists() {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--quiet", "--package=process-supervisor"]);
            cargo.args(["--example=misbehave", "--manifest-path"]);
            cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.toml"));
            if cfg!(not(debug_assertions)) {
                cargo.arg("--release");
            }
            assert!(cargo.status().expect("cargo runs").success());
        }
        program
    })
}

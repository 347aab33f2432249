//! `cargo xtask targets`: whether the workspace compiles for what is not Linux.
//!
//! Nothing is linked or run: that takes such a machine. So no C is compiled either, for
//! which a compiler for each target would be needed, and a foreign system's headers.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;

use crate::skips::{self, Skip};
use crate::{command, repo};

/// What hookd is to compile for besides Linux.
const TARGETS: [&str; 2] = ["x86_64-pc-windows-gnu", "x86_64-apple-darwin"];
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Carries out the verb.
pub(crate) fn run() -> Result<()> {
    let mut skips = Vec::new();
    for target in TARGETS {
        if !is_installed(target) {
            let why = format!("its standard library is missing: rustup target add {target}");
            skips.push(Skip::new(target, why));
            continue;
        }
        command::run(&mut check(target), LIMIT)?;
        println!("the workspace compiles for {target}");
    }
    skips::report(&skips)
}

/// The command that checks the workspace for a target.
fn check(target: &str) -> Command {
    let mut cargo = repo::cargo(["check", "--workspace", "--quiet", "--target", target]);
    if target.contains("windows") {
        // It drives agents and daemons by Unix's sockets and signals.
        cargo.args(["--exclude", "xtask"]);
    }
    for tool in ["CC", "AR"] {
        // What it would make is linked by nobody.
        cargo.env(format!("{tool}_{}", target.replace('-', "_")), "true");
    }
    cargo
}

/// Whether rustc has that target's standard library.
fn is_installed(target: &str) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]);
    let folder = rustc.stdin(Stdio::null()).stderr(Stdio::null()).output();
    folder.is_ok_and(|folder| {
        let path = String::from_utf8_lossy(&folder.stdout).trim().to_owned();
        folder.status.success() && std::path::Path::new(&path).exists()
    })
}

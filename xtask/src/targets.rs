//! `cargo xtask targets`: whether the workspace compiles for what is not Linux.
//!
//! Nothing is linked or run: that takes such a machine.

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
        let check = ["check", "--workspace", "--quiet", "--target", target];
        command::run(&mut repo::cargo(check), LIMIT)?;
        println!("the workspace compiles for {target}");
    }
    skips::report(&skips)
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

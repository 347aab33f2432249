//! `cargo xtask targets`: compiles the workspace for systems other than Linux.
//!
//! Nothing is linked or run, which would take such a machine. So no C is compiled either,
//! which would take a compiler and headers for each target.

use std::path::Path;

use anyhow::Result;
use conformance::repo;
use conformance::skips::{self, Skip};
use xshell::cmd;

/// The targets besides Linux, each with the packages that need Unix's sockets and signals
/// where it has none.
const TARGETS: [(&str, &[&str]); 2] = [
    (
        "x86_64-pc-windows-gnu",
        &[
            "--exclude=xtask",
            "--exclude=conformance",
            "--exclude=hookd-test-support",
        ],
    ),
    ("x86_64-apple-darwin", &[]),
];

pub(crate) fn run() -> Result<()> {
    let sh = repo::shell()?;
    let mut skips = Vec::new();
    for (target, excluded) in TARGETS {
        let library = cmd!(sh, "rustc --print target-libdir --target {target}").quiet();
        if !library
            .read()
            .is_ok_and(|folder| Path::new(&folder).exists())
        {
            let why = format!("its standard library is missing: rustup target add {target}");
            skips.push(Skip::new(target, why));
            continue;
        }
        let mut check = cmd!(
            sh,
            "cargo check --quiet --workspace {excluded...} --target {target}"
        );
        for tool in ["CC", "AR"] {
            // Nothing links the object files that they would make.
            check = check.env(format!("{tool}_{}", target.replace('-', "_")), "true");
        }
        check.run()?;
        println!("the workspace compiles for {target}");
    }
    skips::report(&skips)
}

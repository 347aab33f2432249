//! `cargo xtask deny`: what hookd's dependencies bring along.
//!
//! No part of `cargo xtask test`: building the tool alone takes minutes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::command;
use crate::repo;
use crate::skips::{self, Skip};
use crate::tools::{self, Tool};

const LIMIT: Duration = Duration::from_secs(120);

/// Carries out the verb.
pub(crate) fn run() -> Result<()> {
    let deny = match tools::cargo_deny()? {
        Tool::At(deny) => deny,
        Tool::Missing(skip) => return skips::report(&[skip]),
    };
    let check = ["check", "licenses", "bans", "sources"];
    command::run(at_root(&deny).args(check), LIMIT)
        .context("a dependency is not what deny.toml allows, see above")?;

    // The advisories are a git repository of others: to fail because it is out of reach
    // would say nothing about the dependencies.
    let fetched = command::run(
        at_root(&deny).args(["fetch", "db"]).stderr(Stdio::null()),
        LIMIT,
    );
    if fetched.is_err() {
        let why = "the advisory database cannot be fetched here";
        return skips::report(&[Skip::new("advisories", why)]);
    }
    let check = ["check", "--disable-fetch", "advisories"];
    command::run(at_root(&deny).args(check), LIMIT)
        .context("an advisory concerns a dependency, see above")
}

fn at_root(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root());
    command
}

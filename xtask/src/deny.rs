//! `cargo xtask deny`: licences, duplicates, sources and advisories of the dependencies.
//!
//! No part of `cargo xtask test`: building the tool alone takes minutes.

use anyhow::{Context as _, Result};
use conformance::repo;
use conformance::skips::{self, Skip};
use xshell::cmd;

use crate::tools;

const CARGO_DENY: &str = "0.20.2";

pub(crate) fn run() -> Result<()> {
    let deny = match tools::cargo_tool("cargo-deny", CARGO_DENY) {
        Ok(deny) => deny,
        Err(skip) => return skips::report(&[skip]),
    };
    let sh = repo::shell()?;
    cmd!(sh, "{deny} check licenses bans sources")
        .run()
        .context("a dependency is not what deny.toml allows, see above")?;
    // The advisories are a git repository of others: if it is out of reach, that says
    // nothing about the dependencies.
    if cmd!(sh, "{deny} fetch db").ignore_stderr().run().is_err() {
        let why = "the advisory database cannot be fetched here";
        return skips::report(&[Skip::new("advisories", why)]);
    }
    cmd!(sh, "{deny} check --disable-fetch advisories")
        .run()
        .context("an advisory concerns a dependency, see above")
}

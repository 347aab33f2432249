//! `cargo xtask proto`: the contract's style, and whether it breaks the last release's.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::command;
use crate::repo;
use crate::skips::{self, Skip};
use crate::tools::{self, Tool};

const LIMIT: Duration = Duration::from_secs(120);

/// Carries out the verb.
pub(crate) fn run() -> Result<()> {
    skips::report(&check()?)
}

/// Checks the contract; hands back what could not be checked.
pub(crate) fn check() -> Result<Vec<Skip>> {
    let buf = match tools::buf()? {
        Tool::At(buf) => buf,
        Tool::Missing(skip) => return Ok(vec![skip]),
    };
    command::run(
        Command::new(&buf).arg("lint").current_dir(repo::root()),
        LIMIT,
    )
    .context("the contract breaks its style rules, see above")?;
    println!("buf lint: the contract keeps its style rules");

    let Some(git) = repo::git(["rev-parse", "--path-format=absolute", "--git-common-dir"]) else {
        let skip = Skip::new("buf breaking", "this is no git repository");
        return Ok(vec![skip]);
    };
    let Some(tag) = repo::git(["describe", "--tags", "--abbrev=0", "--match", "v*"]) else {
        if repo::git(["rev-parse", "--is-shallow-repository"]).as_deref() == Some("true") {
            let skip = Skip::new("buf breaking", "a shallow clone lacks the release tags");
            return Ok(vec![skip]);
        }
        println!("buf breaking: nothing was released yet that could be broken");
        return Ok(Vec::new());
    };
    // The common folder, because in a further work tree `.git` is a file, which buf does
    // not follow.
    let against = format!("{git}#tag={tag}");
    command::run(
        Command::new(&buf)
            .args(["breaking", "--against", &against])
            .current_dir(repo::root()),
        LIMIT,
    )
    .with_context(|| format!("the contract breaks clients of {tag}, see above"))?;
    println!("buf breaking: nothing breaks clients of {tag}");
    Ok(Vec::new())
}

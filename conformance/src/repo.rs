//! Folders of the repository and of its build.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xshell::Shell;

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    // cargo sets the folder of the package at run time; the path at compile time is for a binary
    // that is started without cargo.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or(package.clone(), Path::to_path_buf)
}

/// Returns a shell whose working directory is the root of the repository.
pub fn shell() -> Result<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(root());
    Ok(shell)
}

/// Returns the folder that cargo builds into, in which the running program is.
pub fn target() -> Result<PathBuf> {
    let program = env::current_exe().context("the path of this program is unknown")?;
    // target/PROFILE/xtask, or target/PROFILE/deps/TEST.
    let levels = if program.iter().rev().nth(1) == Some("deps".as_ref()) {
        3
    } else {
        2
    };
    let target = program.ancestors().nth(levels);
    Ok(target
        .context("this program is in no build folder")?
        .to_owned())
}

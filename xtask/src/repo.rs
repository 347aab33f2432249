//! Where things are: the repository, the build's output, git's facts.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The repository's root.
///
/// cargo says at run time where this package is; what was compiled in is only for a
/// binary that is started without cargo.
pub(crate) fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or(package.clone(), Path::to_path_buf)
}

/// The folder that cargo builds binaries of this profile into: where this one is.
pub(crate) fn binaries() -> Result<PathBuf> {
    let this = env::current_exe().context("cannot tell where this program is")?;
    let folder = this.parent().context("this program is in no folder")?;
    Ok(folder.to_path_buf())
}

/// The folder that cargo builds into.
pub(crate) fn target() -> Result<PathBuf> {
    let binaries = binaries()?;
    let target = binaries.parent().context("cargo's folder has no parent")?;
    Ok(target.to_path_buf())
}

/// The files of the contract, as they import each other: `hookd/v1/event.proto`.
pub(crate) fn contract() -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("proto/hookd/v1"))? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".proto") {
            files.push(format!("hookd/v1/{name}"));
        }
    }
    files.sort();
    Ok(files)
}

/// A command that runs cargo in the repository's root.
pub(crate) fn cargo<const N: usize>(args: [&str; N]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// What git answers in a repository, or nothing if it has no answer.
pub(crate) fn git<const N: usize>(root: &Path, args: [&str; N]) -> Option<String> {
    let output = Command::new("git")
        .args(args)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Runs one test of `hookd/tests/stress`, whose size these variables say.
pub(crate) fn stress<const N: usize>(test: &str, size: [(&str, String); N]) -> Result<()> {
    // The whole workspace, so that nothing is built with other features than for the tests.
    let mut command = cargo(["test", "--quiet", "--workspace", "--test", "stress", "--"]);
    command
        .args(["--exact", test, "--nocapture"])
        .envs(size)
        .stdin(Stdio::null());
    let status = command.status().context("cannot start cargo")?;
    ensure!(status.success(), "{test} failed");
    Ok(())
}

//! Node.js for tests of JavaScript, with packages as a lock file pins them.
#![expect(clippy::print_stderr, reason = "the output of a command that failed")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns a folder of `examples` with its packages installed. Fails with the name of the missing
/// tool.
pub(crate) fn example(name: &str) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(name);
    for tool in ["node", "npm"] {
        found(tool).ok_or_else(|| format!("{tool} is not installed"))?;
    }
    let written = |file| fs::metadata(folder.join(file)).and_then(|meta| meta.modified());
    // npm writes the first file after it has installed the packages that the second file pins.
    let installed = written("node_modules/.package-lock.json").ok();
    if installed < written("package-lock.json").ok() {
        let mut install = Command::new("npm");
        install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        done(install.current_dir(&folder))?;
    }
    Ok(folder)
}

/// Returns the path of a program that is on `PATH`.
pub(crate) fn found(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let mut paths = env::split_paths(&folders).map(|folder| folder.join(name));
    paths.find(|path| path.is_file())
}

/// Runs a command to its end; shows its output if it fails.
pub(crate) fn done(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    eprintln!("{said}{}", String::from_utf8_lossy(&output.stdout));
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    let last = last.unwrap_or("it says nothing");
    Err(format!("{command:?} failed: {last}"))
}

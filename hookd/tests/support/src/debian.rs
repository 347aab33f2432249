//! Packages of Debian that tests need.

use std::process::{Command, Stdio};

/// Installs a package if the user is root.
///
/// # Errors
/// Fails with the reason why the package is missing.
pub fn install(package: &str) -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err(format!(
            "{package} is not installed, and only root could install it"
        ));
    }
    apt(&["update"])?;
    apt(&["install", "--no-install-recommends", package])
}

fn apt(args: &[&str]) -> Result<(), String> {
    let mut apt = Command::new("apt-get");
    apt.args(["--quiet", "--yes", "-o", "DPkg::Lock::Timeout=60"])
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
    let done = apt
        .output()
        .map_err(|error| format!("{args:?} by apt-get: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    let last = last.unwrap_or("it says nothing");
    Err(format!("{args:?} by apt-get: {last}"))
}

//! Tools of Rust's and Python's registries, pinned.

use std::path::PathBuf;

use conformance::skips::Skip;
use conformance::tools::installed;
use xshell::cmd;

const TYPOS: &str = "1.52.0";

/// Installs a program from crates.io, which takes minutes the first time; returns its path.
pub(crate) fn cargo_tool(name: &str, version: &str) -> Result<PathBuf, Skip> {
    installed(name, version, &format!("bin/{name}"), |sh, folder| {
        let flags = ["--quiet", "--locked", "--root"];
        let build = folder.join("build");
        cmd!(
            sh,
            "cargo install {flags...} {folder} --target-dir {build} {name}@{version}"
        )
        .run()?;
        // The program is all that is needed; its build is large.
        Ok(sh.remove_path(build)?)
    })
}

/// Installs typos, which knows common misspellings, from PyPI, which has it built; returns
/// its path.
pub(crate) fn typos() -> Result<PathBuf, Skip> {
    installed("typos", TYPOS, "venv/bin/typos", |sh, folder| {
        let (venv, flags) = (folder.join("venv"), ["--quiet", "--only-binary", ":all:"]);
        cmd!(sh, "python3 -m venv {venv}").run()?;
        cmd!(sh, "{venv}/bin/pip install {flags...} typos=={TYPOS}").run()?;
        Ok(())
    })
}

//! Tools that are not cargo's, pinned and kept below `target/tools`.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::skips::Skip;
use crate::{command, repo};

const BUF: &str = "1.75.0";
const CARGO_DENY: &str = "0.20.2";
const CARGO_FUZZ: &str = "0.13.2";
const GRPCURL: &str = "1.9.3";

/// A tool, or why it cannot be had here.
pub(crate) enum Tool {
    /// Its program.
    At(PathBuf),
    /// What is therefore not done.
    Missing(Skip),
}

/// buf, which lints and compares protobuf contracts; through npm, which ships its program.
pub(crate) fn buf() -> Result<Tool> {
    let folder = folder("buf", BUF)?;
    let program = folder.join("node_modules/.bin/buf");
    if program.exists() {
        return Ok(Tool::At(program));
    }
    if let Some(skip) = buf_missing() {
        return Ok(Tool::Missing(skip));
    }
    println!("installing buf {BUF} into {}", folder.display());
    fs::create_dir_all(&folder).context("cannot make the folder for buf")?;
    // Its install script only checks the platform: nothing foreign need run.
    let mut install = Command::new("npm");
    install
        .args(["install", "--no-save", "--no-audit", "--no-fund"])
        .args(["--ignore-scripts", "--loglevel=error", "--prefix"])
        .arg(&folder)
        .arg(format!("@bufbuild/buf@{BUF}"));
    Ok(match command::run(&mut install, Duration::from_secs(180)) {
        Ok(()) => Tool::At(program),
        Err(error) => Tool::Missing(Skip::new("buf", format!("{error:#}"))),
    })
}

/// Why there can be no buf here, if so.
pub(crate) fn buf_missing() -> Option<Skip> {
    missing("buf", "npm", "--version")
}

/// Why what needs a program is skipped, if the program is not here; `probe` is an argument
/// that it ends well with.
pub(crate) fn missing(what: &str, program: &str, probe: &str) -> Option<Skip> {
    let found = Command::new(program)
        .arg(probe)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match found {
        Ok(status) if status.success() => None,
        Ok(status) => Some(Skip::new(
            what,
            format!("{program} {probe} fails ({status})"),
        )),
        Err(error) => Some(Skip::new(what, format!("{program} cannot be run: {error}"))),
    }
}

/// The folder of a tool that lock files pin. They are copied there, and `install` runs in
/// it; other lock files are another folder.
pub(crate) fn locked(
    name: &str,
    locks: &Path,
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(locks).with_context(|| format!("no {}", locks.display()))? {
        let entry = entry?;
        files.insert(entry.file_name(), fs::read(entry.path())?);
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    let folder = folder(name, &format!("{:016x}", hasher.finish()))?;
    let installed = folder.join(".installed");
    if installed.exists() {
        return Ok(folder);
    }
    println!("installing {name} into {}", folder.display());
    // What an install that was cut off has left.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).context("cannot make the folder of a tool")?;
    for (file, text) in files {
        fs::write(folder.join(file), text).context("cannot copy a lock file")?;
    }
    install(&folder).with_context(|| format!("cannot install {name}"))?;
    fs::write(installed, "").context("cannot mark a tool as installed")?;
    Ok(folder)
}

/// grpcurl, which calls a gRPC service that it knows only by reflection; built by Go.
pub(crate) fn grpcurl() -> Result<Tool> {
    let folder = folder("grpcurl", GRPCURL)?.join("bin");
    let program = folder.join("grpcurl");
    if program.exists() {
        return Ok(Tool::At(program));
    }
    println!("installing grpcurl {GRPCURL} into {}", folder.display());
    let package = format!("github.com/fullstorydev/grpcurl/cmd/grpcurl@v{GRPCURL}");
    let mut install = Command::new("go");
    install.args(["install", &package]).env("GOBIN", &folder);
    Ok(match command::run(&mut install, Duration::from_secs(600)) {
        Ok(()) => Tool::At(program),
        Err(error) => Tool::Missing(Skip::new("grpcurl", format!("{error:#}"))),
    })
}

/// cargo-deny, which checks dependencies; built here, which takes minutes the first time.
pub(crate) fn cargo_deny() -> Result<Tool> {
    cargo_tool("cargo-deny", CARGO_DENY)
}

/// cargo-fuzz, which builds fuzz targets and runs them; built here, in a minute or two.
pub(crate) fn cargo_fuzz() -> Result<Tool> {
    cargo_tool("cargo-fuzz", CARGO_FUZZ)
}

/// A program from crates.io.
fn cargo_tool(name: &str, version: &str) -> Result<Tool> {
    let folder = folder(name, version)?;
    let program = folder.join("bin").join(name);
    if program.exists() {
        return Ok(Tool::At(program));
    }
    println!("installing {name} {version}: some minutes, once");
    let package = format!("{name}@{version}");
    let mut install = repo::cargo(["install", "--quiet", "--locked", &package, "--root"]);
    install
        .arg(&folder)
        .arg("--target-dir")
        .arg(folder.join("build"));
    let installed = command::run(&mut install, Duration::from_secs(1800));
    // Only the program is needed; what it was built from is large. A rest does no harm.
    let _ = fs::remove_dir_all(folder.join("build"));
    Ok(match installed {
        Ok(()) => Tool::At(program),
        Err(error) => Tool::Missing(Skip::new(name, format!("{error:#}"))),
    })
}

/// The folder of one version of a tool: another version is another folder.
fn folder(name: &str, version: &str) -> Result<PathBuf> {
    let name = format!("{name}-{version}");
    Ok(repo::target()?.join("tools").join(name))
}

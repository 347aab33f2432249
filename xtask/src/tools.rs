//! Tools that are not cargo's, pinned and kept below `target/tools`.

use std::fs;
use std::io;
use std::path::PathBuf;
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
    let npm = Command::new("npm")
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    match npm {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let skip = Skip::new("buf", "npm, which installs it, is not installed");
            return Ok(Tool::Missing(skip));
        }
        npm => npm.context("cannot run npm")?,
    };
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

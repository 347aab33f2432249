//! Python: grpcio-tools and mypy-protobuf in an environment of their own, by hash.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{LIMIT, Language};
use crate::skips::Skip;
use crate::{command, repo, tools};

/// Generates the packages below the folder: `hookd.v1`, messages and services, with types.
pub(super) fn generate(out: &Path) -> Result<Option<Skip>> {
    if let Some(skip) = tools::missing("stubs-python", "python3", "--version") {
        return Ok(Some(skip));
    }
    let folder = Language::Python.installed(|folder| {
        let environment = folder.join("venv");
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&environment);
        command::run(&mut make, LIMIT)?;
        let mut install = Command::new(environment.join("bin/pip"));
        install
            .args(["install", "--quiet", "--require-hashes", "--only-binary"])
            .args([":all:", "--requirement", "requirements.txt"])
            .current_dir(folder);
        command::run(&mut install, LIMIT)
    })?;
    let programs = folder.join("venv/bin");
    let contract = repo::root().join("proto");
    let mut generate = Command::new(programs.join("python"));
    generate.args(["-m", "grpc_tools.protoc", "--proto_path=."]);
    for output in [
        "python_out=",
        "grpc_python_out=",
        "mypy_out=quiet:",
        "mypy_grpc_out=quiet:",
    ] {
        generate.arg(format!("--{output}{}", out.display()));
    }
    for plugin in ["protoc-gen-mypy", "protoc-gen-mypy_grpc"] {
        let program = programs.join(plugin);
        generate.arg(format!("--plugin={plugin}={}", program.display()));
    }
    let files = repo::contract().context("cannot list the contract's files")?;
    generate.args(files).current_dir(contract);
    command::run(&mut generate, LIMIT)?;
    Ok(None)
}

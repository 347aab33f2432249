//! The stubs for Python. grpcio-tools and mypy-protobuf are installed into an environment of
//! their own, pinned by their hashes.

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::{Shell, cmd};

use super::Language;
use crate::{repo, tools};

/// Installs the generator; returns the Python in whose environment it and grpcio are.
pub fn with_grpcio() -> Result<PathBuf> {
    tools::probe("stubs-python", "python3", "--version")?;
    let folder = Language::Python.installed(|sh| {
        cmd!(sh, "python3 -m venv venv").run()?;
        let flags = ["--quiet", "--require-hashes", "--only-binary", ":all:"];
        cmd!(
            sh,
            "venv/bin/pip install {flags...} --requirement requirements.txt"
        )
        .run()?;
        Ok(())
    })?;
    Ok(folder.join("venv/bin/python"))
}

/// Generates the packages below the folder: `hookd.v1`, messages and services, with types.
pub(super) fn generate(sh: &Shell, out: &Path) -> Result<()> {
    let python = with_grpcio()?;
    let contract = repo::root().join("proto");
    let mut generate = cmd!(sh, "{python} -m grpc_tools.protoc --proto_path={contract}");
    for output in [
        "python_out=",
        "grpc_python_out=",
        "mypy_out=quiet:",
        "mypy_grpc_out=quiet:",
    ] {
        generate = generate.arg(format!("--{output}{}", out.display()));
    }
    for plugin in ["protoc-gen-mypy", "protoc-gen-mypy_grpc"] {
        let program = python.with_file_name(plugin);
        generate = generate.arg(format!("--plugin={plugin}={}", program.display()));
    }
    let files = sh.read_dir(contract.join("hookd/v1"))?;
    generate.args(files).quiet().run()?;
    Ok(())
}

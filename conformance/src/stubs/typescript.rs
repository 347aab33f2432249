//! TypeScript: protobuf-es, whose service descriptors suffice for Connect.

use std::path::Path;

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use serde_json::json;
use xshell::{Shell, cmd};

use super::{Language, buf_generate};
use crate::{repo, tools};

/// Generates modules in `hookd/v1` below the folder, and in `google/rpc` those of the error
/// details, which no npm package provides.
pub(super) fn generate(sh: &Shell, out: &Path) -> Result<()> {
    tools::probe("stubs-typescript", "npm", "--version")?;
    let folder = Language::Typescript.installed(|sh| {
        let flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
        cmd!(sh, "npm ci {flags...} --loglevel=error").run()?;
        Ok(())
    })?;
    let template = json!({
        "version": "v2",
        "plugins": [{
            "local": folder.join("node_modules/.bin/protoc-gen-es"),
            "out": ".",
            "opt": ["target=ts", "import_extension=js"],
        }],
    });
    buf_generate(sh, out, &template, None)?;
    // The crate from which hookd takes the error details has their `.proto` files.
    let mut metadata = MetadataCommand::new();
    metadata.manifest_path(repo::root().join("Cargo.toml"));
    let packages = metadata.exec()?.packages;
    let of_details = packages
        .iter()
        .find(|package| package.name == "tonic-types");
    let manifest = &of_details
        .context("no dependency on tonic-types")?
        .manifest_path;
    let module = sh.create_temp_dir()?;
    // buf requires that a file's path corresponds to its package.
    let place = sh.create_dir(module.path().join("google/rpc"))?;
    sh.copy_file(manifest.with_file_name("proto/error_details.proto"), place)?;
    buf_generate(sh, out, &template, Some(module.path()))
}

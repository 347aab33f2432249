//! TypeScript: protobuf-es, whose service descriptors are all that Connect needs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{LIMIT, Language, buf_generate};
use crate::skips::Skip;
use crate::{command, repo, tools};

/// Generates modules in `hookd/v1` below the folder, and in `google/rpc` those of the
/// error details, for which no package of the language stands.
pub(super) fn generate(out: &Path) -> Result<Option<Skip>> {
    let missing = tools::missing("stubs-typescript", "npm", "--version");
    if let Some(skip) = missing.or_else(tools::buf_missing) {
        return Ok(Some(skip));
    }
    let folder = Language::Typescript.installed(|folder| {
        let mut install = Command::new("npm");
        install
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .arg("--loglevel=error")
            .current_dir(folder);
        command::run(&mut install, LIMIT)
    })?;
    let template = json!({
        "version": "v2",
        "plugins": [{
            "local": folder.join("node_modules/.bin/protoc-gen-es"),
            "out": ".",
            "opt": ["target=ts", "import_extension=js"],
        }],
    });
    buf_generate(out, &template, None)?;
    let details = error_details()?;
    // buf wants files where their package says.
    let module = tempfile::tempdir().context("cannot make a folder")?;
    let place = module.path().join("google/rpc");
    std::fs::create_dir_all(&place).context("cannot make a folder")?;
    std::fs::copy(&details, place.join("error_details.proto"))
        .with_context(|| format!("cannot copy {}", details.display()))?;
    buf_generate(out, &template, Some(module.path()))?;
    Ok(None)
}

/// The contract of google.rpc's error details, which the crate that we use ourselves has.
fn error_details() -> Result<PathBuf> {
    let output = repo::cargo(["metadata", "--format-version=1", "--locked"])
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata is no JSON")?;
    let packages = metadata["packages"].as_array();
    let manifest = packages
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "tonic-types")
        .and_then(|package| package["manifest_path"].as_str())
        .context("cargo metadata does not know tonic-types")?;
    Ok(Path::new(manifest).with_file_name("proto/error_details.proto"))
}

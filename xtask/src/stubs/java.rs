//! Java: protobuf-maven-plugin, which gets protoc and grpc-java's plugin as artifacts.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{LIMIT, Language};
use crate::skips::Skip;
use crate::{command, repo, tools};

/// Generates the package `hookd.v1` below the folder, messages and services.
pub(super) fn generate(out: &Path) -> Result<Option<Skip>> {
    if let Some(skip) = tools::missing("stubs-java", "mvn", "--version") {
        return Ok(Some(skip));
    }
    let mut generate = Command::new("mvn");
    generate
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(Language::Java.sources().join("pom.xml"))
        .arg(format!(
            "-Dcontract={}",
            repo::root().join("proto").display()
        ))
        .arg(format!("-Dout={}", out.display()))
        .arg(format!(
            "-DbuildDirectory={}",
            repo::target()?.join("tools/stubs-java").display()
        ))
        .arg("generate-sources");
    command::run(&mut generate, LIMIT)?;
    Ok(None)
}

//! Java: protobuf-maven-plugin, which gets protoc and grpc-java's plugin as artifacts.

use std::path::Path;

use anyhow::Result;
use xshell::{Shell, cmd};

use super::Language;
use crate::{repo, tools};

/// Generates the package `hookd.v1` below the folder, messages and services.
pub(super) fn generate(sh: &Shell, out: &Path) -> Result<()> {
    tools::probe("stubs-java", "mvn", "--version")?;
    let project = Language::Java.locks().join("pom.xml");
    let contract = repo::root().join("proto");
    let build = repo::target()?.join("tools/stubs-java");
    cmd!(
        sh,
        "mvn --quiet --batch-mode --file {project} generate-sources"
    )
    .arg(format!("-Dcontract={}", contract.display()))
    .arg(format!("-Dout={}", out.display()))
    .arg(format!("-DbuildDirectory={}", build.display()))
    .quiet()
    .run()?;
    Ok(())
}

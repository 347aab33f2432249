//! Go: protoc-gen-go and protoc-gen-go-grpc, built from the modules that `go.sum` pins.

use std::path::Path;

use anyhow::Result;
use serde_json::json;
use xshell::{Shell, cmd};

use super::{Language, buf_generate};
use crate::tools;

const PLUGINS: [&str; 2] = [
    "google.golang.org/protobuf/cmd/protoc-gen-go",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
];

/// Generates one package, `hookdv1`, in `hookd/v1` below the folder. Its import path is that of the
/// surrounding module, so that the code contains no path of this repository.
pub(super) fn generate(sh: &Shell, out: &Path) -> Result<()> {
    tools::probe("stubs-go", "go", "version")?;
    let folder = Language::Go.installed(|sh| {
        cmd!(sh, "go build -mod=readonly -o bin/ {PLUGINS...}").run()?;
        Ok(())
    })?;
    let plugin = |name: &str| {
        json!({
            "local": folder.join("bin").join(name),
            "out": ".",
            "opt": "paths=source_relative",
        })
    };
    let template = json!({
        "version": "v2",
        "plugins": [plugin("protoc-gen-go"), plugin("protoc-gen-go-grpc")],
        "managed": {
            "enabled": true,
            "override": [{ "file_option": "go_package", "value": "hookd/v1;hookdv1" }],
        },
    });
    buf_generate(sh, out, &template, None)
}

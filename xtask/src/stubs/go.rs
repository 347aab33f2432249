//! Go: protoc-gen-go and protoc-gen-go-grpc, built from the modules that `go.sum` pins.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::json;

use super::{LIMIT, Language, buf_generate};
use crate::skips::Skip;
use crate::{command, tools};

const PLUGINS: [&str; 2] = [
    "google.golang.org/protobuf/cmd/protoc-gen-go",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
];

/// Generates one package, `hookdv1`, in `hookd/v1` below the folder. Its import path is
/// that of the module around it: no path of ours is in the code.
pub(super) fn generate(out: &Path) -> Result<Option<Skip>> {
    let missing = tools::missing("stubs-go", "go", "version").or_else(tools::buf_missing);
    if let Some(skip) = missing {
        return Ok(Some(skip));
    }
    let folder = Language::Go.installed(|folder| {
        let mut build = Command::new("go");
        build
            .args(["build", "-mod=readonly", "-o", "bin/"])
            .args(PLUGINS)
            .current_dir(folder);
        command::run(&mut build, LIMIT)
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
    buf_generate(out, &template, None)?;
    Ok(None)
}

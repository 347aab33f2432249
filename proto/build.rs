//! Compiles the contract to Rust, in Rust: no protoc is needed.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message as _;

const FILES: [&str; 5] = [
    "hookd/v1/hook.proto",
    "hookd/v1/event.proto",
    "hookd/v1/run.proto",
    "hookd/v1/hook_service.proto",
    "hookd/v1/admin_service.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=hookd");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let descriptors = protox::compile(FILES, ["."])?;
    let bytes = descriptors.encode_to_vec();
    fs::write(out.join("descriptors.bin"), &bytes)?;

    tonic_prost_build::configure()
        .bytes(".")
        .btree_map(".")
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        .extern_path(".google.protobuf.Timestamp", "crate::well_known::Timestamp")
        .compile_fds(descriptors)?;

    pbjson_build::Builder::new()
        .btree_map(["."])
        .register_descriptors(&bytes)?
        .build(&[".hookd.v1"])?;
    Ok(())
}

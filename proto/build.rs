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
    let serde = out.join("hookd.v1.serde.rs");
    fs::write(&serde, with_numbers(&fs::read_to_string(&serde)?)?)?;
    Ok(())
}

/// Makes the generated code write unknown enum values as numbers, as protobuf's JSON mapping
/// demands, instead of failing.
fn with_numbers(code: &str) -> Result<String, Box<dyn Error>> {
    const FAILS: &str = ".map_err(|_| serde::ser::Error::custom(format!(\"Invalid variant {}\", ";
    let mut parts = code.split(FAILS);
    let mut changed = parts.next().unwrap_or_default().to_owned();
    let mut found = false;
    for part in parts {
        let (value, rest) = part.split_once(")))").ok_or("the generator has changed")?;
        changed.push_str(&format!(
            ".map_or_else(|_| Ok::<_, S::Error>(crate::json::EnumValue::Number({value})), \
             |known| Ok(crate::json::EnumValue::Name(known))){rest}"
        ));
        found = true;
    }
    if !found || changed.contains("Invalid variant") {
        return Err("the generator has changed how it fails on unknown values".into());
    }
    Ok(changed)
}

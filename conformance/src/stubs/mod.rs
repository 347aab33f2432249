//! `cargo xtask stubs LANGUAGE`: clients of the API, by each language's own generator.
//!
//! `conformance/stubs/LANGUAGE` pins the generator and its dependencies, by a lock file where the
//! language has one. Stubs are not committed: a client generates them from the API version that it
//! is written for.

mod go;
mod java;
pub mod python;
mod typescript;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use serde::Deserialize;
use xshell::{Shell, cmd};

use crate::skips::{self, Skip};
use crate::{repo, side_by_side, tools};

/// The flags of the verb.
#[derive(clap::Args)]
pub struct Args {
    /// The language [default: all of them]
    language: Option<Language>,
    /// The folder for the stubs [default: target/stubs/LANGUAGE]
    #[arg(long, value_name = "DIR", requires = "language")]
    out: Option<PathBuf>,
}

/// A language with stubs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// protoc-gen-go and protoc-gen-go-grpc
    Go,
    /// grpcio-tools, with types from mypy-protobuf
    Python,
    /// protobuf-es, for Connect
    Typescript,
    /// protobuf-maven-plugin with grpc-java
    Java,
}

/// Runs the verb. A skip is a failure if the language was requested.
pub fn run(args: &Args) -> Result<()> {
    let Some(language) = args.language else {
        return skips::report(&check()?);
    };
    let out = match &args.out {
        Some(out) => env::current_dir()
            .context("no working directory")?
            .join(out),
        None => language.usual_out()?,
    };
    generate(language, &out)?;
    println!("{}: stubs are in {}", language.name(), out.display());
    Ok(())
}

/// Generates the stubs of every language; returns the skipped ones.
pub fn check() -> Result<Vec<Skip>> {
    let check = |language: &Language| Skip::caught(language.check());
    let skips = side_by_side(Language::value_variants(), check)?;
    Ok(skips.into_iter().flatten().collect())
}

/// Generates the stubs of a language into a folder; a [`Skip`] if the generator cannot be installed.
pub fn generate(language: Language, out: &Path) -> Result<()> {
    let sh = repo::shell()?;
    sh.create_dir(out)?;
    match language {
        Language::Go => go::generate(&sh, out),
        Language::Python => python::generate(&sh, out),
        Language::Typescript => typescript::generate(&sh, out),
        Language::Java => java::generate(&sh, out),
    }
    .with_context(|| format!("cannot generate stubs for {}", language.name()))
}

impl Language {
    /// Returns the name of the language on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Generates the stubs into the usual folder, unless they are up to date.
    fn check(self) -> Result<()> {
        let (out, locks) = (self.usual_out()?, self.locks());
        let service = out.join("hookd/v1").join(self.service());
        let inputs = [Path::new("proto/hookd"), &locks];
        let name = format!("stubs-{}", self.name());
        tools::cached(&name, &inputs, &[], &service, |sh| {
            // Files of an earlier API version would hide missing ones.
            sh.remove_path(&out)?;
            generate(self, &out)
        })?;
        let made = fs::read_to_string(&service).unwrap_or_default();
        ensure!(made.contains("RunHooks"), "no {}", service.display());
        println!("{}: stubs are generated", self.name());
        Ok(())
    }

    /// Returns the file with the client of `HookService`.
    fn service(self) -> &'static str {
        match self {
            Self::Go => "hook_service_grpc.pb.go",
            Self::Python => "hook_service_pb2_grpc.py",
            Self::Typescript => "hook_service_pb.ts",
            Self::Java => "HookServiceGrpc.java",
        }
    }

    /// Returns the folder that pins the generator.
    fn locks(self) -> PathBuf {
        repo::root().join("conformance/stubs").join(self.name())
    }

    fn usual_out(self) -> Result<PathBuf> {
        Ok(repo::target()?.join("stubs").join(self.name()))
    }

    /// Installs the generator in a folder with copies of its lock files, which say its
    /// version; returns the folder.
    fn installed(self, install: impl FnOnce(&Shell) -> Result<()>) -> Result<PathBuf> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(self.locks()).context("no lock files")? {
            let entry = entry?;
            files.insert(entry.file_name(), fs::read(entry.path())?);
        }
        let (name, version) = (format!("stubs-{}", self.name()), tools::hash(&files));
        let stamp = tools::installed(&name, &version, ".installed", |sh, folder| {
            for (file, text) in &files {
                sh.write_file(folder.join(file), text)?;
            }
            sh.change_dir(folder);
            install(sh)?;
            Ok(sh.write_file(".installed", "")?)
        })?;
        Ok(stamp.with_file_name(""))
    }
}

/// Runs plugins of protoc on the API's `.proto` files, or on another module.
fn buf_generate(
    sh: &Shell,
    out: &Path,
    template: &serde_json::Value,
    module: Option<&Path>,
) -> Result<()> {
    let (buf, template) = (tools::buf()?, template.to_string());
    cmd!(
        sh,
        "{buf} generate --template {template} --output {out} {module...}"
    )
    .quiet()
    .run()?;
    Ok(())
}

//! `cargo xtask stubs LANGUAGE`: clients of the contract, by each language's own generator.
//!
//! What a generator is installed from stands in `xtask/stubs/LANGUAGE`, a lock file where
//! the language has one. Nothing that comes of it is committed: a client generates it from
//! the contract of the version it is made for.

mod go;
mod java;
mod python;
mod typescript;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum as _;

use crate::skips::{self, Skip};
use crate::tools::{self, Tool};
use crate::{command, repo};

/// How long a generator may take; the first run of Maven's fetches all that it needs.
const LIMIT: Duration = Duration::from_secs(600);

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The language [default: all of them]
    language: Option<Language>,
    /// The folder for the stubs [default: target/stubs/LANGUAGE]
    #[arg(long, value_name = "DIR", requires = "language")]
    out: Option<PathBuf>,
}

/// A language that there are stubs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// protoc-gen-go and protoc-gen-go-grpc
    Go,
    /// grpcio-tools, with types from mypy-protobuf
    Python,
    /// protobuf-es, for Connect
    Typescript,
    /// protobuf-maven-plugin with grpc-java
    Java,
}

/// Carries out the verb.
pub(crate) fn run(args: &Args) -> Result<()> {
    let Some(language) = args.language else {
        return skips::report(&check()?);
    };
    let out = match &args.out {
        // Where the caller stands, which is not where generators run.
        Some(out) => env::current_dir().context("no current folder")?.join(out),
        None => repo::target()?.join("stubs").join(language.name()),
    };
    match generate(language, &out)? {
        None => {
            println!("{}: stubs are in {}", language.name(), out.display());
            Ok(())
        }
        Some(skip) => {
            skips::report(std::slice::from_ref(&skip))?;
            bail!("no stubs were made");
        }
    }
}

/// Generates the stubs of every language; hands back what could not be.
pub(crate) fn check() -> Result<Vec<Skip>> {
    let mut skips = Vec::new();
    for language in Language::value_variants() {
        let out = repo::target()?.join("stubs").join(language.name());
        // What an earlier version of the contract left would be taken for what is missing.
        let _ = fs::remove_dir_all(&out);
        let skip = generate(*language, &out)?;
        if skip.is_none() {
            let service = out.join("hookd/v1").join(language.service());
            let made = fs::read_to_string(&service).unwrap_or_default();
            ensure!(made.contains("RunHooks"), "no {}", service.display());
            println!("{}: stubs are generated", language.name());
        }
        skips.extend(skip);
    }
    Ok(skips)
}

/// Generates the stubs of a language; says why if this machine cannot.
pub(crate) fn generate(language: Language, out: &Path) -> Result<Option<Skip>> {
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    match language {
        Language::Go => go::generate(out),
        Language::Python => python::generate(out),
        Language::Typescript => typescript::generate(out),
        Language::Java => java::generate(out),
    }
    .with_context(|| format!("cannot generate stubs for {}", language.name()))
}

impl Language {
    /// The name, as one types it.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The file with the client of `HookService`.
    fn service(self) -> &'static str {
        match self {
            Self::Go => "hook_service_grpc.pb.go",
            Self::Python => "hook_service_pb2_grpc.py",
            Self::Typescript => "hook_service_pb.ts",
            Self::Java => "HookServiceGrpc.java",
        }
    }

    /// The folder that says what its generator is installed from.
    fn sources(self) -> PathBuf {
        repo::root().join("xtask/stubs").join(self.name())
    }

    /// Installs its generator, once for each content of its lock files: `install` does so
    /// in a folder that has them.
    fn installed(self, install: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        tools::locked(&format!("stubs-{}", self.name()), &self.sources(), install)
    }
}

/// Runs plugins of protoc on the contract, or on the input that is given.
fn buf_generate(out: &Path, template: &serde_json::Value, input: Option<&Path>) -> Result<()> {
    let buf = match tools::buf()? {
        Tool::At(buf) => buf,
        Tool::Missing(skip) => bail!("{skip}"),
    };
    let mut generate = Command::new(buf);
    generate
        .args(["generate", "--template", &template.to_string(), "--output"])
        .arg(out)
        .args(input)
        .current_dir(repo::root());
    command::run(&mut generate, LIMIT)
}

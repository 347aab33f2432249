//! `cargo xtask fuzz`: feeds everything that parses with inputs that try to break it.
//!
//! No part of `cargo xtask test`, which only replays the seeds. What a run learns is kept
//! below the build folder, so that the next one goes on from there and the repository
//! stays as it is.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::skips::{self, Skip};
use crate::tools::{self, Tool};
use crate::{command, repo};

/// How long the targets may be built.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
/// How long a target may take beyond its time, to begin and to end.
const SPARE: Duration = Duration::from_secs(120);
/// How many seconds one input may take: the longest work for seconds, and longer beside
/// others.
const INPUT_LIMIT: u32 = 60;
/// How much memory one input may take, in MiB.
const MEMORY_LIMIT: u32 = 2048;

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How long each target runs
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Only this one
    target: Option<String>,
}

/// Carries out the verb.
pub(crate) fn run(args: &Args) -> Result<()> {
    let targets = chosen(targets()?, args.target.as_deref())?;
    if let Some(skip) = missing_compiler()? {
        return skips::report(&[skip]);
    }
    let fuzzer = match tools::cargo_fuzz()? {
        Tool::At(fuzzer) => fuzzer,
        Tool::Missing(skip) => return skips::report(&[skip]),
    };
    let with = Toolchain::found();
    println!("fuzzing with {}", with.shown());

    let mut build = with.command(&fuzzer, "build")?;
    // Without a name it builds all.
    build.args(args.target.iter());
    command::run(&mut build, BUILD_LIMIT).context("the fuzz targets cannot be built")?;
    let mut broken = Vec::new();
    for target in &targets {
        println!("fuzzing {target} for {} s", args.seconds);
        let mut fuzz = with.command(&fuzzer, "run")?;
        let learned = with.folder()?.join("corpus").join(target);
        fs::create_dir_all(&learned).context("cannot make the folder of the corpus")?;
        // New inputs go to the first folder.
        fuzz.arg(target).arg(learned).arg(seeds(target)).args([
            "--".to_owned(),
            format!("-max_total_time={}", args.seconds),
            format!("-timeout={INPUT_LIMIT}"),
            format!("-rss_limit_mb={MEMORY_LIMIT}"),
            "-print_final_stats=1".to_owned(),
            "-verbosity=0".to_owned(),
        ]);
        let limit = Duration::from_secs(args.seconds.into()) + SPARE;
        if let Err(error) = command::run(&mut fuzz, limit) {
            println!("{target}: {error:#}");
            broken.push(target.as_str());
        }
    }
    ensure!(
        broken.is_empty(),
        "broken: {}; the inputs are in fuzz/artifacts, and belong into fuzz/corpus when mended",
        broken.join(", ")
    );
    println!("no target of {} broke", targets.len());
    Ok(())
}

/// The names of all targets.
fn targets() -> Result<BTreeSet<String>> {
    let folder = repo::root().join("fuzz/fuzz_targets");
    let files = fs::read_dir(&folder).context("cannot list the fuzz targets")?;
    let paths = files.map(|file| file.map(|file| file.path()));
    let paths = paths.collect::<io::Result<Vec<_>>>()?;
    let stems = paths.iter().filter_map(|path| path.file_stem());
    Ok(stems
        .map(|name| name.to_string_lossy().into_owned())
        .collect())
}

/// The one that is asked for, or all.
fn chosen(mut targets: BTreeSet<String>, wanted: Option<&str>) -> Result<BTreeSet<String>> {
    let Some(wanted) = wanted else {
        return Ok(targets);
    };
    if !targets.contains(wanted) {
        let names: Vec<_> = targets.into_iter().collect();
        bail!("no target `{wanted}`; there are {}", names.join(", "));
    }
    targets.retain(|target| target == wanted);
    Ok(targets)
}

/// Where the seeds of a target are.
fn seeds(target: &str) -> PathBuf {
    repo::root().join("fuzz/corpus").join(target)
}

/// The fuzzer's engine is C++, built with the targets.
fn missing_compiler() -> Result<Option<Skip>> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    match quiet(&compiler, ["--version"]) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let why = "no C++ compiler, which the fuzzer's engine needs, is installed";
            Ok(Some(Skip::new("fuzz", why)))
        }
        answer => answer.map(|_| None).context("cannot run the C++ compiler"),
    }
}

/// Runs a program for its status alone.
fn quiet<const N: usize>(program: impl AsRef<OsStr>, args: [&str; N]) -> io::Result<bool> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.map(|status| status.success())
}

/// What the targets are built with.
enum Toolchain {
    /// Nightly, which has the address sanitizer.
    Nightly,
    /// The one that builds hookd, told to allow what a fuzzer needs. Without a sanitizer:
    /// the targets run safe code, which panics where other code reads what is not its own.
    Stable,
}

impl Toolchain {
    /// Nightly if it is installed; nothing is installed for this.
    fn found() -> Self {
        match quiet("rustup", ["run", "nightly", "rustc", "--version"]) {
            Ok(true) => Self::Nightly,
            _ => Self::Stable,
        }
    }

    /// What it is, in words.
    fn shown(&self) -> &'static str {
        match self {
            Self::Nightly => "the nightly toolchain and the address sanitizer",
            Self::Stable => "the stable toolchain, without a sanitizer",
        }
    }

    /// Where its build and what it learned are: apart from the other's, which it would
    /// build anew each time.
    fn folder(&self) -> Result<PathBuf> {
        let name = match self {
            Self::Nightly => "fuzz-nightly",
            Self::Stable => "fuzz",
        };
        Ok(repo::target()?.join(name))
    }

    /// A command of cargo-fuzz.
    fn command(&self, fuzzer: &Path, verb: &str) -> Result<Command> {
        let mut command = Command::new(fuzzer);
        command
            .current_dir(repo::root())
            .args([verb, "--target-dir"])
            .arg(self.folder()?);
        match self {
            // cargo says which toolchain runs this, and would pass it on.
            Self::Nightly => command
                .env_remove("CARGO")
                .env_remove("RUSTC")
                .env("RUSTUP_TOOLCHAIN", "nightly"),
            Self::Stable => command
                .env("RUSTC_BOOTSTRAP", "1")
                .args(["--sanitizer", "none"]),
        };
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_target_or_all_are_chosen_and_an_unknown_one_is_told() {
        let all = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        assert_eq!(chosen(all.clone(), None).unwrap(), all);
        assert!(chosen(all.clone(), Some("b")).unwrap().iter().eq(["b"]));
        let error = chosen(all, Some("c")).unwrap_err().to_string();
        assert_eq!(error, "no target `c`; there are a, b");
    }

    #[test]
    fn every_target_has_seeds() {
        let targets = targets().unwrap();
        assert!(!targets.is_empty());
        assert!(targets.iter().all(|target| seeds(target).is_dir()));
    }
}

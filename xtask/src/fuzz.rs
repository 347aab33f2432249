//! `cargo xtask fuzz`: feeds everything that parses with inputs that try to break it.
//!
//! No part of `cargo xtask test`, which only replays the seeds. The corpus of a run is kept
//! below the build folder, so that the next run goes on from there and the repository stays
//! as it is.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use conformance::skips;
use conformance::{repo, tools};
use xshell::cmd;

use crate::tools::cargo_tool;

const CARGO_FUZZ: &str = "0.13.2";
/// The time limit of one input, in seconds: the longest work for seconds, and longer beside
/// others.
const INPUT_LIMIT: u32 = 60;
/// The memory limit of one input, in MiB.
const MEMORY_LIMIT: u32 = 2048;

/// The folders of the packages with targets.
const FOLDERS: [&str; 2] = ["fuzz", "go-template/fuzz"];

/// The folder of each target, by its name.
type Targets = BTreeMap<String, &'static str>;

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
    // The fuzzer's engine is C++, built with the targets.
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let fuzzer = tools::probe("fuzz", &compiler, "--version")
        .and_then(|_| cargo_tool("cargo-fuzz", CARGO_FUZZ));
    let fuzzer: PathBuf = match fuzzer {
        Ok(fuzzer) => fuzzer,
        Err(skip) => return skips::report(&[skip]),
    };

    let sh = repo::shell()?;
    // Nightly has the address sanitizer. The stable toolchain has to be told to allow the
    // fuzzer's instrumentation; without a sanitizer it is still safe code that panics where
    // other code would read foreign memory. Each has a build folder of its own.
    let nightly = cmd!(sh, "rustup run nightly rustc --version")
        .quiet()
        .ignore_stderr();
    let nightly = nightly.read().is_ok();
    let (folder, sanitizer) = match nightly {
        true => ("fuzz-nightly", "--sanitizer=address"),
        false => ("fuzz", "--sanitizer=none"),
    };
    let folder = repo::target()?.join(folder);
    if nightly {
        println!("fuzzing with the nightly toolchain and the address sanitizer");
        sh.set_var("RUSTUP_TOOLCHAIN", "nightly");
    } else {
        println!("fuzzing with the stable toolchain, without a sanitizer");
        sh.set_var("RUSTC_BOOTSTRAP", "1");
    }
    let build_folder = format!("--target-dir={}", folder.display());
    let only = args.target.as_ref();
    // cargo sets these to its own toolchain, and would pass that on.
    for folder in FOLDERS
        .iter()
        .filter(|f| targets.values().any(|of| of == *f))
    {
        let build = cmd!(
            sh,
            "{fuzzer} build --fuzz-dir {folder} --features libfuzzer {build_folder} {sanitizer} {only...}"
        );
        let build = build.env_remove("CARGO").env_remove("RUSTC");
        build.run().context("the fuzz targets cannot be built")?;
    }

    let mut broken = Vec::new();
    for (target, fuzz_folder) in &targets {
        println!("fuzzing {target} for {} s", args.seconds);
        // New inputs go to the first folder.
        let learned = sh.create_dir(folder.join("corpus").join(target))?;
        let limits = [
            format!("-max_total_time={}", args.seconds),
            format!("-timeout={INPUT_LIMIT}"),
            format!("-rss_limit_mb={MEMORY_LIMIT}"),
        ];
        let shown = ["-print_final_stats=1", "-verbosity=0"];
        let seeds = seeds(fuzz_folder, target);
        let fuzz = cmd!(
            sh,
            "{fuzzer} run --fuzz-dir {fuzz_folder} --features libfuzzer {build_folder} {sanitizer} {target} {learned} {seeds} -- {limits...} {shown...}"
        );
        if let Err(error) = fuzz.env_remove("CARGO").env_remove("RUSTC").run() {
            println!("{target}: {error:#}");
            broken.push(target.as_str());
        }
    }
    ensure!(
        broken.is_empty(),
        "broken: {}; the inputs are in the folder artifacts beside the corpus, and belong into that when mended",
        broken.join(", ")
    );
    println!("no target of {} broke", targets.len());
    Ok(())
}

/// Returns all targets.
fn targets() -> Result<Targets> {
    let mut targets = Targets::new();
    for folder in FOLDERS {
        let files = repo::shell()?.read_dir(format!("{folder}/fuzz_targets"))?;
        let stems = files.iter().filter_map(|path| path.file_stem());
        targets.extend(stems.map(|name| (name.to_string_lossy().into_owned(), folder)));
    }
    Ok(targets)
}

/// Returns the target that was asked for, or all.
fn chosen(mut targets: Targets, wanted: Option<&str>) -> Result<Targets> {
    let Some(wanted) = wanted else {
        return Ok(targets);
    };
    if !targets.contains_key(wanted) {
        let names: Vec<_> = targets.into_keys().collect();
        bail!("no target `{wanted}`; there are {}", names.join(", "));
    }
    targets.retain(|target, _| target == wanted);
    Ok(targets)
}

/// Returns the folder of a target's seeds.
fn seeds(folder: &str, target: &str) -> PathBuf {
    repo::root().join(folder).join("corpus").join(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_target_or_all_are_chosen_and_an_unknown_one_is_told() {
        let all = Targets::from(["a", "b"].map(|name| (name.to_owned(), "fuzz")));
        assert_eq!(chosen(all.clone(), None).unwrap(), all);
        assert!(chosen(all.clone(), Some("b")).unwrap().keys().eq(["b"]));
        let error = chosen(all, Some("c")).unwrap_err().to_string();
        assert_eq!(error, "no target `c`; there are a, b");
    }

    #[test]
    fn every_target_has_seeds() {
        let targets = targets().unwrap();
        assert!(!targets.is_empty());
        assert!(
            targets
                .iter()
                .all(|(target, folder)| seeds(folder, target).is_dir())
        );
    }
}

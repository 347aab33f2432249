//! `cargo xtask fuzz`: feeds everything that parses with inputs that try to break it.
//!
//! No part of `cargo xtask test`, which only replays the seeds. The corpus of a run is kept
//! below the build folder, so that the next run goes on from there and the repository stays
//! as it is.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
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
    let build = cmd!(
        sh,
        "{fuzzer} build --features libfuzzer {build_folder} {sanitizer} {only...}"
    );
    let build = build.env_remove("CARGO").env_remove("RUSTC");
    build.run().context("the fuzz targets cannot be built")?;

    let all = cmd!(sh, "{fuzzer} list").quiet().read()?;
    let targets = all
        .lines()
        .filter(|target| only.is_none_or(|only| only == target));
    let targets: Vec<_> = targets.collect();
    let mut broken = Vec::new();
    for target in &targets {
        println!("fuzzing {target} for {} s", args.seconds);
        // New inputs go to the first folder.
        let learned = sh.create_dir(folder.join("corpus").join(target))?;
        let limits = [
            format!("-max_total_time={}", args.seconds),
            format!("-timeout={INPUT_LIMIT}"),
            format!("-rss_limit_mb={MEMORY_LIMIT}"),
        ];
        let shown = ["-print_final_stats=1", "-verbosity=0"];
        let seeds = repo::root().join("fuzz/corpus").join(target);
        let fuzz = cmd!(
            sh,
            "{fuzzer} run --features libfuzzer {build_folder} {sanitizer} {target} {learned} {seeds} -- {limits...} {shown...}"
        );
        if let Err(error) = fuzz.env_remove("CARGO").env_remove("RUSTC").run() {
            println!("{target}: {error:#}");
            broken.push(*target);
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

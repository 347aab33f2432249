//! `cargo xtask fuzz`: feeds everything that parses with inputs that try to break it.
//!
//! No part of `cargo xtask test`, which only replays the seeds. The corpus of a run is kept
//! below the build folder, so that the next run goes on from there and the repository stays
//! as it is.

use std::env;

use anyhow::{Context as _, Result, ensure};
use conformance::{repo, skips, tools};
use xshell::cmd;

use crate::tools::cargo_tool;

const CARGO_FUZZ: &str = "0.13.2";
/// The crates with fuzz targets.
const FOLDERS: [&str; 2] = ["fuzz", "go-template/fuzz"];
/// The time limit of one input, in seconds, of which slow inputs need several.
const INPUT_LIMIT: u32 = 60;
/// The memory limit of one input, in MiB.
const MEMORY_LIMIT: u32 = 2048;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The number of seconds that each target runs
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Only this one
    target: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    // The fuzzer's engine is C++, built with the targets.
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let fuzzer = tools::probe("fuzz", &compiler, "--version")
        .and_then(|_| cargo_tool("cargo-fuzz", CARGO_FUZZ));
    let fuzzer = match fuzzer {
        Ok(fuzzer) => fuzzer,
        Err(skip) => return skips::report(&[skip]),
    };

    let sh = repo::shell()?;
    // Nightly has the address sanitizer. The stable toolchain has to be told to allow the
    // fuzzer's instrumentation; without a sanitizer it is still safe code that panics where
    // other code would read foreign memory. Each has a build folder of its own.
    let nightly = cmd!(sh, "rustup run nightly rustc --version").quiet();
    let (name, sanitizer) = match nightly.ignore_stderr().read() {
        Ok(nightly) => {
            println!("fuzzing with {nightly} and the address sanitizer");
            sh.set_var("RUSTUP_TOOLCHAIN", "nightly");
            ("fuzz-nightly", "--sanitizer=address")
        }
        Err(_) => {
            println!("fuzzing with the stable toolchain, without a sanitizer");
            sh.set_var("RUSTC_BOOTSTRAP", "1");
            ("fuzz", "--sanitizer=none")
        }
    };
    let builds = repo::target()?.join(name);
    let cargo_fuzz = |folder: &str, verb: &str| {
        let options = ["--fuzz-dir", folder, "--features=libfuzzer", sanitizer];
        // cargo sets these to its own toolchain, and would pass that on.
        cmd!(sh, "{fuzzer} {verb} {options...} --target-dir {builds}")
            .env_remove("CARGO")
            .env_remove("RUSTC")
    };
    let (mut count, mut broken) = (0, Vec::new());
    for folder in FOLDERS {
        let all = cmd!(sh, "{fuzzer} list --fuzz-dir {folder}").quiet();
        for target in all.read()?.lines() {
            if args.target.as_deref().is_some_and(|only| only != target) {
                continue;
            }
            count += 1;
            let build = cargo_fuzz(folder, "build").arg(target).run();
            build.context("the fuzz target cannot be built")?;
            println!("fuzzing {target} for {} s", args.seconds);
            // New inputs go to the first folder.
            let learned = sh.create_dir(builds.join("corpus").join(target))?;
            let fuzz = cargo_fuzz(folder, "run").arg(target).arg(learned);
            let fuzz = fuzz.arg(format!("{folder}/corpus/{target}")).args([
                "--".to_owned(),
                format!("-max_total_time={}", args.seconds),
                format!("-timeout={INPUT_LIMIT}"),
                format!("-rss_limit_mb={MEMORY_LIMIT}"),
                "-print_final_stats=1".to_owned(),
                "-verbosity=0".to_owned(),
            ]);
            if let Err(error) = fuzz.run() {
                println!("{target}: {error:#}");
                broken.push(target.to_owned());
            }
        }
    }
    ensure!(count > 0, "there is no such target");
    ensure!(
        broken.is_empty(),
        "broken: {}; the inputs are in `artifacts`, and belong into `corpus` when mended",
        broken.join(", ")
    );
    println!("no target of {count} broke");
    Ok(())
}

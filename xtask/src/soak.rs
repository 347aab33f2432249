//! `cargo xtask soak`: the long form of the test of the same name in `hookd/tests/stress`,
//! which measures memory, too.

use anyhow::Result;
use conformance::repo;
use xshell::cmd;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Runs, each with one hook
    #[arg(long, value_name = "N", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(20..=1_000_000))]
    hooks: u32,
    /// Runs at the same time; hookd's own limit is 64
    #[arg(long, value_name = "C", default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..=1000))]
    concurrency: u32,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let (sh, test) = (repo::shell()?, "soak::nothing_is_left_of_many_hooks");
    cmd!(
        sh,
        "cargo test --quiet --release --workspace --test stress -- --exact {test} --nocapture"
    )
    .env("HOOKD_TEST_HOOKS", args.hooks.to_string())
    .env("HOOKD_TEST_CONCURRENCY", args.concurrency.to_string())
    .env("HOOKD_TEST_MEMORY", "1")
    .run()?;
    Ok(())
}

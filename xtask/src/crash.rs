//! `cargo xtask crash`: the long form of the test of the same name in `hookd/tests/stress`.

use anyhow::Result;
use conformance::repo;
use xshell::cmd;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The number of times that hookd is killed
    #[arg(long, value_name = "N", default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    kills: u32,
    /// Clients that ask at the same time
    #[arg(long, value_name = "C", default_value_t = 8,
        value_parser = clap::value_parser!(u32).range(1..=64))]
    clients: u32,
    /// The crash that hookd's store must survive: the machine's or the process's
    #[arg(long, default_value = "power", value_parser = ["power", "process"])]
    durability: String,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let test = match args.durability.as_str() {
        "process" => "crash::it_is_true_after_a_crash_where_nothing_waits_for_the_disk",
        _ => "crash::what_was_told_is_true_after_any_crash",
    };
    let sh = repo::shell()?;
    cmd!(
        sh,
        "cargo test --quiet --release --workspace --test stress -- --exact {test} --nocapture"
    )
    .env("HOOKD_TEST_KILLS", args.kills.to_string())
    .env("HOOKD_TEST_CLIENTS", args.clients.to_string())
    .run()?;
    Ok(())
}

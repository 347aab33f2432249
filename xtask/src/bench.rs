//! `cargo xtask bench`: every bench of the workspace, then the load comparison.

use anyhow::Result;
use cargo_metadata::{MetadataCommand, Target};
use conformance::repo;
use xshell::cmd;

use crate::load;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measure briefly: enough to see that it works, too little to compare
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    load: load::Size,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let sh = repo::shell()?;
    // `cargo bench` alone would also start every test program, which do not know the flags
    // of benches.
    let mut metadata = MetadataCommand::new();
    metadata
        .manifest_path(repo::root().join("Cargo.toml"))
        .no_deps();
    let packages = metadata.exec()?.packages.into_iter();
    let benches = packages
        .flat_map(|package| package.targets)
        .filter(Target::is_bench);
    let benches: Vec<_> = benches
        .map(|bench| format!("--bench={}", bench.name))
        .collect();
    let quick = args
        .quick
        .then_some(["--", "--quick"])
        .into_iter()
        .flatten();
    cmd!(sh, "cargo bench --workspace {benches...} {quick...}").run()?;
    load::run(&load::Args {
        quick: args.quick,
        size: args.load.clone(),
    })
}

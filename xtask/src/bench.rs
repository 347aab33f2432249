//! `cargo xtask bench`: every bench of the workspace, then the load comparison.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{command, load, repo};

const LIMIT: Duration = Duration::from_secs(60 * 60);

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measure briefly: enough to see that it works, too little to compare
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    load: load::Size,
}

/// Carries out the verb.
pub(crate) fn run(args: &Args) -> Result<()> {
    let benches = benches()?;
    if benches.is_empty() {
        println!("the workspace has no benches");
    } else {
        let mut bench = repo::cargo(["bench", "--workspace"]);
        for name in &benches {
            bench.args(["--bench", name]);
        }
        if args.quick {
            bench.args(["--", "--quick"]);
        }
        command::run(&mut bench, LIMIT)?;
    }
    load::run(&load::Args {
        quick: args.quick,
        size: args.load.clone(),
    })
}

/// The names of the benches. Without them cargo would also start every test program as a
/// bench, which do not know the flags of benches.
fn benches() -> Result<Vec<String>> {
    let output = repo::cargo(["metadata", "--no-deps", "--format-version=1"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "cargo cannot tell what is there");
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let targets = list(&metadata["packages"])
        .into_iter()
        .flat_map(|package| list(&package["targets"]));
    let benches = targets.filter(|target| list(&target["kind"]).contains(&Value::from("bench")));
    Ok(benches
        .filter_map(|bench| bench["name"].as_str().map(str::to_owned))
        .collect())
}

//! `cargo xtask docs`: the reference pages that are made from code.

mod api;
mod cli;

use anyhow::{Result, bail};
use conformance::repo;
use conformance::skips::Skip;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail if a page is not as it would be written
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if args.check {
        check()?;
        return Ok(());
    }
    for page in stale()? {
        repo::shell()?.write_file(page.path, page.text)?;
        println!("{}: written", page.path);
    }
    Ok(())
}

/// Fails if a committed page differs from the one that would be written.
pub(crate) fn check() -> Result<Vec<Skip>> {
    let stale: Vec<_> = stale()?.iter().map(|page| page.path).collect();
    if !stale.is_empty() {
        let stale = stale.join(", ");
        bail!("out of date: {stale}; `cargo xtask docs` writes them anew");
    }
    Ok(Vec::new())
}

struct Page {
    path: &'static str,
    text: String,
}

/// Returns the pages that differ from the committed ones.
fn stale() -> Result<Vec<Page>> {
    let page = |path, text| Page { path, text };
    let mut pages = vec![
        page("docs/api.md", api::page()?),
        page("docs/cli.md", cli::page()?),
    ];
    let sh = repo::shell()?;
    pages.retain(|page| sh.read_file(page.path).ok().as_ref() != Some(&page.text));
    Ok(pages)
}

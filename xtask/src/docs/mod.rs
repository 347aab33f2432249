//! `cargo xtask docs`: the reference pages that are made from code.

mod api;
mod cli;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use conformance::repo;
use conformance::skips::Skip;

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail if a page is not as it would be written
    #[arg(long)]
    check: bool,
}

/// A page and its text.
struct Page {
    path: &'static str,
    text: String,
}

impl Page {
    fn file(&self) -> PathBuf {
        repo::root().join(self.path)
    }

    /// Returns true if the committed page has this text.
    fn is_current(&self) -> bool {
        fs::read_to_string(self.file()).is_ok_and(|text| text == self.text)
    }

    fn write(&self) -> Result<()> {
        let file = self.file();
        let folder = file.parent().context("a page is in no folder")?;
        fs::create_dir_all(folder).context("cannot make the folder of the pages")?;
        fs::write(&file, &self.text).with_context(|| format!("cannot write {}", self.path))
    }
}

/// Carries out the verb.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.check {
        check()?;
        return Ok(());
    }
    for page in pages()? {
        let verb = if page.is_current() {
            "is up to date"
        } else {
            "written"
        };
        page.write()?;
        println!("{}: {verb}", page.path);
    }
    Ok(())
}

/// Fails if a committed page differs from the one that would be written.
pub(crate) fn check() -> Result<Vec<Skip>> {
    let pages = pages()?;
    let stale = pages.iter().filter(|page| !page.is_current());
    let stale: Vec<_> = stale.map(|page| page.path).collect();
    if !stale.is_empty() {
        let stale = stale.join(", ");
        bail!("out of date: {stale}; `cargo xtask docs` writes them anew");
    }
    for page in pages {
        println!("{}: up to date", page.path);
    }
    Ok(Vec::new())
}

fn pages() -> Result<Vec<Page>> {
    let page = |path, text| Page { path, text };
    Ok(vec![
        page("docs/api.md", api::page()?),
        page("docs/cli.md", cli::page()?),
    ])
}

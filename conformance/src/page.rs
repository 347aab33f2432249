//! `docs/conformance.md`: the table of agents and scenarios.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::agents::Agent;
use crate::repo;
use crate::scenarios::{self, Scenario};
use crate::suite::Row;

const PAGE: &str = "docs/conformance.md";

const HEAD: &str = "\
# Conformance

<!-- Written by `cargo xtask conformance --write`; edit the scenarios instead. -->

Agents in several languages, hookctl among them, go through the same scenarios against
hookd. [What an agent does](../conformance/README.md) says what is expected of each;
`cargo xtask conformance` runs them, and fails if this page is not what comes of it.
";

/// Writes the page of a suite without failures, or fails if the committed page differs. A skipped
/// agent appears as passed, because it passed where the page was written.
pub(crate) fn keep(rows: &[Row], agents: &[Agent], write: bool) -> Result<()> {
    let file = repo::root().join(PAGE);
    let text = page(rows, agents);
    if fs::read_to_string(&file).is_ok_and(|page| page == text) {
        return Ok(());
    }
    if !write {
        bail!("out of date: {PAGE}; `cargo xtask conformance --write` writes it anew");
    }
    fs::write(&file, text).with_context(|| format!("cannot write {PAGE}"))
}

fn page(rows: &[Row], agents: &[Agent]) -> String {
    let names: Vec<_> = agents.iter().map(|agent| &*agent.name).collect();
    let mut text = HEAD.to_owned();
    let head = names.join(" | ");
    text.push_str(&format!("\n| scenario | over | {head} |\n|---|---|"));
    text.push_str(&"---|".repeat(names.len()));
    text.push('\n');
    for row in rows {
        let (name, transport) = (row.scenario.name, row.transport.name());
        text.push_str(&format!("| {name} | {transport} |"));
        for agent in agents {
            let excepted = agent.except.contains_key(name);
            text.push_str(if excepted { " no |" } else { " yes |" });
        }
        text.push('\n');
    }
    text.push_str("\n| scenario | what must come of it |\n|---|---|\n");
    for Scenario { name, says, .. } in scenarios::ALL {
        text.push_str(&format!("| {name} | {says} |\n"));
    }
    let excepted = agents.iter().flat_map(|agent| {
        let of = move |(name, why)| format!("- {}, {name}: {why}\n", agent.name);
        agent.except.iter().map(of)
    });
    let excepted: String = excepted.collect();
    if !excepted.is_empty() {
        text.push_str(&format!("\nWhat is not done, and why:\n\n{excepted}"));
    }
    text
}

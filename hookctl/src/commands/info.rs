//! `hookctl info`: what the daemon is, and how it is doing.

use clap::Args;
use hookd_proto::v1::{ConfigInfo, GetServerInfoRequest, GetServerInfoResponse};

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::{Out, Paint, Tone, words};
use crate::times;

const EXAMPLES: &str = "\
Examples:
  hookctl info
  hookctl info -o json | jq -r .config.etag";

/// Nothing to choose.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InfoArgs {}

/// Asks the daemon about itself.
///
/// # Errors
/// If it cannot be asked.
pub(crate) async fn perform(_: &InfoArgs, global: &Global, out: &mut Out) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    let told = answer(client.admin().get_server_info(GetServerInfoRequest {})).await;
    let info = client.close(told).await?;
    if out.is_json() {
        out.json(&info)?;
    } else {
        out.text(&show(&info, out.paint))?;
    }
    Ok(Exit::Proceed)
}

fn show(info: &GetServerInfoResponse, paint: Paint) -> String {
    let mut table = Table::bare();
    let mut add = |name: &str, value: String| {
        table.row([Cell::toned(Tone::Dim, name), Cell::new(value)]);
    };
    add("hookd", info.version.clone());
    add("hookctl", env!("CARGO_PKG_VERSION").to_owned());
    add("process", info.pid.to_string());
    add("started", times::local(info.started_at.as_ref()));
    add("listens on", info.listen.join(", "));
    if let Some(config) = &info.config {
        add("config", config.file.clone());
        add("loaded", times::local(config.loaded_at.as_ref()));
        add("fingerprint", config.etag.clone());
        add("has", contents(config));
    }
    add("runs kept in", info.store.clone());
    if let Some(counts) = &info.counts {
        let counts = format!(
            "{} running, {} queued, {} kept, {} since the start",
            counts.running, counts.queued, counts.kept, counts.total
        );
        add("runs", counts);
    }
    if let Some(limits) = &info.limits {
        let limits = format!(
            "{} at a time, {} queued, {} kept, requests of {}, {} to drain",
            limits.max_concurrent_runs,
            limits.max_queued_runs,
            limits.max_kept_runs,
            words::bytes(limits.max_request_bytes),
            times::human_wire(limits.drain_timeout.as_ref()).unwrap_or_else(|| "0 s".to_owned()),
        );
        add("limits", limits);
    }
    table.show(paint)
}

/// What a config has, in words.
#[must_use]
pub(crate) fn contents(config: &ConfigInfo) -> String {
    let parts = [
        (config.hooks, "hook"),
        (config.repos, "repo"),
        (config.plans, "plan"),
        (config.warnings, "warning"),
    ];
    parts
        .map(|(count, thing)| words::count(count as usize, thing))
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_daemon_is_bearable() {
        let shown = show(&GetServerInfoResponse::default(), Paint::PLAIN);
        assert!(shown.contains("hookctl"), "{shown}");
        let config = ConfigInfo {
            hooks: 1,
            repos: 2,
            ..ConfigInfo::default()
        };
        assert_eq!(contents(&config), "1 hook, 2 repos, no plans, no warnings");
    }
}

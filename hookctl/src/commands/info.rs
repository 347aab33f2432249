//! `hookctl info`: what the daemon is, and how it is doing.

use clap::Args;
use hookd_proto::v1::{
    ConfigInfo, GetServerInfoRequest, GetServerInfoResponse, HookStats, ListHookStatsRequest,
    StoreInfo,
};

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failing;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::{Out, Paint, Tone, safe, words};
use crate::times;

const EXAMPLES: &str = "\
Examples:
  hookctl info
  hookctl info -o json | jq -r .config.etag
  hookctl info -o json | jq -r .storeInfo.path

Also says which hooks have been failing.";

fn help() -> String {
    format!("{EXAMPLES}\n{}", failing::RULE)
}

/// Nothing to choose.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct InfoArgs {}

/// Asks the daemon about itself.
///
/// # Errors
/// If it cannot be asked.
pub(crate) async fn perform(_: &InfoArgs, global: &Global, out: &mut Out) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    let told = ask(&client, out.is_json()).await;
    let (info, stats) = client.close(told).await?;
    if out.is_json() {
        out.json(&info)?;
    } else {
        out.text(&show(&info, out.paint))?;
        out.text(&show_failing(&stats, out.paint))?;
    }
    Ok(Exit::Proceed)
}

async fn ask(
    client: &Client,
    alone: bool,
) -> Result<(GetServerInfoResponse, Vec<HookStats>), Failure> {
    let info = answer(client.admin().get_server_info(GetServerInfoRequest {})).await?;
    if alone {
        return Ok((info, Vec::new()));
    }
    let request = ListHookStatsRequest::default();
    // A daemon whose store fails can still say what it is.
    let stats = answer(client.hooks().list_hook_stats(request)).await;
    Ok((info, stats.map(|stats| stats.hooks).unwrap_or_default()))
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
    for (tone, name, value) in store(info) {
        table.row([Cell::toned(Tone::Dim, name), Cell::toned(tone, value)]);
    }
    let mut add = |name: &str, value: String| {
        table.row([Cell::toned(Tone::Dim, name), Cell::new(value)]);
    };
    if let Some(counts) = &info.counts {
        let counts = format!(
            "{} running, {} queued, {} kept, {} since the start",
            counts.running, counts.queued, counts.kept, counts.total
        );
        add("runs", counts);
    }
    if let Some(limits) = &info.limits {
        let kept = match limits.max_kept_runs {
            0 => String::new(),
            runs => format!(" {runs} kept,"),
        };
        let limits = format!(
            "{} at a time, {} queued,{kept} requests of {}, {} to drain",
            limits.max_concurrent_runs,
            limits.max_queued_runs,
            words::bytes(limits.max_request_bytes),
            times::human_wire(limits.drain_timeout.as_ref()).unwrap_or_else(|| "0 s".to_owned()),
        );
        add("limits", limits);
    }
    table.show(paint)
}

/// What keeps the runs, line by line.
fn store(info: &GetServerInfoResponse) -> Vec<(Tone, &'static str, String)> {
    let Some(store) = &info.store_info else {
        return vec![(Tone::Plain, "runs kept in", info.store.clone())];
    };
    let mut lines = vec![(Tone::Plain, "runs kept in", place(store))];
    let mut kept = words::count(usize::try_from(store.runs).unwrap_or(usize::MAX), "run");
    if store.oldest.is_some() {
        let oldest = times::local(store.oldest.as_ref());
        kept.push_str(&format!(" since {oldest}"));
    }
    let size = words::bytes(store.bytes);
    lines.push((Tone::Plain, "store has", format!("{kept}, {size}")));
    if !store.failure.is_empty() {
        lines.push((Tone::Bad, "store fails", store.failure.clone()));
    }
    if store.unstored_runs > 0 {
        let runs = usize::try_from(store.unstored_runs).unwrap_or(usize::MAX);
        let lost = format!("{}, lost when hookd ends", words::count(runs, "run"));
        lines.push((Tone::Bad, "not stored", lost));
    }
    if !store.set_aside.is_empty() {
        let aside = format!("{}: it could not be read", store.set_aside);
        lines.push((Tone::Warn, "set aside", aside));
    }
    lines
}

fn place(store: &StoreInfo) -> String {
    let survives = match &*store.durability {
        "power" => "survives a power cut",
        "process" => "survives the death of hookd",
        "none" => "lost when hookd ends",
        other => other,
    };
    match &*store.path {
        "" => format!("{}, {survives}", store.kind),
        path => format!("{} {path}, {survives}", store.kind),
    }
}

/// A line for each hook that somebody should look at.
fn show_failing(stats: &[HookStats], paint: Paint) -> String {
    let failing = stats.iter().filter(|hook| failing::is_worth_a_word(hook));
    let lines = failing.map(|hook| {
        let label = paint.text(Tone::Warn, "warning");
        format!("{label}: {}\n", safe::text(&failing::sentence(hook)))
    });
    lines.collect()
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
    fn what_ails_a_store_is_said() {
        let ailing = StoreInfo {
            kind: "sqlite".to_owned(),
            path: "/s/hookd.db".to_owned(),
            durability: "power".to_owned(),
            bytes: 4096,
            runs: 2,
            failure: "the disk is full".to_owned(),
            unstored_runs: 3,
            set_aside: "/s/hookd.db.damaged".to_owned(),
            ..StoreInfo::default()
        };
        let told = |store| {
            let info = GetServerInfoResponse {
                store_info: Some(store),
                ..GetServerInfoResponse::default()
            };
            show(&info, Paint::PLAIN)
        };
        let shown = told(ailing);
        for line in [
            "runs kept in  sqlite /s/hookd.db, survives a power cut\n",
            "store has     2 runs, 4 KiB\n",
            "store fails   the disk is full\n",
            "not stored    3 runs, lost when hookd ends\n",
            "set aside     /s/hookd.db.damaged: it could not be read\n",
        ] {
            assert!(shown.contains(line), "{line:?} is not in\n{shown}");
        }
        let shown = told(StoreInfo::default());
        for word in ["store fails", "not stored", "set aside"] {
            assert!(!shown.contains(word), "{shown}");
        }
    }

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

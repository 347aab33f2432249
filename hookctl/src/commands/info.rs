//! `hookctl info`: the daemon's version, config, store and limits, and hooks that have failed
//! repeatedly.

use clap::Args;
use hookd_client::answer;
use hookd_proto::v1::{
    ConfigFileState, ConfigInfo, GetServerInfoRequest, GetServerInfoResponse, HookStats, StoreInfo,
};

use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::table::Table;
use crate::output::{Out, Tone, safe, words};
use crate::{failing, times};

const EXAMPLES: &str = "\
Examples:
  hookctl info
  hookctl info --check || mail -s 'hookd is failing' root
  hookctl info -o json | jq -r .config.etag
  hookctl info -o json | jq -r .storeInfo.path

Also says which hooks have been failing.

Exit codes with --check: 0 fine, 1 a hook or hookd's store is failing, or
the config file was refused or cannot be read, 69 hookd is unavailable";

#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct InfoArgs {
    /// Exit with 1 if anything is failing, for monitoring
    #[arg(long)]
    pub check: bool,
}

fn help() -> String {
    format!("{EXAMPLES}\n\n{}", failing::RULE)
}

pub(crate) async fn perform(args: &InfoArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let client = hookd.connect().await?;
    let info = answer(client.admin().get_server_info(GetServerInfoRequest {})).await?;
    // A daemon whose store fails can still describe itself.
    let failing = failing::hooks(&client).await;
    let store = info.store_info.as_ref();
    let store_fails = store.is_some_and(|store| !store.failure.is_empty());
    let config_fails = info.config.as_ref().is_some_and(|config| {
        let state = config.file_state();
        matches!(
            state,
            ConfigFileState::Refused | ConfigFileState::Unreadable
        )
    });
    let is_sound = !store_fails && !config_fails;
    let exit = match &failing {
        Ok(hooks) if !args.check || (hooks.is_empty() && is_sound) => Exit::Proceed,
        Err(_) if !args.check => Exit::Proceed,
        _ => Exit::Other,
    };
    let width = out.width();
    let printed = out.answer(&info, |info| {
        show(info, width) + &show_failing(failing.as_deref().unwrap_or_default())
    });
    out.verdict(exit, printed)
}

/// Returns the difference between the config in force and its file; `None` if there is none.
pub(crate) fn not_loaded(config: &ConfigInfo) -> Option<&'static str> {
    match config.file_state() {
        ConfigFileState::Changed => {
            Some("the file has changed since it was loaded: `hookctl reload` loads it")
        }
        ConfigFileState::Refused => Some(
            "the last reload was refused: `hookctl check` says why, and `hookctl reload` loads \
             the mended file",
        ),
        ConfigFileState::Unreadable => {
            Some("the file cannot be read any more: hookd would not start again")
        }
        ConfigFileState::Loaded | ConfigFileState::Unspecified => None,
    }
}

fn show(info: &GetServerInfoResponse, width: Option<usize>) -> String {
    let mut table = Table::of_facts();
    let mut fact = |name: &str, value: &str| table.fact(name, Tone::Plain, value);
    fact("hookd", &info.version);
    fact("hookctl", env!("CARGO_PKG_VERSION"));
    fact("process", &info.pid.to_string());
    fact("started", &times::local(info.started_at.as_ref()));
    fact("listens on", &info.listen.join(", "));
    if let Some(config) = &info.config {
        fact("config", &config.file);
        fact("loaded", &times::local(config.loaded_at.as_ref()));
        fact("fingerprint", &config.etag);
        fact("has", &contents(config));
        table.fact(
            "not loaded",
            Tone::Warn,
            not_loaded(config).unwrap_or_default(),
        );
    }
    match &info.store_info {
        Some(store) => store_facts(&mut table, store),
        None => table.fact("runs kept in", Tone::Plain, &info.store),
    }
    if let Some(counts) = &info.counts {
        let counts = format!(
            "{} running, {} queued, {} kept, {} since the start",
            counts.running, counts.queued, counts.kept, counts.total
        );
        table.fact("runs", Tone::Plain, counts);
    }
    if let Some(limits) = &info.limits {
        let kept = match limits.max_kept_runs {
            0 => String::new(),
            runs => format!(" {runs} kept,"),
        };
        let drain = times::span(limits.drain_timeout.as_ref()).unwrap_or_default();
        let limits = format!(
            "{} at a time, {} queued,{kept} requests of {}, {} to drain",
            limits.max_concurrent_runs,
            limits.max_queued_runs,
            words::bytes(limits.max_request_bytes),
            times::human(drain),
        );
        table.fact("limits", Tone::Plain, limits);
    }
    table.show(width)
}

fn store_facts(table: &mut Table, store: &StoreInfo) {
    table.fact("runs kept in", Tone::Plain, location(store));
    let mut kept = words::count(store.runs, "run");
    if store.oldest.is_some() {
        kept.push_str(&format!(" since {}", times::local(store.oldest.as_ref())));
    }
    let size = words::bytes(store.bytes);
    table.fact("store has", Tone::Plain, format!("{kept}, {size}"));
    table.fact("store fails", Tone::Bad, &store.failure);
    if store.unstored_runs > 0 {
        let runs = words::count(store.unstored_runs, "run");
        let lost = format!("{runs}, lost when hookd ends");
        table.fact("not stored", Tone::Bad, lost);
    }
    if !store.set_aside.is_empty() {
        let aside = format!("{}: it could not be read", store.set_aside);
        table.fact("set aside", Tone::Warn, aside);
    }
}

/// Returns an empty text for a store that cannot be looked at.
fn location(store: &StoreInfo) -> String {
    if store.kind.is_empty() {
        return String::new();
    }
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

/// Returns a line for each hook that has failed repeatedly.
fn show_failing(failing: &[HookStats]) -> String {
    let lines = failing.iter().map(|hook| {
        let label = Tone::Warn.paint("warning");
        format!("{label}: {}\n", safe::text(&failing::warning(hook)))
    });
    lines.collect()
}

/// Returns the numbers of repositories, plans and hooks in a config.
pub(crate) fn contents(config: &ConfigInfo) -> String {
    let parts = [
        (config.hooks, "hook"),
        (config.repos, "repo"),
        (config.plans, "plan"),
        (config.warnings, "warning"),
    ];
    let parts = parts.map(|(count, thing)| words::count(count, thing));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::plain;

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
            plain(&show(&info, None))
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
        let shown = show(&GetServerInfoResponse::default(), None);
        assert!(shown.contains("hookctl"), "{shown}");
        let config = ConfigInfo {
            hooks: 1,
            repos: 2,
            ..ConfigInfo::default()
        };
        assert_eq!(contents(&config), "1 hook, 2 repos, no plans, no warnings");
    }
}

//! The `server` section of the config file.

use std::time::Duration;

use clap::ValueEnum;
use hook_core::config::{Mapping, Value, codes, run_retention};

use super::{Origin, SettingsLayer};
use crate::listen::{Address, InvalidAddress};

/// Reads the `server` section, and reports every fault of it.
#[must_use]
pub fn read_section(section: Value<'_>) -> SettingsLayer {
    let read = section.mapping("`server`", |server| SettingsLayer {
        listen: server
            .get("listen")
            .map_or_else(Vec::new, |listen| addresses(listen)),
        state: server.get("state").and_then(|state| state.absolute_path()),
        store: choice(server, "store", "a store", str::to_owned),
        durability: choice(server, "durability", "a durability", str::to_owned),
        on_interrupted: choice(
            server,
            "onInterrupted",
            "advice after an interruption",
            str::to_ascii_uppercase,
        ),
        on_store_failure: choice(
            server,
            "onStoreFailure",
            "an answer to a failed store",
            str::to_ascii_uppercase,
        ),
        insecure_loopback: false,
        web_origin: server
            .get("web")
            .and_then(|web| web.mapping("`web`", origins))
            .unwrap_or_default(),
        max_concurrent_runs: server.integer("maxConcurrentRuns", 1..=100_000),
        max_queued_runs: server.integer("maxQueuedRuns", 0..=1_000_000),
        drain_timeout: server
            .duration("drainTimeout", Duration::ZERO..=Duration::from_secs(86_400)),
        run_retention: run_retention(server),
    });
    read.unwrap_or_default()
}

/// Reads a member of a closed set by the name of its flag's value, in the file's spelling.
fn choice<T: ValueEnum + Copy>(
    server: &mut Mapping<'_>,
    key: &'static str,
    what: &str,
    spelling: fn(&str) -> String,
) -> Option<T> {
    let all = T::value_variants().iter().filter_map(|value| {
        let name = spelling(value.to_possible_value()?.get_name());
        Some((name, *value))
    });
    server.get(key)?.choice(what, codes::UNKNOWN_NAME, all)
}

/// Reads one address, or a list of them.
fn addresses(listen: Value<'_>) -> Vec<Address> {
    let values = listen.one_or_list().into_iter();
    let addresses = values.filter_map(|value| {
        let address = value.text()?.parse();
        let rejected =
            |fault: &InvalidAddress| value.reject(fault.problem(), InvalidAddress::REMEDY);
        address.inspect_err(rejected).ok()
    });
    addresses.collect()
}

fn origins(web: &mut Mapping<'_>) -> Vec<Origin> {
    let list = web.get("origins").and_then(|origins| origins.list());
    let origins = list.into_iter().flatten().filter_map(|value| {
        let origin = value.text()?.parse::<Origin>();
        let rejected = origin.inspect_err(|fault| value.reject(&fault.problem, &fault.remedy));
        rejected.ok()
    });
    origins.collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use hook_core::catalog::RunRetention;
    use hook_core::load::parse_with;

    use super::*;
    use crate::settings::{OnInterrupted, OnStoreFailure, StoreKind};
    use crate::store::Durability;

    fn faults(server: &str) -> Vec<String> {
        let faults = parse_with("f", server.as_bytes(), read_section).unwrap_err();
        let brief = faults
            .iter()
            .map(|fault| format!("{}:{} {}", fault.line, fault.column, fault.code));
        brief.collect()
    }

    fn remedy(server: &str) -> String {
        let faults = parse_with("f", server.as_bytes(), read_section).unwrap_err();
        faults[0].remedy.clone().unwrap_or_default()
    }

    #[test]
    fn a_full_section_comes_to_what_it_says() {
        let yaml = r#"
server:
  listen: [unix:///run/hookd.sock, "tcp://127.0.0.1:7432", "fd://"]
  state: /var/lib/hookd
  store: memory
  max_concurrent_runs: 4
  maxQueuedRuns: 0
  drainTimeout: 30s
  durability: process
  onInterrupted: RETRY
  onStoreFailure: RUN
  runRetention: { maxAge: 90d, maxRuns: 1000, maxBytes: 1GiB }
  web: { origins: ["https://backup.example.org"] }
"#;
        let want = SettingsLayer {
            listen: vec![
                Address::Unix(PathBuf::from("/run/hookd.sock")),
                Address::Tcp(([127, 0, 0, 1], 7432).into()),
                Address::Systemd,
            ],
            state: Some(PathBuf::from("/var/lib/hookd")),
            store: Some(StoreKind::Memory),
            durability: Some(Durability::Process),
            on_interrupted: Some(OnInterrupted::Retry),
            on_store_failure: Some(OnStoreFailure::Run),
            insecure_loopback: false,
            web_origin: vec!["https://backup.example.org".parse().unwrap()],
            max_concurrent_runs: Some(4),
            max_queued_runs: Some(0),
            drain_timeout: Some(Duration::from_secs(30)),
            run_retention: RunRetention {
                max_age: Some(Duration::from_secs(90 * 86_400)),
                max_runs: Some(1000),
                max_bytes: Some(1 << 30),
            },
        };
        let read = parse_with("f", yaml.as_bytes(), read_section).unwrap();
        assert_eq!(read.server, want);
        assert_eq!(read.warnings, []);
    }

    #[test]
    fn every_fault_has_its_place() {
        let server = "server:\n  listen: [unix://run, 'tcp://:', http://x, 'fd://']\n  store: postgres\n  \
                  state: var\n  maxConcurrentRuns: 0\n  maxQueuedRuns: x\n  drainTimeout: 5\n  foo: 1\n  \
                  durability: disk\n  onInterrupted: CANCEL\n  onStoreFailure: run\n  \
                  runRetention: { maxAge: 1s, maxRuns: 0, maxBytes: lots, minAge: 1d }\n";
        let want = [
            "2:12 bad-value",
            "2:24 bad-value",
            "2:35 bad-value",
            "3:10 unknown-name",
            "4:10 bad-value",
            "5:22 out-of-range",
            "6:18 wrong-type",
            "7:17 bad-duration",
            "8:3 unknown-key",
            "9:15 unknown-name",
            "10:18 unknown-name",
            "11:19 unknown-name",
            "12:27 out-of-range",
            "12:40 out-of-range",
            "12:53 bad-size",
            "12:59 unknown-key",
        ];
        assert_eq!(faults(server), want);
        assert_eq!(faults("server: []\n"), ["1:9 wrong-type"]);
        assert_eq!(
            remedy("server: { listen: 'http://x' }"),
            "give unix:///path, tcp://127.0.0.1:7432 or fd://"
        );
    }

    #[test]
    fn web_origins() {
        let web = |web| format!("server:\n  web: {web}\n");
        assert_eq!(
            faults(&web("{ origins: ['*', 'https://x.org/', 7], origin: x }")),
            [
                "2:20 bad-value",
                "2:25 bad-value",
                "2:43 wrong-type",
                "2:47 unknown-key",
            ]
        );
        assert_eq!(faults(&web("https://x.org")), ["2:8 wrong-type"]);
        assert_eq!(
            faults(&web("{ origins: https://x.org }")),
            ["2:19 wrong-type"]
        );
        assert!(remedy(&web("{ origins: ['*'] }")).contains("name each origin"));
        assert_eq!(
            remedy(&web("{ origins: ['https://x.org/'] }")),
            "write `https://x.org`"
        );
    }
}

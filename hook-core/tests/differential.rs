//! Compares the Go dialect with Go itself, on templates made at random.
//!
//! Where Go is installed, the program in `testdata/oracle` says what Go makes of each
//! template. The output has to be the same to the byte; an error has to come in the same
//! phase and on the same line.
//!
//! `HOOKD_SEED` repeats a comparison, `HOOKD_CASES` sets its length:
//!
//! ```text
//! HOOKD_SEED=7 HOOKD_CASES=1000000 cargo test --release -p hook-core --test differential
//! ```

mod oracle;
mod skips;
mod templates;

use std::env;
use std::fmt::Debug;
use std::str::FromStr;

use hook_core::template::{Engine, Phase, Template};
use hook_core::vars::Vars;
use oracle::{Answer, Oracle};
use serde_json::{Value, json};
use templates::{Case, Data};

/// How many templates are compared unless `HOOKD_CASES` says otherwise.
const CASES: u64 = 25_000;

/// Where the random templates begin unless `HOOKD_SEED` says otherwise: always the same,
/// so that a change is to blame for a test that fails.
const SEED: u64 = 1;

/// How many differences are shown.
const SHOWN: usize = 20;

/// Of a hundred templates, how many have to work: errors alone would prove little.
const WORKING: u64 = 20;

#[test]
fn random_templates_give_what_go_gives() {
    let Some(oracle) = Oracle::build() else {
        return;
    };
    let seed: u64 = setting("HOOKD_SEED").unwrap_or(SEED);
    let count = setting("HOOKD_CASES").unwrap_or(CASES);
    println!("HOOKD_SEED={seed} HOOKD_CASES={count}");

    let whole = Data::ALL.map(|data| Case {
        template: "{{.JsonMarshal .}}".to_owned(),
        data,
    });
    let random = (0..count).map(move |i| templates::case(seed.wrapping_mul(1 << 32) + i));
    let vars = Data::ALL.map(vars);
    let (mut working, mut differences) = (0, Vec::new());
    oracle.ask(whole.into_iter().chain(random), |case, theirs| {
        let ours = ours(&case.template, &vars[case.data as usize]);
        working += u64::from(matches!(theirs, Answer::Output(_)));
        if ours.answer != theirs {
            differences.push(format!(
                "{:?} with {:?}\n  Go    {}\n  hookd {} {}",
                case.template, case.data, theirs, ours.answer, ours.message
            ));
        }
    });
    println!("{working} of {count} templates gave an output");
    let found = differences.len();
    differences.truncate(SHOWN);
    assert!(
        found == 0,
        "HOOKD_SEED={seed}: {found} differ from Go, among them\n{}",
        differences.join("\n")
    );
    assert!(working * 100 >= count * WORKING, "too many are errors");
}

fn setting<T: FromStr<Err: Debug>>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|e| panic!("{name}: {e:?}")))
}

/// What hookd makes of a template.
struct Ours {
    answer: Answer,
    /// The error as it is told, which is worded otherwise than Go's.
    message: String,
}

fn ours(template: &str, vars: &Vars) -> Ours {
    let result = Template::parse(Engine::Go, template).and_then(|t| t.render(vars));
    match result {
        Ok(output) => Ours {
            answer: Answer::Output(output),
            message: String::new(),
        },
        Err(error) => {
            let phase = match error.phase {
                Phase::Parse => "parse",
                Phase::Render => "render",
            };
            Ours {
                answer: Answer::failed(phase, error.line, ""),
                message: error.message,
            }
        }
    }
}

/// The data, as in the oracle's `data.go`.
fn vars(data: Data) -> Vars {
    let full = json!({
        "task": "backup for plan \"nas-daily\"", "event": "CONDITION_SNAPSHOT_SUCCESS",
        "repo": {
            "id": "b2-main", "uri": "b2:acme:/nas", "guid": "9c1f", "env": ["A=1", "B=2"],
            "prunePolicy": {"maxUnusedBytes": 1_073_741_824, "maxUnusedPercent": 7.5},
            "autoUnlock": true, "commandPrefix": {"ioNice": "IO_IDLE", "cpuNice": "CPU_LOW"},
        },
        "plan": {
            "id": "nas-daily", "repo": "b2-main", "skipIfUnchanged": true,
            "paths": ["/srv/data", "/home/ana", "/it's é世"], "excludes": ["*.tmp"],
        },
        "snapshotId": "4f2a9c1be07d3358",
        "snapshotStats": {
            "messageType": "summary", "filesNew": 12, "filesChanged": 3,
            "dataAdded": 123_456_789, "totalDuration": 42.75, "snapshotId": "4f2a",
            "error": {
                "message": "permission denied", "code": 13, "retry": false,
                "tags": ["io", "fs", null, 3], "nested": {"path": "/srv/x", "depth": 2.5},
                "nothing": null,
            },
        },
        "curTime": "2025-03-09T14:05:06.987654321Z", "duration": "42.751s",
        "error": "open \"/x\\y\": <denied> & 'no' 100%\n\tline two\u{2028}end é世😀",
        "labels": {"host": "a;b", "z": ""},
        "attempt": 2, "trigger": "MANUAL", "operationId": "op",
    });
    let plain = json!({
        "task": "prune", "event": "CONDITION_SNAPSHOT_ERROR", "repo": {"id": "r"},
        "plan": {"id": "p"}, "curTime": "2025-11-30T22:59:58Z", "duration": "-1.5s", "error": "x",
    });
    let with = |mut all: Value, changes: Value| {
        for (key, change) in changes.as_object().into_iter().flatten() {
            all[key] = change.clone();
        }
        all
    };
    let value = match data {
        Data::Listed => with(
            full,
            json!({
                "event": "CONDITION_UNKNOWN",
                "snapshotStats": {"error": [1, "two", true, null, [3, 4], {"k": "v"}]},
            }),
        ),
        Data::Zoned => with(plain, json!({"curTime": "2025-11-30T23:59:58+01:00"})),
        Data::Flat => json!({
            "task": "check", "event": "CONDITION_PRUNE_ERROR", "curTime": full["curTime"],
            "duration": "0.0000015s", "error": "it's <b>", "labels": full["labels"],
            "attempt": 3, "trigger": "SCHEDULED", "operationId": "op-7",
        }),
        Data::Zero => json!({}),
        Data::Full => full,
        Data::Plain => plain,
    };
    Vars::from_value(&value).unwrap_or_else(|e| panic!("{data:?}: {e}"))
}

//! Valid configs, and the values that they result in.

use std::time::Duration;

use process_supervisor::HandOver;

use super::{check, hook_with, shown, valid};
use crate::catalog::RunRetention;
use crate::condition::Condition as C;
use crate::hook::EnvValue;
use crate::hook::{Action, Scope, Verdict};
use crate::load::{LoadError, load, parse};
use crate::on_error::OnError;
use crate::template::Engine;
use crate::vars::{CpuNice, IoNice};

#[test]
fn a_full_config_comes_to_what_it_says() {
    let yaml = r##"
defaults: { timeout: 1h30m, maxOutput: 1MiB, env: { A: "1", B: "2" }, templateEngine: TERA }
server: { read: elsewhere }
hooks:
  - name: everywhere
    conditions: [CONDITION_ANY_ERROR]
    actionCommand: { command: "true" }
repos:
  - id: nas
    uri: sftp:nas:/backup
    env: ["KEY=value", "PASSED_ON"]
    prunePolicy: { maxUnusedBytes: "1000", maxUnusedPercent: 10 }
    commandPrefix: { ioNice: IO_IDLE, cpuNice: 2 }
    autoInitialize: true
    hooks:
      - conditions: [101]
        actionCommand: { command: "true" }
plans:
  - id: home
    repo: nas
    paths: [/home]
    backup_flags: [--one-file-system]
    schedule: { disabled: true }
    retention: { policyKeepLastN: 30 }
    runRetention: { maxRuns: 7 }
    hooks:
      - conditions: [CONDITION_SNAPSHOT_START, CONDITION_SNAPSHOT_END]
        on_error: ON_ERROR_RETRY_EXPONENTIAL_BACKOFF
        exitCodes: { 75: ON_ERROR_CANCEL, "20-29": WARN, "1": OK }
        retries: { times: 3, delay: 1s, factor: 1.5, maxDelay: 5m }
        maxAttempts: 7
        timeout: 10s
        grace: 0s
        killLeaked: true
        env: { B: "3" }
        workingDirectory: /srv
        actionCommand: { command: "true", templateEngine: NONE, scriptVia: STDIN }
      - name: later
        enabled: false
        conditions: [2]
        actionGotify: { baseUrl: x }
"##;
    let loaded = valid(yaml);
    assert_eq!(shown(yaml), "");
    let of_plan = RunRetention {
        max_runs: Some(7),
        ..RunRetention::default()
    };
    assert_eq!(loaded.catalog.run_retention("home"), of_plan);
    let none = RunRetention::default();
    assert_eq!(loaded.catalog.run_retention("other"), none);
    let catalog = loaded.catalog;
    let repo = catalog.repo("nas").unwrap();
    assert_eq!(repo.env, ["KEY=value", "PASSED_ON"]);
    assert_eq!(repo.prune_policy.as_ref().unwrap().max_unused_bytes, 1000);
    let prefix = repo.command_prefix.as_ref().unwrap();
    assert_eq!(
        (prefix.io_nice, prefix.cpu_nice),
        (IoNice::Idle, CpuNice::Low)
    );
    assert!(repo.auto_initialize && !repo.auto_unlock);
    let plan = catalog.plan("home").unwrap();
    assert_eq!(plan.backup_flags, ["--one-file-system"]);
    assert!(catalog.plan("nas").is_none());

    let names =
        |repo, plan| -> Vec<&str> { catalog.hooks(repo, plan).map(|h| h.name.as_str()).collect() };
    assert_eq!(
        names("nas", "home"),
        ["everywhere", "repo/nas/hook/0", "plan/home/hook/0", "later"]
    );
    assert_eq!(names("nas", ""), ["everywhere", "repo/nas/hook/0"]);
    assert_eq!(names("", ""), ["everywhere"]);
    assert_eq!(catalog.all_hooks().count(), 4);

    let hook = catalog.hook("plan/home/hook/0").unwrap();
    assert_eq!(hook.scope, Scope::Plan("home".to_owned()));
    assert_eq!(hook.conditions, [C::SnapshotStart, C::SnapshotEnd]);
    assert_eq!(hook.on_error, OnError::RetryExponentialBackoff);
    assert_eq!(
        hook.exit_codes.verdict(75),
        Some(Verdict::Failed(OnError::Cancel))
    );
    assert_eq!(hook.exit_codes.verdict(29), Some(Verdict::Warn));
    assert_eq!(hook.exit_codes.verdict(1), Some(Verdict::Ok));
    assert_eq!(hook.retries.unwrap().times, 3);
    assert_eq!(hook.max_attempts.unwrap().get(), 7);
    assert_eq!(hook.limits.timeout, Duration::from_secs(10));
    assert_eq!(hook.limits.grace, Duration::ZERO);
    assert_eq!(hook.limits.max_output, 1 << 20);
    assert!(hook.limits.kill_leaked);
    assert_eq!((hook.source.range.line, hook.source.range.column), (27, 9));
    let Action::Command(command) = &hook.action else {
        panic!()
    };
    assert_eq!(command.via, Some(HandOver::Stdin));
    assert_eq!(command.template.engine(), Engine::None);
    assert_eq!(command.template.source(), "true");
    assert_eq!(command.env["A"], EnvValue::Plain("1".to_owned()));
    assert_eq!(command.env["B"], EnvValue::Plain("3".to_owned()));
    let everywhere = catalog.hook("everywhere").unwrap();
    assert_eq!(everywhere.limits.timeout, Duration::from_secs(5400));
    let Action::Command(command) = &everywhere.action else {
        panic!()
    };
    assert_eq!(command.template.engine(), Engine::Tera);
    let later = catalog.hook("later").unwrap();
    assert!(matches!(
        later.action,
        Action::Unsupported {
            key: "actionGotify"
        }
    ));
}

#[test]
fn a_backrest_config_is_valid_as_it_stands() {
    let json = r#"{
  "modno":  12, "version":  6, "instance":  "box",
  "repos":  [{
    "id":  "nas", "uri":  "/mnt/nas", "guid":  "f00", "password":  "s3cret",
    "env": ["A=b"], "flags": ["--limit-upload=100"],
    "prunePolicy": {"schedule": {"cron": "0 0 1 * *", "clock": "CLOCK_LAST_RUN_TIME"}, "maxUnusedPercent": 10},
    "checkPolicy": {"schedule": {"disabled": true}, "structureOnly": true},
    "forgetPolicy": {}, "autoUnlock": true, "commandPrefix": {}
  }],
  "plans":  [{
    "id":  "home", "repo":  "nas", "paths":  ["/home"], "excludes": ["*.tmp"], "iexcludes": [],
    "schedule": {"maxFrequencyHours": 1}, "retention": {"policyTimeBucketed": {"hourly": 24}},
    "hooks":  [{
      "conditions":  ["CONDITION_SNAPSHOT_END", "CONDITION_PRUNE_ERROR"],
      "onError":  "ON_ERROR_FATAL",
      "actionCommand":  { "command":  "echo \"{{ .Task }}\" \ud83d\ude00\n" }
    }],
    "backup_flags": ["--tag=x"], "skipIfUnchanged": true
  }],
  "auth": {"disabled": true}
}
"#;
    let loaded = parse("config.json", json.as_bytes()).unwrap();
    let hook = loaded.catalog.hook("plan/home/hook/0").unwrap();
    let Action::Command(command) = &hook.action else {
        panic!()
    };
    assert_eq!(command.template.source(), "echo \"{{ .Task }}\" 😀\n");
    assert_eq!(loaded.catalog.repo("nas").unwrap().password, "s3cret");
}

#[test]
fn yaml_that_looks_like_json_and_json_that_is_broken() {
    valid("{ hooks: [] }\n");
    let code = |file, text: &str| parse(file, text.as_bytes()).unwrap_err()[0].to_string();
    assert_eq!(
        code("c.json", "{\"hooks\": [}"),
        "c.json:1:12: error[syntax]: expected value"
    );
    assert_eq!(
        code("c.json", "{\"hooks\": [] \"x\": 1}"),
        "c.json:1:14: error[syntax]: expected `,` or `}`"
    );
    assert_eq!(
        code("c.json", "{\"hooks\": ["),
        "c.json:1:12: error[syntax]: EOF while parsing a list"
    );
    check("{ \"hooks\": \"\\ud83d\" }", &["1:13 syntax"]);
    for json in [
        "{\n\t\"hooks\"\n:[\n\t]\n}",
        "{\"hooks\":[],\"plans\" :null}",
        "{\"repos\": [{\"id\": \"a\\\\\", \"uri\": \"x:\\\"y\\\":z\"}]}",
    ] {
        assert!(parse("c.json", json.as_bytes()).is_ok(), "{json}");
        valid(json);
    }
}

#[test]
fn aliases_stand_for_what_they_name() {
    let yaml = "hooks:\n  - &h\n    conditions: &c [1, 2]\n    actionCommand: &a { command: 'true' }\n  \
                - { conditions: *c, actionCommand: *a }\n";
    let loaded = valid(yaml);
    let hooks: Vec<_> = loaded.catalog.all_hooks().collect();
    assert_eq!(hooks[0].conditions, hooks[1].conditions);
    // A fault in an aliased value is reported once.
    check(
        "repos: [{id: a, flags: &f [1]}, {id: b, flags: *f}]\n",
        &["1:28 wrong-type"],
    );
}

#[test]
fn the_etag_follows_the_content() {
    let etag = |yaml| valid(yaml).catalog.etag().to_owned();
    assert_eq!(etag("hooks: []"), etag("hooks: []"));
    assert_ne!(etag("hooks: []"), etag("hooks: [] "));
}

#[test]
fn files_are_loaded_or_it_is_said_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hookd.yaml");
    let unreadable = load(&path, |_| ()).unwrap_err();
    assert!(matches!(unreadable, LoadError::Unreadable { .. }));
    assert!(
        unreadable.to_string().ends_with("hookd.yaml`"),
        "{unreadable}"
    );
    std::fs::write(&path, "hoks: []\nrpos: []\n").unwrap();
    let invalid = load(&path, |_| ()).unwrap_err().to_string();
    let file = path.display();
    let want = format!("{file}:1:1: error[unknown-key]: a config has no key `hoks` (and 1 more)");
    assert_eq!(invalid, want);
    std::fs::write(&path, "hooks: []\n").unwrap();
    assert!(load(&path, |_| ()).is_ok());
}

#[test]
fn tabs_may_separate_keys_and_values() {
    let loaded = valid(&hook_with(
        "timeout:\t1s\nname: \tguard\ngrace:\t'2s'\nenv:\n  A:\tword\n  B: |\n    b:\tc\n",
    ));
    let hook = loaded.catalog.all_hooks().next().expect("the hook");
    assert_eq!(hook.name, "guard");
    assert_eq!(hook.limits.timeout, Duration::from_secs(1));
    let Action::Command(command) = &hook.action else {
        panic!("{hook:?}");
    };
    assert_eq!(command.env["A"], EnvValue::Plain("word".to_owned()));
    assert_eq!(command.env["B"], EnvValue::Plain("b:\tc\n".to_owned()));
}

#[test]
fn a_plan_needs_no_repo() {
    let loaded = valid("plans:\n  - id: tar\n    paths: [/srv]\n");
    let plan = loaded.catalog.plan("tar").expect("the plan");
    assert_eq!((&*plan.id, &*plan.repo), ("tar", ""));
}

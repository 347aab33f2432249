//! The environment, files and variables that a hook sees, and those hidden from it.

use hookd_proto::v1;
use hookd_proto::v1::outcome::Outcome;

use super::text;
use hookd_test_support::*;

use v1::Condition::{SnapshotEnd, SnapshotSuccess};

#[tokio::test]
async fn exact_values_are_in_the_environment() {
    let script =
        "env -0 | tr '\\0\\n' '\\n|' | grep ^HOOK_ | grep -v -e RUN_ID -e EVENT_FILE | sort";
    let daemon = TestDaemon::with(&config(&hook("env", "SNAPSHOT_END", "", script)));
    let mut event = v1::Event {
        task: "it's $(rm) \"x\"\n; y".to_owned(),
        snapshot_id: "4f2a9c1b".to_owned(),
        error: "ünï".to_owned(),
        duration: Some(hookd_proto::well_known::Duration {
            seconds: 90,
            nanos: 500_000_000,
        }),
        attempt: 3,
        operation_id: "op-1".to_owned(),
        ..event(SnapshotSuccess)
    };
    event.set_trigger(v1::Trigger::Scheduled);
    event
        .labels
        .insert("host.name".to_owned(), "nas 1".to_owned());
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    let expected = "HOOK_ATTEMPT=3
HOOK_CONDITION=CONDITION_SNAPSHOT_END
HOOK_DURATION_SECONDS=90.5
HOOK_ERROR=ünï
HOOK_EVENT=CONDITION_SNAPSHOT_SUCCESS
HOOK_LABEL_HOST_NAME=nas 1
HOOK_NAME=env
HOOK_OPERATION_ID=op-1
HOOK_PLAN_ID=home
HOOK_REPO_ID=nas
HOOK_REPO_URI=sftp:nas:/backup
HOOK_SNAPSHOT_ID=4f2a9c1b
HOOK_TASK=it's $(rm) \"x\"|; y
HOOK_TRIGGER=SCHEDULED
HOOK_TRUNCATED=
";
    assert_eq!(text(&entries, 0), expected);
}

#[tokio::test]
async fn the_event_file_holds_all_variables_and_is_gone_afterwards() {
    let script =
        "echo \"$HOOK_EVENT_FILE\"; stat -c %a \"$HOOK_EVENT_FILE\"; cat \"$HOOK_EVENT_FILE\"";
    let daemon = TestDaemon::with(&config(&hook("file", "SNAPSHOT_END", "", script)));
    let stats = v1::SnapshotStats {
        data_added: 42,
        ..v1::SnapshotStats::default()
    };
    let event = v1::Event {
        snapshot_stats: Some(stats),
        ..event(SnapshotEnd)
    };
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    let shown = text(&entries, 0);
    let mut lines = shown.splitn(3, '\n');
    let path = std::path::PathBuf::from(lines.next().expect("the path"));
    assert_eq!(lines.next(), Some("600"), "private");
    let json: serde_json::Value = serde_json::from_str(lines.next().expect("JSON")).expect("JSON");
    assert_eq!(json["task"], "nightly");
    assert_eq!(json["plan"]["id"], "home");
    assert!(json["snapshotStats"]["dataAdded"] == 42 || json["snapshotStats"]["dataAdded"] == "42");
    assert!(!path.exists(), "gone");
}

#[tokio::test]
async fn secrets_come_from_files_and_the_environment_and_stay_out_of_the_journal() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "from-the-file\n").expect("written");
    let env = format!(
        "env: {{ A: plain, B: {{ fromFile: {} }}, C: {{ fromEnv: OUTSIDE }}, API_TOKEN: t0k3n }}",
        secret.path().display()
    );
    let script =
        "printf %s \"$A$B$C$API_TOKEN\" | od -An -c | tr -d ' \\n'; echo \" $B $C $API_TOKEN $A\"";
    let missing = "env: { A: { fromFile: /nonexistent/secret } }";
    let hooks = [
        hook("has", "SNAPSHOT_END", &env, script),
        hook("lacks", "SNAPSHOT_END", missing, "echo never"),
    ];
    let daemon = Setup::new(&config(&hooks.concat()))
        .env("OUTSIDE", "from-outside")
        .start();
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let all = "plainfrom-the-filefrom-outsidet0k3n";
    assert!(text(&entries, 0).starts_with(&all.replace(char::is_whitespace, "")[..5]));
    let shown = format!("{entries:?}");
    assert!(
        !shown.contains("from-the-file") && !shown.contains("from-outside"),
        "{shown}"
    );
    assert!(!text(&entries, 0).contains("t0k3n"));
    assert!(text(&entries, 0).ends_with("************* ************ ***** plain\n"));
    let Outcome::FailedToStart(failed) = &outcomes(&entries)[1].1 else {
        panic!("it starts without its secret: {entries:?}");
    };
    assert!(
        failed.message.contains("/nonexistent/secret"),
        "{}",
        failed.message
    );
}

#[tokio::test]
async fn a_credential_of_systemds_is_had_and_stays_out_of_the_journal() {
    let credentials = tempfile::tempdir().expect("a folder");
    std::fs::write(credentials.path().join("token"), "cr3d-ential\n").expect("written");
    let env = "env: { VALUE: { fromFile: $CREDENTIALS_DIRECTORY/token } }";
    let script = "echo \"${#VALUE} $VALUE ${CREDENTIALS_DIRECTORY-none}\"";
    let hooks = config(&hook("has", "SNAPSHOT_END", env, script));
    let daemon = Setup::new(&hooks)
        .env("CREDENTIALS_DIRECTORY", credentials.path())
        .start();
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    assert_eq!(text(&entries, 0), "11 *********** none\n");
    let daemon = TestDaemon::with(&hooks);
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    assert!(matches!(outcomes(&entries)[0].1, Outcome::FailedToStart(_)));
}

#[tokio::test]
async fn a_time_has_the_name_of_the_machines_zone() {
    let script = "{{ $t := .CurTime }}echo \"{{ $t.Format \"15:04 -0700 MST\" }} {{ $t.IsDST }} \
        {{ ($t.AddDate 0 6 0).Format \"15:04 MST\" }} {{ $t.UTC.Format \"15:04 MST\" }}\"";
    let hooks = config(&hook("h", "SNAPSHOT_END", "", script));
    let january = hookd_proto::well_known::Timestamp {
        seconds: 1_767_268_800,
        nanos: 0,
    };
    for (zone, expect) in [
        (
            "Europe/Berlin",
            "13:00 +0100 CET false 13:00 CEST 12:00 UTC\n",
        ),
        (
            "Europe/London",
            "12:00 +0000 GMT false 12:00 BST 12:00 UTC\n",
        ),
        (
            "Australia/Sydney",
            "23:00 +1100 AEDT true 23:00 AEST 12:00 UTC\n",
        ),
        ("UTC", "12:00 +0000 UTC false 12:00 UTC 12:00 UTC\n"),
    ] {
        let daemon = Setup::new(&hooks).env("TZ", zone).start();
        let event = v1::Event {
            time: Some(january),
            ..event(SnapshotEnd)
        };
        let entries = run(&mut daemon.hooks().await, request(event)).await;
        assert_eq!(text(&entries, 0), expect, "{zone}");
    }
}

#[tokio::test]
async fn a_plan_needs_no_repo() {
    let yaml = "repos:\n  - id: nas\nplans:\n  - id: tar\n    hooks:\n      - conditions: \
        [CONDITION_SNAPSHOT_END]\n        actionCommand: { command: 'echo \"[$HOOK_REPO_ID] \
        {{ with .Repo }}{{ .Id }}{{ end }}\"' }\n";
    let daemon = TestDaemon::with(yaml);
    for (repo, expect) in [("", "[] \n"), ("nas", "[nas] nas\n")] {
        let event = v1::Event {
            plan_id: "tar".to_owned(),
            repo_id: repo.to_owned(),
            ..event(SnapshotEnd)
        };
        let entries = run(&mut daemon.hooks().await, request(event)).await;
        assert_eq!(text(&entries, 0), expect, "{repo}");
    }
}

#[tokio::test]
async fn what_is_hookds_own_reaches_no_script() {
    let script = "env | cut -d= -f1 | sort | tr '\\n' ' '";
    let hooks = [
        hook("all", "SNAPSHOT_END", "", script),
        hook(
            "clean",
            "SNAPSHOT_END",
            "cleanEnv: true\nenv: { MINE: x }",
            script,
        ),
    ];
    let daemon = Setup::new(&config(&hooks.concat()))
        .env("HOOKD_LOG", "debug")
        .env("CREDENTIALS_DIRECTORY", "/nonexistent")
        .env("OUTSIDE", "x")
        .start();
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let all = text(&entries, 0);
    assert!(
        all.contains("OUTSIDE") && all.contains("HOOK_TASK"),
        "{all}"
    );
    assert!(
        !all.contains("HOOKD_LOG") && !all.contains("CREDENTIALS_DIRECTORY"),
        "{all}"
    );
    let clean = text(&entries, 1);
    assert!(clean.contains("PATH") && clean.contains("MINE") && clean.contains("HOOK_TASK"));
    assert!(!clean.contains("OUTSIDE"), "{clean}");
}

#[tokio::test]
async fn a_program_that_reads_stdin_does_not_eat_the_script() {
    let script = "#!/bin/bash\ncat\nread -r line\nssh() { command cat; }\nssh host true\necho end";
    let stdin = "scriptVia: STDIN";
    let command = |via: &str| {
        hook("h", "SNAPSHOT_END", "", script)
            .replace("    command:", &format!("    {via}\n    command:"))
    };
    let daemon = TestDaemon::with(&config(&command("scriptVia: AUTO")));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    assert_eq!(text(&entries, 0), "end\n");
    // With the script on stdin, as in Backrest, `cat` prints the rest of the script and nothing
    // runs.
    let daemon = TestDaemon::with(&config(&command(stdin)));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    assert!(
        text(&entries, 0).contains("read -r line"),
        "{}",
        text(&entries, 0)
    );
}

//! A guard that cannot answer fails the operation, and the hooks for failures run.

use hookd_proto::v1;
use hookd_test_support::*;

use v1::Condition::SnapshotStart;
use v1::DecisionKind::{Cancel, Fail, Proceed, Retry};

/// Returns a config of a guard with these keys and this script, and a hook for failures.
fn guarded(policy: &str, more: &str, script: &str) -> String {
    let more = format!("onError: ON_ERROR_{policy}\n{more}");
    config(
        &[
            hook("guard", "SNAPSHOT_START", &more, script),
            hook("alarm", "ANY_ERROR", "", "echo \"$HOOK_ERROR\""),
        ]
        .concat(),
    )
}

async fn start(yaml: &str) -> (v1::Decision, Vec<String>) {
    let daemon = TestDaemon::with(yaml);
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let ran = outcomes(&entries).into_iter().map(|(hook, _)| hook);
    (decision(&entries), ran.collect())
}

#[tokio::test]
async fn a_guard_that_cannot_begin_raises_the_alarm() {
    let no_program = "#!/nonexistent/shell\ntrue";
    let no_value = "echo {{ slice .SnapshotId 0 8 }}";
    for (policy, more, script) in [
        ("CANCEL", "", no_program),
        ("RETRY_1MINUTE", "", no_program),
        ("RETRY_EXPONENTIAL_BACKOFF", "", no_value),
        ("CANCEL", "", no_value),
        ("CANCEL", "workingDirectory: /nonexistent", "true"),
        ("CANCEL", "env: { X: { fromFile: /nonexistent } }", "true"),
        // It cancels by its exit codes alone.
        ("IGNORE", "exitCodes: { \"1\": CANCEL }", no_program),
    ] {
        let (decision, ran) = start(&guarded(policy, more, script)).await;
        assert_eq!(decision.kind(), Fail, "{policy} {more} {script}");
        assert_eq!(decision.hook, "guard");
        assert_eq!(ran, ["guard", "alarm"], "{policy} {more} {script}");
    }
    for (more, script, why) in [
        ("", no_program, "could not start"),
        ("", no_value, "could not render"),
        (
            "env: { X: { fromFile: /nonexistent } }",
            "true",
            "/nonexistent",
        ),
    ] {
        let (decision, ran) = start(&guarded("IGNORE", more, script)).await;
        assert_eq!((decision.kind(), ran.len()), (Proceed, 1));
        let warnings = decision.warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].starts_with("hook \"guard\" could not "),
            "{warnings:?}"
        );
        assert!(warnings[0].contains(why), "{warnings:?}");
    }
}

#[tokio::test]
async fn an_exit_keeps_its_policy_and_a_command_that_did_not_run_is_warned_of() {
    for (policy, script, kind, warning) in [
        ("CANCEL", "no-such-command", Cancel, "was not found"),
        ("RETRY_1MINUTE", "/etc", Retry, "could not be executed"),
        ("IGNORE", "no-such-command", Proceed, "was not found"),
        ("CANCEL", "exit 1", Cancel, ""),
        ("CANCEL", "kill -9 $$", Cancel, ""),
    ] {
        let (decision, ran) = start(&guarded(policy, "", script)).await;
        assert_eq!(decision.kind(), kind, "{script}");
        assert_eq!(ran, ["guard"], "{script}");
        let warnings = decision.warnings.concat();
        assert!(warnings.contains(warning), "{script}: {warnings}");
        assert_eq!(warnings.is_empty(), warning.is_empty(), "{warnings}");
    }
}

#[tokio::test]
async fn a_lock_that_was_not_free_in_time_keeps_its_policy() {
    let holder = hook(
        "holder",
        "PRUNE_START",
        "lock: disk",
        "read _ < \"$HOOK_LABEL_FIFO\"",
    );
    let guard = "onError: ON_ERROR_CANCEL\nlock: disk\ntimeout: 100ms";
    let guard = hook("guard", "SNAPSHOT_START", guard, "true");
    let daemon = TestDaemon::with(&config(&[holder, guard].concat()));
    let fifo = daemon.dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo").success());
    let mut prune = event(v1::Condition::PruneStart);
    let label = fifo.display().to_string();
    prune.labels.insert("fifo".to_owned(), label);
    let mut client = daemon.hooks().await;
    let held = client.run_hooks(request(prune)).await.expect("it starts");
    let mut held = held.into_inner();
    let started = |entry: &_| matches!(entry, v1::journal_entry::Entry::HookStarted(_));
    read_until(&mut held, started).await;
    let entries = run(&mut client, request(event(SnapshotStart))).await;
    std::fs::write(&fifo, "go\n").expect("the holder reads");
    let decision = decision(&entries);
    assert_eq!(decision.kind(), Cancel);
    assert!(
        decision.reason.contains("hook holder of run"),
        "{decision:?}"
    );
    let outcome = &outcomes(&entries)[0].1;
    assert!(
        matches!(outcome, v1::outcome::Outcome::TimedOut(t) if t.limit() == v1::TimeLimit::Hook),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_variable_that_the_daemon_lacks_is_warned_of_at_its_load() {
    let yaml = config(&hook(
        "a",
        "SNAPSHOT_START",
        "env: { X: { fromEnv: OUTSIDE } }",
        "true",
    ));
    for (set, warned) in [(false, 1), (true, 0)] {
        let setup = Setup::new(&yaml);
        let setup = if set {
            setup.env("OUTSIDE", "x")
        } else {
            setup
        };
        let daemon = setup.start();
        let mut admin = daemon.admin().await;
        let loaded = admin.reload_config(v1::ReloadConfigRequest {});
        let mut found = loaded.await.expect("valid").into_inner().diagnostics;
        found.retain(|found| found.code == "no-value");
        assert_eq!(found.len(), warned, "{found:?}");
        for found in found {
            assert!(found.message.contains("`OUTSIDE`"), "{found:?}");
            assert!(
                found.remedy.contains("`Environment=OUTSIDE=…`"),
                "{found:?}"
            );
        }
    }
}

//! Events that are taken although something is wrong with them, and what is told of that.

use hookd_proto::v1;

use super::text;
use hookd_test_support::*;

use v1::Condition::{CheckStart, SnapshotError, SnapshotStart};

#[tokio::test]
async fn a_long_error_is_cut_for_the_environment_and_never_unset() {
    let script = "[ -n \"$HOOK_ERROR\" ] && [ -n \"$HOOK_LABEL_LONG\" ] && echo alarm
printf '%s|%s\\n' \"$HOOK_TRUNCATED\" \"$HOOK_TASK\"
sh -c 'test -n \"$1\" && echo passed on' sh \"error: $HOOK_ERROR\"
grep -o ü \"$HOOK_EVENT_FILE\" | wc -l";
    let daemon = TestDaemon::with(&config(&hook("alarm", "SNAPSHOT_ERROR", "", script)));
    let mut event = v1::Event {
        error: "ü".repeat(150_000),
        ..event(SnapshotError)
    };
    let label = "x".repeat(200_000);
    event.labels.insert("long".to_owned(), label);
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    assert_eq!(
        text(&entries, 0),
        "alarm\nHOOK_ERROR HOOK_LABEL_LONG|nightly\npassed on\n150000\n"
    );
    let warnings = decision(&entries).warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("HOOK_ERROR has the first 126"));
    assert!(warnings[0].contains("of 300000 bytes"), "{warnings:?}");
    assert!(warnings[1].starts_with("HOOK_LABEL_LONG has the first 126"));
}

#[tokio::test]
async fn texts_that_are_too_long_together_are_all_there() {
    let script = "env | grep -c '^HOOK_LABEL_L.*=xxxxxxxxxx'; echo \"$HOOK_TRUNCATED\" | wc -w";
    let hooks = config(&hook("alarm", "SNAPSHOT_ERROR", "", script));
    let daemon = Setup::new(&hooks)
        .env("PADDING", "x".repeat(100_000))
        .start();
    let mut event = event(SnapshotError);
    for number in 0..250 {
        let value = "x".repeat(4100);
        event.labels.insert(format!("l{number}"), value);
    }
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    assert_eq!(text(&entries, 0), "250\n250\n");
}

#[tokio::test]
async fn a_nul_is_replaced_with_a_warning() {
    let script = "printf '%s|%s|%s' \"$HOOK_TASK\" \"$HOOK_ERROR\" \"$HOOK_LABEL_A_\"";
    let daemon = TestDaemon::with(&config(&hook("alarm", "SNAPSHOT_ERROR", "", script)));
    let mut event = v1::Event {
        task: "a\0b".to_owned(),
        error: "\0".to_owned(),
        ..event(SnapshotError)
    };
    event.labels.insert("a\0".to_owned(), "c\0".to_owned());
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    assert_eq!(text(&entries, 0), "a\u{fffd}b|\u{fffd}|c\u{fffd}");
    assert_eq!(
        decision(&entries).warnings,
        [
            "the task held a NUL, which is replaced by U+FFFD",
            "the error held a NUL, which is replaced by U+FFFD",
            "label `a\u{fffd}` held a NUL, which is replaced by U+FFFD",
        ]
    );
}

#[tokio::test]
async fn a_failure_without_an_error_text_is_a_failure_to_its_hooks() {
    use v1::Condition::{AnyError, CheckError, ForgetError, PruneError, SnapshotSuccess};
    const TEXT: &str = "no error text was given";
    let script = "{{ if .Error }}bad{{ else }}OK{{ end }}; [ -n \"$HOOK_ERROR\" ] || echo OK
printf '%s' \"$HOOK_ERROR\"";
    let script = format!("bad() {{ echo bad; }}; OK() {{ echo OK; }}; {script}");
    let hooks = ["ANY_ERROR", "SNAPSHOT_END"].map(|c| hook(c, c, "", &script));
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let mut client = daemon.hooks().await;
    for condition in [AnyError, SnapshotError, PruneError, CheckError, ForgetError] {
        for error in ["", " \n"] {
            let event = v1::Event {
                error: error.to_owned(),
                ..event(condition)
            };
            let rendered = client.render_hooks(v1::RenderHooksRequest {
                event: Some(event.clone()),
                hook: String::new(),
            });
            let rendered = rendered.await.expect("rendered").into_inner();
            let entries = run(&mut client, request(event)).await;
            assert_eq!(text(&entries, 0), format!("bad\n{TEXT}"), "{condition:?}");
            let warnings = decision(&entries).warnings;
            assert_eq!(
                warnings,
                [
                    "the event is a failure without an error text: its error is \
                  \"no error text was given\""
                ]
            );
            assert_eq!(rendered.warnings, warnings);
            let script = String::from_utf8_lossy(&rendered.hooks[0].script);
            assert!(script.contains("; bad;"), "{script}");
        }
    }
    let entries = run(&mut client, request(event(SnapshotSuccess))).await;
    assert_eq!(text(&entries, 0), "OK\nOK\n");
    assert_eq!(decision(&entries).warnings, [""; 0]);
}

#[tokio::test]
async fn warnings_of_the_agent_are_in_the_decision() {
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", "", "true")));
    let event = v1::Event {
        warnings: vec!["the statistics could not be read".to_owned()],
        ..event(SnapshotStart)
    };
    let entries = run(&mut daemon.hooks().await, request(event.clone())).await;
    assert_eq!(decision(&entries).warnings, event.warnings);
}

#[tokio::test]
async fn hooks_of_plans_that_an_event_without_a_plan_does_not_reach_are_named() {
    let more = "
  - id: docs
    repo: nas
    hooks:
      - {name: off, enabled: false, conditions: [CONDITION_SNAPSHOT_START], actionCommand: {command: x}}
      - {name: late, conditions: [CONDITION_SNAPSHOT_END], actionCommand: {command: x}}
      - {name: mount, conditions: [CONDITION_SNAPSHOT_START], actionCommand: {command: x}}
";
    let daemon = TestDaemon::with(&(config(&hook("guard", "SNAPSHOT_START", "", "exit 1")) + more));
    let mut client = daemon.hooks().await;
    let without_plan = |condition| v1::Event {
        plan_id: String::new(),
        ..event(condition)
    };
    let entries = run(&mut client, request(without_plan(SnapshotStart))).await;
    let decision_of_start = decision(&entries);
    assert_eq!(decision_of_start.kind(), v1::DecisionKind::Proceed);
    assert_eq!(
        decision_of_start.warnings,
        ["the event names no plan, so that these hooks do not run: \
          `guard` of plan `home`, `mount` of plan `docs`"]
    );
    let entries = run(&mut client, request(without_plan(CheckStart))).await;
    assert_eq!(decision(&entries).warnings, [""; 0]);
}

#[tokio::test]
async fn a_value_of_the_config_that_fits_no_environment_is_a_failure_of_that_hook() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "x".repeat(200_000)).expect("written");
    let env = format!("env: {{ BIG: {{ fromFile: {} }} }}", file.path().display());
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", &env, "echo ran")));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let v1::outcome::Outcome::FailedToStart(failed) = &outcomes(&entries)[0].1 else {
        panic!("it ran without its variable: {entries:?}");
    };
    assert_eq!(
        failed.message,
        "variable BIG: its 200000 bytes are too many for an environment: \
         hand the value over in a file"
    );
}

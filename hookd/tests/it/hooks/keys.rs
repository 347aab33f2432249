//! The keys of a hook and their effects.

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;

use super::{finished, text};
use hookd_test_support::*;

use v1::Condition::{SnapshotEnd, SnapshotStart};
use v1::DecisionKind::{Cancel, Proceed};

#[tokio::test]
async fn a_hook_is_tried_again_each_try_in_the_journal() {
    let script = "n=$(cat \"$HOOK_LABEL_FILE\" 2>/dev/null || echo 0); n=$((n+1)); echo $n > \"$HOOK_LABEL_FILE\"; echo try $n; [ $n = 3 ]";
    let more = "onError: ON_ERROR_CANCEL\nretries: { times: 5, delay: 1ms }";
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", more, script)));
    let mut event = event(SnapshotStart);
    let file = daemon.dir.path().join("tries");
    event
        .labels
        .insert("file".to_owned(), file.display().to_string());
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    let tries: Vec<_> = finished(&entries)
        .iter()
        .map(|f| (f.attempt, f.effect()))
        .collect();
    let again = v1::Effect::Retried;
    assert_eq!(tries, [(1, again), (2, again), (3, v1::Effect::None)]);
    assert_eq!(decision(&entries).kind(), Proceed);
    let said: Vec<Vec<u8>> = entries
        .iter()
        .filter_map(|e| match &e.entry {
            Some(Entry::HookOutput(o)) => Some(o.data.to_vec()),
            _ => None,
        })
        .collect();
    assert_eq!(said.concat(), b"try 1\ntry 2\ntry 3\n");
}

#[tokio::test]
async fn a_script_can_say_fine_but_look_and_not_now() {
    let codes = "onError: ON_ERROR_FATAL\nexitCodes: { \"10\": WARN, \"75\": CANCEL }";
    let hooks = [
        hook("look", "SNAPSHOT_START", codes, "exit 10"),
        hook("not-now", "SNAPSHOT_START", codes, "exit 75"),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let decision = decision(&entries);
    assert_eq!(
        (decision.kind(), decision.hook.as_str()),
        (Cancel, "not-now")
    );
    assert_eq!(decision.warnings.len(), 1);
    assert!(
        decision.warnings[0].contains("look"),
        "{:?}",
        decision.warnings
    );
}

#[tokio::test]
async fn a_process_left_behind_does_not_hold_the_hook() {
    let script = "sleep 600 & echo $!";
    let hooks = [
        hook("leaves", "SNAPSHOT_END", "", script),
        hook(
            "ends",
            "SNAPSHOT_END",
            "killLeaked: true\ngrace: 0s",
            script,
        ),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let finished = finished(&entries);
    assert!(
        finished
            .iter()
            .all(|f| f.leaked && outcomes(&entries)[0].1 == Outcome::ExitCode(0))
    );
    let process = |index| std::path::Path::new("/proc").join(text(&entries, index).trim());
    assert!(process(0).exists(), "it is left alone");
    until("it is ended", || async { !process(1).exists() }).await;
    let pid = text(&entries, 0);
    assert!(
        std::process::Command::new("kill")
            .arg(pid.trim())
            .status()
            .expect("kill")
            .success()
    );
}

#[tokio::test]
async fn each_template_language_renders_in_its_own_way() {
    let with = |name: &str, engine: &str, script: &str| {
        hook(name, "SNAPSHOT_END", "", script).replace(
            "    command:",
            &format!("    templateEngine: {engine}\n    command:"),
        )
    };
    let hooks = [
        with("go", "GO", "echo {{ .ShellEscape .Task }}"),
        with("tera", "TERA", "echo {{ task }} {{ plan.id | upper }}"),
        with("none", "NONE", "echo '{{ .Task }}'"),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let event = v1::Event {
        task: "a; echo b".to_owned(),
        ..event(SnapshotEnd)
    };
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    assert_eq!(text(&entries, 0), "a; echo b\n");
    assert_eq!(text(&entries, 1), "a; echo b HOME\n");
    assert_eq!(text(&entries, 2), "{{ .Task }}\n");
}

#[tokio::test]
async fn a_template_that_fails_at_night_is_a_result_with_its_place() {
    let script = "echo ok\necho {{ .SnapshotStats.DataAdded }}";
    let hooks = hook("h", "SNAPSHOT_START", "onError: ON_ERROR_CANCEL", "true")
        + &hook("late", "SNAPSHOT_END", "onError: ON_ERROR_FATAL", script);
    let daemon = TestDaemon::with(&config(&hooks));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let Outcome::FailedToRender(failed) = &outcomes(&entries)[0].1 else {
        panic!("{entries:?}");
    };
    assert_eq!(failed.line, 2, "{}", failed.message);
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Fail);
}

#[tokio::test]
async fn a_template_that_does_not_end_fails_its_hook_and_no_other() {
    let range = "range(end=100000)";
    let endless = format!(
        "{{% if labels.endless %}}{{% for a in {range} %}}{{% for b in {range} %}}x\
         {{% endfor %}}{{% endfor %}}{{% endif %}}"
    );
    let endless = hook("endless", "SNAPSHOT_END", "timeout: 300ms", &endless)
        .replace("    command:", "    templateEngine: TERA\n    command:");
    let hooks = endless + &hook("other", "SNAPSHOT_END", "", "true");
    let daemon = TestDaemon::with(&config(&hooks));
    let mut event = event(SnapshotEnd);
    event.labels.insert("endless".to_owned(), "1".to_owned());
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    let outcomes = outcomes(&entries);
    let Outcome::FailedToRender(failed) = &outcomes[0].1 else {
        panic!("{outcomes:?}");
    };
    assert_eq!(failed.message, "the template takes longer than 300ms");
    assert_eq!(outcomes[1].1, Outcome::ExitCode(0));
}

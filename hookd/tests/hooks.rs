//! What a hook sees, and what its keys do, through the real daemon.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/mod.rs"]
mod support;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;
use support::*;

use v1::Condition::{SnapshotEnd, SnapshotStart, SnapshotSuccess};
use v1::DecisionKind::{Cancel, Proceed};
use v1::OutputStream::Stdout;

fn text(entries: &[v1::JournalEntry], index: u32) -> String {
    String::from_utf8(output(entries, index, Stdout)).expect("text")
}

fn finished(entries: &[v1::JournalEntry]) -> Vec<v1::HookFinished> {
    let of = |entry: &v1::JournalEntry| match &entry.entry {
        Some(Entry::HookFinished(finished)) => Some(finished.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

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
    // On stdin, as Backrest has it, `cat` prints the rest of the script and nothing runs.
    let daemon = TestDaemon::with(&config(&command(stdin)));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    assert!(
        text(&entries, 0).contains("read -r line"),
        "{}",
        text(&entries, 0)
    );
}

#[tokio::test]
async fn hooks_with_the_same_lock_never_overlap_and_say_what_they_wait_for() {
    let script = "mkdir \"$HOOK_LABEL_DIR/busy\" || exit 9; read _ < \"$HOOK_LABEL_FIFO\"; rmdir \"$HOOK_LABEL_DIR/busy\"";
    let free = "mkdir \"$HOOK_LABEL_DIR/busy\" || exit 9; rmdir \"$HOOK_LABEL_DIR/busy\"";
    let yaml = config(&hook("first", "SNAPSHOT_END", "lock: disk", script))
        + "  - id: other\n    repo: nas\n    hooks:\n      "
        + &hook("second", "SNAPSHOT_END", "lock: disk", free).replace('\n', "\n      ");
    let daemon = TestDaemon::with(&yaml);
    let dir = daemon.dir.path();
    let fifo = dir.join("fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo")
            .success()
    );
    let about = |plan: &str| {
        let mut event = v1::Event {
            plan_id: plan.to_owned(),
            ..event(SnapshotEnd)
        };
        event
            .labels
            .insert("dir".to_owned(), dir.display().to_string());
        event
            .labels
            .insert("fifo".to_owned(), fifo.display().to_string());
        request(event)
    };
    let mut client = daemon.hooks().await;
    let first = client
        .run_hooks(about("home"))
        .await
        .expect("it starts")
        .into_inner();
    until("the first holds the lock", || async {
        dir.join("busy").exists()
    })
    .await;
    let mut second = client
        .run_hooks(about("other"))
        .await
        .expect("it starts")
        .into_inner();
    let waiting = loop {
        let entry = second
            .message()
            .await
            .expect("no error")
            .expect("not over")
            .entry;
        if let Some(Entry::RunWaiting(waiting)) = entry.and_then(|e| e.entry) {
            break waiting;
        }
    };
    assert_eq!(
        (waiting.reason(), waiting.lock.as_str()),
        (v1::WaitReason::Lock, "disk")
    );
    assert_eq!(waiting.hook, "second");
    assert!(waiting.held_by.contains("first"), "{}", waiting.held_by);
    std::fs::write(&fifo, "go\n").expect("the hook reads");
    for stream in [first, second] {
        let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
        assert!(end.is_none());
        assert_eq!(outcomes(&entries)[0].1, Outcome::ExitCode(0), "{entries:?}");
    }
}

#[tokio::test]
async fn a_plans_lock_holds_up_its_whole_run() {
    let yaml = config(&hook(
        "first",
        "SNAPSHOT_END",
        "",
        "read _ < \"$HOOK_LABEL_FIFO\"",
    ))
    .replace(
        "    paths: [/home]\n",
        "    paths: [/home]\n    lock: disk\n",
    ) + "  - id: other\n    repo: nas\n    lock: disk\n    hooks:\n      "
        + &hook("second", "SNAPSHOT_END", "", "true").replace('\n', "\n      ");
    let daemon = TestDaemon::with(&yaml);
    let fifo = daemon.dir.path().join("fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo")
            .success()
    );
    let about = |plan: &str| {
        let mut event = v1::Event {
            plan_id: plan.to_owned(),
            ..event(SnapshotEnd)
        };
        event
            .labels
            .insert("fifo".to_owned(), fifo.display().to_string());
        request(event)
    };
    let mut client = daemon.hooks().await;
    let mut first = client
        .run_hooks(about("home"))
        .await
        .expect("it starts")
        .into_inner();
    while !matches!(
        first
            .message()
            .await
            .expect("no error")
            .expect("not over")
            .entry
            .and_then(|e| e.entry),
        Some(Entry::HookStarted(_))
    ) {}
    let mut second = client
        .run_hooks(about("other"))
        .await
        .expect("it starts")
        .into_inner();
    let started = second
        .message()
        .await
        .expect("no error")
        .expect("an entry")
        .entry;
    let waits = second
        .message()
        .await
        .expect("no error")
        .expect("an entry")
        .entry;
    let Some(Entry::RunWaiting(waiting)) = waits.and_then(|e| e.entry) else {
        panic!("it waits")
    };
    assert_eq!((waiting.lock.as_str(), waiting.hook.as_str()), ("disk", ""));
    // A run that waits can be cancelled, and its hooks do not run.
    let run_id = run_id(&[started.expect("an entry")]);
    client
        .cancel_run(v1::CancelRunRequest { run_id })
        .await
        .expect("it is known");
    let (entries, _) = collect(second, |r: v1::RunHooksResponse| r.entry).await;
    assert!(matches!(&entries[0].entry,
        Some(Entry::HookSkipped(s)) if s.reason() == v1::SkipReason::RunEnded));
    std::fs::write(&fifo, "go\n").expect("the hook reads");
    let (entries, _) = collect(first, |r: v1::RunHooksResponse| r.entry).await;
    assert_eq!(decision(&entries).kind(), Proceed);
}

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

//! The ends of hooks, even of those that resist, through the real daemon.
//!
//! `tests/stress/soak` has every kind of misbehaviour, many at a time.
#![cfg(target_os = "linux")]

use std::fs;

use futures_util::future::join_all;
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;
use hookd_proto::well_known::Duration;
use hookd_test_support::*;

use v1::CancelCause::{Disconnected, Requested, Shutdown};
use v1::Condition::{SnapshotEnd, SnapshotStart};
use v1::OutputStream::{Stderr, Stdout};

/// Returns the script with the path of the misbehaving program filled in.
fn script(text: &str) -> String {
    text.replace("MISBEHAVE", &misbehave::program().display().to_string())
}

fn finished(entries: &[v1::JournalEntry]) -> Vec<v1::HookFinished> {
    let of = |entry: &v1::JournalEntry| match &entry.entry {
        Some(Entry::HookFinished(finished)) => Some(finished.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

#[tokio::test]
async fn signals_have_their_names_and_exits_their_codes() {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.expect("a mask").trim(), 16).expect("hex");
    let signals = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (4, "SIGILL"),
        (5, "SIGTRAP"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (10, "SIGUSR1"),
        (11, "SIGSEGV"),
        (12, "SIGUSR2"),
        (14, "SIGALRM"),
        (15, "SIGTERM"),
        (24, "SIGXCPU"),
        (25, "SIGXFSZ"),
        (31, "SIGSYS"),
    ];
    // A script inherits the signals that this process ignores.
    let signals = signals
        .into_iter()
        .filter(|(number, _)| ignored & (1 << (number - 1)) == 0)
        .map(|(number, name)| {
            let text = format!("exec MISBEHAVE signal {number}");
            (text, Outcome::Signal(name.to_owned()))
        });
    let codes = [0, 1, 2, 75, 126, 127, 128, 255]
        .map(|code| (format!("exit {code}"), Outcome::ExitCode(code)));
    let (scripts, expected): (Vec<_>, Vec<_>) = signals.chain(codes).unzip();
    let hooks: String = scripts
        .iter()
        .enumerate()
        .map(|(at, text)| hook(&format!("h{at}"), "SNAPSHOT_END", "", &script(text)))
        .collect();
    let daemon = TestDaemon::with(&config(&hooks));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let ends: Vec<_> = outcomes(&entries).into_iter().map(|(_, end)| end).collect();
    assert_eq!(ends, expected);
}

/// Ignores TERM, as does its grandchild in a session of its own whose parent is gone.
const DEAF: &str = "MISBEHAVE daemon \"$HOOK_LABEL_FILE\" deaf; exec MISBEHAVE deaf";

/// The cause of the end of a run.
#[derive(Clone, Copy, Debug)]
enum EndCause {
    HookLimit,
    RunLimit,
    Cancel(v1::CancelCause),
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_ends_everything_and_is_told_apart() {
    use v1::DecisionKind::{Cancel, Proceed};
    let cases = [
        (EndCause::HookLimit, Proceed),
        (EndCause::RunLimit, Proceed),
        // After a cancelled check, the operation must not begin.
        (EndCause::Cancel(Requested), Cancel),
        (EndCause::Cancel(Disconnected), Cancel),
        (EndCause::Cancel(Shutdown), Cancel),
    ];
    let journals = join_all(cases.map(|(stop, _)| stopped(stop))).await;
    for ((stop, decided), entries) in cases.into_iter().zip(journals) {
        let end = finished(&entries).remove(0);
        let outcome = end.outcome.and_then(|outcome| outcome.outcome);
        let outcome = outcome.expect("an outcome");
        let right = match (stop, &outcome) {
            (EndCause::HookLimit, Outcome::TimedOut(end)) => end.limit() == v1::TimeLimit::Hook,
            (EndCause::RunLimit, Outcome::TimedOut(end)) => end.limit() == v1::TimeLimit::Run,
            (EndCause::Cancel(cause), Outcome::Cancelled(end)) => end.cause() == cause,
            _ => false,
        };
        assert!(right, "{stop:?}: {outcome:?}");
        assert_eq!(end.ending, v1::Ending::Kill as i32, "{stop:?}");
        let held = [v1::Containment::Cgroup, v1::Containment::Descent];
        assert!(held.map(i32::from).contains(&end.containment), "{stop:?}");
        assert_eq!(decision(&entries).kind(), decided, "{stop:?}");
    }
}

/// Returns the journal of a run that was stopped for this reason when all its processes had
/// started. No process may be left.
async fn stopped(stop: EndCause) -> Vec<v1::JournalEntry> {
    let timeout = match stop {
        EndCause::HookLimit => "timeout: 5s\ngrace: 50ms",
        _ => "grace: 50ms",
    };
    let hooks = hook("deaf", "SNAPSHOT_START", timeout, &script(DEAF));
    let mut daemon = Setup::new(&config(&hooks))
        .arg("--drain-timeout=1ms")
        .start();
    let file = daemon.dir.path().join("grandchild");
    let mut event = event(SnapshotStart);
    let label = file.display().to_string();
    event.labels.insert("file".to_owned(), label);
    let mut asked = request(event);
    asked.cancel_on_disconnect = matches!(stop, EndCause::Cancel(Disconnected));
    if matches!(stop, EndCause::RunLimit) {
        let seconds = 5;
        asked.timeout = Some(Duration { seconds, nanos: 0 });
    }
    let mut client = daemon.hooks().await;
    let stream = client.run_hooks(asked).await.expect("it starts");
    let mut stream = stream.into_inner();
    let (mut pid, mut begun) = (String::new(), Vec::new());
    loop {
        let message = stream.message().await.expect("no error");
        let entry = message.expect("not over").entry.expect("an entry");
        begun.push(entry.clone());
        match entry.entry {
            Some(Entry::HookStarted(started)) => pid = started.pid.to_string(),
            Some(Entry::HookOutput(output)) if output.data.ends_with(b"ready\n") => break,
            _ => {}
        }
    }
    until("the grandchild is there", || async { file.exists() }).await;
    let grandchild = fs::read_to_string(file).expect("its id");
    assert!(lives(&pid) && lives(&grandchild));

    let run_id = run_id(&begun);
    let entries = match stop {
        EndCause::Cancel(Disconnected) => {
            drop(stream);
            let asked = v1::WatchRunRequest {
                run_id,
                after_sequence: 0,
            };
            let stream = client.watch_run(asked).await.expect("it is known");
            let of = |response: v1::WatchRunResponse| response.entry;
            collect(stream.into_inner(), of).await.0
        }
        _ => {
            match stop {
                EndCause::Cancel(Requested) => {
                    let asked = v1::CancelRunRequest { run_id };
                    client.cancel_run(asked).await.expect("it is known");
                }
                EndCause::Cancel(_) => daemon.signal("TERM"),
                EndCause::HookLimit | EndCause::RunLimit => {}
            }
            let of = |response: v1::RunHooksResponse| response.entry;
            begun.extend(collect(stream, of).await.0);
            begun
        }
    };
    for pid in [pid, grandchild] {
        assert!(!lives(&pid), "{stop:?}: {pid} is left");
    }
    if matches!(stop, EndCause::Cancel(Shutdown)) {
        assert_eq!(daemon.ended(), 0);
    }
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_template_that_does_not_end() {
    let range = "range(end=100000)";
    let endless = format!(
        "{{% if labels.endless %}}{{% for a in {range} %}}{{% for b in {range} %}}\
         {{% set x = b %}}{{% endfor %}}{{% endfor %}}{{% endif %}}"
    );
    let hooks = hook("endless", "SNAPSHOT_START", "timeout: 10m", &endless)
        .replace("    command:", "    templateEngine: TERA\n    command:");
    let setup = Setup::new(&config(&hooks));
    let mut daemon = setup.arg("--drain-timeout=1ms").start();
    let mut client = daemon.hooks().await;
    for cause in [Requested, Shutdown] {
        let mut event = event(SnapshotStart);
        event.labels.insert("endless".to_owned(), "1".to_owned());
        let stream = client.run_hooks(request(event)).await;
        let mut stream = stream.expect("it starts").into_inner();
        let first = stream.message().await.expect("no error");
        let run_id = run_id(&[first.expect("not over").entry.expect("an entry")]);
        until("the template is rendered", async || {
            let run = run_summary(&mut daemon.hooks().await, &run_id).await;
            run.state() == v1::RunState::Running
        })
        .await;
        let begun = std::time::Instant::now();
        match cause {
            Requested => {
                let asked = v1::CancelRunRequest { run_id };
                client.cancel_run(asked).await.expect("it is known");
            }
            _ => daemon.signal("TERM"),
        }
        let of = |response: v1::RunHooksResponse| response.entry;
        let entries = collect(stream, of).await.0;
        match &outcomes(&entries)[0].1 {
            Outcome::Cancelled(end) => assert_eq!(end.cause(), cause),
            other => panic!("{other:?}"),
        }
        if cause == Shutdown {
            assert_eq!(daemon.ended(), 0);
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(30));
    }
}

#[tokio::test]
async fn a_run_that_waits_is_cancelled_before_its_hooks_begin() {
    let setup = Setup::new(&config(&hook("h", "SNAPSHOT_START", "", "exec sleep 600")));
    let daemon = setup.arg("--max-concurrent-runs=1").start();
    let mut client = daemon.hooks().await;
    let first = client.run_hooks(request(event(SnapshotStart))).await;
    let mut first = first.expect("it starts").into_inner();
    read_until(&mut first, |e| matches!(e, Entry::HookStarted(_))).await;
    let waiting = client.run_hooks(request(event(SnapshotStart))).await;
    let mut waiting = waiting.expect("it starts").into_inner();
    let mut entries = Vec::new();
    for _ in 0..2 {
        let message = waiting.message().await.expect("no error");
        entries.extend(message.expect("not over").entry);
    }
    // The entry has the reason of the wait.
    let Some(Entry::RunWaiting(wait)) = &entries[1].entry else {
        panic!("{entries:?}");
    };
    assert_eq!(wait.reason(), v1::WaitReason::Turn);
    let run_id = run_id(&entries);
    let asked = v1::CancelRunRequest { run_id };
    client.cancel_run(asked).await.expect("it is known");
    let of = |response: v1::RunHooksResponse| response.entry;
    entries.extend(collect(waiting, of).await.0);
    assert!(outcomes(&entries).is_empty(), "nothing began");
    let decision = decision(&entries);
    assert_eq!(decision.kind(), v1::DecisionKind::Cancel);
    assert_eq!(decision.reason, "the run was cancelled");
}

#[tokio::test]
async fn what_was_left_without_pipes_is_no_leak_and_no_wait() {
    // The process left behind holds no pipes, so the end of the hook must not wait for it.
    let text = script("MISBEHAVE daemon \"$HOOK_LABEL_FILE\" quiet; echo done");
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_END", "", &text)));
    let file = daemon.dir.path().join("left");
    let mut event = event(SnapshotEnd);
    let label = file.display().to_string();
    event.labels.insert("file".to_owned(), label);
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    let end = finished(&entries).remove(0);
    assert!(!end.leaked);
    assert_eq!(output(&entries, 0, Stdout), b"done\n");
    until("it is there", || async { file.exists() }).await;
    let pid = fs::read_to_string(file).expect("its id");
    assert!(lives(&pid), "it is left alone");
    let kill = std::process::Command::new("kill").arg(pid).status();
    assert!(kill.expect("kill runs").success());
}

#[tokio::test]
async fn bytes_stay_bytes_and_streams_apart() {
    let text = "MISBEHAVE bytes e282; MISBEHAVE bytes ff001b5b324ac3 >&2; MISBEHAVE bytes ac0a";
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_END", "", &script(text))));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    assert_eq!(output(&entries, 0, Stdout), "€\n".as_bytes());
    assert_eq!(output(&entries, 0, Stderr), b"\xff\0\x1b[2J\xc3");
}

#[tokio::test]
async fn the_error_at_the_end_survives_a_flood() {
    let text = script("exec MISBEHAVE flood 67108864");
    let hooks = hook("flood", "SNAPSHOT_END", "maxOutput: 64KiB", &text);
    let daemon = TestDaemon::with(&config(&hooks));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let pieces: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.entry {
            Some(Entry::HookOutput(output)) => Some(output.clone()),
            _ => None,
        })
        .collect();
    let end = finished(&entries).remove(0);
    let kept: u64 = pieces.iter().map(|piece| piece.data.len() as u64).sum();
    assert_eq!(kept, 64 << 10);
    assert_eq!(end.output_bytes, kept + end.dropped_bytes);
    // A single gap, as large as the reported number of dropped bytes, and the end of the output
    // after it.
    let mut gaps = Vec::new();
    let mut next = 0;
    for piece in pieces.iter().filter(|piece| piece.stream() == Stdout) {
        gaps.extend((piece.offset != next).then(|| piece.offset - next));
        next = piece.offset + piece.data.len() as u64;
    }
    assert_eq!(gaps, [end.dropped_bytes]);
    assert!(pieces[0].data.starts_with(b"first\n"));
    let of = |stream| {
        let last = pieces.iter().rfind(|piece| piece.stream() == stream);
        last.expect("output").data.to_vec()
    };
    assert!(of(Stdout).ends_with(b"\nlast\n"));
    assert_eq!(of(Stderr), b"the error at the end\n");
}

//! Hooks that cannot start, or only just: each cause is told apart, and says what to do.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hookd_proto::v1;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;
use support::*;
use tonic::transport::Channel;

use v1::Condition::SnapshotStart;
use v1::OutputStream::{Stderr, Stdout};

/// The one hook, with further keys.
fn with(more: &str, script: &str) -> String {
    let more = format!("onError: ON_ERROR_FATAL\n{more}");
    config(&hook("h", "SNAPSHOT_START", &more, script))
}

fn text(entries: &[v1::JournalEntry], stream: v1::OutputStream) -> String {
    String::from_utf8(output(entries, 0, stream)).expect("text")
}

/// A client for long entries: a started hook has its whole script in one.
async fn large(daemon: &TestDaemon) -> HookServiceClient<Channel> {
    daemon.hooks().await.max_decoding_message_size(32 << 20)
}

async fn entries(daemon: &TestDaemon) -> Vec<v1::JournalEntry> {
    run(&mut large(daemon).await, request(event(SnapshotStart))).await
}

/// Runs the one hook, which must not start; gives the reason, which must have all these
/// words. Nothing is left of it, and the daemon goes on.
async fn fails(daemon: &TestDaemon, words: &[&str]) {
    for _ in 0..2 {
        let entries = entries(daemon).await;
        let [(_, Outcome::FailedToStart(failed))] = &outcomes(&entries)[..] else {
            panic!("{entries:?}");
        };
        for word in words {
            assert!(failed.message.contains(word), "{word}: {}", failed.message);
        }
        let decision = decision(&entries);
        assert_eq!(decision.kind(), v1::DecisionKind::Fail);
        assert!(decision.reason.contains(words[0]), "{}", decision.reason);
    }
    let scripts = fs::read_dir(daemon.dir.path().join("state/scripts"));
    assert_eq!(scripts.expect("the folder").count(), 0);
}

/// A daemon whose one hook has a program of this content and mode as its interpreter.
fn interpreted_by(content: &[u8], mode: u32) -> (TestDaemon, PathBuf) {
    let setup = Setup::new("");
    let program = setup.dir.path().join("program");
    fs::write(&program, content).expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(mode)).expect("set");
    let script = format!("#!{}\n", program.display());
    fs::write(setup.dir.path().join("hookd.yaml"), with("", &script)).expect("written");
    (setup.start(), program)
}

#[tokio::test]
async fn a_missing_interpreter() {
    let missing = |script| TestDaemon::with(&with("", script));
    let words = ["`/no/such/program` not found", "install it"];
    fails(&missing("#!/no/such/program\n"), &words).await;
    let words = ["`no-such-program` not found in PATH", "give its full path"];
    fails(&missing("#!no-such-program\n"), &words).await;
}

#[tokio::test]
async fn an_interpreter_that_cannot_be_executed() {
    let (daemon, program) = interpreted_by(b"#!/bin/sh\n", 0o644);
    fails(&daemon, &["is not executable", "check its mode"]).await;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("set");
    assert_eq!(outcomes(&entries(&daemon).await)[0].1, Outcome::ExitCode(0));
}

#[tokio::test]
async fn an_interpreter_that_is_no_program_or_lacks_its_own() {
    let (daemon, _) = interpreted_by(b"\x01\x02\x03", 0o755);
    fails(&daemon, &["is no program for this machine", "`#!` line"]).await;
    let (daemon, _) = interpreted_by(b"#!/no/such/interpreter\n", 0o755);
    fails(&daemon, &["loader or interpreter", "reinstall it"]).await;
}

#[tokio::test]
async fn an_interpreter_that_is_being_written() {
    let (daemon, program) = interpreted_by(b"", 0o755);
    fs::copy("/bin/true", &program).expect("copied");
    let writer = fs::OpenOptions::new().append(true).open(&program);
    fails(&daemon, &["is being written to", "wait until"]).await;
    drop(writer);
    assert_eq!(outcomes(&entries(&daemon).await)[0].1, Outcome::ExitCode(0));
}

#[tokio::test]
async fn a_first_line_that_is_too_long() {
    let script = format!("#!/bin/sh {}\ntrue", "x".repeat(5000));
    let setup = Setup::new(&with("", &script));
    let daemon = setup.start();
    fails(
        &daemon,
        &["`#!` line is", "more than 4096", "move its arguments"],
    )
    .await;
}

#[tokio::test]
async fn a_script_of_ten_mebibytes_runs() {
    // No config is that long, but what a template makes of an event can be.
    let script = format!("{}echo end", "# {{ .Error }}\n".repeat(11));
    for via in ["FILE", "STDIN"] {
        let first = hook("h", "SNAPSHOT_START", "", &script);
        let keys = format!("    scriptVia: {via}\n    command:");
        let daemon = TestDaemon::with(&config(&first.replace("    command:", &keys)));
        let event = v1::Event {
            error: "x".repeat(1_000_000),
            ..event(SnapshotStart)
        };
        let entries = run(&mut large(&daemon).await, request(event)).await;
        assert_eq!(outcomes(&entries)[0].1, Outcome::ExitCode(0), "{via}");
        assert_eq!(text(&entries, Stdout), "end\n", "{via}");
    }
}

#[tokio::test]
async fn a_value_that_no_environment_holds_is_in_the_event_file() {
    let script = "echo \"${HOOK_ERROR-unset}\"; wc -c < \"$HOOK_EVENT_FILE\"";
    let daemon = TestDaemon::with(&with("", script));
    let event = v1::Event {
        error: "x".repeat(500_000),
        ..event(SnapshotStart)
    };
    let entries = run(&mut daemon.hooks().await, request(event)).await;
    let out = text(&entries, Stdout);
    let bytes = out.strip_prefix("unset\n").map(|n| n.trim().parse());
    assert!(
        matches!(bytes, Some(Ok::<u32, _>(bytes)) if bytes > 500_000),
        "{out}"
    );
    let notes = entries.iter().find_map(|entry| match &entry.entry {
        Some(Entry::HookStarted(started)) => Some(started.notes.concat()),
        _ => None,
    });
    let notes = notes.expect("it started");
    for word in ["HOOK_ERROR is not set", "500000", "the event file has it"] {
        assert!(notes.contains(word), "{notes}");
    }
}

#[tokio::test]
async fn an_environment_that_is_too_large_as_a_whole() {
    let daemon = TestDaemon::with(&with("", "true"));
    let mut event = event(SnapshotStart);
    for number in 0..70 {
        let value = "x".repeat(100_000);
        event.labels.insert(format!("l{number}"), value);
    }
    let entries = run(&mut large(&daemon).await, request(event)).await;
    let [(_, Outcome::FailedToStart(failed))] = &outcomes(&entries)[..] else {
        panic!("{:?}", outcomes(&entries));
    };
    for word in ["too large together", "fewer or shorter"] {
        assert!(failed.message.contains(word), "{}", failed.message);
    }
}

#[test]
fn an_unknown_user_is_refused_with_the_config() {
    let yaml = with("user: no-such-user", "true");
    let (code, log) = Setup::new(&yaml).fails();
    assert_eq!(code, 78, "{log}");
    for word in ["no user `no-such-user`", "create it, or name another"] {
        assert!(log.contains(word), "{log}");
    }
}

#[tokio::test]
async fn a_working_directory_that_is_gone() {
    let setup = Setup::new("");
    let folder = setup.dir.path().join("work");
    fs::create_dir(&folder).expect("made");
    let keys = format!("workingDirectory: {}", folder.display());
    fs::write(setup.dir.path().join("hookd.yaml"), with(&keys, "pwd")).expect("written");
    let daemon = setup.start();
    let out = text(&entries(&daemon).await, Stdout);
    assert_eq!(Path::new(out.trim()).file_name(), folder.file_name());
    fs::remove_dir(&folder).expect("removed");
    let words = ["working directory", "cannot be entered", "create it"];
    fails(&daemon, &words).await;
}

#[tokio::test]
async fn a_fork_over_the_limit_is_refused() {
    let daemon = TestDaemon::with(&with("", "true"));
    let yaml = with("pidsMax: 1", "echo first; /bin/echo second");
    fs::write(&daemon.config, yaml).expect("written");
    let reload = v1::ReloadConfigRequest {};
    let reloaded = daemon.admin().await.reload_config(reload).await;
    let reloaded = reloaded.expect("it answers").into_inner();
    if !reloaded.applied {
        // Without a cgroup for it the limit is refused, not ignored.
        let refused = format!("{:?}", reloaded.diagnostics);
        for word in ["pidsMax", "needs a cgroup with the controller `pids`"] {
            assert!(refused.contains(word), "{refused}");
        }
        skip("pids-limit: no cgroup with the controller `pids` can be made");
        return;
    }
    let entries = entries(&daemon).await;
    assert!(
        matches!(outcomes(&entries)[0].1, Outcome::ExitCode(code) if code != 0),
        "{:?}",
        outcomes(&entries)
    );
    assert_eq!(text(&entries, Stdout), "first\n");
    let said = text(&entries, Stderr).to_lowercase();
    assert!(said.contains("fork"), "{said}");
}

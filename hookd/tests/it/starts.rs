//! Hooks that cannot start, or barely: each cause has its own message with a remedy.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;
use hookd_test_support::*;

use v1::Condition::SnapshotStart;
use v1::OutputStream::Stdout;

/// Returns a config whose one hook has these further keys.
fn with(more: &str, script: &str) -> String {
    let more = format!("onError: ON_ERROR_FATAL\n{more}");
    config(&hook("h", "SNAPSHOT_START", &more, script))
}

fn text(entries: &[v1::JournalEntry], stream: v1::OutputStream) -> String {
    String::from_utf8(output(entries, 0, stream)).expect("text")
}

async fn entries(daemon: &TestDaemon) -> Vec<v1::JournalEntry> {
    run(&mut daemon.hooks().await, request(event(SnapshotStart))).await
}

fn started(entries: &[v1::JournalEntry]) -> v1::HookStarted {
    let started = entries.iter().find_map(|entry| match &entry.entry {
        Some(Entry::HookStarted(started)) => Some(started.clone()),
        _ => None,
    });
    started.expect("it started")
}

/// Runs the one hook, which must fail to start. Returns the message, which must contain all these
/// words. Nothing of the hook is left, and the daemon goes on.
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

/// Starts a daemon whose one hook has an interpreter with this content and mode.
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
    // A config cannot be this long, but a template can render an event to this length.
    let script = format!("{}echo end", "# {{ .Error }}\n".repeat(11));
    for via in ["FILE", "STDIN"] {
        let first = hook("h", "SNAPSHOT_START", "", &script);
        let keys = format!("    scriptVia: {via}\n    command:");
        let daemon = TestDaemon::with(&config(&first.replace("    command:", &keys)));
        let event = v1::Event {
            error: "x".repeat(1_000_000),
            ..event(SnapshotStart)
        };
        // The client has the default limit of 4 MiB.
        let entries = run(&mut daemon.hooks().await, request(event)).await;
        assert_eq!(outcomes(&entries)[0].1, Outcome::ExitCode(0), "{via}");
        assert_eq!(text(&entries, Stdout), "end\n", "{via}");
        let started = started(&entries);
        assert!(started.script.starts_with(b"# xxx"), "{via}");
        assert_eq!(started.script.len(), 256 << 10, "{via}");
        let notes = started.notes.concat();
        for word in [
            "first 262144 bytes",
            "and not the other 10",
            "all of it is run",
        ] {
            assert!(notes.contains(word), "{notes}");
        }
    }
}

#[tokio::test]
async fn an_environment_that_is_too_large_as_a_whole() {
    let setup = Setup::new("");
    let file = setup.dir.path().join("value");
    fs::write(&file, "x".repeat(100_000)).expect("written");
    let value = format!("{{ fromFile: {} }}", file.display());
    let all: Vec<String> = (0..70).map(|n| format!("V{n}: {value}")).collect();
    let yaml = with(&format!("env: {{ {} }}", all.join(", ")), "true");
    fs::write(setup.dir.path().join("hookd.yaml"), yaml).expect("written");
    let words = ["too large together", "fewer or shorter"];
    fails(&setup.start(), &words).await;
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

/// A private file system for the state folder of a daemon, unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    /// Mounts a file system of this size; `None` if the user is not root.
    fn of(setup: &Setup, options: &str) -> Option<Mount> {
        let folder = setup.dir.path().join("state");
        fs::create_dir(&folder).expect("made");
        let mut mount = Command::new("mount");
        let options = format!("mode=700,{options}");
        mount.args(["-t", "tmpfs", "-o", &options, "none"]);
        let mounted = mount.arg(&folder).stderr(Stdio::null()).status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Mount(folder))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk() {
    // Longer than the disk has room for, rendered from an event that fits.
    let setup = Setup::new(&with("", &"# {{ .Error }}\n".repeat(20)));
    let Some(_mount) = Mount::of(&setup, "size=8m") else {
        skip("full-disk: no file system can be mounted");
        return;
    };
    // On another file system; the store's own needs are not part of this test.
    let elsewhere = setup.dir.path().join("state");
    let setup = setup
        .arg("--store=memory")
        .env("TMPDIR", elsewhere.as_os_str());
    let daemon = setup.start();
    let event = v1::Event {
        error: "x".repeat(1_000_000),
        ..event(SnapshotStart)
    };
    for _ in 0..2 {
        let entries = run(&mut daemon.hooks().await, request(event.clone())).await;
        let [(_, Outcome::FailedToStart(failed))] = &outcomes(&entries)[..] else {
            panic!("{:?}", outcomes(&entries));
        };
        for word in ["no space for the script", "free some", "os error 28"] {
            assert!(failed.message.contains(word), "{}", failed.message);
        }
        let scripts = fs::read_dir(daemon.dir.path().join("state/scripts"));
        assert_eq!(scripts.expect("the folder").count(), 0, "its part is gone");
    }
    // A script that fits runs.
    assert_eq!(outcomes(&entries(&daemon).await)[0].1, Outcome::ExitCode(0));
    assert_eq!(daemon.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_runs_where_nothing_may_be_executed() {
    let setup = Setup::new(&with("", "echo ran"));
    let Some(_mount) = Mount::of(&setup, "size=8m,noexec") else {
        skip("noexec: no file system can be mounted");
        return;
    };
    let daemon = setup.start();
    assert_eq!(text(&entries(&daemon).await, Stdout), "ran\n");
    assert_eq!(daemon.terminate(), 0);
}

#[tokio::test]
async fn a_user_who_may_have_no_more_processes() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    if !rustix::process::geteuid().is_root() {
        skip("process-limit: only root can start a hook as another user");
        return;
    }
    // A user id of this test's own, which has one process while none is allowed.
    const USER: u32 = 54321;
    let mut other = Command::new("sleep");
    let mut other = other.arg("600").uid(USER).spawn().expect("it starts");
    let daemon = TestDaemon::with(&with(&format!("user: \"{USER}\""), "true"));
    assert_eq!(outcomes(&entries(&daemon).await)[0].1, Outcome::ExitCode(0));
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let pid = i32::try_from(daemon.pid()).ok().and_then(Pid::from_raw);
    prlimit(pid, Resource::Nproc, none).expect("root may");
    let words = ["no more processes allowed", "ulimit -u", "os error 11"];
    fails(&daemon, &words).await;
    other.kill().expect("it is there");
    other.wait().expect("it is ours");
}

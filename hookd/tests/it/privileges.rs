//! User and resource limits of hooks, through the real daemon.
#![cfg(target_os = "linux")]

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;
use hookd_test_support::*;

use v1::Condition::SnapshotEnd;
use v1::OutputStream::Stdout;

fn one(more: &str, script: &str) -> String {
    config(&hook("h", "SNAPSHOT_END", more, script))
}

async fn entries(daemon: &TestDaemon) -> Vec<v1::JournalEntry> {
    run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await
}

fn text(entries: &[v1::JournalEntry]) -> String {
    String::from_utf8(output(entries, 0, Stdout)).expect("text")
}

fn finished(entries: &[v1::JournalEntry]) -> v1::HookFinished {
    let finished = entries.iter().find_map(|entry| match &entry.entry {
        Some(Entry::HookFinished(finished)) => Some(finished.clone()),
        _ => None,
    });
    finished.expect("it ended")
}

#[tokio::test]
async fn a_hook_runs_as_its_user_in_its_folder() {
    if !rustix::process::geteuid().is_root() {
        skip("users: only root can start a hook as another user");
        return;
    }
    let script = "id -un; id -Gn; echo $HOME $USER; pwd; cat \"$HOOK_EVENT_FILE\" | cut -c1";
    let keys = "user: nobody\nworkingDirectory: /tmp";
    for via in ["FILE", "STDIN"] {
        let via = format!("    scriptVia: {via}\n    command:");
        let hook = hook("h", "SNAPSHOT_END", keys, script);
        let daemon = TestDaemon::with(&config(&hook.replace("    command:", &via)));
        let expected = "nobody\nnogroup\n/nonexistent nobody\n/tmp\n{\n";
        assert_eq!(text(&entries(&daemon).await), expected);
    }
    // The hook's own group comes first, then the groups of the user.
    let daemon = TestDaemon::with(&one("user: daemon\ngroup: nogroup", "id -gn; id -Gn"));
    let shown = text(&entries(&daemon).await);
    assert!(shown.starts_with("nogroup\nnogroup"), "{shown}");
}

#[tokio::test]
async fn priorities_and_masks_are_as_asked_for() {
    let keys = "umask: \"027\"\nnice: 7\nioNice: best-effort:6\nnoNewPrivileges: true";
    let script = "umask; nice; ionice; grep NoNewPrivs /proc/self/status | cut -f2";
    let daemon = TestDaemon::with(&one(keys, script));
    let shown = text(&entries(&daemon).await);
    assert_eq!(shown, "0027\n7\nbest-effort: prio 6\n1\n");
}

/// Starts a daemon whose hook has a limit that needs a cgroup. `None` where there is no cgroup; the
/// config must then be refused because of the limit.
async fn limited(setting: &str, value: &str, script: &str) -> Option<TestDaemon> {
    let daemon = TestDaemon::with(&one("", "true"));
    let yaml = one(&format!("{setting}: {value}"), script);
    std::fs::write(&daemon.config, yaml).expect("written");
    let reload = v1::ReloadConfigRequest {};
    let reloaded = daemon.admin().await.reload_config(reload).await;
    let reloaded = reloaded.expect("it answers").into_inner();
    if reloaded.applied {
        return Some(daemon);
    }
    let refused = format!("{:?}", reloaded.diagnostics);
    for word in [setting, "needs a cgroup with the controller"] {
        assert!(refused.contains(word), "{refused}");
    }
    skip(&format!(
        "{setting}: no cgroup here can have such a limit, and it was refused"
    ));
    None
}

#[tokio::test]
async fn a_fork_over_the_limit_is_refused_and_the_journal_says_so() {
    let Some(daemon) = limited("pidsMax", "1", "echo first; /bin/echo second").await else {
        return;
    };
    let entries = entries(&daemon).await;
    let end = finished(&entries);
    let outcome = end.outcome.and_then(|outcome| outcome.outcome);
    assert!(
        matches!(outcome, Some(Outcome::ExitCode(code)) if code != 0),
        "{outcome:?}"
    );
    assert_eq!(text(&entries), "first\n");
    let notes = end.notes.concat();
    for word in ["`pidsMax` was reached", "EAGAIN", "raise it"] {
        assert!(notes.contains(word), "{notes}");
    }
    assert_eq!(end.containment, v1::Containment::Cgroup as i32);
}

#[tokio::test]
async fn memory_over_the_limit_is_not_had_and_the_journal_says_so() {
    let script =
        "#!/usr/bin/perl\n$|=1; print 'a'; my $n = 200 << 20; my $x = 'x' x $n; print 'b'\n";
    let Some(daemon) = limited("memoryMax", "32MiB", script).await else {
        return;
    };
    let entries = entries(&daemon).await;
    let end = finished(&entries);
    let killed = Outcome::Signal("SIGKILL".to_owned());
    assert_eq!(outcomes(&entries)[0].1, killed);
    assert_eq!(text(&entries), "a");
    let notes = end.notes.concat();
    for word in ["`memoryMax` was reached", "a process killed", "raise it"] {
        assert!(notes.contains(word), "{notes}");
    }
}

#[tokio::test]
async fn a_limit_that_is_not_reached_is_not_spoken_of() {
    for (setting, value) in [("pidsMax", "50"), ("memoryMax", "1GiB"), ("cpuMax", "50")] {
        let Some(daemon) = limited(setting, value, "/bin/echo fine").await else {
            continue;
        };
        let entries = entries(&daemon).await;
        assert_eq!(text(&entries), "fine\n", "{setting}");
        assert_eq!(finished(&entries).notes, [""; 0], "{setting}");
    }
}

#[tokio::test]
async fn processor_time_over_the_limit_is_waited_for() {
    let script = "#!/usr/bin/perl
my @t; do { $x++ for 1..10000; @t = times } while $t[0] + $t[1] < 0.2;
open my $own, '/proc/self/cgroup'; my ($cpu) = grep { /:cpu:|:cpu,|^0::/ } <$own>;
print $cpu =~ /hookd/ ? 'limited' : $cpu;
";
    let Some(daemon) = limited("cpuMax", "25", script).await else {
        return;
    };
    let shown = text(&entries(&daemon).await);
    assert_eq!(shown, "limited");
}

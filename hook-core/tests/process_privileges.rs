//! As whom a script runs, and how much it may use. Much of it needs root.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::allow_attributes,
    reason = "what fails here fails a test"
)]

mod support;

use std::os::unix::fs::MetadataExt;

use hook_core::hook::ScriptVia;
use hook_core::process::{
    End, Ending, Impossible, IoNice, Method, Privileges, StartError, Step, Stop,
};
use hook_core::run::journal::CancelCause;
use support::Hook;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn with(mut hook: Hook, change: impl FnOnce(&mut Privileges)) -> Hook {
    change(&mut hook.spec.privileges);
    hook
}

#[tokio::test]
async fn it_runs_as_its_user() {
    if !is_root() {
        return;
    }
    for via in [ScriptVia::File, ScriptVia::Stdin] {
        let script =
            "id -un; id -gn; id -Gn; echo $HOME $USER $LOGNAME $SHELL; cat $HOOK_EVENT_FILE";
        let mut hook = with(Hook::via(script, via), |p| {
            p.user = Some("nobody".to_owned())
        });
        hook.spec
            .files
            .insert("HOOK_EVENT_FILE".to_owned(), b"{}\n".to_vec());
        let report = hook.run().await;
        assert_eq!(report.stderr(), "");
        let nobody = "nobody\nnogroup\nnogroup\n/nonexistent nobody nobody /usr/sbin/nologin\n{}\n";
        assert_eq!(report.stdout(), nobody);
    }
}

#[tokio::test]
async fn other_interpreters_read_a_users_script() {
    if !is_root() {
        return;
    }
    for (line, script) in [
        ("bash", "id -u"),
        ("perl", "print \"$>\\n\""),
        ("node", "console.log(process.getuid())"),
    ] {
        let hook = Hook::new(&format!("#!{line}\n{script}\n"));
        let report = with(hook, |p| p.user = Some("nobody".to_owned()))
            .run()
            .await;
        assert_eq!(report.stdout(), "65534\n", "{line} {}", report.stderr());
    }
}

#[tokio::test]
async fn a_users_files_are_private_and_go() {
    if !is_root() {
        return;
    }
    let hook = Hook::new("echo $0; echo $HOOK_EVENT_FILE; echo ready; sleep 60");
    let mut hook = with(hook, |p| p.user = Some("nobody".to_owned()));
    hook.spec
        .files
        .insert("HOOK_EVENT_FILE".to_owned(), vec![b'x'; 10]);
    let mut live = hook.start().await;
    let out = live.until("ready").await;
    let paths: Vec<std::path::PathBuf> = out.lines().take(2).map(Into::into).collect();
    for path in &paths {
        let file = std::fs::metadata(path).unwrap();
        assert_eq!((file.uid(), file.mode() & 0o777), (65534, 0o600));
        let folder = std::fs::metadata(path.parent().unwrap()).unwrap();
        assert_eq!((folder.uid(), folder.mode() & 0o777), (65534, 0o700));
    }
    live.stop
        .send(Some(Stop::Cancel(CancelCause::Requested)))
        .unwrap();
    assert_eq!(live.report().await.ended.ending, Some(Ending::Term));
    for path in &paths {
        assert!(!path.parent().unwrap().exists());
    }
}

#[tokio::test]
async fn files_are_handed_over_without_a_user_too() {
    let mut hook = Hook::new("cat $HOOK_EVENT_FILE");
    hook.spec
        .files
        .insert("HOOK_EVENT_FILE".to_owned(), vec![b'x'; 1 << 20]);
    assert_eq!(hook.run().await.ended.output_bytes, 1 << 20);
}

#[tokio::test]
async fn numbers_and_groups() {
    if !is_root() {
        return;
    }
    let check = async |user: Option<&str>, group: Option<&str>, expect: &str| {
        let hook = Hook::new("echo $(id -u) $(id -g) $(id -G)");
        let hook = with(hook, |p| {
            p.user = user.map(str::to_owned);
            p.group = group.map(str::to_owned);
        });
        assert_eq!(
            hook.run().await.stdout(),
            format!("{expect}\n"),
            "{user:?} {group:?}"
        );
    };
    check(Some("65534"), None, "65534 65534 65534").await;
    check(Some("54321"), None, "54321 54321 54321").await;
    check(Some("nobody"), Some("daemon"), "65534 1 1 65534").await;
    check(Some("nobody"), Some("77"), "65534 77 77 65534").await;
}

#[tokio::test]
async fn an_unknown_user_is_an_error_of_its_own() {
    for (user, group) in [(Some("no-such-user"), None), (None, Some("no-such-group"))] {
        let hook = with(Hook::new("true"), |p| {
            p.user = user.map(str::to_owned);
            p.group = group.map(str::to_owned);
        });
        let error = hook.try_start().await.expect_err("it should not start");
        let StartError::Impossible { source } = &error else {
            panic!("{error:?}");
        };
        assert!(matches!(
            source,
            Impossible::UnknownUser { .. } | Impossible::UnknownGroup { .. }
        ));
        assert!(
            error.with_cause().contains("no-such-"),
            "{}",
            error.with_cause()
        );
    }
}

#[tokio::test]
async fn a_folder_that_the_user_cannot_enter() {
    if !is_root() {
        return;
    }
    let hook = Hook::new("true");
    let mut hook = with(hook, |p| p.user = Some("nobody".to_owned()));
    let secret = hook.folder.path().join("secret");
    std::fs::create_dir(&secret).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&secret, private).unwrap();
    hook.spec.working_directory = secret;
    let error = hook.try_start().await.expect_err("it should not start");
    assert!(
        matches!(
            error,
            StartError::SetUp {
                step: Step::WorkingDirectory,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn its_priorities_and_its_mask() {
    let hook = Hook::new("umask; nice; ionice; grep NoNewPrivs /proc/self/status | cut -f2");
    let hook = with(hook, |p| {
        p.umask = Some(0o027);
        p.nice = Some(7);
        p.io_nice = Some(IoNice::BestEffort(6));
        p.no_new_privileges = true;
    });
    assert_eq!(hook.spec.privileges.ensure_possible(), Ok(()));
    let report = hook.run().await;
    assert_eq!(
        report.stdout(),
        "0027\n7\nbest-effort: prio 6\n1\n",
        "{}",
        report.stderr()
    );
    let hook = with(Hook::new("ionice"), |p| p.io_nice = Some(IoNice::Idle));
    assert_eq!(hook.run().await.stdout(), "idle\n");
}

#[tokio::test]
async fn limits_are_refused_without_a_cgroup() {
    let hook = with(Hook::new("true"), |p| p.pids_max = Some(10)).cgroups(false);
    let error = hook.try_start().await.expect_err("it should not start");
    assert!(matches!(
        error,
        StartError::Impossible {
            source: Impossible::NoController {
                setting: "pidsMax",
                ..
            }
        }
    ));
}

/// A hook with limits, or `None` where they are refused, which is as good.
fn limited(script: &str, change: impl FnOnce(&mut Privileges)) -> Option<Hook> {
    let hook = with(Hook::new(script), change);
    match hook.spec.privileges.ensure_possible() {
        Ok(()) => Some(hook),
        Err(refused) => {
            assert!(
                refused
                    .iter()
                    .all(|r| matches!(r, Impossible::NoController { .. })),
                "{refused:?}"
            );
            None
        }
    }
}

#[tokio::test]
async fn a_fork_over_the_limit_is_refused() {
    let script = "#!bash\nfor i in 1 2 3 4 5 6 7 8 9; do sleep 0.2 & done; wait; echo end";
    if let Some(hook) = limited(script, |p| p.pids_max = Some(4)) {
        let report = hook.run().await;
        assert!(report.stderr().contains("fork"), "{}", report.stderr());
        assert_eq!(report.ended.method, Method::Cgroup);
    }
}

#[tokio::test]
async fn memory_over_the_limit_is_not_had() {
    let script = "#!perl\n$|=1; print 'a'; my $n = 200 << 20; my $x = 'x' x $n; print 'b'\n";
    if let Some(hook) = limited(script, |p| p.memory_max = Some(32 << 20)) {
        let report = hook.run().await;
        assert_eq!(report.ended.end, End::Signaled("SIGKILL".to_owned()));
        assert_eq!(report.stdout(), "a");
    }
}

#[tokio::test]
async fn processor_time_over_the_limit_is_waited_for() {
    // Half a second of work at a quarter of a processor.
    let script = "#!perl\nmy @t; do { $x++ for 1..10000; @t = times } while $t[0] + $t[1] < 0.2;\n";
    if let Some(hook) = limited(script, |p| p.cpu_max = Some(25)) {
        let report = hook.run().await;
        assert_eq!(report.ended.end, End::Exited(0));
        assert!(
            report.ended.elapsed.as_millis() > 500,
            "{:?}",
            report.ended.elapsed
        );
    }
}

#[tokio::test]
async fn a_users_processes_are_ended_like_others() {
    if !is_root() {
        return;
    }
    for cgroups in [true, false] {
        // A process whose parent is gone, in a session of its own, without the mark.
        let script = "perl -MPOSIX -e 'fork && exit; POSIX::setsid; $| = 1; print qq($$\\n); \
                      exec qw(env -i sleep 60)'; sleep 0.1; echo ready; sleep 60";
        let hook = Hook::new(script).cgroups(cgroups);
        let mut live = with(hook, |p| p.user = Some("nobody".to_owned()))
            .start()
            .await;
        let out = live.until("ready").await;
        let pid: u32 = out.lines().next().unwrap().parse().unwrap();
        live.stop.send(Some(Stop::RunTimeLimit)).unwrap();
        let report = live.report().await;
        assert_eq!(report.ended.end, End::Stopped(Stop::RunTimeLimit));
        assert!(
            !support::lives(pid),
            "{cgroups}: it hid in a session of its own without a mark"
        );
    }
}

//! Privileges and limits of a script. Many of them need root.

use std::os::unix::fs::MetadataExt;

use crate::support::{self, TestScript};
use process_supervisor::HandOver;
use process_supervisor::{
    Containment, EndReason, IoNice, PrivilegeError, Privileges, SetupStep, SpawnError, Termination,
};

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn with(mut test: TestScript, change: impl FnOnce(&mut Privileges)) -> TestScript {
    change(&mut test.spec.privileges);
    test
}

#[tokio::test]
async fn it_runs_as_its_user() {
    if !is_root() {
        return;
    }
    for via in [Some(HandOver::File), Some(HandOver::Stdin)] {
        let script = "id -un; id -gn; id -Gn; echo $HOME $USER $LOGNAME $SHELL; cat $EVENT_FILE";
        let mut test = with(TestScript::via(script, via), |p| {
            p.user = Some("nobody".to_owned())
        });
        test.spec
            .files
            .insert("EVENT_FILE".to_owned(), b"{}\n".to_vec());
        let report = test.run().await;
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
        let test = TestScript::new(&format!("#!{line}\n{script}\n"));
        let report = with(test, |p| p.user = Some("nobody".to_owned()))
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
    let test = TestScript::new("echo $0; echo $EVENT_FILE; echo ready; sleep 60");
    let mut test = with(test, |p| p.user = Some("nobody".to_owned()));
    test.spec
        .files
        .insert("EVENT_FILE".to_owned(), vec![b'x'; 10]);
    let mut live = test.start().await;
    let out = live.until("ready").await;
    let paths: Vec<std::path::PathBuf> = out.lines().take(2).map(Into::into).collect();
    for path in &paths {
        let file = std::fs::metadata(path).unwrap();
        assert_eq!((file.uid(), file.mode() & 0o777), (65534, 0o600));
        let folder = std::fs::metadata(path.parent().unwrap()).unwrap();
        // Passed through by the user's group, and changed by nobody but root.
        let owner = (folder.uid(), folder.gid(), folder.mode() & 0o777);
        assert_eq!(owner, (0, 65534, 0o710));
    }
    live.stop.send(Some("requested")).unwrap();
    assert_eq!(
        live.report().await.ended.termination,
        Some(Termination::Term)
    );
    for path in &paths {
        assert!(!path.parent().unwrap().exists());
    }
}

#[tokio::test]
async fn files_are_handed_over_without_a_user_too() {
    let mut test = TestScript::new("cat $EVENT_FILE");
    test.spec
        .files
        .insert("EVENT_FILE".to_owned(), vec![b'x'; 1 << 20]);
    assert_eq!(test.run().await.ended.output_bytes, 1 << 20);
}

#[tokio::test]
async fn numbers_and_groups() {
    if !is_root() {
        return;
    }
    let check = async |user: Option<&str>, group: Option<&str>, expect: &str| {
        let test = TestScript::new("echo $(id -u) $(id -g) $(id -G)");
        let test = with(test, |p| {
            p.user = user.map(str::to_owned);
            p.group = group.map(str::to_owned);
        });
        assert_eq!(
            test.run().await.stdout(),
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
        let test = with(TestScript::new("true"), |p| {
            p.user = user.map(str::to_owned);
            p.group = group.map(str::to_owned);
        });
        let error = test.try_start().await.expect_err("it should not start");
        let SpawnError::Privilege { source } = &error else {
            panic!("{error:?}");
        };
        assert!(matches!(
            source,
            PrivilegeError::UnknownUser { .. } | PrivilegeError::UnknownGroup { .. }
        ));
        assert!(source.to_string().contains("no-such-"), "{source}");
    }
}

#[tokio::test]
async fn a_folder_that_the_user_cannot_enter() {
    if !is_root() {
        return;
    }
    let test = TestScript::new("true");
    let mut test = with(test, |p| p.user = Some("nobody".to_owned()));
    let secret = test.folder.path().join("secret");
    std::fs::create_dir(&secret).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&secret, private).unwrap();
    test.spec.working_directory = secret;
    let error = test.try_start().await.expect_err("it should not start");
    assert!(
        matches!(
            error,
            SpawnError::SetUp {
                step: SetupStep::WorkingDirectory,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn its_priorities_and_its_mask() {
    let test = TestScript::new("umask; nice; ionice; grep NoNewPrivs /proc/self/status | cut -f2");
    let test = with(test, |p| {
        p.umask = Some(0o027);
        p.nice = Some(7);
        p.io_nice = Some(IoNice::BestEffort(6));
        p.no_new_privileges = true;
    });
    assert_eq!(test.spec.privileges.ensure_possible(), Ok(()));
    let report = test.run().await;
    assert_eq!(
        report.stdout(),
        "0027\n7\nbest-effort: prio 6\n1\n",
        "{}",
        report.stderr()
    );
    let test = with(TestScript::new("ionice"), |p| {
        p.io_nice = Some(IoNice::Idle)
    });
    assert_eq!(test.run().await.stdout(), "idle\n");
}

#[tokio::test]
async fn limits_are_refused_without_a_cgroup() {
    let test = with(TestScript::new("true"), |p| p.pids_max = Some(10)).cgroups(false);
    let error = test.try_start().await.expect_err("it should not start");
    assert!(matches!(
        error,
        SpawnError::Privilege {
            source: PrivilegeError::NoController {
                setting: "pidsMax",
                ..
            }
        }
    ));
}

/// Returns a script with limits; `None` if they are refused, which is correct, too.
fn limited(script: &str, change: impl FnOnce(&mut Privileges)) -> Option<TestScript> {
    let test = with(TestScript::new(script), change);
    match test.spec.privileges.ensure_possible() {
        Ok(()) => Some(test),
        Err(refused) => {
            assert!(
                refused
                    .iter()
                    .all(|r| matches!(r, PrivilegeError::NoController { .. })),
                "{refused:?}"
            );
            None
        }
    }
}

#[tokio::test]
async fn a_fork_over_the_limit_is_refused() {
    let script = "#!bash\nfor i in 1 2 3 4 5 6 7 8 9; do sleep 0.2 & done; wait; echo end";
    if let Some(test) = limited(script, |p| p.pids_max = Some(4)) {
        let report = test.run().await;
        assert!(report.stderr().contains("fork"), "{}", report.stderr());
        assert_eq!(report.ended.containment, Containment::Cgroup);
    }
}

#[tokio::test]
async fn memory_over_the_limit_is_not_had() {
    let script = "#!perl\n$|=1; print 'a'; my $n = 200 << 20; my $x = 'x' x $n; print 'b'\n";
    if let Some(test) = limited(script, |p| p.memory_max = Some(32 << 20)) {
        let report = test.run().await;
        assert_eq!(
            report.ended.reason,
            EndReason::Signaled("SIGKILL".to_owned())
        );
        assert_eq!(report.stdout(), "a");
    }
}

#[tokio::test]
async fn processor_time_over_the_limit_is_waited_for() {
    // Half a second of work at a quarter of a processor.
    let script = "#!perl\nmy @t; do { $x++ for 1..10000; @t = times } while $t[0] + $t[1] < 0.2;\n";
    if let Some(test) = limited(script, |p| p.cpu_max = Some(25)) {
        let report = test.run().await;
        assert_eq!(report.ended.reason, EndReason::Exited(0));
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
        let test = TestScript::new(script).cgroups(cgroups);
        let mut live = with(test, |p| p.user = Some("nobody".to_owned()))
            .start()
            .await;
        let out = live.until("ready").await;
        let pid: u32 = out.lines().next().unwrap().parse().unwrap();
        live.stop.send(Some("time limit")).unwrap();
        let report = live.report().await;
        assert_eq!(report.ended.reason, EndReason::Stopped("time limit"));
        assert!(
            !support::lives(pid),
            "{cgroups}: it hid in a session of its own without a mark"
        );
    }
}

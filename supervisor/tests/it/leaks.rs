//! Processes that outlive their script.

use std::time::{Duration, Instant};

use process_supervisor::EndReason;
use process_supervisor::bounds::DRAIN;

use crate::support::{TestScript, gone, lives, pid_in, put_away};

const SHORT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_background_process_does_not_hold_the_script() {
    for cgroups in [true, false] {
        let report = TestScript::new("echo a; MISBEHAVE daemon FOLDER/pid")
            .cgroups(cgroups)
            .run()
            .await;
        assert_eq!(report.ended.reason, EndReason::Exited(0));
        assert!(report.ended.leaked);
        assert!(report.ended.elapsed < DRAIN);
        assert_eq!(report.ended.termination, None);
        let pid = pid_in(report.folder.path().join("pid")).await;
        assert!(lives(pid), "it is left alone");
        put_away(pid);
    }
}

#[tokio::test]
async fn a_quiet_daemon_is_no_leak_and_no_wait() {
    let since = Instant::now();
    let report = TestScript::new("MISBEHAVE daemon FOLDER/pid quiet")
        .run()
        .await;
    assert!(!report.ended.leaked);
    assert!(since.elapsed() < DRAIN);
    let pid = pid_in(report.folder.path().join("pid")).await;
    assert!(lives(pid), "it is left alone");
    put_away(pid);
}

#[tokio::test]
async fn a_leak_that_floods_does_not_hold_the_script() {
    let since = Instant::now();
    let report = TestScript::new(
        "(while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done) & echo $! > FOLDER/pid",
    )
    .run()
    .await;
    assert!(report.ended.leaked);
    assert!(since.elapsed() < DRAIN * 3);
    // Its pipe has no reader any more, so it gets SIGPIPE.
    gone(pid_in(report.folder.path().join("pid")).await).await;
}

#[tokio::test]
async fn a_leak_is_ended_if_so_configured() {
    for (cgroups, how) in [(true, ""), (false, "deaf")] {
        let test = TestScript::new(&format!("MISBEHAVE daemon FOLDER/pid {how}"))
            .cgroups(cgroups)
            .limits(|limits| {
                limits.kill_leaked = true;
                limits.grace = SHORT;
            });
        let report = test.run().await;
        assert_eq!(report.ended.reason, EndReason::Exited(0));
        assert!(report.ended.leaked);
        let pid = pid_in(report.folder.path().join("pid")).await;
        assert!(!lives(pid), "{how}");
        assert!(report.ended.termination.is_some());
    }
}

//! Scripts that do not end by themselves.

use std::time::Duration;

use crate::support::{self, Held, TestScript, gone, lives, pid_in, put_away};
use process_supervisor::bounds::DRAIN;
use process_supervisor::{Containment, EndReason, Termination};

const SHORT: Duration = Duration::from_millis(150);
/// With a cgroup, which this machine may not permit, and without.
const CGROUPS: [bool; 2] = [true, false];
const REQUESTED: &str = "requested";

#[tokio::test]
async fn a_time_limit_ends_it_with_its_output_so_far() {
    for cgroups in CGROUPS {
        let test = TestScript::new("echo before; sleep 60; echo after")
            .cgroups(cgroups)
            .limits(|limits| limits.timeout = SHORT);
        let report = test.run().await;
        assert_eq!(report.ended.reason, EndReason::TimedOut);
        assert_eq!(report.ended.termination, Some(Termination::Term));
        assert_eq!(report.stdout(), "before\n");
        assert!(report.ended.elapsed >= SHORT && report.ended.elapsed < DRAIN);
    }
}

#[tokio::test]
async fn each_stop_is_told_apart() {
    for stop in [REQUESTED, "disconnected", "shutdown", "time limit"] {
        let mut live = TestScript::new("echo ready; sleep 60").start().await;
        live.until("ready").await;
        live.stop.send(Some(stop)).unwrap();
        let report = live.report().await;
        assert_eq!(report.ended.reason, EndReason::Stopped(stop));
        assert_eq!(report.ended.termination, Some(Termination::Term));
    }
}

#[tokio::test]
async fn a_script_can_clean_up_within_the_grace() {
    let mut live = TestScript::new(
        "trap 'echo cleaned; exit 0' TERM\necho ready\nwhile :; do sleep 0.01; done",
    )
    .start()
    .await;
    live.until("ready").await;
    live.stop.send(Some(REQUESTED)).unwrap();
    let report = live.report().await;
    assert_eq!(
        report.ended.reason,
        EndReason::Stopped(REQUESTED),
        "the reason stays, whatever the exit code"
    );
    assert_eq!(report.stdout(), "ready\ncleaned\n");
}

#[tokio::test]
async fn what_ignores_term_is_killed() {
    for cgroups in CGROUPS {
        let mut live = TestScript::new("MISBEHAVE deaf; true")
            .cgroups(cgroups)
            .limits(|limits| limits.grace = SHORT)
            .start()
            .await;
        live.until("ready").await;
        live.stop.send(Some(REQUESTED)).unwrap();
        let report = live.report().await;
        assert_eq!(report.ended.reason, EndReason::Stopped(REQUESTED));
        assert_eq!(report.ended.termination, Some(Termination::Kill));
        assert!(!report.ended.leaked);
    }
}

#[tokio::test]
async fn a_child_that_ignores_term_has_the_grace_too() {
    for cgroups in CGROUPS {
        // The shell exits at once; its child gets the grace and is then killed.
        let test = TestScript::new("MISBEHAVE orphan FOLDER/pid; echo ready; sleep 60")
            .cgroups(cgroups)
            .limits(|limits| limits.grace = SHORT);
        let mut live = test.start().await;
        live.until("ready").await;
        let pid = pid_in(live.folder.path().join("pid")).await;
        live.stop.send(Some(REQUESTED)).unwrap();
        let report = live.report().await;
        assert_eq!(report.ended.termination, Some(Termination::Kill));
        assert!(!lives(pid));
    }
}

#[tokio::test]
async fn stopped_processes_are_ended_as_well() {
    for cgroups in CGROUPS {
        let mut live = TestScript::new("exec MISBEHAVE stop")
            .cgroups(cgroups)
            .start()
            .await;
        live.until("stopping").await;
        live.stop.send(Some(REQUESTED)).unwrap();
        assert_eq!(
            live.report().await.ended.termination,
            Some(Termination::Term)
        );

        let mut live = TestScript::new("exec MISBEHAVE stopped-child FOLDER/pid")
            .cgroups(cgroups)
            .start()
            .await;
        live.until("ready").await;
        let pid = pid_in(live.folder.path().join("pid")).await;
        live.stop.send(Some(REQUESTED)).unwrap();
        assert_eq!(
            live.report().await.ended.termination,
            Some(Termination::Term)
        );
        assert!(!lives(pid));
    }
}

#[tokio::test]
async fn a_daemon_of_a_stopped_script_is_ended() {
    for cgroups in CGROUPS {
        for how in ["", "quiet", "deaf", "deaf quiet"] {
            let test = TestScript::new(&format!(
                "MISBEHAVE daemon FOLDER/pid {how}; echo ready; sleep 60"
            ))
            .cgroups(cgroups);
            let mut live = test.limits(|limits| limits.grace = SHORT).start().await;
            live.until("ready").await;
            let pid = pid_in(live.folder.path().join("pid")).await;
            live.stop.send(Some(REQUESTED)).unwrap();
            let report = live.report().await;
            assert!(!lives(pid), "{how}");
            assert!(!report.ended.leaked);
            let expect = if how.contains("deaf") {
                Termination::Kill
            } else {
                Termination::Term
            };
            assert_eq!(report.ended.termination, Some(expect), "{how}");
        }
    }
}

#[tokio::test]
async fn what_dodges_is_caught() {
    for cgroups in CGROUPS {
        for how in ["", "unmarked"] {
            let script = format!("HOLD; MISBEHAVE dodge FOLDER {how}; echo ready; sleep 60");
            let (test, held) = Held::by(&script);
            let test = test.cgroups(cgroups).limits(|limits| limits.grace = SHORT);
            let mut live = test.start().await;
            live.until("ready").await;
            live.stop.send(Some(REQUESTED)).unwrap();
            let report = live.report().await;
            assert!(!report.ended.leaked);
            held.released().await;

            let (test, held) = Held::by(&script);
            let mut live = test.cgroups(cgroups).start().await;
            live.until("ready").await;
            live.task.abort();
            held.released().await;
        }
    }
}

#[tokio::test]
async fn what_is_just_being_started_is_ended_as_well() {
    for moment in 0..40 {
        for stopped in [true, false] {
            let script = "HOLD; MISBEHAVE daemon FOLDER/pid unmarked; sleep 60";
            let (test, held) = Held::by(script);
            let live = test.cgroups(false).start().await;
            tokio::time::sleep(Duration::from_micros(200) * moment).await;
            if stopped {
                live.stop.send(Some(REQUESTED)).unwrap();
                live.report().await;
            } else {
                live.task.abort();
                assert!(live.task.await.unwrap_err().is_cancelled());
            }
            held.released().await;
        }
    }
}

#[tokio::test]
async fn a_stop_after_the_exit_changes_nothing() {
    let mut live = TestScript::new("MISBEHAVE daemon FOLDER/pid; echo bye; exit 3")
        .start()
        .await;
    live.until("bye").await;
    gone(live.pid).await;
    // After the drain the receiver is gone.
    let _ = live.stop.send(Some(REQUESTED));
    let report = live.report().await;
    assert_eq!(report.ended.reason, EndReason::Exited(3));
    put_away(pid_in(report.folder.path().join("pid")).await);
}

#[tokio::test]
async fn a_stop_before_the_start_is_not_missed() {
    let live = TestScript::new("sleep 60").start().await;
    live.stop.send(Some(REQUESTED)).unwrap();
    assert_eq!(
        live.report().await.ended.reason,
        EndReason::Stopped(REQUESTED)
    );
}

#[tokio::test]
async fn a_stop_that_can_never_come_is_none() {
    let live = TestScript::new("sleep 0.05; exit 4").start().await;
    drop(live.stop);
    let ended = support::patiently(live.task).await.unwrap();
    assert_eq!(ended.reason, EndReason::Exited(4));
}

#[tokio::test]
async fn dropping_kills_everything() {
    for cgroups in CGROUPS {
        let test = TestScript::new("MISBEHAVE daemon FOLDER/pid deaf; echo ready; sleep 60")
            .cgroups(cgroups);
        let mut live = test.start().await;
        live.until("ready").await;
        let pid = pid_in(live.folder.path().join("pid")).await;
        live.task.abort();
        gone(pid).await;
        gone(live.pid).await;

        let (running, _folder) = TestScript::new("sleep 60")
            .cgroups(cgroups)
            .try_start()
            .await
            .unwrap();
        let pid = running.pid();
        drop(running);
        gone(pid).await;
    }
}

/// Returns whether this machine permits cgroups.
fn has_cgroups() -> bool {
    let report = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(TestScript::new("true").run())
    });
    report.join().unwrap().ended.containment == Containment::Cgroup
}

#[tokio::test]
async fn what_hides_its_mark_is_found() {
    for cgroups in CGROUPS {
        let script = "MISBEHAVE daemon FOLDER/pid unmarked deaf; echo ready; sleep 60";
        let test = TestScript::new(script).cgroups(cgroups);
        let mut live = test.limits(|limits| limits.grace = SHORT).start().await;
        live.until("ready").await;
        let pid = pid_in(live.folder.path().join("pid")).await;
        live.stop.send(Some(REQUESTED)).unwrap();
        let report = live.report().await;
        assert!(!lives(pid));
        assert_eq!(report.ended.termination, Some(Termination::Kill));
        if !cgroups {
            assert_eq!(report.ended.containment, Containment::Descent);
        }
    }
}

#[tokio::test]
async fn a_process_that_moves_to_another_cgroup_is_ended_and_it_is_said() {
    let script = "sh -c 'for root in $(awk \"\\$3 == \\\"cgroup2\\\" { print \\$2 }\" /proc/mounts); do \
                  echo $$ > $root/cgroup.procs; done; echo $$ > FOLDER/pid; exec setsid sleep 600' &\n\
                  echo ready; sleep 600";
    let mut live = TestScript::new(script).start().await;
    live.until("ready").await;
    let pid = pid_in(live.folder.path().join("pid")).await;
    live.stop.send(Some(REQUESTED)).unwrap();
    let report = live.report().await;
    assert!(!lives(pid));
    assert_eq!(report.ended.termination, Some(Termination::Term));
    assert_eq!(report.ended.containment, Containment::Descent);
}

#[tokio::test]
async fn no_cgroup_is_left_behind() {
    if !has_cgroups() {
        return;
    }
    let mut live =
        TestScript::new("cat /proc/self/cgroup; MISBEHAVE daemon FOLDER/pid; echo ready")
            .start()
            .await;
    live.until("ready").await;
    let report = live.report().await;
    let name = report
        .stdout()
        .lines()
        .find_map(|line| Some(line.strip_prefix("0::/")?.to_owned()))
        .unwrap();
    let name = name.rsplit('/').next().unwrap().to_owned();
    assert!(name.starts_with("app.test-"), "{name}");
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mount = mounts
        .lines()
        .find(|line| line.contains(" - cgroup2 "))
        .unwrap();
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap();
    let own = own
        .lines()
        .find_map(|line| Some(line.strip_prefix("0::")?.to_owned()))
        .unwrap();
    let parent = format!("{}{own}", mount.split(' ').nth(4).unwrap());
    let folder = std::path::Path::new(&parent).join(name);
    assert!(folder.exists(), "the leaked process is still in it");
    let pid = pid_in(report.folder.path().join("pid")).await;
    put_away(pid);
    gone(pid).await;
    // The cgroup is removed when further scripts start.
    while folder.exists() {
        TestScript::new("true").run().await;
    }
}

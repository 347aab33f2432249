//! What a daemon that was killed leaves behind.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::allow_attributes,
    reason = "what fails here fails a test"
)]

mod support;

use std::path::PathBuf;
use std::time::Duration;

use hook_core::process::{Ending, Running, left_over, remove_left_over_files};
use support::{Hook, lives, pid_in};

const SHORT: Duration = Duration::from_millis(150);

/// Starts a hook as a daemon of that instance, and forgets it as a killed daemon does.
async fn abandon(instance: &str, execution: &str, script: &str, cgroups: bool) -> (u32, Hook) {
    let mut hook = Hook::new(script).cgroups(cgroups);
    hook.spec.mark.instance = instance.to_owned();
    hook.spec.mark.execution = execution.to_owned();
    let spec = hook.spec.clone();
    let running: Running = hook_core::process::start(spec).await.unwrap();
    let pid = running.pid();
    std::mem::forget(running);
    (pid, hook)
}

fn files(hook: &Hook) -> usize {
    std::fs::read_dir(&hook.spec.script_dir).unwrap().count()
}

#[tokio::test]
async fn it_is_found_and_ended_by_execution() {
    for cgroups in [true, false] {
        let instance = format!("lost-{}-{cgroups}", std::process::id());
        let script = "MISBEHAVE daemon FOLDER/pid deaf; sleep 60";
        let (first, hook) = abandon(&instance, "run-1.0.1", script, cgroups).await;
        let daemon = pid_in(hook.folder.path().join("pid")).await;
        let (second, other) = abandon(&instance, "run-2.0.1", "sleep 60", cgroups).await;
        let (stranger, _third) =
            abandon(&format!("{instance}0"), "run-1.0.1", "sleep 60", cgroups).await;

        let mut found = left_over(&instance);
        let executions: Vec<&str> = found.iter().map(|l| l.execution()).collect();
        assert_eq!(executions, ["run-1.0.1", "run-2.0.1"]);
        let ending = support::patiently(found.remove(0).end(SHORT)).await;
        assert_eq!(ending, Ending::Kill);
        assert!(!lives(first) && !lives(daemon));
        drop(found);
        assert!(
            lives(second) && lives(stranger),
            "the others are left alone"
        );

        for left in left_over(&instance) {
            assert_eq!(left.execution(), "run-2.0.1");
            assert_eq!(support::patiently(left.end(SHORT)).await, Ending::Term);
        }
        assert!(!lives(second) && lives(stranger));
        assert!(left_over(&instance).is_empty());

        assert_eq!((files(&hook), files(&other)), (1, 1));
        remove_left_over_files(&instance, &hook.spec.script_dir);
        assert_eq!((files(&hook), files(&other)), (0, 1));
        for left in left_over(&format!("{instance}0")) {
            support::patiently(left.end(SHORT)).await;
        }
    }
}

#[tokio::test]
async fn files_of_users_are_found() {
    let instance = format!("lost-files-{}", std::process::id());
    let folder = std::env::temp_dir().join(format!("hookd.{instance}.abc"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("hook-1"), "secret").unwrap();
    let stranger = std::env::temp_dir().join(format!("hookd.{instance}0.abc"));
    std::fs::create_dir(&stranger).unwrap();
    remove_left_over_files(&instance, &PathBuf::from("/no/such/folder"));
    assert!(!folder.exists() && stranger.exists());
    std::fs::remove_dir(stranger).unwrap();
}

#[tokio::test]
async fn nothing_is_left_by_default() {
    assert!(left_over("no-such-instance").is_empty());
}

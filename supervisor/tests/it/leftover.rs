//! Leftovers of a process that was killed.

use std::path::PathBuf;
use std::time::Duration;

use crate::support::{self, TestScript, lives, owner, pid_in};
use process_supervisor::{RunningScript, Termination, find_leftovers, remove_leftover_files};

const SHORT: Duration = Duration::from_millis(150);

/// Starts a script of this instance, and forgets it, as if this process had been killed.
async fn abandon(
    instance: &str,
    execution: &str,
    script: &str,
    cgroups: bool,
) -> (u32, TestScript) {
    let mut test = TestScript::new(script).cgroups(cgroups);
    test.spec.mark.owner.instance = instance.to_owned();
    test.spec.mark.execution = execution.to_owned();
    let spec = test.spec.clone();
    let running: RunningScript = process_supervisor::start(spec).await.unwrap();
    let pid = running.pid();
    std::mem::forget(running);
    (pid, test)
}

fn files(test: &TestScript) -> usize {
    std::fs::read_dir(&test.spec.script_dir).unwrap().count()
}

#[tokio::test]
async fn it_is_found_and_ended_by_execution() {
    for cgroups in [true, false] {
        let instance = format!("lost-{}-{cgroups}", std::process::id());
        let script = "MISBEHAVE daemon FOLDER/pid deaf; sleep 60";
        let (first, test) = abandon(&instance, "run-1.0.1", script, cgroups).await;
        let daemon = pid_in(test.folder.path().join("pid")).await;
        let (second, other) = abandon(&instance, "run-2.0.1", "sleep 60", cgroups).await;
        let (stranger, _third) =
            abandon(&format!("{instance}0"), "run-1.0.1", "sleep 60", cgroups).await;

        let mut found = find_leftovers(&owner(&instance));
        let executions: Vec<&str> = found.iter().map(|l| l.execution()).collect();
        assert_eq!(executions, ["run-1.0.1", "run-2.0.1"]);
        let ending = support::patiently(found.remove(0).end(SHORT)).await;
        assert_eq!(ending, Termination::Kill);
        assert!(!lives(first) && !lives(daemon));
        drop(found);
        assert!(
            lives(second) && lives(stranger),
            "the others are left alone"
        );

        for left in find_leftovers(&owner(&instance)) {
            assert_eq!(left.execution(), "run-2.0.1");
            assert_eq!(support::patiently(left.end(SHORT)).await, Termination::Term);
        }
        assert!(!lives(second) && lives(stranger));
        assert!(find_leftovers(&owner(&instance)).is_empty());

        assert_eq!((files(&test), files(&other)), (1, 1));
        remove_leftover_files(&owner(&instance), &test.spec.script_dir);
        assert_eq!((files(&test), files(&other)), (0, 1));
        for left in find_leftovers(&owner(&format!("{instance}0"))) {
            support::patiently(left.end(SHORT)).await;
        }
    }
}

#[tokio::test]
async fn files_of_users_are_found() {
    let instance = format!("lost-files-{}", std::process::id());
    let folder = std::env::temp_dir().join(format!("app.{instance}.abc"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("test-1"), "secret").unwrap();
    let stranger = std::env::temp_dir().join(format!("app.{instance}0.abc"));
    std::fs::create_dir(&stranger).unwrap();
    remove_leftover_files(&owner(&instance), &PathBuf::from("/no/such/folder"));
    assert!(!folder.exists() && stranger.exists());
    std::fs::remove_dir(stranger).unwrap();
}

#[tokio::test]
async fn nothing_is_left_by_default() {
    assert!(find_leftovers(&owner("no-such-instance")).is_empty());
}

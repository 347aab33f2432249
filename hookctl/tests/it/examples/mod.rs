//! The documented command hooks, through the real hookctl and the real hookd, with success and
//! failure. The scripts are verbatim, except for paths that do not exist on test machines.

mod branches;
mod dialects;
mod stage;

use std::fs;

use self::stage::{HOSTILE, Stage, example, stdout};
use crate::hookctl::hookctl;
use hookd_test_support::{config, hook};

const PING: [&str; 7] = ["ping", "-q", "-c", "1", "-W", "1", "google.com"];

#[test]
fn internet_and_battery_let_the_backup_go_on_or_cancel_it() {
    let stage = Stage::shipped("hooks.yaml");
    for (ping, battery, code, says) in [
        (
            0,
            "100",
            0,
            ["Internet connection is up", "Battery level is above 20%"],
        ),
        (
            0,
            "81",
            0,
            ["Internet connection is up", "Battery level is above 20%"],
        ),
        (
            0,
            "80",
            20,
            ["Internet connection is up", "Battery level is below 20%"],
        ),
        (1, "100", 20, ["Internet connection is down", "skipped"]),
    ] {
        stage.exits("ping", ping);
        fs::write(stage.props().join("battery"), battery).expect("written");
        let output = stage.run(&["SNAPSHOT_START", "--plan", "home"]);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        for words in says {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(stage.calls(), [PING]);
    }
    // Without a battery, the test in the script fails, too.
    fs::remove_file(stage.props().join("battery")).expect("removed");
    stage.exits("ping", 0);
    let output = stage.run(&["SNAPSHOT_START", "--plan", "home"]);
    assert_eq!(output.status.code(), Some(20));
    assert!(
        stdout(&output).contains("No such file"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_missing_folder_cancels_the_backup() {
    let stage = Stage::shipped("hooks.yaml");
    let output = stage.run(&["SNAPSHOT_START", "--plan", "photos"]);
    assert_eq!(output.status.code(), Some(20));
    assert!(stdout(&output).contains("Backup directory does not exist"));
    fs::create_dir(stage.props().join("backup")).expect("made");
    let output = stage.run(&["SNAPSHOT_START", "--plan", "photos"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("Backup directory exists"));
}

#[test]
fn the_healthcheck_is_told_of_success_and_failure_and_its_own_failure_is_ignored() {
    let stage = Stage::shipped("hooks.yaml");
    let check = "https://hc-ping.com/your-uuid";
    let failed = format!("{check}/fail");
    let curl = |address: &str| {
        ["curl", "-fsS", "--retry", "3", address]
            .map(str::to_owned)
            .to_vec()
    };
    for (args, address) in [
        (&["SNAPSHOT_SUCCESS", "--plan", "home"][..], check),
        (&["SNAPSHOT_WARNING", "--plan", "home"], check),
        (&["SNAPSHOT_SKIPPED", "--plan", "home"], check),
        (
            &["SNAPSHOT_ERROR", "--plan", "home", "--error", "no space"],
            &failed,
        ),
    ] {
        for exit in [0, 22] {
            stage.exits("curl", exit);
            let output = stage.run(args);
            assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
            let calls = stage.calls().into_iter().filter(|call| call[0] == "curl");
            assert_eq!(calls.collect::<Vec<_>>(), [curl(address)], "{args:?}");
        }
    }
}

#[test]
fn the_notification_is_shown_as_written_for_the_conditions_it_names() {
    let stage = Stage::shipped("hooks.yaml");
    let note = |what: &str| {
        let script = format!("display notification \"nightly {what}\" with title \"Backrest\"");
        vec!["osascript".to_owned(), "-e".to_owned(), script]
    };
    for (args, what) in [
        (&["SNAPSHOT_SUCCESS", "--plan", "home"][..], "succeeded"),
        (
            &["SNAPSHOT_ERROR", "--plan", "home", "--error", "x"],
            "failed",
        ),
        (&["PRUNE_ERROR", "--repo", "nas", "--error", "x"], "failed"),
        (&["CHECK_ERROR", "--repo", "nas", "--error", "x"], "failed"),
    ] {
        let output = stage.run(&[args, &["--task", "nightly"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
        assert!(stage.calls().contains(&note(what)), "{args:?}");
    }
    stage.run(&["PRUNE_SUCCESS", "--repo", "nas", "--task", "nightly"]);
    assert!(stage.calls().is_empty());
    // As documented, the quoted task is within quotes of the script, which cancel each other out.
    stage.run(&[
        "PRUNE_ERROR",
        "--repo",
        "nas",
        "--error",
        "x",
        "--task",
        "my task",
    ]);
    let words = [
        "display notification \"my",
        "task failed\" with title \"Backrest\"",
    ];
    assert_eq!(stage.calls()[0][2..], words);
}

#[test]
fn no_task_changes_what_runs() {
    let script =
        "#!/bin/bash\ncd \"$HOOK_LABEL_DIR\"\ncurl {{ .ShellEscape .Task }} \"$HOOK_TASK\"";
    let hook = hook("safe", "SNAPSHOT_END", "", script);
    let stage = Stage::new(&config(&hook));
    let dir = format!("dir={}", stage.bin.display());
    for task in HOSTILE {
        let output = stage.run(&[
            "SNAPSHOT_SUCCESS",
            "--plan",
            "home",
            "--task",
            task,
            "--label",
            &dir,
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
        assert_eq!(stage.calls(), [["curl", task, task]], "{task:?}");
        assert!(!stage.bin.join("canary").exists(), "{task:?}");
    }
    let shipped = Stage::shipped("hooks.yaml");
    for task in HOSTILE {
        shipped.run(&["SNAPSHOT_SUCCESS", "--plan", "photos", "--task", task]);
        let curl = shipped.calls().into_iter().find(|call| call[0] == "curl");
        let expected = [
            "curl",
            "-fsS",
            "--retry",
            "3",
            "https://hc-ping.com/your-uuid",
        ];
        assert_eq!(
            curl.expect("the healthcheck is pinged"),
            expected,
            "{task:?}"
        );
    }
}

#[test]
fn check_accepts_the_shipped_config_and_warns_of_the_quotes_in_the_notification() {
    let output = hookctl(["check"])
        .arg(example("hooks.yaml"))
        .output()
        .expect("hookctl runs");
    let text = stdout(&output) + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("warning") && text.contains("notification"),
        "{text}"
    );
    assert!(text.contains("ShellEscape"), "{text}");
}

//! The documented hooks have the same effects in both template languages.

use std::fs;

use super::stage::{HOSTILE, Stage, stdout};

const FILES: [&str; 2] = ["hooks.yaml", "hooks-tera.yaml"];

/// Effects of an event.
#[derive(Debug, PartialEq)]
struct Told {
    exit: Option<i32>,
    calls: Vec<Vec<String>>,
    /// Output of the scripts.
    said: Vec<String>,
}

fn told(stage: &Stage, args: &[&str]) -> Told {
    let output = stage.run(args);
    let text = stdout(&output);
    let said = text.lines().filter(|line| line.contains(" | "));
    Told {
        exit: output.status.code(),
        calls: stage.calls(),
        said: said.map(str::to_owned).collect(),
    }
}

#[test]
fn both_files_do_the_same() {
    let stages = FILES.map(Stage::shipped);
    let check = |args: &[&str], calls: usize| {
        let [go, tera] = &stages.each_ref().map(|stage| told(stage, args));
        assert_eq!(go, tera, "{args:?}");
        assert_eq!(go.calls.len(), calls, "{args:?}: {go:?}");
    };
    let nightly = ["--task", "nightly"];
    for plan in ["home", "photos"] {
        let of = [&["--plan", plan][..], &nightly].concat();
        for event in ["SNAPSHOT_SUCCESS", "SNAPSHOT_WARNING", "SNAPSHOT_SKIPPED"] {
            check(&[&[event], &of[..]].concat(), 2);
        }
        check(&[&["SNAPSHOT_ERROR", "--error", "x"], &of[..]].concat(), 2);
    }
    for event in ["PRUNE_ERROR", "CHECK_ERROR"] {
        let error = [event, "--repo", "nas", "--error", "x"];
        check(&[&error[..], &nightly].concat(), 1);
    }
    for (ping, battery, folder) in [(0, "100", true), (0, "80", false), (1, "100", false)] {
        for stage in &stages {
            stage.exits("ping", ping);
            fs::write(stage.props().join("battery"), battery).expect("written");
            let backup = stage.props().join("backup");
            let _ = fs::remove_dir(&backup);
            if folder {
                fs::create_dir(backup).expect("made");
            }
        }
        check(&["SNAPSHOT_START", "--plan", "home"], 1);
        check(&["SNAPSHOT_START", "--plan", "photos"], 0);
    }
}

/// Tera quotes by default; in the Go config, the notification is known to be unsafe.
#[test]
fn in_tera_no_task_changes_what_runs() {
    let stage = Stage::shipped("hooks-tera.yaml");
    for task in HOSTILE {
        for (event, what) in [
            ("SNAPSHOT_SUCCESS", "succeeded"),
            ("SNAPSHOT_ERROR", "failed"),
        ] {
            let error = if what == "failed" { "x" } else { "" };
            let told = told(
                &stage,
                &[event, "--plan", "home", "--error", error, "--task", task],
            );
            let text = task.replace('\\', "\\\\").replace('"', "\\\"");
            let script = format!("display notification \"{text} {what}\" with title \"Backrest\"");
            assert_eq!(told.calls.len(), 2, "{told:?}");
            assert_eq!(told.calls[0][0], "curl");
            assert_eq!(told.calls[1], ["osascript", "-e", &script], "{task:?}");
        }
    }
}

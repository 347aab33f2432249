//! `hookctl render --all-branches` without a daemon.

use std::process::Output;

use super::stage::{example, stdout};
use crate::hookctl::hookctl;
use hookd_test_support::{config, hook};

fn branches(config: &std::path::Path, args: &[&str]) -> Output {
    hookctl(["--embedded", "--config"])
        .arg(config)
        .args(["render", "--all-branches"])
        .args(args)
        .output()
        .expect("hookctl runs")
}

#[test]
fn the_healthcheck_has_two_scripts_and_fails_exactly_with_an_error() {
    let config = example("hooks.yaml");
    let output = branches(&config, &["healthcheck", "-o", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let cases: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let cases = cases.as_array().expect("an array");
    // SNAPSHOT_END is fired by itself and by four other conditions, each in four cases,
    // of which a failure has the two with an error.
    assert_eq!(cases.len(), 18);
    let mut scripts = Vec::new();
    for case in cases {
        let rendered = &case["rendered"];
        assert_eq!(rendered["hook"], "healthcheck");
        assert!(rendered.get("failure").is_none(), "{case}");
        if !scripts.contains(&&rendered["script"]) {
            scripts.push(&rendered["script"]);
        }
        let is_first = rendered["script"] == cases[0]["rendered"]["script"];
        assert_eq!(is_first, case["error"] == false, "{case}");
    }
    assert_eq!(scripts.len(), 2);

    let output = branches(&config, &["healthcheck"]);
    let text = stdout(&output);
    let (success, failure) = text.split_once("with an error\n").expect("two groups");
    assert!(success.starts_with("healthcheck: 2 results in 18 cases\n"));
    assert!(success.contains(": without an error\n"), "{text}");
    assert!(success.contains("| curl -fsS --retry 3 https://hc-ping.com/your-uuid\n"));
    assert!(!success.contains("/fail"), "{text}");
    assert!(failure.contains("| curl -fsS --retry 3 https://hc-ping.com/your-uuid/fail\n"));
}

#[test]
fn without_a_hook_all_are_shown_or_those_of_a_plan() {
    let config = example("hooks.yaml");
    let names = |args: &[&str]| -> Vec<String> {
        let output = branches(&config, args);
        assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
        let heads = stdout(&output);
        let heads = heads
            .lines()
            .filter(|line| line.contains(" in ") && line.ends_with(" cases"));
        heads
            .map(|head| head.split(':').next().unwrap_or_default().to_owned())
            .collect()
    };
    let all = [
        "healthcheck",
        "notification",
        "internet",
        "battery",
        "directory",
    ];
    assert_eq!(names(&[]), all);
    let photos = ["healthcheck", "notification", "directory"];
    assert_eq!(names(&["--plan", "photos"]), photos);
}

#[test]
fn a_fault_in_a_rare_branch_is_found() {
    let script = "#!/bin/sh\n{{ if .Error }}{{ .SnapshotStats.FilesNew }}{{ end }}";
    let hook = hook("rare", "SNAPSHOT_END", "", script);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let config = config(&hook);
    std::io::Write::write_all(&mut file, config.as_bytes()).expect("written");
    let output = branches(file.path(), &["rare"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(65), "{text}");
    assert!(
        text.contains(": with an error but no statistics\nSNAPSHOT_ERROR: without statistics\n  faulty template, line 2, column 34: "),
        "{text}"
    );
}

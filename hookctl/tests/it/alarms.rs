//! Events that must not be lost, whatever their texts and files hold.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Stdio;

use hookd_test_support::{TestDaemon, config, hook};

use crate::hookctl::{Answer, hookctl};
use crate::hookd::{Ask as _, start};

const SCRIPT: &str = "printf '[%s] %s {{ if .SnapshotStats }}{{ .SnapshotStats.TotalFilesProcessed \
    }} files{{ else }}no stats{{ end }}' \"$HOOK_TRUNCATED\" \"${#HOOK_ERROR}\"";

fn daemon() -> TestDaemon {
    let hooks = ["SNAPSHOT_SUCCESS", "SNAPSHOT_ERROR"].map(|c| hook(c, c, "", SCRIPT));
    start(&config(&hooks.concat()), "memory")
}

#[test]
fn unusable_statistics_are_left_out_with_a_warning() {
    let daemon = daemon();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stats");
    let file = path.to_str().unwrap();
    let no_summary = "it has no summary of restic or borg";
    for (content, reason) in [
        (Some(""), "it is empty"),
        (Some("Files: 3 new\n"), no_summary),
        (Some("{\"message_type\":\"summary\",\"files_n"), no_summary),
        (
            Some("{\"message_type\":\"status\",\"percent_done\":1}\n"),
            no_summary,
        ),
        (None, "No such file or directory (os error 2)"),
    ] {
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let answer = daemon.ask(&["run", "snapshot-success", "--plan", "home", "--stats", file]);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert!(answer.out.contains("| [] 0 no stats"), "{answer:?}");
        let warning = format!("warning: the statistics in {file} are left out: {reason}\n");
        assert_eq!(answer.err, warning);
        assert!(answer.out.contains(&warning), "{answer:?}");
        let shown = daemon.ask(&["show", "last"]);
        assert!(shown.out.contains("are left out"), "{shown:?}");
        let listed = &daemon.json(&["runs", "-n", "1"])[0]["decision"]["warnings"][0];
        assert!(listed.as_str().unwrap().contains(reason), "{listed}");
    }
    fs::write(
        &path,
        r#"{"archive": {"id": "ab", "stats": {"nfiles": 7, "original_size": 9}}}"#,
    )
    .unwrap();
    let answer = daemon.ask(&["run", "snapshot-success", "--plan", "home", "--stats", file]);
    assert_eq!(answer.err, "");
    assert!(answer.out.contains("7 files"), "{answer:?}");
}

#[test]
fn an_error_comes_from_a_file_in_full() {
    let daemon = daemon();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let alarm = |file: &str| {
        daemon.ask(&[
            "run",
            "snapshot-error",
            "--plan",
            "home",
            "--error-file",
            file,
        ])
    };
    std::io::Write::write_all(&mut file, b"disk full\n\n").unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let answer = alarm(&path);
    assert!(answer.out.contains("| [] 9 no stats"), "{answer:?}");
    assert_eq!(answer.err, "");

    fs::write(&path, "x".repeat(3_000_000)).unwrap();
    let answer = alarm(&path);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains("| [HOOK_ERROR] 126"), "{answer:?}");
    assert!(answer.err.contains("has 3000000 bytes"), "{answer:?}");
    assert!(answer.out.contains("HOOK_ERROR has the first 126"));

    fs::write(&path, b"a\xff\0b").unwrap();
    let answer = alarm(&path);
    assert!(answer.err.contains("replaced by U+FFFD"), "{answer:?}");
    let error = &daemon.json(&["runs", "-n", "1"])[0]["event"]["error"];
    assert_eq!(error, "a\u{fffd}\u{fffd}b");

    let answer = alarm("/nonexistent/err");
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains("no stats"), "{answer:?}");
    let error = &daemon.json(&["runs", "-n", "1"])[0]["event"]["error"];
    let error = error.as_str().unwrap();
    assert!(error.starts_with("the error cannot be read from /nonexistent/err: No such"));
}

#[test]
fn a_failure_without_an_error_text_alarms() {
    let script = "[ -n \"$HOOK_ERROR\" ] && echo {{ if .Error }}alarm: {{ .Error }}{{ end }}";
    let hooks = hook("alarm", "SNAPSHOT_END", "", script);
    let daemon = start(&config(&hooks), "memory");
    let empty = tempfile::NamedTempFile::new().unwrap();
    let file = empty.path().to_str().unwrap();
    let text = "no error text was given";
    let warning =
        format!("warning: the event is a failure without an error text: its error is \"{text}\"\n");
    let given: [&[&str]; 4] = [
        &[],
        &["--error", ""],
        &["--error-file", file],
        &["--error-file", "/dev/null"],
    ];
    for given in given {
        let event = [&["snapshot-error", "--plan", "home"], given].concat();
        let answer = daemon.ask(&[&["run"], &*event].concat());
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert!(
            answer.out.contains(&format!("| alarm: {text}\n")),
            "{answer:?}"
        );
        assert!(answer.out.contains(&warning), "{answer:?}");
        let kept = &daemon.json(&["runs", "-n", "1"])[0]["event"]["error"];
        assert_eq!(kept, text);
        let answer = daemon.ask(&[&["render", "-c"], &*event].concat());
        assert!(
            answer.out.contains(&format!("alarm: {text}\n")),
            "{answer:?}"
        );
        assert_eq!(answer.err, warning);
    }
    let success = daemon.ask(&["run", "snapshot-success", "--plan", "home"]);
    assert!(!success.out.contains("alarm:"), "{success:?}");
    assert!(!success.out.contains("warning"), "{success:?}");
}

#[test]
fn an_error_comes_from_standard_input() {
    let daemon = daemon();
    let line = [
        "run",
        "snapshot-error",
        "--plan",
        "home",
        "--error-file",
        "-",
    ];
    let mut command = daemon.hookctl(&line);
    command.stdin(Stdio::from(fs::File::open("/etc/hostname").unwrap()));
    let answer = Answer::from(command.output().unwrap());
    let length = fs::read_to_string("/etc/hostname").unwrap().trim().len();
    assert!(
        answer.out.contains(&format!("| [] {length} ")),
        "{answer:?}"
    );
    let both = daemon.ask(&[&line[..], &["--stats", "-"]].concat());
    assert_eq!(both.code, Some(2), "{both:?}");
}

#[test]
fn bytes_that_are_no_text_are_replaced_with_a_warning() {
    let daemon = daemon();
    let mut command = daemon.hookctl(&["run", "snapshot-error", "--plan", "home"]);
    for argument in [
        &b"--task"[..],
        b"t\xff",
        b"--error",
        b"e\xe9",
        b"--label",
        b"n\xff=v\xff",
    ] {
        command.arg(OsStr::from_bytes(argument));
    }
    let answer = Answer::from(command.output().unwrap());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains("no stats"), "{answer:?}");
    for what in ["--task", "--error", "label `n\u{fffd}`"] {
        let warning = format!("warning: {what} is not UTF-8, or holds a NUL");
        assert!(answer.err.contains(&warning), "{answer:?}");
        assert!(answer.out.contains(&warning), "{answer:?}");
    }
    let event = &daemon.json(&["runs", "-n", "1"])[0]["event"];
    assert_eq!(
        (&event["task"], &event["error"]),
        (&"t\u{fffd}".into(), &"e\u{fffd}".into())
    );
}

#[test]
fn an_empty_id_is_refused() {
    for line in [
        ["run", "snapshot-start", "--plan", ""],
        ["run", "snapshot-start", "--repo", ""],
        ["render", "h", "--plan", ""],
        ["runs", "prune", "--plan", ""],
        ["runs", "list", "--plan", ""],
        ["hooks", "--repo", "", ""],
        ["stats", "h", "--plan", ""],
    ] {
        let answer = Answer::from(hookctl(line).output().unwrap());
        assert_eq!(answer.code, Some(2), "{line:?}: {answer:?}");
    }
    let answer = Answer::from(
        hookctl(["run", "snapshot-start", "--plan", ""])
            .output()
            .unwrap(),
    );
    assert!(
        answer.err.contains("set the variable that gives it"),
        "{answer:?}"
    );
}

#[test]
fn an_event_without_a_plan_names_the_hooks_that_it_misses() {
    let daemon = daemon();
    let answer = daemon.ask(&["run", "snapshot-error"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    let warning = "warning: the event names no plan, so that these hooks do not run: \
        `SNAPSHOT_ERROR` of plan `home`\nPROCEED\n";
    assert!(answer.out.ends_with(warning), "{answer:?}");
    let preview = daemon.ask(&["render", "-c", "snapshot-error", "--error", "e"]);
    let (warning, _) = warning.split_once("PROCEED").unwrap();
    assert_eq!((preview.code, &*preview.err), (Some(0), warning));
    let alone = daemon.ask(&["render", "SNAPSHOT_ERROR", "--error", "e"]);
    assert_eq!((alone.code, &*alone.err), (Some(0), ""));
}

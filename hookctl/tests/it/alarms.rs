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

#[test]
fn fields_of_statistics_that_no_event_can_hold_are_left_out() {
    let daemon = daemon();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stats");
    let file = path.to_str().unwrap();
    let deep = "[".repeat(110) + &"]".repeat(110);
    let objects = "{\"a\":".repeat(24) + "1" + &"}".repeat(24);
    let long = format!("\"{}\"", "x".repeat(1_200_000));
    let list = format!("[\"x\"{}]", ",\"x\"".repeat(999_999));
    for (name, value, fault) in [
        ("error", &*deep, "`error` is nested more than 24 deep"),
        ("error", &*objects, ""),
        ("message", &*long, "`message` has 1200005 bytes"),
        ("error", &*long, "`error` has "),
        ("current_files", &*list, "`current_files` has 4000000 bytes"),
        ("files_done", "1.5", "`files_done` is malformed"),
    ] {
        let summary =
            format!(r#"{{"message_type":"summary","total_files_processed":7,"{name}":{value}}}"#);
        fs::write(&path, summary).unwrap();
        let answer = daemon.ask(&["run", "snapshot-success", "--plan", "home", "--stats", file]);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert!(answer.out.contains("| [] 0 7 files"), "{answer:?}");
        match fault {
            "" => assert_eq!(answer.err, ""),
            _ => assert!(
                answer
                    .err
                    .contains(&format!("statistics in {file}, {fault}")),
                "{answer:?}"
            ),
        }
    }
}

#[test]
fn an_error_is_cut_to_the_room_that_the_event_has() {
    let daemon = daemon();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "x".repeat(3_000_000)).unwrap();
    let path = file.path().to_str().unwrap();
    let alarm = |labels: usize| {
        let task = "t".repeat(125_000);
        let mut line = vec!["run", "snapshot-error", "--plan", "home", "--task", &task];
        line.extend(["--error-file", path]);
        let labels: Vec<_> = (0..labels)
            .map(|n| format!("--label=n{n}={}", "l".repeat(120_000)))
            .collect();
        line.extend(labels.iter().map(String::as_str));
        let answer = daemon.ask(&line);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert!(answer.out.contains("no stats"), "{answer:?}");
        let warning = format!("the error in {path} has 3000000 bytes, of which the first ");
        assert!(answer.err.contains(&warning), "{answer:?}");
        answer.err
    };
    alarm(5);
    let error = &daemon.json(&["runs", "-n", "1"])[0]["event"]["error"];
    assert!(error.as_str().unwrap().len() > 200_000);
    assert!(alarm(12).contains("label `n0` has 120000 bytes, of which the first 32768"));
}

/// Runs hookctl with so little memory that it cannot read a large file in whole.
fn in_little_memory(daemon: &TestDaemon, line: &[&str]) -> Answer {
    let hookctl = daemon.hookctl(line);
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "ulimit -v 600000 && exec \"$@\"", "sh"])
        .arg(hookctl.get_program())
        .args(hookctl.get_args())
        .stdin(Stdio::null());
    for (name, value) in hookctl.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Answer::from(command.output().unwrap())
}

#[test]
fn large_files_are_read_in_little_memory() {
    let daemon = daemon();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let summary = "\n{\"message_type\":\"summary\",\"total_files_processed\":7}\n";
    file.as_file().set_len(2 << 30).unwrap();
    fs::OpenOptions::new()
        .append(true)
        .open(path)
        .and_then(|mut end| std::io::Write::write_all(&mut end, summary.as_bytes()))
        .unwrap();
    let line = ["run", "snapshot-error", "--plan", "home"];
    let files = ["--stats", path, "--error-file", path];
    let answer = in_little_memory(&daemon, &[&line[..], &files].concat());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains(" 7 files"), "{answer:?}");
    let error = &daemon.json(&["runs", "-n", "1"])[0]["event"]["error"];
    let error = error.as_str().unwrap();
    assert!(error.len() < 600_000 && error.ends_with("\"total_files_processed\":7}"));

    file.as_file().set_len(16 << 20).unwrap();
    let answer = in_little_memory(&daemon, &[&line[..], &files[..2]].concat());
    let warning = "it has no summary of restic or borg in its last 8 MiB\n";
    assert!(answer.err.ends_with(warning), "{answer:?}");
}

#[test]
fn a_file_without_an_end_is_read_up_to_a_bound() {
    let daemon = daemon();
    let line = ["run", "snapshot-error", "--plan", "home"];
    let files = ["--stats", "/dev/zero", "--error-file", "/dev/zero"];
    let answer = in_little_memory(&daemon, &[&line[..], &files].concat());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains(" no stats"), "{answer:?}");
    for warning in [
        "the statistics in /dev/zero are left out: it does not end within 1024 MiB",
        "the error in /dev/zero has at least 10",
    ] {
        assert!(answer.err.contains(warning), "{answer:?}");
    }
}

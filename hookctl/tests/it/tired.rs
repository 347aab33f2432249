//! The work of an admin at night: typing errors, a config that was not reloaded, hooks that fail.

use std::fs;
use std::time::Instant;

use hookd_test_support::{PATIENCE, Setup, TestDaemon, config, hook};

use crate::hookctl::Answer;
use crate::hookd::Ask as _;

#[test]
fn unknown_names_are_errors_and_names_of_the_past_are_none() {
    let daemon = TestDaemon::with(&config(&hook("old-battery", "SNAPSHOT_START", "", "true")));
    daemon.fire(&["snapshot-start", "--plan", "home"]);
    let renamed = config(&hook("battery", "SNAPSHOT_START", "", "true"))
        .replace("id: home", "id: house")
        .replace("nas", "store");
    fs::write(&daemon.config, renamed).unwrap();
    assert_eq!(daemon.ask(&["reload"]).code, Some(0));
    let named = |verb: &[&'static str]| [verb, &["-o", "json"]].concat();
    for (args, count) in [
        (&["runs", "--plan", "home"][..], 1),
        (&["runs", "--hook", "old-battery"], 1),
        (&["runs", "--repo", "nas"], 1),
        (&["runs", "--plan", "house"], 0),
        (&["runs", "--hook", "battery"], 0),
        (&["runs", "--repo", "store", "--plan", "home"], 0),
        (&["stats", "old-battery"], 1),
        (&["stats", "battery"], 0),
        (&["stats", "--plan", "home"], 1),
    ] {
        let answer = daemon.ask(&named(args));
        assert_eq!((answer.code, &*answer.err), (Some(0), ""), "{args:?}");
        assert_eq!(answer.json().as_array().unwrap().len(), count, "{args:?}");
    }
    for (args, said) in [
        (&["runs", "--plan", "hoem"][..], "did you mean `home`?"),
        (&["runs", "--plan", "hause"], "did you mean `house`?"),
        (&["runs", "--hook", "batery"], "did you mean `battery`?"),
        (
            &["runs", "--hook", "batery", "--failed"],
            "did you mean `battery`?",
        ),
        (
            &["runs", "export", "--plan", "hoem"],
            "did you mean `home`?",
        ),
        (&["stats", "old-batery"], "did you mean `old-battery`?"),
        (&["stats", "--plan", "hoem"], "did you mean `home`?"),
        (&["stats", "--repo", "storr"], "did you mean `store`?"),
        (&["hooks", "--plan", "hause"], "did you mean `house`?"),
        (&["render", "batery"], "did you mean `battery`?"),
        (
            &["run", "snapshot-start", "--plan", "hause"],
            "did you mean `house`?",
        ),
        (
            &["logs", "last", "--hook", "old-batery"],
            "did you mean `old-battery`?",
        ),
        (&["runs", "--plan", "zzzzzz"], "no plan `zzzzzz`"),
    ] {
        let answer = daemon.ask(args);
        assert_eq!(
            (answer.code, &*answer.out),
            (Some(65), ""),
            "{args:?}: {answer:?}"
        );
        assert!(answer.err.contains(said), "{args:?}: {answer:?}");
        assert!(answer.err.contains("\nhelp: "), "{args:?}: {answer:?}");
    }
}

#[test]
fn a_config_that_was_not_reloaded_is_said() {
    let first = config(&hook("battery", "SNAPSHOT_START", "", "true"));
    let daemon = TestDaemon::with(&first);
    let said = |args: &[&str]| {
        let answer = daemon.ask(args);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        answer.out + &answer.err
    };
    let state = || daemon.json(&["info"])["config"]["fileState"].clone();
    for verb in ["info", "hooks"] {
        assert!(!said(&[verb]).contains("changed"), "{verb}");
    }
    assert_eq!(state(), "CONFIG_FILE_STATE_LOADED");
    fs::write(&daemon.config, first.replace("battery", "accu")).unwrap();
    assert_eq!(state(), "CONFIG_FILE_STATE_CHANGED");
    for verb in ["info", "hooks"] {
        let shown = said(&[verb]);
        let expected = "the file has changed since it was loaded: `hookctl reload` loads it";
        assert!(shown.contains(expected), "{verb}: {shown}");
    }
    // `-o json` is nothing but JSON.
    assert!(daemon.ask(&["hooks", "-o", "json"]).json().is_array());
    assert_eq!(daemon.ask(&["reload"]).code, Some(0));
    assert!(!said(&["hooks"]).contains("changed"));
    fs::remove_file(&daemon.config).unwrap();
    assert!(said(&["info"]).contains("the file cannot be read any more"));
    let fifo = std::process::Command::new("mkfifo")
        .arg(&daemon.config)
        .status();
    assert!(fifo.unwrap().success());
    assert_eq!(state(), "CONFIG_FILE_STATE_UNREADABLE");
}

#[test]
fn a_refused_reload_is_remembered_until_one_succeeds() {
    let first = config(&hook("battery", "SNAPSHOT_START", "", "true"));
    let daemon = TestDaemon::with(&first);
    let refused = "the last reload was refused: `hookctl check` says why";
    let told = |state: &str, code: i32| {
        let found = daemon.json(&["info"])["config"]["fileState"].clone();
        assert_eq!(found, format!("CONFIG_FILE_STATE_{state}"));
        for args in [&["info"][..], &["info", "--check"], &["hooks"]] {
            let answer = daemon.ask(args);
            let expected = if args.len() == 2 { code } else { 0 };
            assert_eq!(answer.code, Some(expected), "{args:?}: {answer:?}");
            let said = answer.out.clone() + &answer.err;
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(said.contains(refused), state == "REFUSED", "{said}");
        }
    };
    told("LOADED", 0);
    fs::write(&daemon.config, first.replace("hooks:", "hoks:")).unwrap();
    told("CHANGED", 0);
    assert_eq!(daemon.ask(&["reload"]).code, Some(78));
    told("REFUSED", 1);
    // The remedies.
    let check = daemon.ask(&["check"]);
    assert!(check.out.contains("did you mean `hooks`?"), "{check:?}");
    fs::write(&daemon.config, first.replace("battery", "accu")).unwrap();
    told("REFUSED", 1);
    assert_eq!(daemon.ask(&["reload"]).code, Some(0));
    told("LOADED", 0);
    // A refused file that is put back as it was needs no reload.
    let second = fs::read_to_string(&daemon.config).unwrap();
    fs::write(&daemon.config, "hoks: []\n").unwrap();
    assert_eq!(daemon.ask(&["reload"]).code, Some(78));
    fs::write(&daemon.config, second).unwrap();
    told("LOADED", 0);
    fs::remove_file(&daemon.config).unwrap();
    told("UNREADABLE", 1);
    assert_eq!(daemon.ask(&["reload"]).code, Some(78));
    told("UNREADABLE", 1);
}

#[test]
fn check_without_a_file_is_about_the_config_of_the_daemon() {
    let daemon = TestDaemon::with(&config(&hook("battery", "SNAPSHOT_START", "", "true")));
    let file = daemon.config.display().to_string();
    let checked = daemon.ask(&["check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(
        checked
            .out
            .ends_with(&format!("{file}: ok: no errors, no warnings, 1 hook\n"))
    );
    fs::write(&daemon.config, "hoks: []\n").unwrap();
    let checked = daemon.ask(&["check"]);
    assert_eq!(checked.code, Some(78), "{checked:?}");
    assert!(checked.out.contains(&file), "{checked:?}");
    // Any config that is named comes first.
    let other = daemon.dir.path().join("other.yaml");
    fs::write(&other, "hooks: []\n").unwrap();
    let mut of_variable = daemon.hookctl(&["check"]);
    of_variable.env("HOOKD_CONFIG", &other);
    assert_eq!(of_variable.output().unwrap().status.code(), Some(0));
    let other = other.display().to_string();
    assert_eq!(daemon.ask(&["check", "--config", &other]).code, Some(0));
    assert_eq!(daemon.ask(&["check", &other]).code, Some(0));
}

#[test]
fn failing_hooks_fail_the_check_of_the_daemon() {
    let hooks =
        hook("fails", "SNAPSHOT_END", "", "exit 3") + &hook("ok", "SNAPSHOT_END", "", "true");
    let daemon = TestDaemon::with(&config(&hooks));
    for failures in 1..=3 {
        assert_eq!(daemon.ask(&["info", "--check"]).code, Some(0));
        daemon.fire(&["snapshot-success", "--plan", "home"]);
        assert_eq!(daemon.ask(&["info"]).code, Some(0), "{failures}");
    }
    let checked = daemon.ask(&["info", "--check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(
        checked
            .out
            .contains("hook \"fails\" has failed 3 times in a row"),
        "{checked:?}"
    );
    assert_eq!(daemon.ask(&["info", "--check", "-o", "json"]).code, Some(1));
    // A hook that is gone does not fail any more.
    fs::write(
        &daemon.config,
        config(&hook("ok", "SNAPSHOT_END", "", "true")),
    )
    .unwrap();
    assert_eq!(daemon.ask(&["reload"]).code, Some(0));
    assert_eq!(daemon.ask(&["info", "--check"]).code, Some(0));
}

#[test]
fn each_failed_hook_is_in_the_log_of_hookd() {
    let hooks = [
        hook(
            "ignored",
            "SNAPSHOT_START",
            "",
            "echo first; echo 'no such disk' >&2; echo; exit 6",
        ),
        hook("fine", "SNAPSHOT_START", "", "echo fine"),
        hook(
            "starts-not",
            "SNAPSHOT_START",
            "onError: ON_ERROR_IGNORE",
            "#!/nonexistent/shell\ntrue",
        ),
        hook(
            "secret",
            "SNAPSHOT_START",
            "onError: ON_ERROR_FATAL",
            "echo correct-horse; exit 1",
        ),
    ];
    let setup = Setup::new(&config(&hooks.concat()))
        .arg("--log")
        .arg("warn");
    let daemon = setup.start();
    daemon.fire(&["snapshot-start", "--plan", "home"]);
    let log = daemon.log();
    let line = |hook: &str| {
        let named = format!("hook=\"{hook}\"");
        let mut lines = log.lines().filter(|line| line.contains("hook failed"));
        lines
            .find(|line| line.contains(&named))
            .unwrap_or_else(|| panic!("{log}"))
            .to_owned()
    };
    for (hook, parts) in [
        (
            "ignored",
            &[
                "WARN",
                "plan=home",
                "outcome=exit code 6",
                "last_line=\"no such disk\"",
            ][..],
        ),
        ("starts-not", &["WARN", "/nonexistent/shell"]),
        ("secret", &["outcome=exit code 1", "last_line=\""]),
    ] {
        for part in parts {
            assert!(
                line(hook).contains(part),
                "{part:?} is not in {}",
                line(hook)
            );
        }
    }
    assert_eq!(log.matches("hook failed").count(), 3, "{log}");
    assert!(!log.contains("correct-horse"), "{log}");
}

#[test]
fn logs_have_times_and_a_short_option_for_their_end() {
    let script = "echo one; echo two >&2; sleep 0.05; printf three";
    let daemon = TestDaemon::with(&config(&hook("a", "SNAPSHOT_START", "", script)));
    daemon.fire(&["snapshot-start", "--plan", "home"]);
    let plain = daemon.ask(&["logs", "last"]).out;
    for args in [
        &["logs", "last", "-t"][..],
        &["logs", "-f", "--timestamps", "last"],
    ] {
        let timed = daemon.ask(args);
        assert_eq!((timed.code, &*timed.err), (Some(0), ""));
        let mut without = String::new();
        for line in timed.out.lines() {
            let (time, rest) = line.split_at("2026-01-31 08:00:00.123".len());
            let digits: String = time
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            assert_eq!(digits, "0000-00-00 00:00:00.000", "{line}");
            without.push_str(rest.strip_prefix(' ').unwrap());
            without.push('\n');
        }
        assert_eq!(without, plain);
    }
    let last = daemon.ask(&["logs", "last", "-n", "1"]).out;
    assert_eq!(last, "a | three (no line break)\n");
    let last = daemon.ask(&["logs", "last", "-n1", "-t"]).out;
    assert!(
        last.ends_with(" a | three (no line break)\n") && last.lines().count() == 1,
        "{last}"
    );
}

#[test]
fn runs_that_went_wrong_are_found() {
    let hooks = hook("fails", "SNAPSHOT_END", "", "exit 3")
        + &hook("hangs", "PRUNE_START", "", "echo here; sleep 600");
    let setup = Setup::new(&config(&hooks)).arg("--store").arg("sqlite");
    let daemon = setup.start();
    let failed = daemon.fire(&["snapshot-success", "--plan", "home"]);
    let fine = daemon.fire(&["check-start", "--plan", "home"]);
    let mut hanging =
        daemon.hookctl(&["run", "prune-start", "--plan", "home", "--retry-for", "0s"]);
    let quiet = || std::process::Stdio::null();
    let mut hanging = hanging.stdout(quiet()).stderr(quiet()).spawn().unwrap();
    let begun = Instant::now();
    while !daemon.ask(&["logs", "last"]).out.contains("here") {
        assert!(begun.elapsed() < PATIENCE);
    }
    assert_eq!(daemon.listed(&["--failed"]), *std::slice::from_ref(&failed));
    let daemon = daemon.killed().start();
    hanging.wait().unwrap();
    let begun = Instant::now();
    while daemon.listed(&["--state", "interrupted"]).is_empty() {
        assert!(begun.elapsed() < PATIENCE);
    }
    let found = daemon.listed(&["--failed"]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1] == failed && !found.contains(&fine));
    let row = daemon.ask(&["runs", "--failed", "--hook", "fails"]).out;
    assert!(row.contains("PROCEED  1 hook, 1 failed"), "{row}");
}

#[test]
fn the_last_run_is_meant_if_none_is_named() {
    let daemon = TestDaemon::with(&config(&hook("a", "SNAPSHOT_START", "", "echo a")));
    assert_eq!(daemon.ask(&["logs"]).code, Some(65), "there is none yet");
    let id = daemon.fire(&["snapshot-start", "--plan", "home"]);
    assert_eq!(daemon.ask(&["logs"]).out, "a | a\n");
    assert!(daemon.ask(&["show"]).out.contains(&id));
}

#[test]
fn the_remedy_for_a_refused_config_shows_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hookd.yaml");
    fs::write(&file, "hoks: []\n").unwrap();
    let file = file.display().to_string();
    let mut run = crate::hookctl::hookctl(["--embedded", "--config", &file, "hooks"]);
    let refused = Answer::from(run.output().unwrap());
    assert_eq!(refused.code, Some(78), "{refused:?}");
    let remedy = refused
        .err
        .split('`')
        .find_map(|words| words.strip_prefix("hookctl "));
    let mut check = crate::hookctl::hookctl(remedy.unwrap().split(' '));
    let checked = Answer::from(check.output().unwrap());
    assert!(checked.out.contains("1 | hoks: []"), "{checked:?}");
}

//! The documented command hooks, through the real hookctl and the real hookd, in both
//! outcomes. The scripts are verbatim; only paths that no test machine has are replaced.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../../hookd/tests/support/mod.rs"]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{Setup, TestDaemon};

/// Stands in for a program: writes down its name and arguments, and exits as told.
const SHIM: &str = "#!/bin/sh
name=\"${0##*/}\"
{ printf '%s\\0' \"$name\" \"$@\"; printf '\\001\\0'; } >> \"${0%/*}/log\"
exit \"$(cat \"${0%/*}/$name.exit\" 2>/dev/null || echo 0)\"
";

struct Stage {
    daemon: TestDaemon,
    bin: PathBuf,
}

impl Stage {
    /// A daemon with that config whose scripts find stand-ins for what they call.
    fn new(config: &str) -> Stage {
        let setup = Setup::new(config);
        let bin = setup.dir.path().join("bin");
        fs::create_dir(&bin).expect("made");
        for name in ["curl", "osascript", "ping"] {
            let shim = bin.join(name);
            fs::write(&shim, SHIM).expect("written");
            fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).expect("executable");
        }
        let path = format!(
            "{}:{}",
            bin.display(),
            std::env::var("PATH").expect("a PATH")
        );
        Stage {
            daemon: setup.env("PATH", path).start(),
            bin,
        }
    }

    /// The shipped config, with a folder and a battery that can be had here.
    fn shipped() -> Stage {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/hooks.yaml");
        let shipped = fs::read_to_string(example).expect("the example is there");
        let props = tempfile::tempdir().expect("a folder").keep();
        let config = shipped
            .replace(
                "/path/to/backup ]",
                &format!("{}/backup ]", props.display()),
            )
            .replace(
                "/sys/class/power_supply/BAT0/capacity",
                &format!("{}/battery", props.display()),
            );
        assert_eq!(
            config.matches(&*props.to_string_lossy()).count(),
            2,
            "both paths are replaced"
        );
        let stage = Stage::new(&config);
        std::os::unix::fs::symlink(props, stage.props()).expect("linked");
        stage
    }

    fn props(&self) -> PathBuf {
        self.bin.join("props")
    }

    /// How a stand-in exits from now on.
    fn exits(&self, name: &str, code: u8) {
        fs::write(self.bin.join(format!("{name}.exit")), code.to_string()).expect("written");
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hookctl"))
            .args(["--addr", &self.daemon.address(), "run"])
            .args(args)
            .output()
            .expect("hookctl runs")
    }

    /// What the stand-ins were called with since the last time.
    fn calls(&self) -> Vec<Vec<String>> {
        let log = self.bin.join("log");
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        let calls = text.split_terminator("\u{1}\0");
        calls
            .map(|call| call.split_terminator('\0').map(str::to_owned).collect())
            .collect()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

const PING: [&str; 7] = ["ping", "-q", "-c", "1", "-W", "1", "google.com"];

#[test]
fn internet_and_battery_let_the_backup_go_on_or_cancel_it() {
    let stage = Stage::shipped();
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
    // Without a battery to read, the test of the script is false, too.
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
    let stage = Stage::shipped();
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
    let stage = Stage::shipped();
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
    let stage = Stage::shipped();
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
    // As documented, the quoted task stands between the script's own quotes, so that it
    // is not quoted at all: what runs is what the script says.
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

/// Task texts that would do harm wherever they were taken for shell code.
const HOSTILE: [&str; 8] = [
    "it's \"quoted\"",
    "$(touch canary)",
    "`touch canary`",
    "; touch canary;",
    "a\nb\n\ntouch canary\n",
    "ünï → 数据 💾",
    "-e $HOME \\ * ? [a] {b,c} ~ #",
    "' && touch canary && '",
];

#[test]
fn no_task_changes_what_runs() {
    let script =
        "#!/bin/bash\ncd \"$HOOK_LABEL_DIR\"\ncurl {{ .ShellEscape .Task }} \"$HOOK_TASK\"";
    let hook = support::hook("safe", "SNAPSHOT_END", "", script);
    let stage = Stage::new(&support::config(&hook));
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
    let shipped = Stage::shipped();
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
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/hooks.yaml");
    let output = Command::new(env!("CARGO_BIN_EXE_hookctl"))
        .arg("check")
        .arg(&example)
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

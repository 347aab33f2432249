//! A daemon for the documented hooks, and stand-ins for the programs that they call.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use hookd_test_support::{Setup, TestDaemon};

use crate::hookd::Ask as _;

/// Stand-in for a program: logs its name and arguments, and exits with a given code.
const SHIM: &str = "#!/bin/sh
name=\"${0##*/}\"
{ printf '%s\\0' \"$name\" \"$@\"; printf '\\001\\0'; } >> \"${0%/*}/log\"
exit \"$(cat \"${0%/*}/$name.exit\" 2>/dev/null || echo 0)\"
";

/// A daemon and the stand-ins for the programs that its hooks call.
pub(crate) struct Stage {
    daemon: TestDaemon,
    pub(crate) bin: PathBuf,
}

impl Stage {
    /// Starts a daemon with this config; its scripts find the stand-ins on `PATH`.
    pub(crate) fn new(config: &str) -> Stage {
        let setup = Setup::new(config);
        let bin = setup.dir.path().join("bin");
        fs::create_dir(&bin).expect("made");
        for name in ["curl", "osascript", "ping", "touch"] {
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

    /// Starts a daemon with a shipped config, whose folder and battery are replaced.
    pub(crate) fn shipped(file: &str) -> Stage {
        let shipped = fs::read_to_string(example(file)).expect("the example is there");
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

    pub(crate) fn props(&self) -> PathBuf {
        self.bin.join("props")
    }

    /// Sets the exit code of a stand-in.
    pub(crate) fn exits(&self, name: &str, code: u8) {
        fs::write(self.bin.join(format!("{name}.exit")), code.to_string()).expect("written");
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.daemon
            .hookctl(&["run"])
            .args(args)
            .output()
            .expect("hookctl runs")
    }

    /// Returns the calls of stand-ins since the previous call, with their arguments.
    pub(crate) fn calls(&self) -> Vec<Vec<String>> {
        let log = self.bin.join("log");
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        let calls = text.split_terminator("\u{1}\0");
        calls
            .map(|call| call.split_terminator('\0').map(str::to_owned).collect())
            .collect()
    }
}

/// Returns standard output as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// Returns the path of a shipped config.
pub(crate) fn example(file: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    folder.join(file)
}

/// Names of tasks that would do harm as shell code.
pub(crate) const HOSTILE: [&str; 8] = [
    "it's \"quoted\"",
    "$(touch canary)",
    "`touch canary`",
    "; touch canary;",
    "a\nb\n\ntouch canary\n",
    "ünï → 数据 💾",
    "-e $HOME \\ * ? [a] {b,c} ~ #",
    "' && touch canary && '",
];

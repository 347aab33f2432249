//! `hookctl --embedded`: its signals, what it inherits, and what a killed one leaves.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use hookd_test_support::{config, hook, lives, skip, wait};
use tempfile::TempDir;

use crate::hookctl::hookctl;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A config with one hook, and the folder for temporary files of the process that runs it.
struct Embedded(TempDir);

impl Embedded {
    fn new(more: &str, script: &str) -> Embedded {
        let folder = tempfile::tempdir().unwrap();
        let yaml = config(&hook("h", "SNAPSHOT_END", more, script));
        fs::write(folder.path().join("hookd.yaml"), yaml).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        let open = fs::Permissions::from_mode(0o1777);
        fs::set_permissions(folder.path().join("tmp"), open).unwrap();
        Embedded(folder)
    }

    fn temporary(&self) -> PathBuf {
        self.0.path().join("tmp")
    }

    /// Returns a command that runs the hook, executed by a shell after `before`.
    fn after(&self, before: &str) -> Command {
        let config = self.0.path().join("hookd.yaml").display().to_string();
        let args = ["--embedded", "--config", &config, "run", "snapshot-end"];
        let hookctl = hookctl(args.into_iter().chain(["--plan", "home"]));
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{before}; exec \"$@\""), "sh"]);
        command.arg(hookctl.get_program()).args(hookctl.get_args());
        command.env("TMPDIR", self.temporary()).stdin(Stdio::null());
        command
    }

    fn run(&self) {
        let answer = self.after(":").output().unwrap();
        assert!(answer.status.success(), "{answer:?}");
    }

    /// Starts the hook and waits for its output `ready`.
    fn start(&self, before: &str) -> (Child, BufReader<ChildStdout>) {
        let mut command = self.after(before);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("| ready") {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "it ended");
        }
        (child, stdout)
    }

    /// The folders of embedded services.
    fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.temporary()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

fn signal(pid: &str, name: &str) {
    let sent = Command::new("kill").args(["-s", name, pid]).status();
    assert!(sent.unwrap().success());
}

/// Makes the folder look as if it had not changed since.
fn make_old(folder: &Path, age: Duration) {
    let time = SystemTime::now() - age;
    File::open(folder).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_signal_ends_it_while_it_waits_for_its_config() {
    let embedded = Embedded::new("", "true");
    let config = embedded.0.path().join("hookd.yaml");
    fs::remove_file(&config).unwrap();
    let made = Command::new("mkfifo").arg(&config).status();
    assert!(made.unwrap().success());
    let mut child = embedded.after(":").spawn().unwrap();
    let open = PathBuf::from(format!("/proc/{}/fd", child.id()));
    let begun = Instant::now();
    let reads = || {
        let mut files = fs::read_dir(&open).unwrap().flatten();
        files.any(|file| fs::read_link(file.path()).is_ok_and(|path| path == config))
    };
    while !reads() {
        assert!(begun.elapsed() < MINUTE, "it does not read its config");
        std::thread::yield_now();
    }
    let told = Instant::now();
    signal(&child.id().to_string(), "TERM");
    assert_eq!(wait(&mut child).code(), Some(130));
    // Sooner than the wait for the file ends.
    assert!(told.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_hangup_ends_the_run_as_term_does() {
    for name in ["TERM", "HUP"] {
        let embedded = Embedded::new(
            "",
            "trap 'echo ended; exit' TERM; echo ready; sleep 600 & wait",
        );
        // A parent may have it ignored.
        let (mut child, mut stdout) = embedded.start(":");
        signal(&child.id().to_string(), name);
        assert_eq!(wait(&mut child).code(), Some(130), "{name}");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
        assert!(rest.contains("| ended"), "{name}: {rest}");
        assert!(embedded.folders().is_empty(), "{name}");
    }
}

#[test]
fn a_hangup_that_nohup_ignores_is_ignored() {
    let embedded = Embedded::new("", "echo ready; sleep 0.3; echo end");
    let (mut child, mut stdout) = embedded.start("trap '' HUP");
    signal(&child.id().to_string(), "HUP");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
    assert_eq!(wait(&mut child).code(), Some(0), "{rest}");
    assert!(rest.contains("| end"), "{rest}");
}

#[test]
fn a_hook_inherits_no_descriptors_and_no_signals() {
    let before = "exec 7</dev/null 8>&2; trap '' TERM HUP INT QUIT CHLD USR1 PIPE";
    for more in ["", "umask: \"022\""] {
        let script = "#!/bin/ls /proc/self/fd";
        let answer = Embedded::new(more, script).after(before).output().unwrap();
        let out = String::from_utf8(answer.stdout).unwrap();
        // The listing has a descriptor of its own.
        let listed: Vec<&str> = out.lines().filter_map(|l| l.strip_prefix("h | ")).collect();
        assert_eq!(listed, ["0", "1", "2", "3"], "{out}");
        let script = "grep -E 'Sig(Blk|Ign)' /proc/self/status";
        let answer = Embedded::new(more, script).after(before).output().unwrap();
        let out = String::from_utf8(answer.stdout).unwrap();
        // 32 and 33 are glibc's own: its `posix_spawn` has them ignored.
        let others = |set| Some(u64::from_str_radix(set, 16).ok()? & !(0b11 << 31));
        let sets = out.split('\t').skip(1);
        let sets: Vec<u64> = sets.filter_map(|text| others(text.get(..16)?)).collect();
        assert_eq!(sets, [0, 0], "{out}");
    }
}

/// Starts a run of a hook that goes on until its process, which is returned, is killed.
fn endless(embedded: &Embedded) -> (Child, String, PathBuf) {
    let before = embedded.folders();
    let (child, mut stdout) = embedded.start("set -- \"$@\" --task stay");
    let mut pid = String::new();
    stdout.read_line(&mut pid).unwrap();
    let mut new = embedded.folders();
    new.retain(|folder| !before.contains(folder));
    let pid = pid.trim().strip_prefix("h | ").unwrap().to_owned();
    (child, pid, new.remove(0))
}

#[test]
fn later_runs_remove_what_a_killed_one_left() {
    let script = "echo ready; echo $$; [ \"$HOOK_TASK\" != stay ] || exec sleep 60";
    let embedded = Embedded::new("", script);
    let (mut running, _, in_use) = endless(&embedded);
    let (mut one, pid, left) = endless(&embedded);
    let (mut other, orphan, older) = endless(&embedded);
    for killed in [&mut one, &mut other] {
        signal(&killed.id().to_string(), "KILL");
        wait(killed);
    }
    let holds_script = |folder: &Path| fs::read_dir(folder).unwrap().count() > 1;
    assert!(holds_script(&left) && holds_script(&older));
    let of_nobody = embedded.temporary().join("hookd-embedded-x");
    fs::create_dir(&of_nobody).unwrap();
    match chown(&of_nobody, Some(65534), None) {
        Ok(()) => make_old(&of_nobody, 2 * DAY),
        Err(_) => skip("embedded: only root can give a folder away"),
    }

    // A young one may be about to be used.
    embedded.run();
    assert!(left.exists() && older.exists());
    // Hooks of both still run.
    make_old(&in_use, 2 * DAY);
    make_old(&older, 2 * DAY);
    make_old(&left, 2 * MINUTE);
    embedded.run();
    assert!(in_use.exists() && left.exists() && !older.exists());
    for pid in [&pid, &orphan] {
        signal(pid, "KILL");
    }
    let begun = Instant::now();
    while lives(&pid) {
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    make_old(&left, 2 * MINUTE);
    embedded.run();
    assert!(in_use.exists() && !left.exists() && of_nobody.exists());
    signal(&running.id().to_string(), "TERM");
    wait(&mut running);
    assert_eq!(embedded.folders(), [of_nobody]);
}

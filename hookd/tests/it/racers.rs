//! Another user who tries to get at hookd's files: by links, or in a moment in which a file is not
//! safe yet.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, lchown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use hookd_proto::v1;
use hookd_test_support::*;

use v1::Condition::SnapshotEnd;

const NOBODY: u32 = 65534;

/// Perl program of the user nobody, ended when dropped.
struct Racer {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Racer {
    /// Starts the program and waits until its first line says that it races.
    fn start(program: &str, arguments: &[&Path]) -> Racer {
        let mut command = Command::new("perl");
        command.args(["-e", &format!("$| = 1; print qq(races\n); {program}")]);
        command.args(arguments).uid(NOBODY).gid(NOBODY);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut racer = Racer { child, stdout };
        assert_eq!(racer.line(), "races\n");
        racer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("text");
        line
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_root(test: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skip(&format!(
            "{test}: only root can start another user's process"
        ));
    }
    root
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

#[tokio::test]
async fn a_hooks_user_does_not_get_a_file_of_hookd() {
    if !is_root("racer") {
        return;
    }
    // Writing the script takes some milliseconds, in which its file is still root's.
    let script = format!("{}echo ran", "# {{ .Error }}\n".repeat(10));
    let long = v1::Event {
        error: "x".repeat(1_000_000),
        ..event(SnapshotEnd)
    };
    let hook = hook("h", "SNAPSHOT_END", "user: nobody", &script);
    let setup = Setup::new(&config(&hook));
    set_mode(setup.dir.path(), 0o755);
    let temporary = setup.dir.path().join("tmp");
    fs::create_dir(&temporary).expect("made");
    set_mode(&temporary, 0o1777);
    let file = setup.dir.path().join("of-root");
    fs::write(&file, "secret").expect("written");
    set_mode(&file, 0o600);
    // Replaces each private file that appears by a link to root's file.
    let program = "my ($dir, $file) = @ARGV; while (1) { for (<$dir/hookd.*/*>) { \
                   -l or unlink($_) && symlink($file, $_) } }";
    let _racer = Racer::start(program, &[&temporary, &file]);
    let daemon = setup.env("TMPDIR", temporary.as_os_str()).start();
    let mut client = daemon.hooks().await;
    for _ in 0..9 {
        let entries = run(&mut client, request(long.clone())).await;
        let found = fs::metadata(&file).expect("it is there");
        assert_eq!((found.uid(), found.mode() & 0o777), (0, 0o600));
        let shown = output(&entries, 0, v1::OutputStream::Stdout);
        assert_eq!(String::from_utf8_lossy(&shown), "ran\n");
    }
    assert_eq!(fs::read_dir(&temporary).expect("read").count(), 0);
}

#[tokio::test]
async fn a_link_of_another_user_does_not_lead_to_the_value_of_a_hook() {
    if !is_root("link-to-value") {
        return;
    }
    let values = tempfile::tempdir().expect("made");
    let [file, link] = ["file", "link"].map(|name| values.path().join(name));
    fs::write(&file, "secret").expect("written");
    symlink(&file, &link).expect("made");
    let env = format!("env: {{ VALUE: {{ fromFile: {} }} }}", link.display());
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_END", &env, "echo ${#VALUE}")));
    let mut client = daemon.hooks().await;
    let entries = run(&mut client, request(event(SnapshotEnd))).await;
    let shown = output(&entries, 0, v1::OutputStream::Stdout);
    assert_eq!(shown, b"6\n", "a link of root's is followed");
    lchown(&link, Some(NOBODY), None).expect("given");
    let entries = run(&mut client, request(event(SnapshotEnd))).await;
    let [(_, v1::outcome::Outcome::FailedToStart(failed))] = &outcomes(&entries)[..] else {
        panic!("{entries:?}");
    };
    let fault = format!("the link {} belongs to another user", link.display());
    assert!(failed.message.contains(&fault), "{}", failed.message);
}

#[tokio::test]
async fn a_folder_in_which_others_can_replace_files_gets_no_script() {
    if !is_root("folder-of-others") {
        return;
    }
    let temporary = tempfile::tempdir().expect("made");
    set_mode(temporary.path(), 0o777);
    let setup = Setup::new(&config(&hook(
        "h",
        "SNAPSHOT_END",
        "user: nobody",
        "echo ran",
    )));
    let daemon = setup.env("TMPDIR", temporary.path()).start();
    let mut client = daemon.hooks().await;
    let entries = run(&mut client, request(event(SnapshotEnd))).await;
    let [(_, v1::outcome::Outcome::FailedToStart(failed))] = &outcomes(&entries)[..] else {
        panic!("{entries:?}");
    };
    let remedy = format!("chmod +t {}", temporary.path().display());
    assert!(failed.message.contains(&remedy), "{}", failed.message);
    let mended = Command::new("sh").args(["-c", &remedy]).status();
    assert!(mended.expect("sh runs").success());
    let entries = run(&mut client, request(event(SnapshotEnd))).await;
    assert_eq!(output(&entries, 0, v1::OutputStream::Stdout), b"ran\n");
}

#[test]
fn nobody_else_connects_while_the_socket_is_made() {
    if !is_root("socket-racer") {
        return;
    }
    let mut setup = Setup::new(&config(""));
    set_mode(setup.dir.path(), 0o755);
    let folder = setup.dir.path().join("run");
    fs::create_dir(&folder).expect("made");
    chown(&folder, Some(0), Some(0)).expect("changed");
    set_mode(&folder, 0o755);
    let program = "use Socket; my $to = pack_sockaddr_un($ARGV[0]); \
                   socket(my $s, PF_UNIX, SOCK_STREAM, 0); \
                   1 until connect($s, $to); print qq(connected\\n); sleep 60";
    for _ in 0..5 {
        let mut racer = Racer::start(program, &[&setup.socket()]);
        let daemon = setup.after("umask 000").start();
        racer.child.kill().expect("it runs");
        assert_eq!(racer.line(), "", "another user was let in");
        for file in [
            "hookd.sock",
            "hookd.sock.lock",
            "../state/lock",
            "../state/instance",
        ] {
            assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
        }
        setup = daemon.stopped();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o777
}

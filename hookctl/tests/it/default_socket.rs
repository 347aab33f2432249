//! The default socket: hookctl finds it whatever variables hookd had that it has not.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hookd_test_support::{hookd_binary, skip, wait};
use rustix::process::{Pid, Signal, geteuid, kill_process};

use crate::hookctl::{Answer, hookctl};

/// A user that no machine has.
const USER: u32 = 54_321;

/// A user without a home of its own, below a folder that everybody can enter.
struct User {
    home: tempfile::TempDir,
}

impl User {
    fn new() -> User {
        let home = tempfile::tempdir().unwrap();
        chown(home.path(), Some(USER), Some(USER)).unwrap();
        User { home }
    }

    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.home.path().join(name);
        fs::create_dir(&folder).unwrap();
        chown(&folder, Some(USER), Some(USER)).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        folder
    }

    /// Copies a program to where this user may run it.
    fn program(&self, from: &Path) -> Command {
        let program = self.home.path().join(from.file_name().unwrap());
        if !program.exists() {
            fs::hard_link(from, &program)
                .or_else(|_| fs::copy(from, &program).map(drop))
                .unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("TZ", "UTC");
        command
            .uid(USER)
            .gid(USER)
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }
}

/// A folder of systemd-logind for the user, as long as it is not dropped.
struct Login(PathBuf);

impl Login {
    fn new() -> Login {
        let folder = PathBuf::from(format!("/run/user/{USER}"));
        fs::create_dir_all(&folder).unwrap();
        chown(&folder, Some(USER), Some(USER)).unwrap();
        Login(folder)
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn hookctl_finds_the_hookd_of_its_user() {
    if !geteuid().is_root() {
        return skip("default-socket: only root can run hookd as other users");
    }
    let user = User::new();
    let config = user.home.path().join("hookd.yaml");
    fs::write(&config, "hooks: []\n").unwrap();
    let [runtime, state, service] = ["runtime", "state", "service"].map(|name| user.folder(name));
    let runtime_only = BTreeMap::from([("XDG_RUNTIME_DIR", &runtime)]);
    let state_only = BTreeMap::from([("XDG_STATE_HOME", &state)]);
    let of_service = BTreeMap::from([("RUNTIME_DIRECTORY", &service), ("STATE_DIRECTORY", &state)]);
    let none = BTreeMap::new();
    let home = user.home.path().join(".local/state/hookd/run/hookd.sock");
    let login = PathBuf::from(format!("/run/user/{USER}/hookd/hookd.sock"));
    // The variables of hookd, if the user is logged in, the variables of hookctl, the socket.
    let table = [
        (
            &runtime_only,
            false,
            &runtime_only,
            runtime.join("hookd/hookd.sock"),
        ),
        (
            &state_only,
            false,
            &state_only,
            state.join("hookd/run/hookd.sock"),
        ),
        (&none, false, &none, home.clone()),
        (&none, true, &none, login),
        // The user has logged in since hookd started, or cron runs hookctl.
        (&none, false, &runtime_only, home),
        (&of_service, false, &of_service, service.join("hookd.sock")),
    ];
    for (of_hookd, logged_in, of_hookctl, socket) in table {
        let _login = logged_in.then(Login::new);
        let mut serve = user.program(&hookd_binary());
        serve
            .args(["serve", "--store", "memory", "--config"])
            .arg(&config)
            .envs(of_hookd);
        let mut hookd = serve
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let stdout = hookd.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut ready).unwrap();
        let address = format!("unix://{}", socket.display());
        assert!(
            ready.contains(&format!("ready on {address} with")),
            "{ready}"
        );
        let binary = Path::new(env!("CARGO_BIN_EXE_hookctl"));
        let ask = || {
            Answer::from(
                user.program(binary)
                    .arg("info")
                    .envs(of_hookctl)
                    .output()
                    .unwrap(),
            )
        };
        let found = ask();
        assert_eq!(found.code, Some(0), "{address}: {found:?}");
        assert!(found.out.contains(&address), "{found:?}");
        assert_eq!(
            state.join("instance").exists(),
            of_hookd.contains_key("STATE_DIRECTORY")
        );
        kill_process(Pid::from_child(&hookd), Signal::TERM).unwrap();
        wait(&mut hookd);
        // Without a daemon, both name the same socket, unless it was found by a variable.
        if of_hookd == of_hookctl && of_hookd != &of_service {
            let absent = ask();
            assert_eq!(absent.code, Some(69), "{absent:?}");
            let said = format!("cannot reach hookd at {address}: there is no such socket");
            assert!(absent.err.contains(&said), "{absent:?}");
        }
    }
}

#[test]
fn a_hookd_of_another_user_is_not_taken_for_ones_own() {
    if !geteuid().is_root() {
        return skip("default-socket: only root can own a socket of another user");
    }
    let (user, _login) = (User::new(), Login::new());
    let folder = PathBuf::from(format!("/run/user/{USER}/hookd"));
    fs::create_dir(&folder).unwrap();
    let _root = std::os::unix::net::UnixListener::bind(folder.join("hookd.sock")).unwrap();
    let mut ask = user.program(Path::new(env!("CARGO_BIN_EXE_hookctl")));
    ask.arg("info")
        .env("XDG_RUNTIME_DIR", user.folder("runtime"));
    let told = Answer::from(ask.output().unwrap());
    assert_eq!(told.code, Some(69), "{told:?}");
    assert!(
        told.err
            .contains("/runtime/hookd/hookd.sock: there is no such socket"),
        "{told:?}"
    );
}

#[test]
fn hookd_and_hookctl_share_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hookd.yaml");
    fs::write(&config, "hooks: []\n").unwrap();
    let path = folder.path().join("x.sock").display().to_string();
    for value in [
        format!("unix://{path}"),
        path.clone(),
        format!("unix:{path},{path}2"),
    ] {
        let mut serve = Command::new(hookd_binary());
        serve
            .args(["serve", "--store=memory", "--config"])
            .arg(&config)
            .arg("--state");
        serve.arg(folder.path()).env("HOOKD_ADDR", &value);
        let mut hookd = serve
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(hookd.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let answer = Answer::from(
            hookctl(["info"])
                .env("HOOKD_ADDR", &value)
                .output()
                .unwrap(),
        );
        kill_process(Pid::from_child(&hookd), Signal::TERM).unwrap();
        wait(&mut hookd);
        assert_eq!(answer.code, Some(0), "{value}: {answer:?}");
        assert!(answer.out.contains(&format!("unix://{path}")), "{answer:?}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let mut ask = hookctl(["info", "--embedded"]);
    ask.env("HOOKD_ADDR", "")
        .env("HOOKD_CONFIG", "/nonexistent.yaml");
    let told = Answer::from(ask.output().unwrap());
    assert_eq!(told.code, Some(78), "{told:?}");
    assert!(told.err.contains("/nonexistent.yaml"), "{told:?}");
    let mut ask = hookctl(["info", "--addr", "unix:///nonexistent.sock"]);
    let told = Answer::from(ask.env("HOOKD_CONFIG", "").output().unwrap());
    assert_eq!(told.code, Some(69), "{told:?}");
    let folder = tempfile::tempdir().unwrap();
    let mut serve = Command::new(hookd_binary());
    serve
        .args(["serve", "--config", "/nonexistent.yaml", "--state"])
        .arg(folder.path());
    for name in ["HOOKD_ADDR", "HOOKD_STORE", "HOOKD_DRAIN_TIMEOUT"] {
        serve.env(name, "");
    }
    let told = Answer::from(serve.output().unwrap());
    assert_eq!(told.code, Some(78), "{told:?}");
    // An empty value that is typed is an error.
    let typed = hookctl(["info", "--addr", ""]).output().unwrap();
    assert_eq!(typed.status.code(), Some(2));
}

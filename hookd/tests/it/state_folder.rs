//! State folders and sockets in which another user could meddle: refused, with a remedy that works.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use hookd_test_support::*;

const NOBODY: u32 = 65534;

fn setup() -> (Setup, PathBuf) {
    let setup = Setup::new(&config(""));
    let state = setup.dir.path().join("state");
    fs::create_dir(&state).expect("made");
    set_mode(&state, 0o700);
    (setup, state)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

fn owner_and_mode(path: &Path) -> (u32, u32) {
    let found = fs::symlink_metadata(path).expect("it is there");
    (found.uid(), found.mode() & 0o7777)
}

/// Starts a daemon, which refuses because of this fault. Then applies the remedy that it names,
/// after which a daemon starts.
fn mended(setup: Setup, fault: &str, remedy: &str) {
    let dir = setup.dir.clone();
    let (code, log) = setup.fails();
    assert_eq!(code, 69, "{log}");
    assert!(log.contains(&format!("{fault}: {remedy}")), "{log}");
    let mended = Command::new("sh").args(["-c", remedy]).status();
    assert!(mended.expect("sh runs").success());
    Setup::within(dir, &config("")).start();
}

#[test]
fn a_state_folder_of_another_user() {
    if !rustix::process::geteuid().is_root() {
        skip("state-folder: only root can give a folder away");
        return;
    }
    for below in ["", "/scripts", "/lock", "/instance"] {
        let (setup, state) = setup();
        let path = PathBuf::from(format!("{}{below}", state.display()));
        match below {
            "" => {}
            "/scripts" => fs::create_dir(&path).expect("made"),
            _ => fs::write(&path, "").expect("written"),
        }
        chown(&path, Some(NOBODY), None).expect("given");
        let before = owner_and_mode(&path);
        let shown = path.display();
        let fault = format!("{shown} belongs to user {NOBODY}");
        let dir = setup.dir.clone();
        let (_, log) = setup.fails();
        assert_eq!(owner_and_mode(&path), before, "it is left alone: {log}");
        let setup = Setup::within(dir, &config(""));
        mended(setup, &fault, &format!("chown 0 {shown}"));
    }
}

#[test]
fn a_state_folder_in_which_others_can_write() {
    for mode in [0o777, 0o770, 0o1777] {
        let (setup, state) = setup();
        set_mode(&state, mode);
        let fault = format!("others can write in {}", state.display());
        mended(setup, &fault, &format!("chmod go-w {}", state.display()));
    }
    let (setup, state) = setup();
    let parent = state.parent().expect("a folder").to_owned();
    set_mode(&parent, 0o777);
    let fault = format!("others can replace files in {}", parent.display());
    mended(setup, &fault, &format!("chmod +t {}", parent.display()));
}

#[test]
fn a_path_with_a_space_is_quoted_in_the_remedy() {
    let (setup, _) = setup();
    let state = setup.dir.path().join("my state");
    fs::create_dir(&state).expect("made");
    set_mode(&state, 0o777);
    let setup = setup.arg("--state").arg(&state);
    let (_, log) = setup.fails();
    let remedy = format!("chmod go-w '{}'", state.display());
    assert!(log.contains(&remedy), "{log}");
}

#[test]
fn links_and_fifos_are_not_followed_and_not_waited_for() {
    let other = tempfile::tempdir().expect("made");
    set_mode(other.path(), 0o755);
    let target = other.path().join("target");
    for name in ["scripts", "lock", "instance", "../run/hookd.sock.lock"] {
        let kind = if name == "scripts" {
            "folder"
        } else {
            "regular file"
        };
        for fifo in [false, true] {
            let (setup, state) = setup();
            fs::create_dir(state.join("../run")).expect("made");
            let path = match name.strip_prefix("../") {
                None => state.join(name),
                Some(name) => setup.dir.path().join(name),
            };
            match (fifo, name) {
                (true, _) => {
                    let made = Command::new("mkfifo").arg(&path).status();
                    assert!(made.expect("mkfifo runs").success());
                }
                (false, "scripts") => symlink(other.path(), &path).expect("made"),
                (false, _) => symlink(&target, &path).expect("made"),
            }
            let fault = format!("{} is no {kind}", path.display());
            mended(setup, &fault, &format!("rm {}", path.display()));
            assert_eq!(owner_and_mode(other.path()).1, 0o755);
            assert!(!target.exists(), "{name} was followed");
        }
    }
}

#[test]
fn a_folder_with_scripts_of_somebody_else_is_left_alone() {
    let (setup, state) = setup();
    let script = state.join("scripts/script-of-mine");
    fs::create_dir(state.join("scripts")).expect("made");
    fs::write(&script, "mine").expect("written");
    set_mode(&state.join("scripts"), 0o755);
    fs::create_dir(state.join("backup-of-mine")).expect("made");
    let dir = setup.dir.clone();
    let (code, log) = setup.fails();
    assert_eq!(code, 69, "{log}");
    assert!(log.contains("hookd did not make it: move it away"), "{log}");
    assert!(script.exists());
    fs::rename(state.join("scripts"), state.join("moved")).expect("moved");
    let _daemon = Setup::within(dir, &config("")).start();
    assert!(state.join("backup-of-mine").exists());
}

#[test]
fn a_state_folder_behind_a_link_is_one_all_the_same() {
    let (setup, state) = setup();
    let link = setup.dir.path().join("link");
    symlink(&state, &link).expect("made");
    let daemon = setup.arg("--state").arg(&link).start();
    assert!(state.join("instance").exists(), "{}", daemon.ready);
}

#[test]
fn a_socket_of_another_user_is_left_alone() {
    if !rustix::process::geteuid().is_root() {
        skip("socket-owner: only root can give a socket away");
        return;
    }
    let (setup, _) = setup();
    let socket = setup.socket();
    fs::create_dir(socket.parent().expect("a folder")).expect("made");
    // Leaves a socket without a listener.
    drop(std::os::unix::net::UnixListener::bind(&socket).expect("bound"));
    chown(&socket, Some(NOBODY), None).expect("given");
    let shown = socket.display();
    let fault = format!("{shown} belongs to user {NOBODY}");
    mended(setup, &fault, &format!("chown 0 {shown}"));
}

#[test]
fn a_socket_that_others_could_replace() {
    let (setup, _) = setup();
    let folder = setup.dir.path().join("run");
    fs::create_dir(&folder).expect("made");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("opened");
    let shown = folder.display();
    let fault = format!("others can replace files in {shown}");
    mended(setup, &fault, &format!("chmod +t {shown}"));
}

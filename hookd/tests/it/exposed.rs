//! Configs with secrets that others can read.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use hookd_test_support::*;

const WARNING: &str = "every user of this machine can read this file, which holds secrets";

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

/// Returns the log of a daemon that was started with this mode of its config and of its folder.
fn log(setup: Setup, file: u32, folder: u32) -> String {
    set_mode(&setup.dir.path().join("hookd.yaml"), file);
    set_mode(setup.dir.path(), folder);
    setup.start().log()
}

#[test]
fn the_start_warns_and_the_remedy_ends_the_warning() {
    let setup = Setup::new(&config(""));
    let dir = Arc::clone(&setup.dir);
    let warned = log(setup, 0o644, 0o755);
    assert!(warned.contains(WARNING), "{warned}");
    let remedy = warned.find("chmod o-r").map(|at| &warned[at..]);
    let remedy = remedy.and_then(|rest| Some(&rest[..rest.find(" (")?]));
    let mended = Command::new("sh")
        .args(["-c", remedy.expect("a remedy")])
        .status();
    assert!(mended.expect("sh runs").success());
    let config = dir.path().join("hookd.yaml");
    let mode = fs::metadata(&config)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    let yaml = fs::read_to_string(config).expect("read");
    let log = log(Setup::within(dir, &yaml), mode & 0o777, 0o755);
    assert!(!log.contains(WARNING), "{log}");
}

#[test]
fn a_config_that_gives_nothing_away_is_not_warned_of() {
    let without = config("").replace("password: correct-horse", "password: \"\"");
    for (config, file, folder) in [
        (config(""), 0o640, 0o755),
        (config(""), 0o644, 0o700),
        (without, 0o644, 0o755),
    ] {
        let log = log(Setup::new(&config), file, folder);
        assert!(!log.contains(WARNING), "{file:o} {folder:o} {log}");
    }
}

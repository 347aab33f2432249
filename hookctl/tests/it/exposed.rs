//! `hookctl check` of a config with secrets that others can read.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use hookd_test_support::{config, hook};
use serde_json::Value;

use crate::hookctl::{Answer, hookctl};

#[test]
fn check_warns_and_the_remedy_ends_the_warning() {
    let folder = tempfile::Builder::new().prefix("with space ").tempdir();
    let folder = folder.unwrap();
    let set_mode = |path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(folder.path(), 0o755);
    let file = folder.path().join("hookd.yaml");
    fs::write(&file, config(&hook("a", "SNAPSHOT_END", "", "true"))).unwrap();
    set_mode(&file, 0o644);
    let check = |strict: &[&str]| {
        let name = file.to_str().unwrap();
        let args = [&["check", "--no-history", name], strict].concat();
        Answer::from(hookctl(args).output().unwrap())
    };
    let found = |answer: &Answer| answer.json()["diagnostics"].clone();
    let exposed = check(&["-o", "json"]);
    let warning = &found(&exposed)[0];
    assert_eq!(warning["code"], "readable-secrets", "{exposed:?}");
    assert_eq!(check(&["--strict"]).code, Some(78));
    let remedy = warning["remedy"].as_str().unwrap();
    let remedy = remedy.split(" (").next().unwrap();
    let mended = Command::new("sh").args(["-c", remedy]).status();
    assert!(mended.unwrap().success());
    let mended = check(&["--strict", "-o", "json"]);
    assert_eq!(mended.code, Some(0));
    assert_eq!(found(&mended), Value::Null);
}

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

#[test]
fn paths_and_everyday_names_are_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let set_mode = |path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(folder.path(), 0o755);
    let file = folder.path().join("hookd.yaml");
    let codes = |env: &str, repo: &str| {
        let yaml = format!(
            "repos: [{{ id: nas, uri: /srv/nas, env: [{repo}] }}]\n\
             plans: [{{ id: home, repo: nas, paths: [/home] }}]\n\
             hooks: [{{ conditions: [CONDITION_ANY_ERROR], env: {{ {env} }}, \
             actionCommand: {{ command: 'true' }} }}]\n"
        );
        fs::write(&file, yaml).unwrap();
        set_mode(&file, 0o644);
        let args = [
            "check",
            "--no-history",
            "-o",
            "json",
            file.to_str().unwrap(),
        ];
        let answer = Answer::from(hookctl(args).output().unwrap());
        let found = answer.json()["diagnostics"].clone();
        let found = found.as_array().cloned().unwrap_or_default();
        Vec::from_iter(found.iter().map(|found| found["code"].clone()))
    };
    for env in [
        "RESTIC_PASSWORD_FILE: /etc/restic/pw",
        "PGPASSFILE: /root/.pgpass",
        "SSH_AUTH_SOCK: /run/user/0/keyring/ssh",
        "BORG_PASSCOMMAND: pass show borg",
        "TOKEN_URL: 'https://id.example.org/token'",
        "KEY_ID: '4711'",
        "PASS_COUNT: '3'",
        "KEYMAP: de-latin1",
        "COMPASS: north",
        "AUTHOR: anna",
        "MONKEY: charlie",
    ] {
        assert_eq!(codes(env, ""), [] as [Value; 0], "{env}");
    }
    for env in [
        "PGPASSWORD: hunter2",
        "TOKEN_URL: 'https://abcdef@id.example.org/'",
    ] {
        assert_eq!(codes(env, ""), ["readable-secrets"], "{env}");
    }
    assert_eq!(
        codes("", "RESTIC_PASSWORD_FILE=/etc/restic/pw"),
        [] as [Value; 0]
    );
    assert_eq!(codes("", "RESTIC_PASSWORD=hunter2"), ["readable-secrets"]);
}

//! Interpreters behind other programs and behind `-f`, through the real daemon: the whole script
//! runs, whatever reads stdin in it.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hookd_proto::v1;
use hookd_proto::v1::Condition::SnapshotEnd;
use hookd_proto::v1::OutputStream::Stdout;
use hookd_proto::v1::outcome::Outcome;
use hookd_test_support::*;

/// Returns what each of these scripts wrote, and the warnings about them.
async fn ran(hooks: &[String]) -> (Vec<String>, Vec<v1::Diagnostic>) {
    let yaml = config(&hooks.concat());
    let daemon = TestDaemon::with(&yaml);
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    for (name, outcome) in outcomes(&entries) {
        assert_eq!(outcome, Outcome::ExitCode(0), "{name}: {entries:?}");
    }
    let text = |index| String::from_utf8(output(&entries, index, Stdout)).expect("text");
    let written = (0..).take(hooks.len()).map(text).collect();
    let asked = v1::CheckConfigRequest {
        config: yaml.into(),
        file: "f".to_owned(),
    };
    let answer = daemon.admin().await.check_config(asked).await;
    let mut warnings = answer.expect("an answer").into_inner().diagnostics;
    warnings.retain(|warning| warning.code == "script-on-stdin");
    (written, warnings)
}

/// A script that loses its end if it is on stdin.
fn eaten(line: &str) -> String {
    format!("#!{line}\necho begin\ncat > /dev/null\necho end")
}

#[tokio::test]
async fn a_script_behind_other_programs_runs_to_its_end() {
    let lines = [
        "/usr/bin/env -S nice bash",
        "nice -n 5 bash -e",
        "timeout 10 bash",
        "timeout -k 5 1m env A=1 sh",
        "setpriv --no-new-privs bash",
        "stdbuf -oL bash",
        "nohup bash",
        "taskset -c 0 bash",
        "ionice -c3 nice bash",
    ];
    let hooks = lines.map(|line| hook(line, "SNAPSHOT_END", "", &eaten(line)));
    let (written, warnings) = ran(&hooks).await;
    for (line, written) in lines.iter().zip(written) {
        assert_eq!(written, "begin\nend\n", "{line}");
    }
    assert_eq!(warnings, []);
}

#[tokio::test]
async fn a_program_that_needs_an_option_gets_the_script_behind_it() {
    let scripts = [
        ("#!/usr/bin/awk -f\nBEGIN { print \"awk\" }", "awk\n"),
        ("#!jq -nrf\n\"j\" + \"q\"", "jq\n"),
        ("#!make -sf\nall:\n\t@echo make", "make\n"),
        // Reads an empty stdin.
        ("#!/bin/sed -nf\n$ p", ""),
    ];
    let hooks = scripts.map(|(script, _)| {
        let name = script.lines().next().expect("a line");
        hook(&format!("'{name}'"), "SNAPSHOT_END", "", script)
    });
    let (written, warnings) = ran(&hooks).await;
    assert_eq!(written, scripts.map(|(_, written)| written));
    assert_eq!(warnings, []);
}

#[tokio::test]
async fn the_remedies_for_a_script_on_stdin_let_it_run_to_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrapper = folder.path().join("wrapper");
    fs::write(&wrapper, "#!/bin/sh\nexec \"$@\"\n").expect("written");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("set");
    let script = eaten(&format!("{} bash", wrapper.display()));
    let unmended = hook("h", "SNAPSHOT_END", "", &script);
    let (written, warnings) = ran(std::slice::from_ref(&unmended)).await;
    assert_eq!(written, ["begin\n"], "the fault");
    assert!(
        warnings[0]
            .remedy
            .contains("write `scriptVia: FILE` beside `command`")
    );
    let mended = unmended.replace("    command:", "    scriptVia: FILE\n    command:");
    let (written, warnings) = ran(&[mended]).await;
    assert_eq!((&*written[0], warnings.len()), ("begin\nend\n", 0));

    if !rustix::process::geteuid().is_root() {
        return skip("other-user: needs root");
    }
    let line = "setpriv --reuid=65534 --clear-groups bash";
    let unmended = hook("h", "SNAPSHOT_END", "", &eaten(line));
    let (written, warnings) = ran(&[unmended]).await;
    assert_eq!(written, ["begin\n"], "the fault");
    let remedy = "name `bash` alone, and instead of `setpriv` set the hook's `user`";
    assert_eq!(warnings[0].remedy, remedy);
    let mended = hook(
        "h",
        "SNAPSHOT_END",
        "user: nobody",
        &(eaten("bash") + "\nid -u"),
    );
    let (written, warnings) = ran(&[mended]).await;
    assert_eq!((&*written[0], warnings.len()), ("begin\nend\n65534\n", 0));
}

//! Remedies that hookctl's messages name: each is followed, and the fault is gone. The commands
//! that any message names exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use hookd_test_support::{Setup, config, hook, hookd_binary};

use crate::hookctl::{Answer, hookctl};
use crate::hookd::{Ask as _, start};

/// Calls that fail, the remedy in the message, and the calls after the remedy. `DIR` is the
/// daemon's folder.
const CALLS: [(&str, &str, &[&str]); 10] = [
    (
        "show last",
        "`hookctl run CONDITION` starts one",
        &["run CHECK_START", "show last"],
    ),
    (
        "run SNAPSHOT_START --plan hom",
        "`hookctl hooks` shows what is configured",
        &[
            "hooks",
            "run SNAPSHOT_START --plan home --request-id 7d444840-9dc0-11d1-b245-5ffdce74fad2",
        ],
    ),
    (
        "show ffffff",
        "`hookctl runs` shows the runs that are kept; `last` is the newest",
        &["runs", "show last"],
    ),
    (
        "render b --condition SNAPSHOT_START",
        "`hookctl hooks` shows the hooks as configured",
        &["hooks", "render a --condition SNAPSHOT_START"],
    ),
    (
        "logs last --hook b",
        "its hooks: a",
        &["logs last --hook a"],
    ),
    (
        "man x",
        "`hookctl --help` lists the verbs",
        &["--help", "man run"],
    ),
    (
        "store backup DIR/hookd.yaml",
        "give another name, or --force to replace it",
        &["store backup DIR/free", "store backup DIR/free --force"],
    ),
    (
        "store backup DIR --force",
        "give the name of a file",
        &["store backup DIR/file"],
    ),
    (
        "store backup DIR/state/runs.sqlite3 --force",
        "name another file: this one is never replaced",
        &["store backup DIR/other"],
    ),
    (
        "run CHECK_START --request-id 7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "leave --request-id out for a new one",
        &["run CHECK_START"],
    ),
];

#[test]
fn the_remedies_of_calls_work() {
    let daemon = start(&config(&hook("a", "SNAPSHOT_START", "", "true")), "sqlite");
    let folder = daemon.dir.path().to_str().unwrap();
    let ask = |call: &str| {
        let call = call.replace("DIR", folder);
        daemon.ask(&call.split(' ').collect::<Vec<_>>())
    };
    for (call, remedy, mended) in CALLS {
        let failed = ask(call);
        assert_ne!(failed.code, Some(0), "{call}: {failed:?}");
        assert!(failed.err.contains(remedy), "{remedy}: {failed:?}");
        for call in mended {
            let answer = ask(call);
            assert_eq!(answer.code, Some(0), "{call}: {answer:?}");
        }
    }
    let ids = daemon.listed(&[]);
    let ambiguous = daemon.ask(&["show", &ids[0][..4]]);
    assert!(
        ambiguous.err.contains("give more of the id"),
        "{ambiguous:?}"
    );
    assert_eq!(daemon.ask(&["show", &ids[0]]).code, Some(0));
}

#[test]
fn a_faulty_config_is_found_and_mended_as_the_remedies_say() {
    let good = config(&hook("a", "SNAPSHOT_START", "", "true"));
    let daemon = start(&good, "memory");
    let file = daemon.dir.path().join("hookd.yaml");
    let check = ["check", file.to_str().unwrap()];
    fs::write(&file, good.replace("hooks:", "hoks:")).unwrap();
    let embedded = || {
        let mut command = hookctl(["--embedded", "--config"]);
        command
            .arg(&file)
            .args(["run", "SNAPSHOT_START", "--plan", "home"]);
        Answer::from(command.output().unwrap())
    };
    let failed = embedded();
    let remedy = format!("`hookctl {}` shows the lines concerned", check.join(" "));
    assert!(failed.err.contains(&remedy), "{failed:?}");
    let found = daemon.ask(&check);
    assert_eq!(found.code, Some(78), "{found:?}");
    let said = format!("{}{}", found.out, found.err);
    assert!(said.contains("did you mean `hooks`?"), "{said}");
    fs::write(&file, &good).unwrap();
    assert_eq!(embedded().code, Some(0));
    assert_eq!(daemon.ask(&["reload"]).code, Some(0));
    // Without a config of the machine, the file has to be named.
    let nowhere = daemon.dir.path().join("none.yaml");
    let unnamed = hookctl(["check", "--config"])
        .arg(&nowhere)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&unnamed.stderr).into_owned();
    assert!(
        said.contains("name the config: `hookctl check FILE`"),
        "{said}"
    );
    assert_eq!(daemon.ask(&check).code, Some(0));
}

#[test]
fn a_config_that_is_not_there_is_created_or_another_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let [missing, other] = ["none.yaml", "other.yaml"].map(|name| folder.path().join(name));
    let good = config(&hook("a", "SNAPSHOT_START", "", "true"));
    fs::write(&other, &good).unwrap();
    let with = |file: &Path| {
        let mut command = hookctl(["--embedded", "--config"]);
        command
            .arg(file)
            .args(["run", "snapshot-start", "--plan", "home"]);
        Answer::from(command.output().unwrap())
    };
    let failed = with(&missing);
    assert_eq!((failed.code, &*failed.out), (Some(78), ""), "{failed:?}");
    let message = format!(
        "error: cannot read the config {}: No such file or directory (os error 2)\n\
         help: create it, or name another with --config FILE; hookctl must be allowed to read it\n",
        missing.display()
    );
    assert_eq!(failed.err, message);
    assert_eq!(with(&other).code, Some(0));
    fs::write(&missing, &good).unwrap();
    assert_eq!(with(&missing).code, Some(0));
}

#[test]
fn a_daemon_on_disk_keeps_what_a_daemon_in_memory_forgets() {
    // The remedy for a run that is forgotten.
    let setup = Setup::new(&config(&hook("a", "SNAPSHOT_START", "", "true")));
    let daemon = setup.arg("--store").arg("sqlite").start();
    let id = daemon.fire(&["SNAPSHOT_START", "--plan", "home"]);
    let daemon = daemon.stopped().start();
    assert_eq!(daemon.ask(&["show", &id]).code, Some(0));
}

/// Returns the commands in backticks in the sources of a crate, but for comments.
fn commands_of(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            commands_of(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let text = lines.map(|line| line.trim_start().trim_end_matches('\\'));
        let text = text.collect::<String>();
        for program in ["`hookctl ", "`hookd "] {
            for (at, _) in text.match_indices(program) {
                let command = text[at + 1..].split('`').next();
                found.extend(command.map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_command_that_a_message_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = BTreeSet::new();
    for name in ["hook-core", "hookd", "hookctl", "client", "supervisor"] {
        commands_of(&root.join(name).join("src"), &mut found);
    }
    assert!(found.len() > 10, "{found:?}");
    for command in found {
        let mut words = command.split_whitespace();
        let program = match words.next() {
            Some("hookd") => hookd_binary(),
            _ => env!("CARGO_BIN_EXE_hookctl").into(),
        };
        let words: Vec<&str> = words.collect();
        let is_verb = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase());
        let verbs: Vec<&str> = words.iter().take_while(is_verb).copied().collect();
        let help = Command::new(&program)
            .args(&verbs)
            .arg("--help")
            .output()
            .unwrap();
        assert!(help.status.success(), "`{command}` does not exist");
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        for option in words.iter().filter(|word| word.starts_with('-')) {
            let option = option.split('=').next().unwrap();
            assert!(
                help.contains(option),
                "`{command}`: {option} does not exist"
            );
        }
    }
}

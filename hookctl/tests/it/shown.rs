//! Output, notes and paths as hookctl shows them, with the real hookd.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use hookd_test_support::{Setup, TestDaemon, config, hook};

use crate::hookctl::{Answer, hookctl};
use crate::hookd::Ask as _;

/// Twelve MiB between a first and a last line, followed by an error.
const FLOOD: &str = "
plans: [{ id: home, repo: nas, hooks: [{
  name: dump,
  conditions: [CONDITION_SNAPSHOT_END],
  maxOutput: 4KiB,
  actionCommand: { command: \"echo first; \
      head -c 12582912 /dev/zero | tr '\\\\0' . ; echo; echo last; \
      echo 'the error' >&2; exit 3\" } }] }]
repos: [{ id: nas, uri: /nowhere }]
";

#[test]
fn the_ends_of_a_flood_are_shown_with_what_is_missing_between_them() {
    let hookd = TestDaemon::with(FLOOD);
    let gap = "dump - … 11.9 MiB of stdout dropped …\n";
    let live = hookd.ask(&["run", "SNAPSHOT_END", "--plan", "home"]);
    let logs = hookd.ask(&["logs", "last"]);
    for shown in [&live.out, &logs.out] {
        let (head, tail) = shown.split_once(gap).expect(shown);
        assert!(head.contains("dump | first\n"), "{head}");
        assert!(head.contains("dump | ....."), "{head}");
        assert!(head.ends_with(". (goes on)\n"), "{head}");
        // Lines of standard error may come before the end of standard output.
        assert!(shown.contains("dump ! the error\n"), "{shown}");
        let tail = tail.replace("dump ! the error\n", "");
        assert!(tail.contains(".....\ndump | last\n"), "{tail}");
    }
    // A gap is shown where bytes are missing, and only there.
    assert_eq!(logs.out.matches("dropped").count(), 1, "{}", logs.out);
    let end = "exit 3";
    assert!(live.out.contains(end), "{}", live.out);
    let show = hookd.ask(&["show", "last"]).out;
    for part in [end, "12 MiB", "11.9 MiB of output dropped"] {
        assert!(show.contains(part), "{part:?} is not in\n{show}");
    }
    // `--tail` shows the end.
    let tail = hookd
        .ask(&["logs", "last", "--stream", "stderr", "--tail", "1"])
        .out;
    assert_eq!(tail, "dump ! the error\n");
    let raw = hookd
        .ask(&["logs", "last", "--raw", "--stream", "stdout"])
        .out;
    assert_eq!(raw.len() + "the error\n".len(), 4096);
    assert!(raw.starts_with("first\n") && raw.ends_with("\nlast\n"));
}

#[test]
fn a_note_about_a_hook_is_shown_live_and_later() {
    let config = FLOOD.replace("maxOutput: 4KiB", "env: { BIG: { fromFile: /dev/null } }");
    let hookd = TestDaemon::with(&config.replace("12582912", "1"));
    // The longest possible argument; as a variable with a name it is too long.
    let error = "x".repeat((128 << 10) - 2);
    let live = hookd.ask(&["run", "SNAPSHOT_END", "--plan", "home", "--error", &error]);
    let note = "HOOK_ERROR has the first 126964 of 131070 bytes";
    assert!(live.out.contains(note), "{}", live.out);
    let show = hookd.ask(&["show", "last"]).out;
    assert!(show.contains(&format!("note: dump: {note}")), "{show}");
}

#[test]
fn the_config_is_named_so_that_it_is_found_from_anywhere() {
    let setup = Setup::new(FLOOD);
    let file = setup.dir.path().join("hookd.yaml");
    let command = setup.command();
    let mut serve = Command::new(command.get_program());
    serve.stdout(Stdio::piped()).stderr(Stdio::null());
    serve.current_dir(setup.dir.path());
    serve.args(command.get_args().map(|arg| match arg {
        arg if arg == file => OsStr::new("hookd.yaml"),
        arg => arg,
    }));
    let mut hookd = serve.spawn().unwrap();
    let mut ready = String::new();
    let mut stdout = BufReader::new(hookd.stdout.take().unwrap());
    stdout.read_line(&mut ready).unwrap();
    let address = format!("unix://{}", setup.socket().display());
    let ask = |verb| Answer::from(hookctl([verb, "--addr", &address]).output().unwrap()).out;
    let (info, reload) = (ask("info"), ask("reload"));
    hookd.kill().unwrap();
    hookd.wait().unwrap();
    assert!(info.contains(&format!("{}\n", file.display())), "{info}");
    assert!(reload.contains(&*file.display().to_string()), "{reload}");
}

#[test]
fn hooks_of_the_error_phase_show_the_conditions_that_they_matched() {
    let hooks = [
        hook(
            "guard",
            "SNAPSHOT_START",
            "onError: ON_ERROR_FATAL",
            "exit 1",
        ),
        hook("cleanup", "SNAPSHOT_END", "", "true"),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let answer = daemon.ask(&["run", "snapshot-start", "--plan", "home"]);
    assert_eq!(answer.code, Some(21), "{answer:?}");
    let shown = daemon.ask(&["show", "last"]).out;
    let row = |name: &str| shown.lines().find(|line| line.contains(name)).expect(name);
    assert!(row("TIMELINE").contains("CONDITION"), "{shown}");
    assert!(row(" guard ").contains("SNAPSHOT_START"), "{shown}");
    assert!(row(" cleanup ").contains("SNAPSHOT_END"), "{shown}");
}

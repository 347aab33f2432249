//! hookctl on a terminal: tables that fit, and a spinner that leaves no trace.

use std::fs::File;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use hookd_test_support::{PATIENCE, Setup, TestDaemon, config, hook};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use unicode_width::UnicodeWidthStr as _;

use crate::hookd::Ask as _;

const ROWS: u16 = 60;

/// A command on a terminal of its own.
struct OnTerminal {
    child: Child,
    /// All that it has written, and what the terminal shows of it.
    shown: vt100::Parser,
    master: File,
    written: Vec<u8>,
}

impl OnTerminal {
    fn start(mut command: Command, columns: u16) -> OnTerminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_row: ROWS,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let open = || {
            let file = File::options()
                .read(true)
                .write(true)
                .open(name.to_str().unwrap());
            Stdio::from(file.unwrap())
        };
        command.stdout(open()).stderr(open()).stdin(open());
        command.env("TERM", "xterm-256color");
        let child = command.spawn().unwrap();
        // The terminal ends with the last process that has it open.
        drop(command);
        OnTerminal {
            child,
            shown: vt100::Parser::new(ROWS, columns, 1000),
            master: File::from(master),
            written: Vec::new(),
        }
    }

    /// Reads on; returns false at the end.
    fn read(&mut self) -> bool {
        let mut piece = [0; 4096];
        // A terminal that was left is an error on Linux.
        let count = self.master.read(&mut piece).unwrap_or(0);
        self.written.extend_from_slice(&piece[..count]);
        self.shown.process(&piece[..count]);
        count > 0
    }

    fn until(&mut self, what: &str) {
        let begun = Instant::now();
        while !String::from_utf8_lossy(&self.written).contains(what) {
            assert!(self.read(), "it ended without {what:?}");
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what:?}");
        }
    }

    /// Waits for the end; returns the exit code, and the lines that the terminal shows then.
    fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        let code = self.child.wait().unwrap().code();
        assert!(!self.shown.screen().hide_cursor());
        let lines = self.shown.screen().contents();
        (
            code,
            lines
                .lines()
                .map(|line| format!("{}\n", line.trim_end()))
                .collect(),
        )
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

fn lines_too_wide(text: &str, columns: usize) -> Vec<&str> {
    text.lines().filter(|line| line.width() > columns).collect()
}

#[test]
fn tables_fit_the_terminal() {
    let plan = "the-database-of-the-second-server";
    let long = "check-that-the-mount-of-the-remote-folder-日本語-is-there";
    let hooks = hook(
        long,
        "SNAPSHOT_START",
        "onError: ON_ERROR_RETRY_EXPONENTIAL_BACKOFF",
        "exit 3",
    ) + &hook(
        "alarm",
        "ANY_ERROR",
        "onError: ON_ERROR_IGNORE",
        "echo no; exit 1",
    ) + &hook("end", "SNAPSHOT_END", "", "exit 7");
    let config = config(&hooks).replace("id: home", &format!("id: {plan}"));
    let daemon = TestDaemon::with(&config);
    daemon.fire(&["snapshot-start", "--plan", plan]);
    daemon.fire(&[
        "snapshot-error",
        "--plan",
        plan,
        "--error",
        &"many words ".repeat(20),
    ]);
    daemon.fire(&["snapshot-success", "--plan", plan]);
    for line in [
        "runs",
        "hooks",
        "stats",
        "show last",
        "info",
        "runs prune --dry-run --max-runs 1",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        for columns in [80, 100, 120, 250] {
            let (code, shown) = OnTerminal::start(daemon.hookctl(&args), 250).end();
            let narrow = OnTerminal::start(daemon.hookctl(&args), columns);
            // A line that is too wide goes on in the next, so the bytes are looked at.
            let mut narrow = narrow;
            while narrow.read() {}
            let written = vt100::Parser::new(ROWS, 1000, 0);
            let mut wide = written;
            wide.process(&narrow.written);
            let contents = wide.screen().contents();
            assert_eq!(
                lines_too_wide(&contents, columns.into()),
                [""; 0],
                "{line}\n{contents}"
            );
            assert_eq!(code, Some(0), "{shown}");
        }
        // Programs read whole names.
        let piped = daemon.ask(&args).out;
        assert!(!piped.contains('…'), "{piped}");
    }
    let runs = daemon.ask(&["runs"]).out;
    assert!(
        runs.contains("2 hooks, 2 failed") && runs.contains(plan),
        "{runs}"
    );
    let (_, narrow) = OnTerminal::start(daemon.hookctl(&["runs"]), 80).end();
    assert!(
        narrow.contains("2 hooks, 2 failed") && narrow.contains("the-d…erver"),
        "{narrow}"
    );
}

#[test]
fn the_spinner_leaves_no_trace() {
    let script = "echo one; sleep 0.4; echo two; sleep 0.4";
    let daemon = TestDaemon::with(&config(&hook("slow", "SNAPSHOT_START", "", script)));
    let run = [
        "run",
        "snapshot-start",
        "--plan",
        "home",
        "--color",
        "never",
    ];
    let mut run = OnTerminal::start(daemon.hookctl(&run), 80);
    run.until("slow | two");
    assert!(
        String::from_utf8_lossy(&run.written).contains("⠙"),
        "there is no spinner"
    );
    let (code, shown) = run.end();
    assert_eq!(code, Some(0), "{shown}");
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 6, "{shown}");
    assert!(
        lines[0].starts_with("run ") && lines[1].starts_with("slow > sh"),
        "{shown}"
    );
    assert_eq!(lines[2..4], ["slow | one", "slow | two"], "{shown}");
    assert!(lines[4].starts_with("slow < exit 0 in "), "{shown}");
    assert_eq!(lines[5], "PROCEED");
}

#[test]
fn a_signal_takes_the_spinner_away() {
    let setup = Setup::new("hooks: []\n");
    let address = format!("unix://{}", setup.socket().display());
    std::fs::create_dir_all(setup.socket().parent().unwrap()).unwrap();
    let _silent = std::os::unix::net::UnixListener::bind(setup.socket()).unwrap();
    for (args, shown) in [
        (
            &["run", "snapshot-start", "--plan", "x"][..],
            "left before hookd answered: `hookctl runs` shows if a run began\n",
        ),
        (&["runs", "--all"], ""),
    ] {
        let mut command = crate::hookctl::hookctl(args);
        command.env("HOOKD_ADDR", &address);
        let mut on_terminal = OnTerminal::start(command, 80);
        on_terminal.until("⠹");
        on_terminal.signal(Signal::INT);
        let (code, seen) = on_terminal.end();
        assert_eq!(code, Some(130), "{seen}");
        let seen = seen.replace(
            "interrupted: asking hookd to end the run and waiting for its decision; Ctrl-C\nagain leaves at once\n",
            "",
        );
        assert!(
            seen == shown || seen.ends_with(shown) && !shown.is_empty(),
            "{seen:?}"
        );
        assert!(!seen.contains('⠹'), "{seen}");
    }
}

#[test]
fn there_is_no_spinner_for_a_reader_on_the_same_terminal() {
    let daemon = TestDaemon::with(&config(&hook("slow", "SNAPSHOT_START", "", "sleep 0.5")));
    let mut shell = Command::new("sh");
    let hookctl = env!("CARGO_BIN_EXE_hookctl");
    shell.env("HOOKD_ADDR", daemon.address()).arg("-c");
    shell.arg(format!("{hookctl} run snapshot-start --plan home | cat"));
    let mut piped = OnTerminal::start(shell, 80);
    piped.until("PROCEED");
    assert!(!String::from_utf8_lossy(&piped.written).contains("⠙"));
    assert_eq!(piped.end().0, Some(0));
}

//! Statistics of hooks, and interrupted runs.

use std::io::Read as _;
use std::process::Stdio;

use hookd_test_support::{PATIENCE, Setup, config, hook};

use super::STORES;
use crate::hookctl::Answer;
use crate::hookd::{Ask as _, start};

fn hooks(dir: &std::path::Path) -> String {
    let count = dir.join("count");
    let changes = format!(
        "echo x >> {0}; exit $(($(wc -l < {0}) % 2))",
        count.display()
    );
    [
        hook("fine", "SNAPSHOT_START", "", "true"),
        hook("healthcheck", "SNAPSHOT_START", "", "exit 6"),
        hook("moody", "SNAPSHOT_START", "", &changes),
        hook("off", "SNAPSHOT_START", "enabled: false", "true"),
    ]
    .concat()
}

#[test]
fn hooks_are_counted_and_those_that_keep_failing_are_named() {
    for store in STORES {
        let dir = tempfile::tempdir().expect("a folder");
        let daemon = start(&config(&hooks(dir.path())), store);
        assert_eq!(daemon.json(&["stats"]), serde_json::json!([]));
        assert!(!daemon.ask(&["info"]).out.contains("warning:"));
        for _ in 0..5 {
            daemon.fire(&["snapshot-start", "--plan", "home"]);
        }
        let stats = daemon.json(&["stats"]);
        let stats = stats.as_array().expect("a list is an array");
        let of = |name: &str| {
            let this = |hook: &&serde_json::Value| hook["hook"] == name;
            stats.iter().find(this).unwrap_or(&serde_json::Value::Null)
        };
        assert_eq!(stats.len(), 3, "what was skipped did not run: {stats:?}");
        assert_eq!(of("fine")["runs"], "5");
        assert!(of("fine")["lastSuccess"].is_string() && of("fine")["p95"].is_string());
        assert!(of("fine").get("flapping").is_none());
        let failing = of("healthcheck");
        assert_eq!(
            (&failing["failures"], &failing["ignoredFailures"]),
            (&"5".into(), &"5".into())
        );
        assert_eq!(failing["failuresInARow"], "5");
        assert_eq!(failing["lastFailureOutcome"]["exitCode"], 6);
        assert_eq!(
            (&of("moody")["changes"], &of("moody")["flapping"]),
            (&"4".into(), &true.into())
        );

        let none = daemon.ask(&["stats", "helthcheck"]);
        assert_eq!((none.code, &*none.out), (Some(65), ""), "{none:?}");
        assert!(none.err.contains("did you mean `healthcheck`?"), "{none:?}");
        let none = daemon.ask(&["stats", "healthcheck", "--until", "2020-01-01"]);
        assert_eq!((none.code, &*none.out), (Some(0), ""), "{none:?}");
        assert!(
            none.err.contains("hook `healthcheck` did not run"),
            "{none:?}"
        );
        let text = daemon.ask(&["stats", "healthcheck"]);
        assert_eq!(text.out.lines().count(), 2, "{text:?}");
        assert!(text.out.contains("5 (100%)"), "{text:?}");
        assert!(text.out.contains("failed 5 times since "), "{text:?}");
        let before = daemon.json(&["stats", "--until", "1d"]);
        assert_eq!(before, serde_json::json!([]));

        let said = "hook \"healthcheck\" has failed 5 times in a row since ";
        let ignored = " (exit 6), and its failures are ignored\n";
        let info = daemon.ask(&["info"]);
        assert!(info.out.contains(&format!("warning: {said}")), "{info:?}");
        assert!(info.out.contains(ignored), "{info:?}");
        assert!(!info.out.contains("\"fine\"") && !info.out.contains("\"moody\""));
        let file = daemon.config.display().to_string();
        let check = daemon.ask(&["check", "--strict", &file]);
        assert_eq!(check.code, Some(0), "{check:?}");
        assert!(
            check.out.contains(said) && check.out.contains(ignored),
            "{check:?}"
        );
        let quiet = daemon.ask(&["check", "--no-history", &file]);
        assert!(!quiet.out.contains("healthcheck"), "{quiet:?}");
        let mut alone = daemon.hookctl(&["check", &file]);
        alone.env("HOOKD_ADDR", "unix:///nonexistent/hookd.sock");
        let alone = alone.output().expect("hookctl runs");
        assert_eq!(alone.status.code(), Some(0), "{alone:?}");
        assert!(alone.stderr.is_empty(), "{alone:?}");
    }
}

#[test]
fn a_run_that_was_cut_off_is_there_with_all_that_it_wrote() {
    let dir = tempfile::tempdir().expect("a folder");
    let reached = dir.path().join("reached");
    let script = format!("echo last words; touch {}; sleep 600", reached.display());
    let hooks = hook("first", "SNAPSHOT_START", "", "echo done")
        + &hook("second", "SNAPSHOT_START", "", &script);
    let setup = Setup::new(&config(&hooks)).arg("--store").arg("sqlite");
    let daemon = setup.start();
    let args = [
        "run",
        "snapshot-start",
        "--plan",
        "home",
        "--retry-for",
        "0s",
    ];
    let mut running = daemon.hookctl(&args);
    let running = running.stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = running.spawn().expect("hookctl runs");
    let begun = std::time::Instant::now();
    while !reached.exists() || !daemon.ask(&["logs", "last"]).out.contains("last words") {
        assert!(begun.elapsed() < PATIENCE, "it wrote nothing");
        std::thread::yield_now();
    }
    let seen = daemon.json(&["show", "last"]);
    assert_eq!(seen["state"], "RUN_STATE_RUNNING");
    for args in [
        &["--state", "running", "--hook", "second"][..],
        &["--hook", "first", "--plan", "home"],
        &[
            "--condition",
            "snapshot-start",
            "--id",
            seen["runId"].as_str().expect("an id"),
        ],
    ] {
        assert_eq!(daemon.listed(args).len(), 1, "{args:?}");
    }
    for args in [
        &["--state", "finished"][..],
        &["--decision", "proceed"],
        &["--until", "1h"],
    ] {
        assert_eq!(daemon.listed(args), Vec::<String>::new(), "{args:?}");
    }
    let mut follow = daemon.hookctl(&["logs", "-f", "last"]);
    let follow = follow.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut follow = follow.spawn().expect("hookctl runs");
    let mut first = [0; 5];
    let mut out = follow.stdout.take().expect("it is piped");
    out.read_exact(&mut first).expect("it follows");
    let setup = daemon.killed();
    running.wait().expect("hookctl ends");
    let daemon = setup.arg("--store").arg("sqlite").start();

    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("text");
    let followed = Answer::from(follow.wait_with_output().expect("hookctl ends"));
    assert_eq!(followed.code, Some(0), "{followed:?}");
    assert_eq!(&first, b"first");
    assert_eq!(rest, "  | done\nsecond | last words\n");
    assert!(followed.err.starts_with("no connection: "), "{followed:?}");
    assert!(
        followed.err.contains("\nthe run was interrupted: "),
        "{followed:?}"
    );

    let export = daemon.ask(&["runs", "export"]);
    assert_eq!((export.code, &*export.err), (Some(0), ""));
    let export = export.json();
    let last = export["journal"]
        .as_array()
        .and_then(|journal| journal.last());
    assert!(
        last.is_some_and(|entry| entry["runInterrupted"].is_object()),
        "{export}"
    );

    let interrupted = daemon.listed(&["--state", "interrupted"]);
    assert_eq!(interrupted, [seen["runId"].as_str().expect("an id")]);
    let shown = daemon.ask(&["show", "last"]);
    for part in [
        "state    interrupted\n",
        "  first   5 B     exit 0\n",
        "cut off: hookd died\n",
        "\nINTERRUPTED: ",
        "the agent is told FAIL\n",
    ] {
        assert!(shown.out.contains(part), "{part:?} is not in {shown:?}");
    }
    for args in [&["logs", "last"][..], &["logs", "-f", "last"]] {
        let logs = daemon.ask(args);
        assert_eq!(logs.code, Some(0), "{logs:?}");
        assert_eq!(logs.out, "first  | done\nsecond | last words\n");
        assert!(
            logs.err.starts_with("the run was interrupted: "),
            "{logs:?}"
        );
    }
    assert_eq!(
        daemon.json(&["runs", "--grep", "last words"])[0]["runId"],
        seen["runId"]
    );
}

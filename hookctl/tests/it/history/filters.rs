//! `hookctl runs` with filters: each finds the matching runs and no others.

use hookd_test_support::{config, hook};

use super::STORES;
use crate::hookd::{Ask as _, start};

/// A script whose output has a word that spans two pieces of the journal.
const LONG: &str =
    "head -c 32765 /dev/zero | tr '\\0' x; printf 'nee'; sleep 0.1; printf 'dle\\377'; exit 3";

fn hooks() -> String {
    [
        hook("battery", "SNAPSHOT_START", "", "echo battery is fine"),
        hook("off", "SNAPSHOT_START", "enabled: false", "echo never"),
        hook("guard", "PRUNE_START", "onError: ON_ERROR_CANCEL", LONG),
        hook("alarm", "ANY_ERROR", "", "echo \"$HOOK_ERROR\" >&2; exit 6"),
    ]
    .concat()
}

#[test]
fn every_filter_finds_its_runs() {
    for store in STORES {
        let daemon = start(&config(&hooks()), store);
        let start = daemon.fire(&["snapshot-start", "--plan", "home", "--operation-id", "op-1"]);
        let error = daemon.fire(&[
            "snapshot-error",
            "--plan",
            "home",
            "--operation-id",
            "op-1",
            "--error",
            "no space",
        ]);
        let middle = daemon.json(&["show", &error])["startedAt"].clone();
        let middle = middle.as_str().expect("a time");
        assert!(middle.ends_with('Z'), "{middle}");
        let prune = daemon.fire(&["prune-start", "--plan", "home"]);
        let repo = daemon.fire(&["check-start", "--repo", "nas"]);
        let all = [&repo, &prune, &error, &start];
        let table: &[(&[&str], &[&String])] = &[
            (&[], &all),
            (&["--plan", "home"], &[&prune, &error, &start]),
            (&["--failed"], &[&prune, &error]),
            (&["--failed", "--hook", "alarm"], &[&error]),
            (&["--failed", "--condition", "check-start"], &[]),
            (&["--repo", "nas"], &all),
            (&["--condition", "snapshot-start"], &[&start]),
            // The reported condition differs from those that it fires.
            (&["--condition", "any-error"], &[&error]),
            (&["--condition", "snapshot-end"], &[&error]),
            (
                &["--condition", "snapshot-end", "--condition", "prune-start"],
                &[&prune, &error],
            ),
            (&["--decision", "cancel"], &[&prune]),
            (&["--decision", "proceed"], &[&repo, &error, &start]),
            (
                &[
                    "--decision",
                    "cancel",
                    "--plan",
                    "home",
                    "--hook",
                    "battery",
                ],
                &[],
            ),
            (&["--state", "finished"], &all),
            (&["--state", "running", "--state", "queued"], &[]),
            (&["--state", "interrupted"], &[]),
            (&["--operation-id", "op-1"], &[&error, &start]),
            (&["--since", middle], &[&repo, &prune, &error]),
            (&["--until", middle], &[&start]),
            (&["--since", "1h", "--until", "now"], &all),
            (&["--hook", "battery"], &[&start]),
            (&["--hook", "off"], &[&start]),
            (&["--hook", "alarm"], &[&error]),
            (&["--id", &start], &[&start]),
            (&["--id", &start[..30]], &[&start]),
            (&["--id", "ffff"], &[]),
            (&["--grep", "no space"], &[&error]),
            (&["--grep", "battery is fine\n"], &[&start]),
            (&["--grep", "Battery"], &[]),
            (&["--grep", "xneedle"], &[&prune]),
            (&["--grep", "e", "--condition", "prune-start"], &[&prune]),
            // The text of a script is not its output.
            (&["--grep", "echo"], &[]),
        ];
        for (args, expected) in table {
            let expected: Vec<String> = expected.iter().map(|id| (*id).clone()).collect();
            assert_eq!(daemon.listed(args), expected, "{store}: {args:?}");
        }
        let known = ["--plan", "home", "--since", "now"];
        assert_eq!(daemon.listed(&known), [""; 0], "{store}");
        for (args, said) in [
            (
                &["--plan", "hom"][..],
                "no plan `hom` in the config, nor in past runs; did you mean `home`?",
            ),
            (&["--plan", "none"], "no plan `none` in the config"),
            (&["--repo", "naas"], "did you mean `nas`?"),
            (&["--hook", "batery"], "did you mean `battery`?"),
            (&["--id", "last"], "run_id_prefix"),
            (&["--grep", &"x".repeat(5000)][..], "output_contains"),
        ] {
            let told = daemon.ask(&[&["runs"], args].concat());
            assert_eq!(told.code, Some(65), "{told:?}");
            assert!(told.err.contains(said), "{told:?}");
        }
    }
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_id_and_shown() {
    for store in STORES {
        let daemon = start(&config(&hooks()), store);
        let first = daemon.fire(&["snapshot-start", "--plan", "home"]);
        let second = daemon.fire(&["prune-start", "--plan", "home"]);
        let shown = daemon.ask(&["show", &first[..first.len() - 1]]);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        for part in [
            &format!("run       {first}\n"),
            "  battery  16 B    exit 0\n",
            "=  battery",
            "off      -       skipped: it is disabled\n",
            "\nPROCEED\n",
        ] {
            assert!(shown.out.contains(part), "{part:?} is not in {shown:?}");
        }
        assert!(shown.out.lines().all(|line| line.len() <= 80));
        let ambiguous = daemon.ask(&["show", &first[..8]]);
        assert_eq!(ambiguous.code, Some(65));
        assert!(
            ambiguous.err.contains(&first) && ambiguous.err.contains(&second),
            "{ambiguous:?}"
        );
        assert_eq!(daemon.json(&["show", "last"])["runId"], *second);
        assert_eq!(daemon.ask(&["show", "nope"]).code, Some(65));
    }
}

#[test]
fn output_of_finished_runs_is_there_to_be_looked_at() {
    let script = "echo one; echo two >&2; echo three; printf four";
    let hooks =
        hook("a", "SNAPSHOT_START", "", script) + &hook("b", "SNAPSHOT_START", "", "echo b");
    for store in STORES {
        let daemon = start(&config(&hooks), store);
        daemon.fire(&["snapshot-start", "--plan", "home"]);
        for (args, expected) in [
            (&["--stream", "stderr"][..], "a ! two\n"),
            (&["--hook", "b"], "b | b\n"),
            (
                &["--hook", "a", "--tail", "1"],
                "a | four (no line break)\n",
            ),
            (
                &["--hook", "a", "--stream", "stdout", "--raw"],
                "one\nthree\nfour",
            ),
            (&["-f", "--hook", "b", "--tail", "5"], "b | b\n"),
            (&["--tail", "0"], ""),
        ] {
            let told = daemon.ask(&[&["logs", "last"], args].concat());
            assert_eq!((told.code, &*told.err), (Some(0), ""), "{args:?}");
            assert_eq!(told.out, expected, "{store}: {args:?}");
        }
    }
}

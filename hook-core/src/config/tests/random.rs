//! Every file results in a catalog or a diagnostic, within a time limit.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{hook, hook_with};
use crate::diagnostic::Severity;
use crate::load::parse;

/// Enough for linear work on a busy machine, but not for quadratic work.
const SOON: Duration = Duration::from_secs(30);

/// Configs to start from.
const SEEDS: [&str; 3] = [
    include_str!("all_at_once.yaml"),
    "defaults: { timeout: 1h }\nhooks:\n  - &h\n    conditions: [CONDITION_ANY_ERROR, 2]\n    \
     actionCommand:\n      command: |\n        #!/bin/sh\n        echo {{ .Task }}\n  - *h\n",
    "{\"repos\": [{\"id\": \"a\", \"hooks\": [{\"conditions\": [\"CONDITION_SNAPSHOT_END\"], \
     \"actionCommand\": {\"command\": \"echo \\\"{{ .Error }}\\\"\\n\"}}]}]}",
];

fn answers(bytes: &[u8]) {
    let start = Instant::now();
    match parse("f", bytes) {
        Ok(loaded) => {
            for note in loaded.warnings {
                assert_eq!(note.severity, Severity::Warning);
            }
        }
        Err(notes) => {
            assert!(notes.iter().any(|n| n.severity == Severity::Error));
            for note in notes {
                assert!(note.line >= 1 && note.column >= 1 && note.length >= 1);
                assert!(
                    !note.message.is_empty() && !note.message.contains('\n'),
                    "{note}"
                );
            }
        }
    }
    assert!(start.elapsed() < SOON, "too slow");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        answers(&bytes);
    }

    #[test]
    fn any_yaml_like_text(text in "([a-z\"'|>\\[\\]{}:,#&*!?%@`~ü\\\\ \t\r\n-]|: |- |\n  ){0,200}") {
        answers(text.as_bytes());
    }

    #[test]
    fn mutated_configs(
        seed in 0..SEEDS.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..12, any::<u8>()), 1..6),
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (index, remove, insert) in edits {
            let at = index.index(bytes.len() + 1);
            let end = (at + remove).min(bytes.len());
            bytes.splice(at..end, [insert, b":\n[{- *&\"'|"[usize::from(insert) % 11]]);
        }
        answers(&bytes);
    }
}

#[test]
fn large_and_nasty_files() {
    for text in [
        "[".repeat(1 << 19),
        "{\"a\":".repeat(1 << 17),
        "- ".repeat(1 << 19),
        "? ".repeat(1 << 17),
        format!("hooks: [{}]", "a,".repeat(75_000)),
        (0..50_000).map(|i| format!("k{i}: v\n")).collect(),
        format!("a: |\n{}", "  x\n".repeat(200_000)),
        format!("a: \"{}", "x\n".repeat(200_000)),
        " ".repeat(1 << 19) + "a: 1",
        format!("plans:\n{}", "  - {id: a, repo: b}\n".repeat(20_000)),
        format!(
            "repos: [{}]\nplans: [{}]",
            (0..10_000)
                .map(|i| format!("{{id: r{i}}},"))
                .collect::<String>(),
            (0..10_000)
                .map(|i| format!("{{id: p{i}, repo: q{i}}},"))
                .collect::<String>(),
        ),
        format!(
            "{}{}",
            (0..20_000)
                .map(|i| format!("k{i}: v\n"))
                .collect::<String>(),
            (0..20_000)
                .map(|i| format!("k{i}: v\n"))
                .collect::<String>(),
        ),
        hook_with(&format!(
            "exitCodes: {{{}}}",
            (0..40_000)
                .map(|i| format!("0{i}-255: OK,"))
                .collect::<String>()
        )),
        hook(&format!("conditions: [{}]", "X_Y_Z,".repeat(75_000))),
    ] {
        assert!(parse("f", text.as_bytes()).is_err());
    }
}

#[test]
fn a_large_config_is_read_soon() {
    let hook = "{conditions: [1], actionCommand: {command: 'echo {{ .Plan.Id }} # x'}}, ";
    let plan = |i: usize| {
        let hooks = hook.repeat(if i < 20 { 150 } else { 0 });
        format!("  - {{id: p{i}, repo: r, paths: [/a, /b], hooks: [{hooks}]}}\n")
    };
    let plans: String = (0..10_000).map(plan).collect();
    let start = Instant::now();
    let text = format!("repos: [{{id: r}}]\nplans:\n{plans}");
    let loaded = parse("f", text.as_bytes()).unwrap();
    assert_eq!(loaded.catalog.all_hooks().count(), 3_000);
    assert!(loaded.warnings.is_empty());
    let elapsed = start.elapsed();
    assert!(elapsed < SOON, "{elapsed:?}");
}

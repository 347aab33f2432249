//! Rules that hold for all templates and all strings.

use hook_core::template::{Engine, Facts, Template};
use hook_core::vars::Vars;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces that templates are made of, right and wrong ones.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{- ",
    " -}}",
    "{{/* c */}}",
    "if ",
    "else",
    "else if ",
    "else with ",
    "end",
    "range ",
    "with ",
    "define ",
    "block ",
    "template ",
    "break",
    "continue",
    "\"a\"",
    "`r`",
    "'c'",
    "1",
    "2.5",
    "-3",
    "0x1p4",
    "1i",
    "nil",
    "true",
    "$x",
    "$",
    " := ",
    " = ",
    ", ",
    " | ",
    "(",
    ")",
    " ",
    "\n",
    ".",
    ".Task",
    ".Plan.Id",
    ".Plan.Paths",
    ".SnapshotStats.DataAdded",
    ".ShellEscape ",
    "print ",
    "printf \"%d %[9]s\" ",
    "index ",
    "eq ",
    "and ",
    "{",
    "}",
    "text",
    "é",
    "\\",
    "\"",
    "/*",
    "*/",
    "\u{0}",
    "²",
];

fn joined(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(pieces), 0..most).prop_map(|p| p.concat())
}

fn vars() -> Vars {
    let text = r#"{"plan": {"id": "p", "paths": ["/a", "/b"]}, "snapshotStats": {"filesNew": 3},
        "labels": {"k": "v"}, "attempt": 1}"#;
    Vars::from_json(text).unwrap_or_else(|e| panic!("{e}"))
}

/// Reads, checks and runs a template by all engines; only panics and hangs can fail.
fn exercise(source: &str) {
    for engine in Engine::ALL {
        if let Ok(template) = Template::parse(engine, source) {
            let _ = template.check(&Facts::default());
            let _ = template.render(&vars());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn token_soup_never_panics(source in joined(PIECES, 24)) {
        exercise(&source);
        exercise(&format!("{{{{{source}}}}}"));
    }

    #[test]
    fn any_text_never_panics(source in "\\PC{0,40}") {
        exercise(&source);
        exercise(&format!("{{{{{source}}}}}"));
    }
}

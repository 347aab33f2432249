//! Rules that hold for all templates in the Tera dialect. Those in the Go dialect are tested in
//! its own crate.

use hook_core::template::{Engine, Facts, Template};
use hook_core::vars::Vars;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces of templates in the Tera dialect, valid and invalid ones.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "{{", "}}", "{%", "%}", "{{-", "-%}", "{# c #}", "if ", "elif ", "else", "endif", "for x in ",
    "endfor", "set y = ", "raw", "endraw", "block b", "macro m()", "include \"a\"", "task",
    "plan.id", "plan.paths", "snapshot_stats.data_added", "labels[\"k\"]", " | raw",
    " | json_marshal", " | default(value=", "loop.index", "\"a\"", "'b'", "1", "2.5", "-3", "true",
    " and ", " not ", " == ", " ~ ", "(", ")", "[", "]", ",", ".", " ", "\n", "{", "}", "text", "é",
    "\\", "\"", "\u{0}",
];

fn joined(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(pieces), 0..most).prop_map(|p| p.concat())
}

fn vars() -> Vars {
    let text = r#"{"plan": {"id": "p", "paths": ["/a", "/b"]}, "snapshotStats": {"filesNew": 3},
        "labels": {"k": "v"}, "attempt": 1}"#;
    Vars::from_json(text).unwrap_or_else(|e| panic!("{e}"))
}

/// Reads, checks and runs a template; only panics and hangs can fail.
fn exercise(source: &str) {
    if let Ok(template) = Template::parse(Engine::Tera, source) {
        let _ = template.check(&Facts::default());
        let _ = template.render(&vars());
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

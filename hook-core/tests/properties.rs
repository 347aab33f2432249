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

/// Actions of which most can be read.
const ACTIONS: &[&str] = &[
    "{{.Task}}",
    "{{if .Error}}",
    "{{else}}",
    "{{end}}",
    "{{range $i, $p := .Plan.Paths}}",
    "{{$i}}",
    "{{with $x := .SnapshotStats}}",
    "{{$x.FilesNew}}",
    "{{else with .Plan}}",
    "{{else if eq .Attempt 1}}",
    "{{break}}",
    "{{continue}}",
    "{{template \"a\" .}}",
    "{{define \"a\"}}",
    "{{block \"b\" .Plan}}",
    "{{(.CurTime.Add .Duration).Format \"15:04\" | printf \"%q\"}}",
    "{{$x := 1}}",
    "{{$x = 2}}",
    "{",
    "}",
    "text ",
    "{{- 3 -}}",
    "\n",
    "{{/* c */}}",
    "{{print (index .Labels \"k\") 'x' 1i `r`}}",
    "{{and .Repo .Plan.Id}}",
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

    #[test]
    fn printing_keeps_the_meaning(source in joined(ACTIONS, 16)) {
        if let Ok(document) = go_template::parse("template", &source) {
            let printed = go_template::print(&document, &source);
            let again = go_template::parse("template", &printed);
            prop_assert!(again.is_ok(), "{printed:?}: {again:?}");
            if let Ok(again) = again {
                prop_assert_eq!(&go_template::print(&again, &printed), &printed);
            }
            let render = |source: &str| Template::parse(Engine::Go, source).map(|t| t.render(&vars()).ok()).ok();
            prop_assert_eq!(render(&source), render(&printed));
        }
    }

    #[test]
    fn what_works_is_no_error(source in joined(ACTIONS, 10)) {
        if let Ok(template) = Template::parse(Engine::Go, &source)
            && template.render(&vars()).is_ok()
        {
            let errors: Vec<_> = template.check(&Facts::default()).into_iter()
                .filter(|f| f.severity == hook_core::diagnostic::Severity::Error).collect();
            prop_assert!(errors.is_empty(), "{errors:?}");
        }
    }
}

//! Properties that hold for every input, one function for each fuzz target.
//!
//! The targets and the test that replays their corpus share them. Each function takes any
//! bytes and returns, or panics with the violated property.

use std::borrow::Cow;
use std::sync::LazyLock;

use hook_core::condition::Condition;
use hook_core::diagnostic::{Diagnostic, Severity};
use hook_core::load;
use hook_core::template::{Engine, Facts, Finding, Template, TemplateError};
use hook_core::vars::Vars;

/// A property, checked for an input.
pub type Check = fn(&[u8]);

/// All checks by the name of their target, which is that of their folder of the corpus.
pub const CHECKS: [(&str, Check); 2] = [("config", config), ("tera", tera)];

/// Empty variables, and nearly complete ones.
static VARS: LazyLock<[Vars; 2]> = LazyLock::new(|| {
    let text = r#"{"task": "it's", "event": "CONDITION_SNAPSHOT_END", "snapshotId": "4f2a9c1b",
        "error": "a \"b\"\n<c>", "labels": {"b": "2", "a": "1 1"}, "attempt": 3,
        "plan": {"id": "p", "paths": ["/a", "/b c"], "excludes": ["*.o"]},
        "repo": {"id": "r", "password": "s", "env": ["A=b"], "prunePolicy": {"maxUnusedPercent": 2.5}},
        "snapshotStats": {"filesNew": 3, "totalDuration": 1e-7, "error": {"n": null, "list": [1, "x"]}},
        "curTime": "2025-03-09T14:05:06.5+01:00", "duration": "61.5s",
        "trigger": "SCHEDULED", "operationId": "op-1"}"#;
    let full = Vars::from_json(text).unwrap_or_else(|e| panic!("{e}"));
    [Vars::default(), full]
});

/// Checks that the check of a Tera template reports no error in a working template.
pub fn tera(bytes: &[u8]) {
    let source = &*text(bytes);
    let Some(template) = parse(source) else {
        return;
    };
    for facts in [Facts::of_hook(&[Condition::SnapshotEnd]), Facts::default()] {
        let findings = template.check(&facts);
        findings.iter().for_each(|finding| placed(finding, source));
    }
    let errors: Vec<_> = template
        .check(&Facts::default())
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    for vars in VARS.iter() {
        let works = render(&template, vars).is_some();
        assert!(!works || errors.is_empty(), "{source:?} works: {errors:?}");
    }
}

/// Checks that a config file gives a catalog or diagnostics with a location.
pub fn config(bytes: &[u8]) {
    for file in ["hooks.yaml", "hooks.json"] {
        let (notes, valid) = match load::parse(file, bytes) {
            Ok(loaded) => (loaded.warnings, true),
            Err(notes) => (notes, false),
        };
        let error = |note: &Diagnostic| note.severity == Severity::Error;
        assert_eq!(valid, !notes.iter().any(error), "{notes:?}");
        for note in &notes {
            assert!(
                note.line >= 1 && note.column >= 1 && note.length >= 1,
                "{note:?}"
            );
            assert!(
                !note.message.is_empty() && !note.message.contains('\n'),
                "{note:?}"
            );
        }
    }
}

/// Returns the input as text, because every input is tried as a template.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The template, if it is one.
fn parse(source: &str) -> Option<Template> {
    let parsed = Template::parse(Engine::Tera, source);
    parsed.map_err(|error| told(&error)).ok()
}

/// The output, if there is one.
fn render(template: &Template, vars: &Vars) -> Option<Vec<u8>> {
    template.render(vars).map_err(|error| told(&error)).ok()
}

/// An error says where and what.
fn told(error: &TemplateError) {
    let place = error.line >= 1 && error.column >= 1;
    assert!(place && !error.message.is_empty(), "{error:?}");
}

/// A finding lies in the source.
fn placed(finding: &Finding, source: &str) {
    let place = finding.line >= 1 && finding.column >= 1 && finding.length >= 1;
    let lines = source.matches('\n').count() + 1;
    assert!(
        place && finding.line as usize <= lines,
        "{finding:?} in {source:?}"
    );
    assert!(
        !finding.message.is_empty() && !finding.code.is_empty(),
        "{finding:?}"
    );
}

//! The type check of templates: its findings, and that it never reports an error for a template
//! that can work.

use hook_core::diagnostic::Severity;
use hook_core::template::{Engine, Facts, Finding, Nilness, Template};
use hook_core::vars::Vars;
use serde_json::Value;

fn findings(template: &str, facts: &Facts) -> Vec<Finding> {
    Template::parse(Engine::Go, template)
        .unwrap_or_else(|e| panic!("{template}: {e}"))
        .check(facts)
}

/// Returns the facts of a hook: repo and plan are present, statistics perhaps.
fn hook() -> Facts {
    Facts::of_hook(&[])
}

/// Expects findings, each as `E code` or `W code`.
fn check(template: &str, expect: &[&str]) {
    let found: Vec<String> = findings(template, &hook())
        .iter()
        .map(|f| {
            let letter = if f.severity == Severity::Error {
                'E'
            } else {
                'W'
            };
            format!("{letter} {}", f.code)
        })
        .collect();
    assert_eq!(found, expect, "{template}");
}

#[test]
fn suggestions() {
    let remedy = |template: &str| findings(template, &hook())[0].remedy.clone();
    assert_eq!(
        remedy("{{.Repo.Ui}}").as_deref(),
        Some("did you mean `Uri`?")
    );
    assert_eq!(
        remedy("{{with .Plan}}{{.SnapshotId}}{{end}}").as_deref(),
        Some("did you mean `$.SnapshotId`?")
    );
    assert_eq!(
        remedy("{{.SnapshotStats.DataAdded}}").as_deref(),
        Some("guard it with `{{with .SnapshotStats}}` or `{{if .SnapshotStats}}`")
    );
    let parse = Template::parse(Engine::Go, "{{ShellEscape .Task}}").unwrap_err();
    assert_eq!(parse.suggestion.as_deref(), Some(".ShellEscape"));
}

#[test]
fn places() {
    let found = &findings("ok\né {{.Plan.Bogus}}", &hook())[0];
    assert_eq!((found.line, found.column, found.length), (2, 11, 5));
}

#[test]
fn what_may_be_nil() {
    let stats = "{{.SnapshotStats.DataAdded}}";
    check(stats, &["W may-be-nil"]);
    let never = Facts {
        snapshot_stats: Nilness::Always,
        ..hook()
    };
    assert_eq!(findings(stats, &never)[0].severity, Severity::Error);
    let always = Facts {
        snapshot_stats: Nilness::Never,
        ..hook()
    };
    assert_eq!(findings(stats, &always), []);
}

#[test]
fn labels_may_be_missing() {
    check("{{.Labels.host}}", &["W may-be-missing"]);
    check("{{.ShellEscape .Labels.host}}", &["W may-be-missing"]);
    check("{{with .Labels.host}}{{$.ShellEscape .}}{{end}}", &[]);
    check("{{if .Labels.host}}{{.Labels.host}}{{end}}", &[]);
    check("{{index .Labels \"host\"}}", &[]);
}

/// A template that Go renders has no error, and one that fails in Go with a type error has a
/// finding.
#[test]
fn agrees_with_the_vectors() {
    let text = include_str!("../../testdata/go-template.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}"));
    let (mut missed, mut failing) = (Vec::new(), 0);
    for case in &cases {
        let source = case["template"].as_str().unwrap_or_default();
        let Ok(template) = Template::parse(Engine::Go, source) else {
            continue;
        };
        let vars = Vars::from_value(&case["vars"]).unwrap_or_else(|e| panic!("{e}"));
        let presence = |is| {
            if is { Nilness::Never } else { Nilness::Always }
        };
        let exact = Facts {
            conditions: vars.event.into_iter().collect(),
            repo: presence(vars.repo.is_some()),
            plan: presence(vars.plan.is_some()),
            snapshot_stats: presence(vars.snapshot_stats.is_some()),
        };
        let works = template.render(&vars).is_ok();
        for facts in [&exact, &Facts::default()] {
            let found = template.check(facts);
            let error = found.iter().find(|f| f.severity == Severity::Error);
            assert!(!works || error.is_none(), "{source}: {error:?}");
        }
        if !works {
            failing += 1;
            if template.check(&exact).is_empty() {
                missed.push(source);
            }
        }
    }
    println!(
        "{} of {failing} failing templates are found:",
        failing - missed.len()
    );
    println!("missed {missed:#?}");
    assert!(missed.len() * 5 < failing, "missed {missed:#?}");
}

//! The typed check: what it finds, and that it never calls an error what can work.

use hook_core::diagnostic::Severity;
use hook_core::template::{Engine, Facts, Finding, Presence, Template};
use hook_core::vars::Vars;
use serde_json::Value;

fn findings(template: &str, facts: &Facts) -> Vec<Finding> {
    Template::parse(Engine::Go, template)
        .unwrap_or_else(|e| panic!("{template}: {e}"))
        .check(facts)
}

/// Facts of a hook: repo and plan are there, statistics maybe.
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
fn fields_and_methods() {
    check(
        "{{.Plan.Id}} {{.Repo.Uri}} {{.CurTime.Year}} {{.Duration.Seconds}}",
        &[],
    );
    check("{{.Plam.Id}}", &["E unknown-field"]);
    check("{{.Repo.Name}}", &["E unknown-field"]);
    check("{{if .Error}}{{.Nope}}{{end}}", &["W unknown-field"]);
    check("{{if true}}{{.Nope}}{{end}}", &["E unknown-field"]);
    check("{{range .Plan.Paths}}{{.Id}}{{end}}", &["W unknown-field"]);
    check("{{with .Plan}}{{.SnapshotId}}{{end}}", &["E unknown-field"]);
    check("{{$p := .Plan}}{{$p.Zzz}}", &["E unknown-field"]);
    check("{{.Plan.Id.X}}", &["E unknown-field"]);
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
        snapshot_stats: Presence::Never,
        ..hook()
    };
    assert_eq!(findings(stats, &never)[0].severity, Severity::Error);
    let always = Facts {
        snapshot_stats: Presence::Always,
        ..hook()
    };
    assert_eq!(findings(stats, &always), []);
    check("{{with .SnapshotStats}}{{.DataAdded}}{{end}}", &[]);
    check(
        "{{if .SnapshotStats}}{{.SnapshotStats.DataAdded}}{{end}}",
        &[],
    );
    check(
        "{{if .SnapshotStats}}{{else}}{{.SnapshotStats.DataAdded}}{{end}}",
        &["W nil-pointer"],
    );
    check(
        "{{if not .SnapshotStats}}none{{else}}{{.SnapshotStats.DataAdded}}{{end}}",
        &[],
    );
    check(
        "{{if and .SnapshotStats (gt .SnapshotStats.FilesNew 0)}}{{end}}",
        &[],
    );
    check(
        "{{if and .SnapshotStats .Error}}{{.SnapshotStats.FilesNew}}{{end}}",
        &[],
    );
    check(
        "{{if or .Error .SnapshotStats}}{{.SnapshotStats.FilesNew}}{{end}}",
        &["W may-be-nil"],
    );
    check(
        "{{if or (not .SnapshotStats) (eq .SnapshotStats.FilesNew 0)}}{{end}}",
        &[],
    );
    check(
        "{{if ne .SnapshotStats nil}}{{.SnapshotStats.FilesNew}}{{end}}",
        &[],
    );
    check(
        "{{if eq .SnapshotStats nil}}{{else}}{{.SnapshotStats.FilesNew}}{{end}}",
        &[],
    );
    check(
        "{{$s := .SnapshotStats}}{{if $s}}{{$s.FilesNew}}{{end}}",
        &[],
    );
    check(
        "{{with $s := .SnapshotStats}}{{$s.FilesNew}} {{$.SnapshotStats.FilesNew}}{{end}}",
        &[],
    );
    check("{{.Repo.PrunePolicy.MaxUnusedBytes}}", &["W may-be-nil"]);
    check("{{.Repo.GetPrunePolicy.GetMaxUnusedBytes}}", &[]);
    check(
        "{{define \"s\"}}{{.FilesNew}}{{end}}{{template \"s\" .SnapshotStats}}",
        &["W may-be-nil"],
    );
    check(
        "{{define \"s\"}}{{.SnapshotStats.FilesNew}}{{end}}{{if .SnapshotStats}}{{template \"s\" .}}{{end}}",
        &[],
    );
}

#[test]
fn labels_may_be_missing() {
    check("{{.Labels.host}}", &["W may-be-missing"]);
    check("{{.ShellEscape .Labels.host}}", &["W may-be-missing"]);
    check("{{with .Labels.host}}{{$.ShellEscape .}}{{end}}", &[]);
    check("{{if .Labels.host}}{{.Labels.host}}{{end}}", &[]);
    check("{{index .Labels \"host\"}}", &[]);
}

#[test]
fn arguments() {
    check("{{.ShellEscape}}", &["E argument-count"]);
    check("{{.ShellEscape .Task .Task}}", &["E argument-count"]);
    check("{{.ShellEscape 5}}", &["E argument-type"]);
    check("{{.ShellEscape .Plan}}", &["E argument-type"]);
    check("{{.Task | .ShellEscape}}", &[]);
    check("{{.Event | .ShellEscape}}", &["E argument-type"]);
    check("{{.EventName 1.0}} {{.FormatDuration 1500000000}}", &[]);
    check("{{.EventName 1.5}}", &["E argument-type"]);
    check("{{1500000000 | .FormatDuration}}", &["E argument-type"]);
    check("{{(.Plan) .Id}}", &["E not-a-function"]);
    check(
        "{{call .ShellEscape \"a\"}}",
        &["E not-a-function", "E argument-count"],
    );
    check("{{.Plan.Id 1}}", &["E argument-count"]);
    check("{{len .Plan}}", &["E argument-type"]);
    check("{{index .Plan.Paths 1.0}}", &["E argument-type"]);
    check("{{index .Labels 1}}", &["E argument-type"]);
    check("{{slice .Task 1 2}} {{slice .Plan.Paths 1}}", &[]);
    check("{{ne 1 2 3}}", &["E argument-count"]);
}

#[test]
fn comparisons() {
    check(
        "{{eq .Event 6}} {{eq .SnapshotId \"x\"}} {{gt .Duration 5}}",
        &[],
    );
    check(
        "{{eq .Event \"CONDITION_SNAPSHOT_START\"}}",
        &["E incompatible-types"],
    );
    check(
        "{{with .SnapshotStats}}{{gt .TotalDuration 10}}{{end}}",
        &["W incompatible-types"],
    );
    check(
        "{{with .SnapshotStats}}{{gt .TotalDuration 10.0}}{{end}}",
        &[],
    );
    check("{{lt .CurTime .CurTime}}", &["E incompatible-types"]);
    check(
        "{{eq .Plan nil}} {{eq 1 nil}} {{eq .Trigger \"MANUAL\"}}",
        &[],
    );
    check(
        "{{with .SnapshotStats}}{{eq .Error 1}}{{eq .Error \"x\"}}{{end}}",
        &[],
    );
}

#[test]
fn the_rest() {
    check("{{range .CurTime}}{{end}}", &["E range"]);
    check("{{range $i, $v := 3}}{{end}}", &["E range"]);
    check("{{template \"missing\"}}", &["E unknown-template"]);
    check("{{$x = 1}}", &["E undeclared-variable"]);
    check(
        "{{$icon := \"x\"}}{{if .Error}}{{$icon = 5}}{{end}}{{.ShellEscape $icon}}",
        &[],
    );
    check("{{printf \"%d files\" .Task}}", &["W printf-verb"]);
    check(
        "{{printf \"%s\"}} {{printf \"100%% %s\" .Task}}",
        &["W printf-arguments"],
    );
    check(
        "{{define \"x\"}}{{.Task}}{{end}}{{template \"x\"}}",
        &["W no-dot"],
    );
    check("{{nil}}", &["E nil-command"]);
}

/// What Go renders is never called an error, and of what fails in Go with a type
/// error, something is found.
#[test]
fn agrees_with_the_vectors() {
    let text = include_str!("../testdata/go-template.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}"));
    let (mut missed, mut failing) = (Vec::new(), 0);
    for case in &cases {
        let source = case["template"].as_str().unwrap_or_default();
        let Ok(template) = Template::parse(Engine::Go, source) else {
            continue;
        };
        let vars = Vars::from_value(&case["vars"]).unwrap_or_else(|e| panic!("{e}"));
        let presence = |is| {
            if is {
                Presence::Always
            } else {
                Presence::Never
            }
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

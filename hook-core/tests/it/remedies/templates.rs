//! Remedies for templates.

use super::{all_work, remedy};

/// Returns a config with a hook of that script.
fn script(text: &str, engine: &str) -> String {
    let text = serde_json::Value::from(text);
    format!(
        "hooks:\n  - conditions: [CONDITION_SNAPSHOT_END]\n    actionCommand: {{ command: {text}, \
         templateEngine: {engine} }}\n"
    )
}

/// A template of Docker's is not for hookd: it is left alone, or escaped.
#[test]
fn a_placeholder_for_another_program() {
    let state = "docker inspect -f '{{.State.Running}}' db";
    let escaped = "docker inspect -f '{{\"{{\"}}.State.Running{{\"}}\"}}' db";
    let json = "docker ps --format '{{json .}}'";
    let in_tera = "docker ps --format '{% raw %}{{json .}}{% endraw %}'";
    let engine = "give the hook `templateEngine: NONE`";
    all_work(&[
        remedy(script(state, "GO"), engine, script(state, "NONE")),
        remedy(
            script(state, "GO"),
            "write `{{\"{{\"}}.State.Running{{\"}}\"}}`",
            script(escaped, "GO"),
        ),
        remedy(script(json, "GO"), engine, script(json, "NONE")),
        remedy(
            script(json, "TERA"),
            "write `{% raw %}{{json .}}{% endraw %}`",
            script(in_tera, "TERA"),
        ),
    ]);
    for (engine, text, want) in [("GO", escaped, state), ("TERA", in_tera, json)] {
        let loaded = hook_core::load::parse("f", script(text, engine).as_bytes()).unwrap();
        let hook = loaded.catalog.all_hooks().next().unwrap();
        let hook_core::hook::Action::Command(command) = &hook.action else {
            panic!("{hook:?}")
        };
        let vars = hook_core::vars::Vars::default();
        let rendered = command.template.render(&vars).unwrap();
        assert_eq!(String::from_utf8_lossy(&rendered), want);
    }
}

/// A script in the language of the other engine gets that engine, or its spelling.
#[test]
fn a_script_in_the_language_of_the_other_engine() {
    let tera = "give the hook `templateEngine: TERA`";
    let go = "give the hook `templateEngine: GO`";
    let same = |text: &str, from, told, to| remedy(script(text, from), told, script(text, to));
    let spelt = |faulty: &str, told, mended: &str, engine| {
        remedy(script(faulty, engine), told, script(mended, engine))
    };
    all_work(&[
        same("{% if error %}false{% endif %}", "GO", tera, "TERA"),
        same("true {# a note #}", "GO", tera, "TERA"),
        same("echo {{ task }}", "GO", tera, "TERA"),
        same("{{ if .Error }}false{{ end }}", "TERA", go, "GO"),
        same("echo {{ .ShellEscape .Task }}", "TERA", go, "GO"),
        spelt(
            "echo {{ attempt }}",
            "write `.Attempt`",
            "echo {{ .Attempt }}",
            "GO",
        ),
        spelt(
            "{{ with snapshot_stats }}x{{ end }}",
            "write `.SnapshotStats`",
            "{{ with .SnapshotStats }}x{{ end }}",
            "GO",
        ),
        spelt(
            "echo {{ .Task }}",
            "write `task`",
            "echo {{ task }}",
            "TERA",
        ),
    ]);
}

/// In a hook for the end of a snapshot, `.Event` is that end.
#[test]
fn a_test_that_is_never_true() {
    let go =
        |faulty: &str, told, mended: &str| remedy(script(faulty, "GO"), told, script(mended, "GO"));
    let by_error = "{{ if .Error }}false{{ end }}";
    let by_event = "case $HOOK_EVENT in *ERROR) false;; esac";
    let printed = "{{ if eq (print .Event) \"CONDITION_SNAPSHOT_ERROR\" }}false{{ end }}";
    let told = all_work(&[
        go(printed, "ask for `.Error`, as in `{{if .Error}}`", by_error),
        go(printed, "in the shell for `$HOOK_EVENT`", by_event),
        go(
            "{{ if .IsError .Event }}false{{ end }}",
            "ask for `.Error`, as in `{{if .Error}}`",
            by_error,
        ),
        go(
            "{{ if eq .Event \"CONDITION_SNAPSHOT_ERROR\" }}false{{ end }}",
            "ask for `.Error`, as in `{{if .Error}}`",
            by_error,
        ),
    ]);
    assert_eq!(told.len(), 4, "{told:?}");
}

/// Faults that the check of a template finds.
#[test]
fn the_remedies_of_templates_work() {
    let go =
        |faulty: &str, told, mended: &str| remedy(script(faulty, "GO"), told, script(mended, "GO"));
    let tera = |faulty: &str, told, mended: &str| {
        remedy(script(faulty, "TERA"), told, script(mended, "TERA"))
    };
    all_work(&[
        go(
            "echo {{ .Atempt }}",
            "did you mean `Attempt`?",
            "echo {{ .Attempt }}",
        ),
        go(
            "echo {{ Attempt }}",
            "did you mean `.Attempt`?",
            "echo {{ .Attempt }}",
        ),
        go(
            "echo {{ printff \"%d\" 1 }}",
            "did you mean `printf`?",
            "echo {{ printf \"%d\" 1 }}",
        ),
        go(
            "{{ range .Plan.Paths }}{{ .Attempt }}{{ end }}",
            "did you mean `$.Attempt`?",
            "{{ range .Plan.Paths }}{{ $.Attempt }}{{ end }}",
        ),
        go(
            "echo {{ .SnapshotStats.FilesNew }}",
            "guard it with `{{with .SnapshotStats}}`",
            "{{with .SnapshotStats}}echo {{ .FilesNew }}{{end}}",
        ),
        go(
            "echo {{ .SnapshotStats.FilesNew }}",
            "or `{{if .SnapshotStats}}`",
            "{{if .SnapshotStats}}echo {{ .SnapshotStats.FilesNew }}{{end}}",
        ),
        go(
            "echo {{ .ShellEscape .Labels.n }}",
            "guard it with `{{with .Labels.n}}`",
            "{{with .Labels.n}}echo {{ $.ShellEscape . }}{{end}}",
        ),
        go(
            "# {{ .UrlEscape .Labels.n }}",
            "guard it with `{{with .Labels.n}}`",
            "{{with .Labels.n}}# {{ $.UrlEscape . }}{{end}}",
        ),
        go(
            "echo {{ printf \"%d\" .SnapshotId }}",
            "`%v` prints anything",
            "echo {{ printf \"%v\" .SnapshotId }}",
        ),
        go(
            "echo {{ call .EventName .Event }}",
            "leave `call` out",
            "echo {{ .EventName .Event }}",
        ),
        go(
            "{{ if gt .Repo.PrunePolicy.MaxUnusedPercent 10 }}x{{ end }}",
            "write the number with a decimal point: `10.0`",
            "{{ with .Repo }}{{ with .PrunePolicy }}{{ if gt .MaxUnusedPercent 10.0 }}x{{ end }}{{ end }}{{ end }}",
        ),
        go(
            "{{ if eq .Event \"CONDITION_SNAPSHOT_END\" }}x{{ end }}",
            "compare the text: `eq (print .Field) \"…\"`",
            "{{ if eq (print .Event) \"CONDITION_SNAPSHOT_END\" }}x{{ end }}",
        ),
        go(
            "{{ define \"x\" }}echo {{ .Attempt }}{{ end }}{{ template \"x\" }}",
            "pass it on: `{{template \"name\" .}}`",
            "{{ define \"x\" }}echo {{ .Attempt }}{{ end }}{{ template \"x\" . }}",
        ),
        tera(
            "echo {{ atempt }}",
            "did you mean `attempt`?",
            "echo {{ attempt }}",
        ),
        tera(
            "echo {{ attempt | defalt(value=1) }}",
            "did you mean `default`?",
            "echo {{ attempt | default(value=1) }}",
        ),
        tera(
            "echo {{ snapshot_stats.files_new }}",
            "ask first: `{% if snapshot_stats %}…{% endif %}`",
            "{% if snapshot_stats %}echo {{ snapshot_stats.files_new }}{% endif %}",
        ),
    ]);
}

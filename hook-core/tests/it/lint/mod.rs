//! The warnings of the lints: their places and texts, and scripts that get none.

mod night;
mod proofs;
mod remedies;
mod soundness;
mod stand_ins;

use hook_core::diagnostic::Diagnostic;
use hook_core::load::parse;

/// Returns a config with one plan's hook of that script.
pub(super) fn config(script: &str) -> String {
    config_with(script, "GO")
}

fn config_with(script: &str, engine: &str) -> String {
    let script = serde_json::Value::from(script);
    format!(
        "repos: [{{id: nas, uri: 'sftp:nas:/backup'}}]\nplans:\n  - id: home\n    repo: nas\n    \
         paths: [/home]\n    hooks:\n      - conditions: [CONDITION_ANY_ERROR]\n        \
         actionCommand:\n          command: {script}\n          \
         templateEngine: {engine}\n"
    )
}

/// Returns the warnings about a script.
#[track_caller]
pub(super) fn warnings(script: &str) -> Vec<Diagnostic> {
    warnings_of(script, "GO")
}

#[track_caller]
pub(super) fn warnings_of(script: &str, engine: &str) -> Vec<Diagnostic> {
    match parse("f.yaml", config_with(script, engine).as_bytes()) {
        // Without the warnings of the template check.
        Ok(loaded) => loaded
            .warnings
            .into_iter()
            .filter(|w| w.code.starts_with("value-") || w.code.starts_with("escape-"))
            .collect(),
        Err(faults) => panic!("{script}\n{faults:#?}"),
    }
}

#[track_caller]
fn check(script: &str, want: &[&str]) {
    let found = warnings(script);
    let codes: Vec<&str> = found.iter().map(|w| w.code).collect();
    assert_eq!(codes, want, "{script}\n{found:#?}");
}

#[test]
fn no_warning_about_safe_hooks() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/safe");
    let mut count = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let script = std::fs::read_to_string(&path).unwrap();
        count += 1;
        for warning in warnings(&script) {
            wrong.push(format!("{}: {}", path.display(), warning.message));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count >= 40, "{count}");
}

#[test]
fn each_place_has_its_warning() {
    check("echo {{ .Task }}", &["value-without-quotes"]);
    check("echo \"{{ .Task }}\"", &["value-in-quotes"]);
    check("echo '{{ .Task }}'", &["value-in-quotes"]);
    check("echo '{{ .ShellEscape .Task }}'", &["escape-in-quotes"]);
    check("echo \"{{ .ShellEscape .Task }}\"", &["escape-in-quotes"]);
    check("# {{ .Error }}\necho", &["value-in-comment"]);
    check("cat <<E\n{{ .Error }}\nE\n", &["value-in-here-document"]);
    check("cat <<'E'\n{{ .Error }}\nE\n", &["value-in-here-document"]);
    check("echo $(( {{ .Error }} ))", &["value-in-arithmetic"]);
    check("eval {{ .ShellEscape .Task }}", &["value-in-code"]);
    check("ssh h \"{{ .ShellEscape .Task }}\"", &["value-in-code"]);
    check(
        "#!/usr/bin/python3\nprint('{{ .Task }}')",
        &["value-in-source"],
    );
    check(
        "#!/usr/bin/perl\nprint {{ .JsonMarshal .Task }}",
        &["value-in-source"],
    );
    check(
        "curl -d '{\"t\": {{ .JsonMarshal .Task }}}' x",
        &["value-in-quotes"],
    );
    check(
        "echo {{ .Labels.who }} {{ .Summary }}",
        &["value-without-quotes"; 2],
    );
    check(
        "echo {{ .SnapshotStats.Message }} > {{ .Task }}",
        &["value-without-quotes"; 2],
    );
}

#[test]
fn values_are_followed_through_the_template() {
    let unquoted = &["value-without-quotes"];
    check("{{ $t := .Task }}echo {{ $t }}", unquoted);
    check(
        "{{ $t := \"x\" }}{{ if .Error }}{{ $t = .Error }}{{ end }}echo {{ $t }}",
        unquoted,
    );
    check("{{ with .Task }}echo {{ . }}{{ end }}", unquoted);
    check(
        "{{ range .SnapshotStats.CurrentFiles }}echo {{ . }}\n{{ end }}",
        unquoted,
    );
    check(
        "{{ define \"x\" }}echo {{ . }}{{ end }}{{ template \"x\" .Task }}",
        unquoted,
    );
    check(
        "{{ define \"x\" }}echo {{ .Task }}{{ end }}{{ template \"x\" . }}",
        unquoted,
    );
    check("echo {{ printf \"%s!\" .Task }}", unquoted);
    check("echo {{ .Task | printf \"%q\" }}", unquoted);
    check(
        "echo {{ html .Task }} {{ js .Task }}",
        &["value-without-quotes"; 2],
    );
    check("echo '{{ html .Task }}'", &[]);
    check(
        "echo {{ if .Error }}{{ .Error }}{{ else }}{{ .Task }}{{ end }}",
        &["value-without-quotes"; 2],
    );
    check("echo {{ .Task | .ShellEscape }} {{ \"$(id)\" }}", &[]);
    check("echo {{ \"'\" }}{{ .Task }}'", &["value-in-quotes"]);
    check(
        "{{ if .Error }}echo '{{ else }}echo \"{{ end }}{{ .SnapshotId }}{{ .Task }}",
        &["value-in-quotes"],
    );
}

#[test]
fn tera_quotes_by_itself() {
    #[track_caller]
    fn check(script: &str, want: &[&str]) {
        let found = warnings_of(script, "TERA");
        let codes: Vec<&str> = found.iter().map(|w| w.code).collect();
        assert_eq!(codes, want, "{script}\n{found:#?}");
    }
    check(
        "#!/bin/bash\necho {{ task }} {{ error | upper }} {{ plan.id }}",
        &[],
    );
    check("echo {{ task | raw }}", &["value-without-quotes"]);
    check(
        "echo {{ task | shell_escape }} \"{{ plan.id | raw }}\"",
        &[],
    );
    check(
        "echo \"{{ task }}\" '{{ error }}'",
        &["escape-in-quotes"; 2],
    );
    check(
        "echo \"{{ snapshot_stats.data_added | format_size_bytes }}\"",
        &[],
    );
    check(
        "{% if error %}echo '{% else %}echo {% endif %}{{ task }}",
        &["escape-in-quotes"],
    );
    check("{% for p in plan.paths -%}\n du {{ p }}\n{% endfor %}", &[]);
    // Safe text stays safe in a variable, in a choice and in a function.
    let unquoted = &["value-without-quotes"];
    check("{% set t = task | raw %}echo {{ t }}", unquoted);
    check(
        "{% for a in [task | raw] %}echo {{ a }}{% endfor %}",
        unquoted,
    );
    check("echo {{ raw(value=task) }}", unquoted);
    check("echo {{ task | raw if error else 'x' }}", unquoted);
    check(
        "echo {{ labels.x | default(value=raw(value=task)) }}",
        unquoted,
    );
    // In turns of a loop, a value can pass through any number of variables.
    let chain: String = ('b'..'n')
        .rev()
        .map(|c| format!("{{% set_global {c} = {} %}}", char::from(c as u8 - 1)))
        .collect();
    let turns = format!("{chain}{{% set_global a = task | raw %}}");
    check(
        &format!("{{% for x in labels %}}echo {{{{ m }}}}{turns}{{% endfor %}}"),
        unquoted,
    );
    check("{##}echo {{ task | raw }}", unquoted);
    check("{#-#}echo {{ task | raw }}", unquoted);
    check("{% set t = (task | raw) ~ '!' %}echo {{ t }}", &[]);
    check("{% set t = task | shell_escape %}echo {{ t }}", &[]);
    // Text in a string is not a filter.
    check("echo {{ task ~ ' | raw' }}", &[]);
    check("echo \"{{ task ~ '|url_escape' }}\"", &["escape-in-quotes"]);
    check(
        "{% for p in plan.paths %}du {{ p | raw }}\n{% else %}# {{ task }}\n{% endfor %}",
        &["value-without-quotes", "value-in-comment"],
    );
    check(
        "{# it's {{ task | raw }} #}echo {% raw %}'{{ {% endraw %}{{ task | raw }}'",
        &["value-in-quotes"],
    );
    check(
        "echo {{ '}}' }}{{ task | json_marshal | raw }}",
        &["value-without-quotes"],
    );
    check("curl 'https://x/?t={{ task | url_escape }}'", &[]);
    check("eval {{ labels.who }}", &["value-in-code"]);
}

#[test]
fn what_is_configured_is_known() {
    let yaml = config("ls {{ index .Plan.Paths 0 }}").replace("[/home]", "['/my documents']");
    let found = parse("f", yaml.as_bytes()).unwrap().warnings;
    assert_eq!(found[0].code, "value-splits");
    let yaml = config("ls {{ .Plan.Id }}").replace("id: home", "id: 'a;b'");
    let found = parse("f", yaml.as_bytes()).unwrap().warnings;
    assert_eq!(found[0].code, "value-without-quotes");
}

#[test]
fn a_warning_says_where_what_and_how_else() {
    let script = "#!/bin/bash\ncurl -d \"{{ .Task }} failed\" x\n";
    let source = config(script);
    let yaml = source.replace(
        &serde_json::Value::from(script).to_string(),
        "|\n            #!/bin/bash\n            curl -d \"{{ .Task }} failed\" x",
    );
    let found = parse("f.yaml", yaml.as_bytes()).unwrap().warnings;
    let place = (found[0].line, found[0].column, found[0].length);
    assert_eq!(place, (11, 22, 11));
    let want = "f.yaml:11:22: warning[value-in-quotes]: `.Task` is between double quotes: `$(id)` \
                in it is run";
    assert_eq!(found[0].to_string(), want);
    let remedy = "write `$HOOK_TASK` in its place";
    assert_eq!(found[0].remedy.as_deref(), Some(remedy));
    assert_eq!(found[0].hook.as_deref(), Some("plan/home/hook/0"));
}

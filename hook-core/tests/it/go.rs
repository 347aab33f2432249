//! The variables and methods of hooks in the Go dialect, as far as the vectors do not cover them.

use hook_core::template::{Engine, Template, TemplatePhase};
use hook_core::vars::Vars;

const VARS: &str = r#"{"task": "it's", "event": "CONDITION_PRUNE_ERROR", "labels": {"b": "2", "a": "1 1"},
    "plan": {"id": "p", "paths": ["/a", "/b", "/c"]}, "repo": {"id": "r", "password": "s"},
    "snapshotStats": {"error": {"n": null, "list": [1, null]}},
    "curTime": "2025-03-09T14:05:06.5+01:00", "duration": "61.5s",
    "attempt": 3, "trigger": "SCHEDULED", "operationId": "op-1"}"#;

/// Expects an output, or after a `!` the phase, place and text of an error.
fn check(template: &str, expect: &str) {
    let vars = Vars::from_json(VARS).unwrap_or_else(|e| panic!("{e}"));
    let result = Template::parse(Engine::Go, template).and_then(|t| t.render(&vars));
    let shown = match result {
        Ok(output) => String::from_utf8_lossy(&output).into_owned(),
        Err(e) if e.phase == TemplatePhase::Parse => format!("!parse {e}"),
        Err(e) => format!("!render {e}"),
    };
    assert_eq!(shown, expect, "{template}");
}

#[test]
fn our_own_variables() {
    check(
        "{{.Attempt}} {{.Trigger}} {{.OperationId}}",
        "3 SCHEDULED op-1",
    );
    check(
        "{{if eq .Trigger \"SCHEDULED\"}}s{{end}}{{if gt .Attempt 2}}!{{end}}",
        "s!",
    );
    check(
        "{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}{{.Labels}}",
        "a=1 1;b=2;map[a:1 1 b:2]",
    );
    check(
        "{{.Labels.a}} {{.Labels.none}} [{{index .Labels \"none\"}}]",
        "1 1 <no value> []",
    );
    check("{{.JsonMarshal .Labels}}", r#"{"a":"1 1","b":"2"}"#);
}

#[test]
fn json_of_all_variables_is_that_of_backrest_where_ours_say_nothing() {
    let json = |vars: &str| {
        let vars = Vars::from_json(vars).unwrap_or_else(|e| panic!("{e}"));
        let template = Template::parse(Engine::Go, "{{ .JsonMarshal . }}");
        let output = template.and_then(|t| t.render(&vars));
        String::from_utf8(output.unwrap_or_else(|e| panic!("{e}"))).expect("JSON")
    };
    let theirs = r#""task": "t", "event": "CONDITION_SNAPSHOT_START", "repo": {"id": "r"},
        "plan": {"id": "p", "repo": "r"}, "curTime": "2025-03-09T14:05:06.5+01:00", "duration": "1s""#;
    let backrests = "{\"Task\":\"t\",\"Event\":2,\"Repo\":{\"id\":\"r\"},\
        \"Plan\":{\"id\":\"p\",\"repo\":\"r\"},\"SnapshotId\":\"\",\"SnapshotStats\":null,\
        \"CurTime\":\"2025-03-09T14:05:06.5+01:00\",\"Duration\":1000000000,\"Error\":\"\"";
    assert_eq!(json(&format!("{{{theirs}}}")), format!("{backrests}}}"));
    let first = format!("{{{theirs}, \"attempt\": 1, \"trigger\": \"UNKNOWN\"}}");
    assert_eq!(json(&first), format!("{backrests}}}"));
    let ours = r#""attempt": 2, "trigger": "MANUAL", "labels": {"a": "b"}, "operationId": "o""#;
    assert_eq!(
        json(&format!("{{{theirs}, {ours}}}")),
        backrests.to_owned()
            + r#","Labels":{"a":"b"},"Attempt":2,"Trigger":"MANUAL","OperationId":"o"}"#
    );
}

#[test]
fn our_own_methods() {
    check(
        "{{.PowerShellEscape .Task}} {{.Task | .AppleScriptEscape}}",
        "'it''s' \"it's\"",
    );
    check("{{.UrlEscape .Labels.a}}", "1%201");
    check("{{slice .Summary 0 11}}", "Prune error");
}

#[test]
fn nothing_is_read_into_other_dialects() {
    let vars = Vars::default();
    let none = Template::parse(Engine::None, "{{ .Nope }} {% x").and_then(|t| t.render(&vars));
    assert_eq!(none.as_deref(), Ok(b"{{ .Nope }} {% x".as_slice()));
}

//! The Go dialect where the vectors do not reach: what is ours, and what is easily
//! got wrong.

use hook_core::template::{Engine, Phase, Template};
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
        Err(e) if e.phase == Phase::Parse => format!("!parse {e}"),
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
fn our_own_methods() {
    check(
        "{{.PowerShellEscape .Task}} {{.Task | .AppleScriptEscape}}",
        "'it''s' \"it's\"",
    );
    check("{{.UrlEscape .Labels.a}}", "1%201");
    check("{{slice .Summary 0 11}}", "Prune error");
}

#[test]
fn getters_do_without_an_instance() {
    check("{{.Repo.GetPrunePolicy.GetMaxUnusedPercent}}", "0");
    check(
        "{{.Repo.GetCommandPrefix.GetIoNice}} {{.Repo.GetPrunePolicy}}",
        "IO_DEFAULT <nil>",
    );
    check(
        "{{.Repo.PrunePolicy.MaxUnusedPercent}}",
        "!render 1:21: there is no `MaxUnusedPercent` without the prune policy (nil here)",
    );
}

#[test]
fn nothing_comes_in_three_kinds() {
    check(
        "{{.SnapshotStats.Error.none}} {{.SnapshotStats.Error.none.x}}",
        "<no value> <no value>",
    );
    check(
        "{{.SnapshotStats.Error.n}} {{print .SnapshotStats.Error.n}}",
        "<no value> <nil>",
    );
    check(
        "{{.SnapshotStats.Error.n.x}}",
        "!render 1:26: there is no `x` in nil",
    );
    check("{{$x := .SnapshotStats.Error.n}}{{$x.y}}", "<no value>");
    check(
        "{{with .Plan}}{{.Iexcludes}}{{end}}{{and nil}}",
        "[]<no value>",
    );
}

#[test]
fn loops() {
    check(
        "{{range $i := .Plan.Paths}}{{range 0}}{{else}}{{break}}{{end}}{{$i}}{{end}}",
        "/a/b/c",
    );
    check(
        "{{range $i := .Plan.Paths}}{{range 0}}{{else}}{{continue}}{{end}}{{$i}}{{end}}",
        "",
    );
    check(
        "{{range $i, $e := .Plan.Iexcludes}}{{else}}{{$i}}{{end}}",
        "[]",
    );
    check(
        "{{$x := 1}}{{range $x = .Plan.Paths}}{{$x}}{{end}}{{$x}}",
        "/a/b/c/c",
    );
    check(
        "{{range .Plan.Paths}}{{if eq . \"/b\"}}{{break}}{{end}}{{.}}{{end}}{{.Plan.Id}}",
        "/ap",
    );
    check(
        "{{range slice (slice .Plan.Paths 0 1) 0 3}}{{.}}{{end}}",
        "/a/b/c",
    );
}

#[test]
fn variables_end_with_their_block() {
    check(
        "{{if false}}{{$x := 1}}{{else}}{{$x}}{{end}}",
        "!render 1:34: the variable `$x` is not declared",
    );
    check(
        "{{and false ($x := 1)}}{{$x}}",
        "!render 1:26: the variable `$x` is not declared",
    );
    check("{{($x := 1)}}{{$x}}", "11");
    check(
        "{{$abc := 1}}{{$abd}}",
        "!parse 1:16: the variable `$abd` is not declared",
    );
}

#[test]
fn templates() {
    check("{{define \"template\"}}x{{end}}", "x");
    check(
        "{{define \"a\"}}x{{end}}{{define \"a\"}} {{end}}{{template \"a\"}}",
        "x",
    );
    check(
        "{{define \"a\"}}x{{end}}{{define \"a\"}}y{{end}}",
        "!parse 1:43: template \"a\" is defined twice",
    );
    check(
        "{{block \"b\" .\n}}\n\n{{else}}{{end}}",
        "!parse 2:1: an `else` that belongs to this `block`",
    );
    check(
        "{{template \"t\"}}{{define \"t\"}}{{.Task}}{{end}}",
        "<no value>",
    );
}

#[test]
fn formats() {
    check(
        "{{printf \"%.\" 1}} {{printf \"%#O %w %#x\" 10 1 0.0}}",
        "%!.(int=1) 0o012 %!w(int=1) 0x0.0000p+00",
    );
    check(
        "{{printf \"%[2]*[1]d|%-[1]*d|%[5]d\" 7 3}}",
        "  7|3      |%!d(BADINDEX)",
    );
    check("{{len (printf \"%.5000f%.5000e\" 0.1 0.1)}}", "10008");
    check(
        "{{printf \"%d %s %x\" .Event .Event 1.5}}",
        "101 CONDITION_PRUNE_ERROR 0x1.8p+00",
    );
    check(
        "{{printf \"%#v\" .CurTime}}",
        "time.Date(2025, time.March, 9, 14, 5, 6, 500000000, time.Location(\"\"))",
    );
    check(
        "{{with .CurTime.UTC.Truncate 1000000000}}{{printf \"%+d %#w\" . .}}{{end}}",
        "{+0 +63877122306 +0} \
         %!w(time.Time=time.Time{wall:0x0, ext:63877122306, loc:(*time.Location)(nil)})",
    );
    // Half-way between two numbers as short: the even one.
    check(
        "{{-994691600865584.25}} {{.JsonMarshal -994691600865584.25}}",
        "-9.946916008655842e+14 -994691600865584.2",
    );
}

#[test]
fn what_holds_lists_cannot_be_compared() {
    check("{{eq .Plan .Plan}} {{ne . nil}}", "true true");
    check(
        "{{eq . .}}",
        "!render 1:3: `eq`: the variables can only be compared with nil",
    );
}

#[test]
fn places_are_those_of_go() {
    check(
        "a\n{{ print\n.Nope }}",
        "!render 3:2: `Nope` is no field or method of the variables",
    );
    check(
        "é {{.Plan.Idd}}",
        "!render 1:11: `Idd` is no field or method of the plan",
    );
    check(
        "{{if .Task}}\n\n",
        "!parse 3:1: the block opened on line 1 is not closed by `{{end}}`",
    );
    check(
        "{{/* a\n*/ b}}",
        "!parse 1:3: a comment must fill its action, from `{{/*` to `*/}}`",
    );
}

#[test]
fn nothing_is_read_into_other_dialects() {
    let vars = Vars::default();
    let none = Template::parse(Engine::None, "{{ .Nope }} {% x").and_then(|t| t.render(&vars));
    assert_eq!(none.as_deref(), Ok(b"{{ .Nope }} {% x".as_slice()));
}

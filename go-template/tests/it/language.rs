//! Rules of the language that the vectors do not cover, and the messages of this crate.

use std::collections::BTreeMap;

use go_template::Time;
use serde_json::json;

use go_template_fuzz::order::{Basket, Customer, Delivery, Order, Phase, render};

fn order() -> Order {
    let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Order {
        title: "it's".to_owned(),
        status: 101,
        labels: BTreeMap::from([label("b", "2"), label("a", "1 1")]),
        basket: Some(Basket {
            id: "p".to_owned(),
            items: ["/a", "/b", "/c"].map(str::to_owned).to_vec(),
            ..Basket::default()
        }),
        customer: Some(Customer {
            id: "r".to_owned(),
            ..Customer::default()
        }),
        delivery: Some(Delivery {
            note: json!({"n": null, "list": [1, null]}),
            ..Delivery::default()
        }),
        placed: Time::new(1_741_525_506, 500_000_000, Some(3600)),
        wait: 61_500_000_000,
        tries: 3,
        source: "PHONE".to_owned(),
        reference: "ref-1".to_owned(),
        ..Order::default()
    }
}

/// Expects an output, or after a `!` the phase, place and text of an error.
#[track_caller]
fn check(template: &str, expect: &str) {
    let shown = match render(template, &order()) {
        Ok(output) => String::from_utf8_lossy(&output).into_owned(),
        Err(e) => {
            let phase = match e.phase {
                Phase::Parse => "parse",
                Phase::Execute => "execute",
            };
            format!("!{phase} {}:{}: {}", e.line, e.column, e.fault)
        }
    };
    assert_eq!(shown, expect, "{template}");
}

#[test]
fn fields_and_maps() {
    check("{{.Tries}} {{.Source}} {{.Reference}}", "3 PHONE ref-1");
    check(
        "{{if eq .Source \"PHONE\"}}s{{end}}{{if gt .Tries 2}}!{{end}}",
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
    check("{{.Json .Labels}}", r#"{"a":"1 1","b":"2"}"#);
}

#[test]
fn getters_do_without_an_instance() {
    check("{{.Customer.GetLimit.GetPercent}}", "0");
    check(
        "{{.Customer.GetContact.GetChannel}} {{.Customer.GetLimit}}",
        "CHANNEL_NONE <nil>",
    );
    check(
        "{{.Customer.Limit.Percent}}",
        "!execute 1:19: there is no `Percent` without the limit (nil here)",
    );
}

#[test]
fn absent_nil_and_empty_values() {
    check(
        "{{.Delivery.Note.none}} {{.Delivery.Note.none.x}}",
        "<no value> <no value>",
    );
    check(
        "{{.Delivery.Note.n}} {{print .Delivery.Note.n}}",
        "<no value> <nil>",
    );
    check(
        "{{.Delivery.Note.n.x}}",
        "!execute 1:20: there is no `x` in nil",
    );
    check("{{$x := .Delivery.Note.n}}{{$x.y}}", "<no value>");
    check(
        "{{with .Basket}}{{.Gifts}}{{end}}{{and nil}}",
        "[]<no value>",
    );
}

#[test]
fn loops() {
    check(
        "{{range $i := .Basket.Items}}{{range 0}}{{else}}{{break}}{{end}}{{$i}}{{end}}",
        "/a/b/c",
    );
    check(
        "{{range $i := .Basket.Items}}{{range 0}}{{else}}{{continue}}{{end}}{{$i}}{{end}}",
        "",
    );
    check(
        "{{range $i, $e := .Basket.Gifts}}{{else}}{{$i}}{{end}}",
        "[]",
    );
    check(
        "{{$x := 1}}{{range $x = .Basket.Items}}{{$x}}{{end}}{{$x}}",
        "/a/b/c/c",
    );
    check(
        "{{range .Basket.Items}}{{if eq . \"/b\"}}{{break}}{{end}}{{.}}{{end}}{{.Basket.Id}}",
        "/ap",
    );
    check(
        "{{range slice (slice .Basket.Items 0 1) 0 3}}{{.}}{{end}}",
        "/a/b/c",
    );
}

#[test]
fn variables_end_with_their_block() {
    check(
        "{{if false}}{{$x := 1}}{{else}}{{$x}}{{end}}",
        "!execute 1:34: the variable `$x` is not declared",
    );
    check(
        "{{and false ($x := 1)}}{{$x}}",
        "!execute 1:26: the variable `$x` is not declared",
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
        "{{template \"t\"}}{{define \"t\"}}{{.Title}}{{end}}",
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
        "{{printf \"%d %s %x\" .Status .Status 1.5}}",
        "101 STATUS_RETURNED 0x1.8p+00",
    );
    check(
        "{{printf \"%#v\" .Placed}}",
        "time.Date(2025, time.March, 9, 14, 5, 6, 500000000, time.Location(\"\"))",
    );
    check(
        "{{with .Placed.UTC.Truncate 1000000000}}{{printf \"%+d %#w\" . .}}{{end}}",
        "{+0 +63877122306 +0} \
         %!w(time.Time=time.Time{wall:0x0, ext:63877122306, loc:(*time.Location)(nil)})",
    );
    // Of two equally near numbers of the same length, the even one is printed.
    check(
        "{{-994691600865584.25}} {{.Json -994691600865584.25}}",
        "-9.946916008655842e+14 -994691600865584.2",
    );
}

#[test]
fn structs_with_lists_cannot_be_compared() {
    check("{{eq .Basket .Basket}} {{ne . nil}}", "true true");
    check(
        "{{eq . .}}",
        "!execute 1:3: `eq`: the order can only be compared with nil",
    );
}

#[test]
fn faults_are_where_go_reports_them() {
    check(
        "a\n{{ print\n.Nope }}",
        "!execute 3:2: `Nope` is no field or method of the order",
    );
    check(
        "é {{.Basket.Idd}}",
        "!execute 1:13: `Idd` is no field or method of the basket",
    );
    check(
        "{{if .Title}}\n\n",
        "!parse 3:1: the block opened on line 1 is not closed by `{{end}}`",
    );
    check(
        "{{/* a\n*/ b}}",
        "!parse 1:3: a comment must fill its action, from `{{/*` to `*/}}`",
    );
}

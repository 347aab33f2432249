//! The type check: its findings, and that it never reports an error in a template that works.

use go_template::model::Type;
use go_template::{Flaw, Nilness, Template};

use crate::vectors;
use go_template_fuzz::order::{ORDER, Order, OrderName, render};

fn flaws(template: &str, nilness: &[(&str, Nilness)]) -> Vec<Flaw> {
    let parsed =
        Template::parse("template", template).unwrap_or_else(|e| panic!("{template}: {e}"));
    parsed.check(Type::Struct(&ORDER), nilness)
}

/// A customer and a basket that are never nil; the delivery may be.
const USUAL: [(&str, Nilness); 2] = [("Customer", Nilness::Never), ("Basket", Nilness::Never)];

fn is_error(flaw: &Flaw) -> bool {
    flaw.fails && flaw.reached
}

/// Expects flaws, each as `E code` if it always fails or else as `W code`.
#[track_caller]
fn check(template: &str, expect: &[&str]) {
    let found: Vec<String> = flaws(template, &USUAL)
        .iter()
        .map(|flaw| {
            let letter = if is_error(flaw) { 'E' } else { 'W' };
            format!("{letter} {}", flaw.code)
        })
        .collect();
    assert_eq!(found, expect, "{template}");
}

#[test]
fn fields_and_methods() {
    check(
        "{{.Basket.Id}} {{.Customer.Mail}} {{.Placed.Year}} {{.Wait.Seconds}}",
        &[],
    );
    check("{{.Plam.Id}}", &["E unknown-field"]);
    check("{{.Customer.Name}}", &["E unknown-field"]);
    check("{{if .Note}}{{.Nope}}{{end}}", &["W unknown-field"]);
    check("{{if true}}{{.Nope}}{{end}}", &["E unknown-field"]);
    check(
        "{{range .Basket.Items}}{{.Id}}{{end}}",
        &["W unknown-field"],
    );
    check("{{with .Basket}}{{.Code}}{{end}}", &["E unknown-field"]);
    check("{{$p := .Basket}}{{$p.Zzz}}", &["E unknown-field"]);
    check("{{.Basket.Id.X}}", &["E unknown-field"]);
}

#[test]
fn suggestions() {
    let remedy = |template: &str| flaws(template, &USUAL)[0].remedy.clone();
    assert_eq!(
        remedy("{{.Customer.Mal}}").as_deref(),
        Some("did you mean `Mail`?")
    );
    assert_eq!(
        remedy("{{with .Basket}}{{.Reference}}{{end}}").as_deref(),
        Some("did you mean `$.Reference`?")
    );
    assert_eq!(
        remedy("{{.Delivery.Grams}}").as_deref(),
        Some("guard it with `{{with .Delivery}}` or `{{if .Delivery}}`")
    );
}

#[test]
fn spans() {
    let template = "ok\né {{.Basket.Bogus}}";
    let span = flaws(template, &USUAL)[0].span;
    assert_eq!(span.line_column(template), (2, 13));
    assert_eq!(span.of(template), "Bogus");
}

#[test]
fn values_that_may_be_nil() {
    let grams = "{{.Delivery.Grams}}";
    check(grams, &["W may-be-nil"]);
    let with = |nil| [USUAL[0], USUAL[1], ("Delivery", nil)];
    assert!(is_error(&flaws(grams, &with(Nilness::Always))[0]));
    assert_eq!(flaws(grams, &with(Nilness::Never)), []);
    check("{{with .Delivery}}{{.Grams}}{{end}}", &[]);
    check("{{if .Delivery}}{{.Delivery.Grams}}{{end}}", &[]);
    check(
        "{{if .Delivery}}{{else}}{{.Delivery.Grams}}{{end}}",
        &["W nil-pointer"],
    );
    check(
        "{{if not .Delivery}}none{{else}}{{.Delivery.Grams}}{{end}}",
        &[],
    );
    check("{{if and .Delivery (gt .Delivery.Parcels 0)}}{{end}}", &[]);
    check(
        "{{if and .Delivery .Note}}{{.Delivery.Parcels}}{{end}}",
        &[],
    );
    check(
        "{{if or .Note .Delivery}}{{.Delivery.Parcels}}{{end}}",
        &["W may-be-nil"],
    );
    check(
        "{{if or (not .Delivery) (eq .Delivery.Parcels 0)}}{{end}}",
        &[],
    );
    check("{{if ne .Delivery nil}}{{.Delivery.Parcels}}{{end}}", &[]);
    check(
        "{{if eq .Delivery nil}}{{else}}{{.Delivery.Parcels}}{{end}}",
        &[],
    );
    check("{{$s := .Delivery}}{{if $s}}{{$s.Parcels}}{{end}}", &[]);
    check(
        "{{with $s := .Delivery}}{{$s.Parcels}} {{$.Delivery.Parcels}}{{end}}",
        &[],
    );
    check("{{.Customer.Limit.Cents}}", &["W may-be-nil"]);
    check("{{.Customer.GetLimit.GetCents}}", &[]);
    check(
        "{{define \"s\"}}{{.Parcels}}{{end}}{{template \"s\" .Delivery}}",
        &["W may-be-nil"],
    );
    check(
        "{{define \"s\"}}{{.Delivery.Parcels}}{{end}}{{if .Delivery}}{{template \"s\" .}}{{end}}",
        &[],
    );
}

#[test]
fn labels_may_be_missing() {
    check("{{.Labels.host}}", &["W may-be-missing"]);
    check("{{.Quote .Labels.host}}", &["W may-be-missing"]);
    check("{{with .Labels.host}}{{$.Quote .}}{{end}}", &[]);
    check("{{if .Labels.host}}{{.Labels.host}}{{end}}", &[]);
    check("{{index .Labels \"host\"}}", &[]);
}

#[test]
fn arguments() {
    check("{{.Quote}}", &["E argument-count"]);
    check("{{.Quote .Title .Title}}", &["E argument-count"]);
    check("{{.Quote 5}}", &["E argument-type"]);
    check("{{.Quote .Basket}}", &["E argument-type"]);
    check("{{.Title | .Quote}}", &[]);
    check("{{.Status | .Quote}}", &["E argument-type"]);
    check("{{.StatusName 1.0}} {{.ShowWait 1500000000}}", &[]);
    check("{{.StatusName 1.5}}", &["E argument-type"]);
    check("{{1500000000 | .ShowWait}}", &["E argument-type"]);
    check("{{(.Basket) .Id}}", &["E not-a-function"]);
    check(
        "{{call .Quote \"a\"}}",
        &["E not-a-function", "E argument-count"],
    );
    check("{{.Basket.Id 1}}", &["E argument-count"]);
    check("{{len .Basket}}", &["E argument-type"]);
    check("{{index .Basket.Items 1.0}}", &["E argument-type"]);
    check("{{index .Labels 1}}", &["E argument-type"]);
    check("{{slice .Title 1 2}} {{slice .Basket.Items 1}}", &[]);
    check("{{ne 1 2 3}}", &["E argument-count"]);
}

#[test]
fn comparisons() {
    check("{{eq .Status 6}} {{eq .Code \"x\"}} {{gt .Wait 5}}", &[]);
    check(
        "{{eq .Status \"STATUS_PACKED\"}}",
        &["E incompatible-types"],
    );
    check(
        "{{with .Delivery}}{{gt .Distance 10}}{{end}}",
        &["W incompatible-types"],
    );
    check("{{with .Delivery}}{{gt .Distance 10.0}}{{end}}", &[]);
    check("{{lt .Placed .Placed}}", &["E incompatible-types"]);
    check(
        "{{eq .Basket nil}} {{eq 1 nil}} {{eq .Source \"MANUAL\"}}",
        &[],
    );
    check(
        "{{with .Delivery}}{{eq .Note 1}}{{eq .Note \"x\"}}{{end}}",
        &[],
    );
}

#[test]
fn the_rest() {
    check("{{range .Placed}}{{end}}", &["E range"]);
    check("{{range $i, $v := 3}}{{end}}", &["E range"]);
    check("{{template \"missing\"}}", &["E unknown-template"]);
    check("{{$x = 1}}", &["E undeclared-variable"]);
    check(
        "{{$icon := \"x\"}}{{if .Note}}{{$icon = 5}}{{end}}{{.Quote $icon}}",
        &[],
    );
    check("{{printf \"%d files\" .Title}}", &["W printf-verb"]);
    check(
        "{{printf \"%s\"}} {{printf \"100%% %s\" .Title}}",
        &["W printf-arguments"],
    );
    check(
        "{{define \"x\"}}{{.Title}}{{end}}{{template \"x\"}}",
        &["W no-dot"],
    );
    check("{{nil}}", &["E nil-command"]);
}

/// A template that works has no error, and a template that fails has a flaw in most cases.
#[test]
fn agrees_with_the_vectors() {
    let orders = OrderName::ALL.map(Order::of);
    let (mut missed, mut failing) = (Vec::new(), 0);
    for vector in vectors::all() {
        let source = &vector.template;
        if Template::parse("template", source).is_err() {
            continue;
        }
        let order = &orders[vector.data as usize];
        let nil = |is_there| match is_there {
            true => Nilness::Never,
            false => Nilness::Always,
        };
        let exact = [
            ("Customer", nil(order.customer.is_some())),
            ("Basket", nil(order.basket.is_some())),
            ("Delivery", nil(order.delivery.is_some())),
        ];
        let works = render(source, order).is_ok();
        for nilness in [&exact[..], &[]] {
            let found = flaws(source, nilness);
            let error = found.iter().find(|flaw| is_error(flaw));
            assert!(!works || error.is_none(), "{source}: {error:?}");
        }
        if !works {
            failing += 1;
            if flaws(source, &exact).is_empty() {
                missed.push(source.clone());
            }
        }
    }
    assert!(
        missed.len() * 5 < failing,
        "of {failing} missed {missed:#?}"
    );
}

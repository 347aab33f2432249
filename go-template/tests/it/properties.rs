//! Rules that hold for all templates.

use go_template::Template;
use go_template::model::Type;
use proptest::prelude::*;
use proptest::sample::select;

use go_template_fuzz::order::{ORDER, Order, OrderName, render};

/// Pieces of templates, valid and invalid ones.
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
    ".Title",
    ".Basket.Id",
    ".Basket.Items",
    ".Delivery.Grams",
    ".Quote ",
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

/// Actions, most of which are valid.
const ACTIONS: &[&str] = &[
    "{{.Title}}",
    "{{if .Note}}",
    "{{else}}",
    "{{end}}",
    "{{range $i, $p := .Basket.Items}}",
    "{{$i}}",
    "{{with $x := .Delivery}}",
    "{{$x.Parcels}}",
    "{{else with .Basket}}",
    "{{else if eq .Tries 1}}",
    "{{break}}",
    "{{continue}}",
    "{{template \"a\" .}}",
    "{{define \"a\"}}",
    "{{block \"b\" .Basket}}",
    "{{(.Placed.Add .Wait).Format \"15:04\" | printf \"%q\"}}",
    "{{$x := 1}}",
    "{{$x = 2}}",
    "{",
    "}",
    "text ",
    "{{- 3 -}}",
    "\n",
    "{{/* c */}}",
    "{{print (index .Labels \"k\") 'x' 1i `r`}}",
    "{{and .Customer .Basket.Id}}",
];

fn joined(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(pieces), 0..most).prop_map(|p| p.concat())
}

/// Parses, checks and executes a template; only panics and hangs can fail.
fn exercise(source: &str) {
    if let Ok(parsed) = Template::parse("template", source) {
        let _ = parsed.check(Type::Struct(&ORDER), &[]);
    }
    for data in OrderName::ALL {
        let _ = render(source, &Order::of(data));
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
        if let Ok(template) = Template::parse("template", &*source) {
            let printed = template.to_string();
            let again = Template::parse("template", &*printed);
            prop_assert!(again.is_ok(), "{printed:?}: {again:?}");
            if let Ok(again) = again {
                prop_assert_eq!(&again.to_string(), &printed);
            }
            let order = Order::of(OrderName::Full);
            prop_assert_eq!(render(&source, &order).ok(), render(&printed, &order).ok());
        }
    }

    #[test]
    fn a_template_that_works_has_no_error(source in joined(ACTIONS, 10)) {
        if render(&source, &Order::of(OrderName::Full)).is_ok()
            && let Ok(template) = Template::parse("template", &*source)
        {
            let flaws = template.check(Type::Struct(&ORDER), &[]);
            prop_assert!(!flaws.iter().any(|f| f.fails && f.reached), "{flaws:?}");
        }
    }
}

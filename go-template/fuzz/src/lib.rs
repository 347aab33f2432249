//! Properties that hold for every template, one function for each fuzz target, and the data
//! that the tests of go-template share.
//!
//! Each function takes any bytes and returns, or panics with the violated property.

pub mod order;

use std::borrow::Cow;

use go_template::model::Type;
use go_template::{Fault, Flaw, Span, Template};
use order::{ORDER, Order, OrderName};

/// A property, checked for an input.
pub type Check = fn(&[u8]);

/// All checks by the name of their target, which is that of their folder of the corpus.
pub const CHECKS: [(&str, Check); 3] = [
    ("go_check", go_check),
    ("go_execute", go_execute),
    ("go_syntax", go_syntax),
];

/// Checks that a template that is parsed, printed and parsed again is the same template.
pub fn go_syntax(bytes: &[u8]) {
    let Some(template) = parse(&text(bytes)) else {
        return;
    };
    let (source, printed) = (template.source(), template.to_string());
    let again = Template::parse("template", &*printed)
        .unwrap_or_else(|e| panic!("{source:?} prints as {printed:?}: {e:?}"));
    assert_eq!(again.to_string(), printed, "{source:?}");
}

/// Checks that a template and its printed form have the same output, or both fail.
pub fn go_execute(bytes: &[u8]) {
    let Some(template) = parse(&text(bytes)) else {
        return;
    };
    let printed = parse(&template.to_string());
    for name in OrderName::ALL {
        let order = Order::of(name);
        let output = execute(&template, &order);
        let again = printed.as_ref().and_then(|t| execute(t, &order));
        let source = template.source();
        assert_eq!(output, again, "{source:?} and its printed form differ");
    }
}

/// Checks that a template that works has no flaw that always fails.
pub fn go_check(bytes: &[u8]) {
    let Some(template) = parse(&text(bytes)) else {
        return;
    };
    let flaws = template.check(Type::Struct(&ORDER), &[]);
    let source = template.source();
    flaws.iter().for_each(|flaw| check_flaw(flaw, source));
    let error = flaws.iter().find(|flaw| flaw.fails && flaw.reached);
    for name in OrderName::ALL {
        let works = execute(&template, &Order::of(name)).is_some();
        assert!(!works || error.is_none(), "{source:?} works: {error:?}");
    }
}

/// The input as text, with replacement characters, so that no input is wasted.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The template. `None` if it is invalid.
fn parse(source: &str) -> Option<Template> {
    let parsed = Template::parse("template", source);
    parsed.map_err(|fault| check_fault(&fault, source)).ok()
}

/// The output. `None` if the template fails.
fn execute(template: &Template, order: &Order) -> Option<Vec<u8>> {
    let output = template.execute(order);
    output
        .map_err(|fault| check_fault(&fault, template.source()))
        .ok()
}

fn check_fault(fault: &Fault, source: &str) {
    assert!(!fault.message.is_empty(), "{fault:?}");
    check_span(fault.span, source);
}

fn check_flaw(flaw: &Flaw, source: &str) {
    assert!(
        !flaw.message.is_empty() && !flaw.code.is_empty(),
        "{flaw:?}"
    );
    check_span(flaw.span, source);
}

fn check_span(span: Span, source: &str) {
    let (line, column) = span.line_column(source);
    let lines = source.matches('\n').count() + 1;
    let fits = line >= 1 && column >= 1 && line as usize <= lines;
    assert!(fits, "{span:?} in {source:?}");
}

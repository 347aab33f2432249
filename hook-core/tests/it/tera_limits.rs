//! The limits of a Tera template: its length, its output, its time, and Tera's own limits on
//! nesting. A template beyond them fails without further effects.

use std::time::{Duration, Instant};

use hook_core::template::{Engine, Facts, Template};
use hook_core::vars::Vars;

/// Long for a template that terminates, short for a test.
const LIMIT: Duration = Duration::from_millis(300);

/// Expects an error with this text, or any output if there is no text.
#[track_caller]
fn check(template: &str, expect: Option<&str>) {
    let vars = Vars::from_json(r#"{"task": "a", "plan": {"paths": ["/a", "/b", "/c", "/d"]}}"#);
    let vars = vars.unwrap_or_else(|e| panic!("{e}"));
    let result = Template::parse(Engine::Tera, template).and_then(|t| t.render(&vars));
    let shown: String = template.chars().take(80).collect();
    match (&result, expect) {
        (Ok(_), None) => {}
        (Err(e), Some(text)) => assert!(e.message.contains(text), "{shown}: {e}"),
        _ => panic!("{shown}: {:?}, want {expect:?}", result.map(|o| o.len())),
    }
}

/// Returns a loop of 10^20 iterations.
fn endless(body: &str) -> String {
    let range = "range(end=100000)";
    let open: String = (0..4)
        .map(|i| format!("{{% for v{i} in {range} %}}"))
        .collect();
    format!("{open}{body}{}", "{% endfor %}".repeat(4))
}

#[test]
fn time() {
    for body in ["", "{{ task }}", "{% set x = task ~ v1 %}"] {
        let template = Template::parse(Engine::Tera, &endless(body)).unwrap();
        let start = Instant::now();
        let error = template.render_within(&Vars::default(), LIMIT).unwrap_err();
        assert!(error.message.contains("takes longer than 300ms"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn the_check_ends_soon() {
    let template = Template::parse(Engine::Tera, &endless("")).unwrap();
    let found = template.check(&Facts::default());
    let messages: Vec<&str> = found.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(
        messages,
        ["with some variables: the template takes longer than 2s"]
    );
}

#[test]
fn length() {
    check(&"x".repeat(4 << 20), None);
    check(
        &"x".repeat((4 << 20) + 1),
        Some("longer than 4194304 bytes"),
    );
    let lines = format!(
        "{{% for a in range(end=50000) %}}{}{{% endfor %}}",
        "x".repeat(1000)
    );
    check(&lines, Some("the output is longer than 33554432 bytes"));
    check(
        "{{ range(end=1000000) }}",
        Some("exceeds the limit of 100000"),
    );
}

#[test]
fn nesting() {
    let nested = |depth: usize| "{% if 1 %}".repeat(depth) + &"{% endif %}".repeat(depth);
    check(&nested(38), None);
    check(&nested(41), Some("nesting is too deep"));
    check(&nested(100_000), Some("nesting is too deep"));
    let elifs = |count: usize| {
        format!(
            "{{% if 0 %}}{}{{% endif %}}",
            "{% elif task == 'x' %}x".repeat(count)
        )
    };
    check(&elifs(100), None);
    check(&elifs(20_000), None);
    let parens = |depth: usize| format!("{{{{ {}1{} }}}}", "(".repeat(depth), ")".repeat(depth));
    check(&parens(30), None);
    check(&parens(10_000), Some("too complex"));
    check(
        &format!("{{{{ 1{} }}}}", " ~ 1".repeat(300)),
        Some("too complex"),
    );
    check(&format!("{{{{ task{} }}}}", " | upper".repeat(200)), None);
    check(
        "{% set x = [] %}{% for i in range(end=100000) %}{% set_global x = [x] %}{% endfor %}",
        None,
    );
}

#[test]
fn recursion() {
    let calls = |depth: u32| {
        format!(
            "{{% component a(n: Integer) %}}{{% if n < {depth} %}}{{{{ <a n={{n + 1}}/> }}}}\
             {{% endif %}}{{% endcomponent %}}{{{{ <a n={{1}}/> }}}}"
        )
    };
    check(&calls(20), None);
    check(&calls(21), Some("recursion depth for components exceeded"));
    check("{% include 'template.hook' %}", Some("circular include"));
}

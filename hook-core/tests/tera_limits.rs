//! What a Tera template may ask for, whether it is rendered or only checked. Without its
//! limits the most of these would never end, or fill the memory.

use hook_core::template::{Engine, Facts, Template};
use hook_core::vars::Vars;

/// Expects an error with this text, or any output if there is no text.
#[track_caller]
fn check(template: &str, expect: Option<&str>) {
    let vars = Vars::from_json(
        r#"{"task": "aaaaaaaaaaaaaaaa", "event": "CONDITION_SNAPSHOT_END",
            "plan": {"id": "p", "paths": ["/a", "/b", "/c", "/d"]}, "labels": {"a": "1", "b": "2"}}"#,
    )
    .unwrap_or_else(|e| panic!("{e}"));
    let result = Template::parse(Engine::Tera, template).and_then(|t| {
        let _ = t.check(&Facts::default());
        t.render(&vars)
    });
    let shown: String = template.chars().take(80).collect();
    match (&result, expect) {
        (Ok(_), None) => {}
        (Err(e), Some(text)) => assert!(e.message.contains(text), "{shown}: {e}"),
        _ => panic!("{shown}: {:?}, want {expect:?}", result.map(|o| o.len())),
    }
}

const VALUES: Option<&str> = Some("are longer than 16777216 bytes");
const WORK: Option<&str> = Some("more work than 5000000 steps");
const TURNS: Option<&str> = Some("turn more than 1000000 times");

#[test]
fn loops() {
    check("{% for a in range(end=900000) %}{% endfor %}", None);
    check("{% for a in range(end=1000000000) %}{% endfor %}", VALUES);
    check(
        "{{ range(end=9000000000000000000, start=-9000000000000000000) | length }}",
        VALUES,
    );
    let loops = |inner: &str, depth: usize, body: &str| {
        let open: String = (0..depth)
            .map(|i| format!("{{% for v{i} in {inner} %}}"))
            .collect();
        format!("{open}{body}{}", "{% endfor %}".repeat(depth))
    };
    check(&loops("range(end=1000)", 2, ""), TURNS);
    // A list of four in loops in loops is a billion turns.
    check(&loops("plan.paths", 30, ""), WORK);
    check(&loops("task", 20, ""), TURNS);
    check(
        &loops("plan.paths", 8, &"x".repeat(1000)),
        Some("the output is longer"),
    );
    check(&loops("plan.paths", 6, "{% continue %}"), None);
    check(&loops("plan.paths", 5, "{% break %}"), None);
}

#[test]
fn values_that_grow() {
    let doubling = |set: &str| format!("{{% set x = task %}}{}", set.repeat(64));
    check(&doubling("{% set x = x ~ x %}"), VALUES);
    check(&doubling("{% set x = [x, x] %}"), VALUES);
    check(&doubling("{% set x = [...[x], ...[x]] %}"), VALUES);
    check(&doubling("{% set x = {\"a\": x, \"b\": x} %}"), VALUES);
    check(
        &doubling("{% set x = x | replace(from='a', to='aa') %}"),
        VALUES,
    );
    check(
        &doubling("{% set x = x | replace(from='', to=x) %}"),
        VALUES,
    );
    check(&doubling("{% set x = [x, x] | join(sep=x) %}"), VALUES);
    check(
        &doubling("{% set x = x | split(pat='') | join(sep=x) %}"),
        VALUES,
    );
    check(&doubling("{% set x = (x ~ '\"') | json_marshal %}"), VALUES);
    check(
        &doubling("{% set x = (x ~ \"'\") | shell_escape | str %}"),
        VALUES,
    );
    check(
        &doubling("{% set x = x | replace(from='a', to=\"'\") | escape | str %}"),
        VALUES,
    );
    check(
        &doubling("{% set x = (x ~ \"'\") | powershell_escape | str ~ x %}"),
        VALUES,
    );
    check(
        &doubling("{% set x = (x ~ '%') | url_escape | str ~ x %}"),
        VALUES,
    );
    check(
        &doubling("{% set x = (x ~ '&') | escape_html ~ x %}"),
        VALUES,
    );
    check(
        &doubling("{% set x = (x ~ '\n') | newlines_to_br ~ x | escape_xml %}"),
        VALUES,
    );
    check(
        "{% set x = range(end=20000) | join(sep='\n') %}{{ x | indent(width=1000) | length }}",
        VALUES,
    );
    let escaped = format!(
        "{{{{ {}task{} }}}}",
        "{'a': ".repeat(14),
        "} ~ ''".repeat(14)
    );
    check(&escaped, None);
    let escaped = format!(
        "{{{{ {}task{} }}}}",
        "{'a': ".repeat(36),
        "} ~ ''".repeat(36)
    );
    check(&escaped, VALUES);
    check(
        "{% set x = [] %}{% for i in range(end=100000) %}{% set_global x = [x] %}{% endfor %}",
        Some("nest deeper than 200"),
    );
    check(
        "{% set x = task %}{% for i in range(end=100000) %}{% set_global x = x ~ i %}{% endfor %}",
        WORK,
    );
}

#[test]
fn work_that_adds_up() {
    let big = "{% set x = range(end=400000) | join(sep=',') %}";
    let again = |what: &str| format!("{big}{}", what.repeat(2000));
    check(&again("{% if x == x %}{% endif %}"), WORK);
    check(&again("{% if 'b' in x %}{% endif %}"), WORK);
    check(&again("{{ x | length }}"), WORK);
    check(&again("{{ x[1:2] }}"), WORK);
    check(&again("{{ x[::-1] | length }}"), WORK);
    check(&again("{{ x | upper | lower | length }}"), WORK);
    check(&again("{% if 1 == 2 %}{% elif x == x %}{% endif %}"), WORK);
    check(&again("{{ x | split(pat=',') | sort | length }}"), WORK);
    check(
        &format!("{big}{{{{ x | split(pat=',') | unique | length }}}}"),
        WORK,
    );
    check(&again("{{ x | split(pat='') | length }}"), VALUES);
    let chain = format!("{big}{{{{ x{} }}}}", " ~ x".repeat(200));
    check(&chain, VALUES);
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
    check(&elifs(101), Some("more than 100 `elif`"));
    check(&elifs(100_000), Some("more than 100 `elif`"));
    // Each of the deepest blocks, with as many branches as there may be.
    let deep = format!(
        "{}{}{}",
        "{% if 0 %}{% elif 0 %}{% elif 1 %}".repeat(38),
        "x",
        "{% endif %}".repeat(38)
    );
    check(&deep, None);
    check(
        &format!("{{{{ {}1{} }}}}", "(".repeat(30), ")".repeat(30)),
        None,
    );
    check(
        &format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000)),
        Some("too complex"),
    );
    check(
        &format!("{{{{ 1{} }}}}", " ~ 1".repeat(300)),
        Some("too complex"),
    );
    check(&format!("{{{{ task{} }}}}", " | upper".repeat(200)), None);
    check(
        &format!("{{{{ {}1{} }}}}", "[".repeat(10_000), "]".repeat(10_000)),
        Some("dimensions"),
    );
    check(&"x".repeat((4 << 20) + 1), Some("longer than"));
    check(&"x".repeat(4 << 20), None);
    check(&"{{ task }}".repeat(50_000), None);
}

#[test]
fn what_has_no_bound_is_not_taken() {
    check("{% include 'x' %}", Some("`include` is not taken"));
    check("{% extends 'x' %}", Some("`extends` is not taken"));
    check("{% block a %}{% endblock %}", Some("`block` is not taken"));
    check(
        "{% component a() %}{% endcomponent %}",
        Some("`component` is not taken"),
    );
    check(
        "{% macro a() %}{% endmacro %}",
        Some("`macro` is not taken"),
    );
    check("{% import 'x' as y %}", Some("`import` is not taken"));
    check("{{ <a b=1 /> }}", Some("components are not taken"));
    check("{% <a> %}{% </a> %}", Some("is not taken"));
    check(
        "{% filter upper %}x{% endfilter %}",
        Some("`filter` is not taken"),
    );
    check(
        "{% set x %}x{% endset %}",
        Some("`set` is not taken without `=`"),
    );
    check(
        "{{ [x for x in plan.paths] }}",
        Some("made by `for` is not taken"),
    );
    check(
        "{{ __tera_context }}",
        Some("`__tera_context` is not taken"),
    );
    check("{{ __toll(n=0) }}", Some("`__toll` is not taken"));
    check("{% set __x = 1 %}", Some("`__x` is not taken"));
}

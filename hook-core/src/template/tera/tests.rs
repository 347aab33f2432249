//! The tolls and the bounded filters change nothing but what is too much.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::diagnostic::Severity;

/// Pieces that templates are made of.
const PIECES: &[&str] = &[
    "{{ task }}",
    "{{- task -}}",
    "{{ nope }}",
    "{{ plan.id | upper }}",
    "{{ snapshot_stats.files_new }}",
    "{% if error %}",
    "{%- if attempt == 1 -%}",
    "{% elif task is starting_with(pat='a') -%}",
    "{%- else -%}",
    "{% else %}",
    "{% endif %}",
    "{%- endif -%}",
    "{% for p in plan.paths -%}",
    "{%- for k, v in labels %}",
    "{% for c in 'ab' -%}",
    "{% endfor %}",
    "{%- endfor -%}",
    "{{ p }}",
    "{{ k ~ v }}",
    "{{ loop.index }}",
    "{% set x = task ~ 1 %}",
    "{%- set x = task | raw -%}",
    "{% set_global x = [1, 'a', x] %}",
    "{{ x }}",
    "{{ x | default(value='none') }}",
    "{% break %}",
    "{%- continue -%}",
    " text ",
    "\n",
    "  \n  ",
    "{# c -#}",
    "{#- c #}",
    "{% raw -%} {{ x }} {%- endraw %}",
    "{{ task | replace(from='a', to=\"'\") }}",
    "{{ task | safe | replace(from='a', to='&') }}",
    "{{ [task, 'b c', 1, true] | join(sep=', ') }}",
    "{{ [task | raw, 'b c'] | join(sep=' & ') }}",
    "{{ ['b', 'a', 'b', 1] | unique }}",
    "{{ 'a\n\nb\n' | indent(width=2, first=true) }}",
    "{{ 'a\n\nb' | indent(indentation='-', blank=true) }}",
    "{{ '<a href=\"/\">&' | escape_html | escape_xml }}",
    "{{ 'a\r\nb\n' | newlines_to_br }}",
    "{{ task | split(pat=' ') | first }}",
    "{{ [1, 2.5, task] | str }}",
    "{{ range(end=7, start=1, step_by=2) }}",
    "{{ task[1:3] ~ plan.paths[0] }}",
    "{{ {'a': task, 'b': [1]} }}",
    "{{ 1 + 2 * 3 }}",
];

fn vars() -> Vars {
    let text = r#"{"task": "a task", "error": "e", "attempt": 1,
        "plan": {"id": "p", "paths": ["/a", "/b c"]}, "labels": {"k": "v", "l": "w"}}"#;
    Vars::from_json(text).unwrap()
}

/// What Tera makes of a template as it is.
fn plain(source: &str, vars: &Vars) -> Option<Vec<u8>> {
    let mut tera = Tera::new();
    tera.autoescape_on([".hook"]);
    tera.set_escape_fn(|text, out| out.write_all(&shell_escape(text.as_bytes())));
    helpers::register(&mut tera);
    tera.add_raw_template(NAME, source).ok()?;
    budget::start();
    let mut out = Vec::new();
    tera.render_to(NAME, &context::of(vars), &mut out).ok()?;
    Some(out)
}

/// Closes what is open, so that most of what is made at random is a template.
fn closed(pieces: &[&str]) -> String {
    let mut out = String::new();
    let mut open: Vec<&str> = Vec::new();
    for piece in pieces {
        let end = open.last().copied().unwrap_or_default();
        let is = |name: &str| piece.contains(&format!(" {name}")) && piece.contains("{%");
        if is("if") || is("for") {
            open.push(if is("if") {
                "{% endif %}"
            } else {
                "{% endfor %}"
            });
        } else if is("endif") || is("endfor") {
            let name = if is("endif") { "endif" } else { "endfor" };
            if !end.contains(name) {
                continue;
            }
            open.pop();
        } else if (is("else") || is("elif")) && end.is_empty() {
            continue;
        }
        out.push_str(piece);
    }
    out.extend(open.into_iter().rev());
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tolls_change_nothing(pieces in proptest::collection::vec(select(PIECES), 0..14)) {
        let source = closed(&pieces);
        let vars = vars();
        let template = parse(&source).ok();
        let output = template.as_ref().and_then(|t| t.render(&vars, Duration::MAX).ok());
        prop_assert_eq!(&output, &plain(&source, &vars), "{}", source);
        if let Some(template) = template {
            let findings = template.check(&Facts::default());
            let error = findings.iter().find(|f| f.severity == Severity::Error);
            prop_assert!(output.is_none() || error.is_none(), "{source} works: {error:?}");
        }
    }

    #[test]
    fn any_tokens_are_read(pieces in proptest::collection::vec(select(PIECES), 0..14), cut in 0_usize..400) {
        let mut source = pieces.concat();
        let mut at = cut.min(source.len());
        while !source.is_char_boundary(at) {
            at -= 1;
        }
        source.truncate(at);
        prop_assert_eq!(parse(&source).and_then(|t| t.render(&vars(), Duration::MAX)).ok(), plain(&source, &vars()), "{}", source);
    }
}

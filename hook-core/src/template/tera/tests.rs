//! Properties of all templates.

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
    "{% set x %}it is {{ task }}{% endset %}",
    "{% filter upper %}{{ task }}{% endfilter %}",
    "{{ [p for p in plan.paths] }}",
    "{{ plan.paths[5] }}",
    "{{ plan.paths | first | upper }}",
    "{{ repo.prune_policy.max_unused_bytes }}",
    "{{ labels.k }}",
    "{{ snapshot_stats.error | upper }}",
];

fn vars() -> Vars {
    let text = r#"{"task": "a task", "error": "e", "attempt": 1,
        "plan": {"id": "p", "paths": ["/a", "/b c"]}, "labels": {"k": "v", "l": "w"}}"#;
    Vars::from_json(text).unwrap()
}

/// Closes open blocks and braces, so that most random texts are valid templates.
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
    fn what_works_is_no_error(pieces in proptest::collection::vec(select(PIECES), 0..14)) {
        let source = closed(&pieces);
        let Ok(template) = parse(&source) else { return Ok(()) };
        let works = template.render(&vars(), Duration::MAX).is_ok();
        let findings = template.check(&source, &Facts::default());
        let error = findings.iter().find(|f| f.severity == Severity::Error);
        prop_assert!(!works || error.is_none(), "{source} works: {error:?}");
    }

    #[test]
    fn parts_are_all_of_the_source(pieces in proptest::collection::vec(select(PIECES), 0..14)) {
        let source = closed(&pieces);
        if parse(&source).is_err() {
            return Ok(());
        }
        let mut end = 0;
        for part in syntax::parts(&source) {
            prop_assert_eq!(part.start, end, "{}", source);
            prop_assert!(part.kind != syntax::PartKind::Text || part.tokens.is_empty());
            end = part.end;
        }
        prop_assert_eq!(end, source.len(), "{}", source);
    }
}

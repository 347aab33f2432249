//! The Tera dialect: quoting by default, the helpers, and errors with their place.

use hook_core::diagnostic::Severity;
use hook_core::template::{Engine, Facts, Nilness, Template};
use hook_core::vars::Vars;

fn vars() -> Vars {
    Vars::from_json(
        r#"{"task": "it's a task", "event": "CONDITION_SNAPSHOT_ERROR", "error": "a & b",
            "plan": {"id": "nas daily", "paths": ["/a b", "/c"]},
            "repo": {"id": "b2"},
            "snapshotStats": {"dataAdded": 123456789, "totalDuration": 2.5},
            "curTime": "2025-03-09T14:05:06Z", "duration": "42.751s",
            "labels": {"host": "a;b"}, "attempt": 2, "trigger": "MANUAL"}"#,
    )
    .unwrap_or_else(|e| panic!("{e}"))
}

fn check(template: &str, expect: &str) {
    let result = Template::parse(Engine::Tera, template).and_then(|t| t.render(&vars()));
    let shown = match result {
        Ok(output) => String::from_utf8_lossy(&output).into_owned(),
        Err(e) => format!("{:?} {e}", e.phase),
    };
    assert_eq!(shown, expect, "{template}");
}

#[test]
fn every_interpolation_is_one_word() {
    check("echo {{ plan.id }} {{ repo.id }}", "echo 'nas daily' b2");
    check("{{ task }}", r#"'it'"'"'s a task'"#);
    check(
        "{{ plan.id | raw }} {{ plan.id | safe }}",
        "nas daily nas daily",
    );
    check("{{ plan.id | upper }}", "'NAS DAILY'");
    check("{{ labels.host }} {{ snapshot_id }}", "'a;b' ''");
    check(
        "{% for p in plan.paths %}{{ p }} {% endfor %}",
        "'/a b' /c ",
    );
    check(
        "{{ attempt }} {{ trigger }} {{ event }}",
        "2 MANUAL CONDITION_SNAPSHOT_ERROR",
    );
    check(
        "{{ duration }} {{ cur_time }}",
        "42.751 2025-03-09T14:05:06Z",
    );
    check("{{ plan.id ~ '; rm' }}", "'nas daily; rm'");
}

#[test]
fn helpers_are_filters_and_functions() {
    check("{{ plan.paths | shell_escape }}", "'/a b' /c");
    check(
        "{{ plan.id | shell_escape }} {{ shell_escape(value=repo.id) }}",
        "'nas daily' b2",
    );
    check(
        "{{ snapshot_stats.data_added | format_size_bytes }}",
        "'123.457 MB'",
    );
    check(
        "{{ cur_time | format_time(layout='2006') }} {{ format_time() }}",
        "2025 2025-03-09T14:05:06Z",
    );
    check(
        "{{ duration | format_duration }} {{ format_duration() }}",
        "42.751s 42.751s",
    );
    check(
        "{{ event_name() | raw }} {% if is_error() %}bad{% endif %}",
        "snapshot error bad",
    );
    check("{% if event | is_error %}bad{% endif %}", "bad");
    check("{{ error | json_marshal | raw }}", r#""a \u0026 b""#);
    check("{{ task | powershell_escape }}", "'it''s a task'");
    check("{{ task | applescript_escape }}", "\"it's a task\"");
    check(
        "https://x/{{ plan.id | url_escape }}",
        "https://x/nas%20daily",
    );
    check("{% if summary() == summary %}same{% endif %}", "same");
}

#[test]
fn errors_say_where() {
    check("{% if x %}", "Parse 1:11: unexpected end of input");
    check(
        "a\n {{ plan.id | nope }}",
        "Parse 2:15: unknown filter `nope`",
    );
    check(
        "{% include \"/etc/passwd\" %}",
        "Parse 1:12: unknown template `/etc/passwd`",
    );
    check(
        "a\n{{ nope }}",
        "Render 2:4: variable `nope` is not defined",
    );
    check("{{ plan.nope }}", "Render 1:9: field `nope` is not defined");
}

#[test]
fn an_early_end_is_told_at_the_end_and_an_internal_name_not_at_all() {
    for (template, place) in [
        ("{{ task ", "1:9"),
        ("{{ task", "1:8"),
        ("{{ task\n", "1:8"),
        ("a\n  {{ task  ", "2:12"),
        ("{% if task %}\n  b\n", "2:4"),
        ("{{", "1:3"),
        ("é {{ task | ", "1:13"),
    ] {
        check(template, &format!("Parse {place}: unexpected end of input"));
    }
    for template in ["{% extends \"a\" %}", "{% extends 'template.hook' %}"] {
        let want = "Parse 1:4: a script's template stands alone: there is none to extend";
        check(template, want);
    }
    for template in ["{% include \"a\" %}", "{% include 'b' ignore missing %}"] {
        let result = Template::parse(Engine::Tera, template).and_then(|t| t.render(&vars()));
        let shown = result.map_err(|error| error.to_string());
        assert!(!format!("{shown:?}").contains("template.hook"), "{shown:?}");
    }
}

/// Returns the findings of the check: place, length, code, `!` for an error, and remedy.
fn findings(template: &str, facts: &Facts) -> Vec<String> {
    let parsed = Template::parse(Engine::Tera, template).unwrap_or_else(|e| panic!("{e}"));
    let shown = parsed.check(facts).into_iter().map(|f| {
        let error = if f.severity == Severity::Error {
            "!"
        } else {
            ""
        };
        let remedy = f.remedy.map(|r| format!(": {r}")).unwrap_or_default();
        format!(
            "{}:{}+{} {}{error}{remedy}",
            f.line, f.column, f.length, f.code
        )
    });
    shown.collect()
}

fn always() -> Facts {
    Facts {
        repo: Nilness::Never,
        plan: Nilness::Never,
        snapshot_stats: Nilness::Never,
        ..Facts::default()
    }
}

#[test]
fn the_check_knows_variables_and_fields() {
    let check = |template: &str, want: &[&str]| {
        assert_eq!(findings(template, &always()), want, "{template}");
    };
    check(
        "{{ task }}{{ plan.id }}{{ snapshot_stats.data_added }}{{ summary }}",
        &[],
    );
    check(
        "{{ plam.id }}",
        &["1:4+4 unknown-variable!: did you mean `plan`?"],
    );
    check(
        "a\n{{ plan.pats }}",
        &["2:9+4 unknown-field!: did you mean `paths`?"],
    );
    check(
        "{{ repo.prune_policy.max_unused_byte }}",
        &["1:22+15 unknown-field!: did you mean `max_unused_bytes`?"],
    );
    check(
        "{% if tsk %}x{% endif %}",
        &["1:7+3 unknown-variable: did you mean `task`?"],
    );
    check(
        "{% if error %}{{ snapshot_stats.files }}{% endif %}",
        &["1:33+5 unknown-field"],
    );
    check(
        "{{ nothing | default(value='x') }}",
        &["1:4+7 unknown-variable"],
    );
    check(
        "{% set x = 1 %}{{ x }}{% for p in plan.paths %}{{ p }}{{ loop.index }}{% endfor %}",
        &[],
    );
    check("{{ task.id }}", &["1:9+2 unknown-field!"]);
    check("{{ labels.host | default(value='') }}", &[]);
    check(
        "{{ 'nope' ~ task }}{# nope #}{% raw %}{{ nope }}{% endraw %}",
        &[],
    );
}

#[test]
fn the_check_knows_what_filters_take() {
    let check = |template: &str, want: &[&str]| {
        assert_eq!(findings(template, &always()), want, "{template}");
    };
    check(
        "{{ task | upper | length }}{{ plan.paths | join(sep=', ') }}",
        &[],
    );
    check("{{ attempt | upper }}", &["1:4+7 argument-type!"]);
    check("{{ plan.paths | upper }}", &["1:4+4 argument-type!"]);
    check("{{ task | length | upper }}", &["1:11+6 argument-type"]);
    check("{{ task | format_size_bytes }}", &["1:4+4 argument-type!"]);
    check(
        "{{ task | replace(from='a') }}",
        &["1:11+17 argument-count!"],
    );
    check(
        "{{ task | truncate(length='3') }}",
        &["1:4+4 argument-type"],
    );
    check(
        "{% if task is divisible_by(divisor=2) %}x{% endif %}",
        &["1:7+4 argument-type"],
    );
    // May fail for some values only.
    check("{{ plan.paths[0] }}", &["1:4+12 may-fail"]);
    check("{{ labels.host }}", &["1:11+4 may-fail"]);
    check("{{ 1 / (attempt - 1) }}", &["1:9+11 may-fail"]);
    let parse = |template: &str| {
        let error = Template::parse(Engine::Tera, template)
            .map(|_| ())
            .unwrap_err();
        (error.to_string(), error.suggestion.unwrap_or_default())
    };
    let found = |message: &str, meant: &str| (message.to_owned(), meant.to_owned());
    assert_eq!(
        parse("{{ task | uper }}"),
        found("1:11: unknown filter `uper`", "upper")
    );
    assert_eq!(
        parse("{{ shel_escape(value=task) }}"),
        found("1:4: unknown function `shel_escape`", "shell_escape")
    );
    assert_eq!(
        parse("{% if task is startingwith(pat='a') %}{% endif %}"),
        found("1:15: unknown test `startingwith`", "starting_with")
    );
}

#[test]
fn the_check_asks_for_what_may_be_missing() {
    let stats = "{{ snapshot_stats.data_added }}";
    let ask = "may-be-nil: ask first: `{% if snapshot_stats %}…{% endif %}`";
    assert_eq!(
        findings(stats, &Facts::default()),
        [format!("1:19+10 {ask}")]
    );
    assert_eq!(findings(stats, &always()), [""; 0]);
    let never = Facts {
        snapshot_stats: Nilness::Always,
        ..always()
    };
    let ask_in_vain = ask.replace("nil", "nil!");
    assert_eq!(findings(stats, &never), [format!("1:19+10 {ask_in_vain}")]);
    for guarded in [
        "{% if snapshot_stats %}{{ snapshot_stats.data_added }}{% endif %}",
        "{% if error %}x{% elif snapshot_stats %}{{ snapshot_stats.data_added }}{% endif %}",
        "{{ snapshot_stats.data_added | default(value=0) }}",
        "{{ snapshot_stats.data_added if snapshot_stats else 0 }}",
    ] {
        assert_eq!(findings(guarded, &Facts::default()), [""; 0], "{guarded}");
    }
    assert_eq!(
        findings(
            "{% if snapshot_stats %}x{% else %}{{ snapshot_stats.data_added }}{% endif %}",
            &Facts::default()
        ),
        [format!("1:53+10 {ask}")]
    );
    let policy = "{{ repo.prune_policy.max_unused_bytes }}";
    assert_eq!(
        findings(policy, &always()),
        ["1:22+16 may-be-nil: ask first: `{% if repo.prune_policy %}…{% endif %}`"]
    );
}

#[test]
fn components_bodies_and_comprehensions_work() {
    check(
        "{% component quote(x) %}[{{ x }}]{% endcomponent %}{{ <quote x={task}/> }}",
        r#"['it'"'"'s a task']"#,
    );
    check(
        "{% set x %}it is {{ plan.id }}{% endset %}{{ x }}; {{ x | upper }}",
        "it is 'nas daily'; IT IS 'NAS DAILY'",
    );
    check(
        "{% set x | replace(from='a', to='o') %}a {{ plan.id }}{% endset %}{{ x }}",
        "o 'nos doily'",
    );
    check(
        "{% filter upper %}a {{ plan.id }}{% endfilter %}",
        "A 'NAS DAILY'",
    );
    check("{{ [p for p in plan.paths] | join(sep=' ') }}", "'/a b /c'");
    check("{% block x %}{{ plan.id }}{% endblock %}", "'nas daily'");
}

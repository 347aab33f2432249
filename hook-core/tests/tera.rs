//! The Tera dialect: quoting by default, the helpers, and errors with their place.

use hook_core::template::{Engine, Facts, Presence, Template};
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
fn work_is_bounded() {
    let nested =
        "{% for a in range(end=1000) %}{% for b in range(end=100000) %}{% endfor %}{% endfor %}";
    let result = Template::parse(Engine::Tera, nested).and_then(|t| t.render(&vars()));
    assert!(
        result
            .unwrap_err()
            .message
            .contains("more than 1000000 numbers")
    );
}

#[test]
fn the_check_tries_what_may_come() {
    let codes = |template: &str, facts: &Facts| -> Vec<&'static str> {
        let template = Template::parse(Engine::Tera, template).unwrap();
        template.check(facts).iter().map(|f| f.code).collect()
    };
    let stats = "{{ snapshot_stats.data_added }}";
    let always = Facts {
        snapshot_stats: Presence::Always,
        ..Facts::default()
    };
    assert_eq!(codes(stats, &Facts::default()), ["may-fail"]);
    assert_eq!(codes(stats, &always), [""; 0]);
    assert_eq!(
        codes("{{ plam.id }}", &always),
        ["unknown-variable", "may-fail"]
    );
    let guarded = "{% if snapshot_stats %}{{ snapshot_stats.data_added }}{% endif %}";
    assert_eq!(codes(guarded, &Facts::default()), [""; 0]);
}

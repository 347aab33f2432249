//! Remedies for templates.

use super::{all_work, remedy};

/// Returns a config with a hook of that script.
fn script(text: &str, engine: &str) -> String {
    let text = serde_json::Value::from(text);
    format!(
        "hooks:\n  - conditions: [CONDITION_SNAPSHOT_END]\n    actionCommand: {{ command: {text}, \
         templateEngine: {engine} }}\n"
    )
}

/// A template of Docker's is not for hookd: it is left alone, or escaped.
#[test]
fn a_placeholder_for_another_program() {
    let state = "docker inspect -f '{{.State.Running}}' db";
    let escaped = "docker inspect -f '{{\"{{\"}}.State.Running{{\"}}\"}}' db";
    let json = "docker ps --format '{{json .}}'";
    let in_tera = "docker ps --format '{% raw %}{{json .}}{% endraw %}'";
    let engine = "give the hook `templateEngine: NONE`";
    all_work(&[
        remedy(
            "unknown-field",
            script(state, "GO"),
            engine,
            script(state, "NONE"),
        ),
        remedy(
            "unknown-field",
            script(state, "GO"),
            "write `{{\"{{\"}}.State.Running{{\"}}\"}}`",
            script(escaped, "GO"),
        ),
        remedy("template", script(json, "GO"), engine, script(json, "NONE")),
        remedy(
            "template",
            script(json, "TERA"),
            "write `{% raw %}{{json .}}{% endraw %}`",
            script(in_tera, "TERA"),
        ),
    ]);
    for (engine, text, want) in [("GO", escaped, state), ("TERA", in_tera, json)] {
        let loaded = hook_core::load::parse("f", script(text, engine).as_bytes()).unwrap();
        let hook = loaded.catalog.all_hooks().next().unwrap();
        let hook_core::hook::Action::Command(command) = &hook.action else {
            panic!("{hook:?}")
        };
        let vars = hook_core::vars::Vars::default();
        let rendered = command.template.render(&vars).unwrap();
        assert_eq!(String::from_utf8_lossy(&rendered), want);
    }
}

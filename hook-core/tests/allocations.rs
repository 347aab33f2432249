//! How often templates allocate: what their speed depends on, whatever the machine.

#![expect(clippy::print_stdout, reason = "what is measured is to be seen")]

use allocation_counter::measure;
use hook_core::template::{Engine, Template};
use hook_core::vars::Vars;

const HOOK: &str = include_str!("../testdata/hook.tmpl");

fn parse() -> Template {
    Template::parse(Engine::Go, HOOK).unwrap_or_else(|e| panic!("{e}"))
}

/// Expects no more allocations than `most`.
fn check(name: &str, most: u64, work: impl FnOnce()) {
    let info = measure(work);
    let (count, bytes) = (info.count_total, info.bytes_total);
    println!("{name}: {count} allocations of {bytes} bytes");
    assert!(count <= most, "{name}: {count}, want at most {most}");
}

#[test]
fn go_templates() {
    let vars =
        r#"{"task": "a \"b\"", "repo": {"id": "r"}, "plan": {"id": "p"}, "duration": "42.751s"}"#;
    let vars = Vars::from_json(vars).unwrap();
    let template = parse();
    check("parse", 24, || drop(parse()));
    check("render", 4, || drop(template.render(&vars)));
}

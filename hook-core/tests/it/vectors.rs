//! Runs the recorded cases of Go's own `text/template`.
//!
//! Every expected result came from Go. A case that fails must fail in the phase and on
//! the line where Go fails, and must give no output.

use std::collections::BTreeMap;

use hook_core::template::{Engine, Template, TemplatePhase};
use hook_core::vars::Vars;
use serde_json::Value;

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    category: String,
    template: String,
    vars: Value,
    expect: Option<String>,
    #[serde(default)]
    error: bool,
    phase: Option<String>,
    line: Option<u32>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../../testdata/go-template.json");
    serde_json::from_str(text).unwrap_or_else(|e| panic!("the vectors are not valid: {e}"))
}

/// Fails if a case has another result than Go.
fn fault(case: &Case) -> Result<(), String> {
    let vars = Vars::from_value(&case.vars).map_err(|e| format!("vars: {e}"))?;
    let result = match Template::parse(Engine::Go, &case.template) {
        Ok(template) if case.phase.as_deref() == Some("parse") => {
            return Err(format!("parses, then {:?}", template.render(&vars)));
        }
        Ok(template) => template.render(&vars),
        Err(error) => Err(error),
    };
    match result {
        Ok(output) if case.error => Err(format!("no error, but {:?}", text(&output))),
        Ok(output) if Some(text(&output)) == case.expect => Ok(()),
        Ok(output) => Err(format!("got {:?}, want {:?}", text(&output), case.expect)),
        Err(error) if !case.error => Err(format!("fails: {error}")),
        Err(error) => {
            let phase = if error.phase == TemplatePhase::Parse {
                "parse"
            } else {
                "exec"
            };
            let same = case.phase.as_deref() == Some(phase) && case.line == Some(error.line);
            let wanted = format!("{:?} {:?}", case.phase, case.line);
            if same {
                Ok(())
            } else {
                Err(format!("{phase} error {error}, want {wanted}"))
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_case_gives_what_go_gives() {
    let mut passed: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut faults = Vec::new();
    for case in cases() {
        let count = passed.entry(case.category.clone()).or_default();
        count.1 += 1;
        match fault(&case) {
            Ok(()) => count.0 += 1,
            Err(fault) => faults.push(format!("{} {:?}: {fault}", case.id, case.template)),
        }
    }
    for (category, (good, all)) in &passed {
        println!("{category:16} {good:3} of {all:3}");
    }
    assert!(
        faults.is_empty(),
        "{} failed:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

//! Tests of whole configs.

mod accepted;
mod example;
mod faults;
mod places;
mod random;
mod scripts;
mod secrets;

use crate::diagnostic::Diagnostic;
use crate::load::{Loaded, parse};

/// Returns the diagnostics of a config, each as `line:column code`.
fn found(yaml: &str) -> Vec<String> {
    let notes = match parse("f.yaml", yaml.as_bytes()) {
        Ok(loaded) => loaded.warnings,
        Err(notes) => notes,
    };
    notes.iter().map(brief).collect()
}

fn brief(note: &Diagnostic) -> String {
    format!("{}:{} {}", note.line, note.column, note.code)
}

/// Asserts the place and code of every diagnostic of a config, in order.
#[track_caller]
fn check(yaml: &str, want: &[&str]) {
    assert_eq!(found(yaml), want, "\n{}", shown(yaml));
}

/// Returns all diagnostics of a config, each with the text at its range and the remedy.
fn shown(yaml: &str) -> String {
    let notes = match parse("f.yaml", yaml.as_bytes()) {
        Ok(loaded) => loaded.warnings,
        Err(notes) => notes,
    };
    let mut shown = String::new();
    for note in &notes {
        let line = yaml.lines().nth(note.line as usize - 1).unwrap_or("");
        let from = line.chars().skip(note.column as usize - 1);
        let at: String = from.take(note.length as usize).collect();
        shown.push_str(&format!("{note}\n  at: {at}\n"));
        let remedy = note
            .remedy
            .iter()
            .map(|remedy| format!("  help: {remedy}\n"));
        shown.extend(remedy);
    }
    shown
}

/// Returns the loaded config, which must be valid.
#[track_caller]
fn valid(yaml: &str) -> Loaded {
    match parse("f.yaml", yaml.as_bytes()) {
        Ok(loaded) => loaded,
        Err(_) => panic!("{}", shown(yaml)),
    }
}

/// Returns a config of one global hook with these lines, which begin in line 2, column 5.
fn hook(lines: &str) -> String {
    let indented: Vec<String> = lines.lines().map(|line| format!("    {line}")).collect();
    format!("hooks:\n  - {}\n", indented.join("\n").trim_start())
}

/// Returns a config whose hook is valid except for these lines, which begin in line 4, column 5.
fn hook_with(lines: &str) -> String {
    hook(&format!(
        "conditions: [CONDITION_SNAPSHOT_START]\nactionCommand: {{ command: \"true\" }}\n{lines}"
    ))
}

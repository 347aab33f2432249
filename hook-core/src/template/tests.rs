//! Tests of the documentation of templates: its samples render as shown, its lists are complete.

use super::{Engine, Template};
use crate::hook::Action;
use crate::load::parse;
use crate::vars::{Vars, tables};
use go_template::{Builtin, limits};

const PAGE: &str = include_str!("../../../docs/templates.md");

/// Returns the variables of the documentation's samples.
fn vars() -> Vars {
    let (_, rest) = PAGE.split_once("```json\n").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    Vars::from_json(json).unwrap_or_else(|e| panic!("{e}"))
}

/// The rows of all tables of both languages side by side.
fn rows() -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut is_ours = false;
    for line in PAGE.lines() {
        let Some(inner) = line.strip_prefix("| ").and_then(|l| l.strip_suffix(" |")) else {
            is_ours &= line.starts_with('|');
            continue;
        };
        let guarded = inner.replace("\\|", "\0");
        let cells: Vec<_> = guarded
            .split('|')
            .map(|cell| cell.trim().replace('\0', "|"))
            .collect();
        match cells.as_slice() {
            [go, tera, ..] if go == "Go" && tera == "Tera" => is_ours = true,
            _ if is_ours => rows.push(cells),
            _ => {}
        }
    }
    rows
}

fn code(cell: &str) -> Option<&str> {
    let inner = cell.trim().strip_prefix('`')?.strip_suffix('`')?;
    (!inner.is_empty()).then_some(inner)
}

fn check(engine: Engine, cell: &str, expect: &str, vars: &Vars) {
    let Some(shown) = code(cell) else {
        return;
    };
    let template = match engine {
        _ if shown.contains("{{") || shown.contains("{%") || shown.contains("{#") => {
            shown.to_owned()
        }
        Engine::Tera => format!("{{{{ {shown} | raw }}}}"),
        _ => format!("{{{{ {shown} }}}}"),
    };
    let result = Template::parse(engine, &template).and_then(|t| t.render(vars));
    let output = result.unwrap_or_else(|e| panic!("{template}: {e}"));
    assert_eq!(String::from_utf8_lossy(&output), expect, "{template}");
}

#[test]
fn samples_are_what_comes_of_them() {
    let (rows, vars) = (rows(), vars());
    assert!(rows.len() > 80, "{} rows", rows.len());
    for row in rows {
        let (Some(go), Some(tera), Some(sample)) = (row.first(), row.get(1), row.last()) else {
            panic!("{row:?}");
        };
        if sample.is_empty() {
            continue;
        }
        // The sample in Go, then in Tera if it differs; some rows have none.
        let (in_go, in_tera) = match sample.split_once("` /") {
            Some((go, tera)) => (format!("{go}`"), tera.to_owned()),
            None => (sample.clone(), sample.clone()),
        };
        check(Engine::Go, go, code(&in_go).unwrap_or_default(), &vars);
        if !in_tera.is_empty() {
            check(
                Engine::Tera,
                tera,
                code(&in_tera).unwrap_or_default(),
                &vars,
            );
        }
    }
}

#[test]
fn nothing_is_left_out() {
    let said: Vec<String> = rows().into_iter().flatten().collect();
    let missing = |name: &str| {
        let spaced = |cell: &String| {
            code(cell).is_some_and(|c| c == name || c.starts_with(&format!("{name} ")))
        };
        !said.iter().any(spaced)
    };
    for (prefix, table) in [
        ("", &tables::VARS),
        (".Repo", &tables::REPO),
        (".Plan", &tables::PLAN),
        (".SnapshotStats", &tables::STATS),
    ] {
        for name in table.names() {
            let full = format!("{prefix}.{name}");
            let is_struct = said.iter().any(|c| c.starts_with(&format!("`{full}.")));
            assert!(!missing(&full) || is_struct, "{full}");
        }
    }
    for function in Builtin::ALL {
        let name = format!("`{}`", function.name());
        assert!(PAGE.contains(&name), "{name}");
    }
}

#[test]
fn limits_are_as_they_are() {
    let mib = |bytes: usize| format!("{} MiB", bytes >> 20);
    for (what, go, tera) in [
        ("length of the template", mib(limits::MAX_SOURCE), "4 MiB"),
        (
            "length of the script that comes of it",
            mib(limits::MAX_OUTPUT),
            "32 MiB",
        ),
        (
            "length of one value that an action makes",
            mib(limits::MAX_VALUE),
            "has none",
        ),
        ("nesting of blocks", limits::MAX_BLOCKS.to_string(), "39"),
        (
            "nesting of parentheses",
            limits::MAX_PARENS.to_string(),
            "40",
        ),
        (
            "nesting of templates or components that call each other",
            limits::MAX_CALLS.to_string(),
            "20",
        ),
        (
            "turns of all loops together",
            limits::MAX_ITERATIONS.to_string(),
            "has none",
        ),
        (
            "steps of work in all",
            limits::MAX_STEPS.to_string(),
            "has none",
        ),
        (
            "time to render",
            "has none: steps take about a second at most".to_owned(),
            "the hook's `timeout`",
        ),
    ] {
        let row = format!("| {what} | {go} | {tera} |");
        assert!(PAGE.contains(&row), "{row}");
    }
    let nested = |depth: usize| "{% if 1 %}".repeat(depth) + &"{% endif %}".repeat(depth);
    assert!(Template::parse(Engine::Tera, &nested(39)).is_ok());
    assert!(Template::parse(Engine::Tera, &nested(40)).is_err());
}

#[test]
fn the_examples_are_those_of_the_files() {
    for (file, text) in [
        ("hooks.yaml", include_str!("../../../examples/hooks.yaml")),
        (
            "hooks-tera.yaml",
            include_str!("../../../examples/hooks-tera.yaml"),
        ),
    ] {
        let loaded = parse(file, text.as_bytes()).unwrap();
        assert_eq!(loaded.catalog.all_hooks().count(), 5, "{file}");
        for hook in loaded.catalog.all_hooks() {
            let Action::Command(command) = &hook.action else {
                panic!("{} runs no command", hook.name)
            };
            let block = format!("```\n{}```\n", command.template.source());
            assert!(PAGE.contains(&block), "{file}: {}", hook.name);
        }
        // Only the documented notification has a warning.
        let is_known = |hook: Option<&str>| file == "hooks.yaml" && hook == Some("notification");
        for warning in &loaded.warnings {
            assert!(is_known(warning.hook.as_deref()), "{file}: {warning:?}");
        }
    }
}

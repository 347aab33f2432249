//! Templates that fail with some events.

use super::{render_command, warning};
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};
use crate::samples::{Optional, Sample};
use crate::template::{Engine, TemplateError};

pub(crate) const CODE: &str = "may-fail";

/// Warns of each place at which the template fails with a sample event, and names what the event
/// lacks.
pub(crate) fn check(hook: &Hook, command: &CommandAction, samples: &[Sample]) -> Vec<Diagnostic> {
    let mut found: Vec<(&Sample, &TemplateError)> = Vec::new();
    for sample in samples {
        if let Err(error) = &sample.script
            && !found.iter().any(|(_, known)| place(known) == place(error))
        {
            found.push((sample, error));
        }
    }
    let diagnostic = |(sample, error): (&Sample, &TemplateError)| {
        let engine = command.template.engine();
        let range = command.text_map.range(error.line, error.column, 1);
        let names = sample.missing.iter().map(|value| name(*value, engine));
        let names: Vec<String> = names.collect();
        let lacks = match names.is_empty() {
            true => String::new(),
            false => format!(" without {}", names.join(" and ")),
        };
        let message = format!("fails on `{}`{lacks}: {}", sample.condition, error.message);
        let remedy = remedy(hook, &names, engine);
        warning(hook, Some(range), CODE, message, remedy)
    };
    found.into_iter().map(diagnostic).collect()
}

fn place(error: &TemplateError) -> (u32, u32) {
    (error.line, error.column)
}

fn name(value: Optional, engine: Engine) -> String {
    match engine {
        Engine::Tera => format!("`{}`", value.tera),
        Engine::Go | Engine::None => format!("`.{}`", value.go),
    }
}

fn remedy(hook: &Hook, names: &[String], engine: Engine) -> String {
    let names: Vec<&str> = names.iter().map(|name| name.trim_matches('`')).collect();
    match (names.as_slice(), engine) {
        ([], _) => format!(
            "`{}` shows every event with which it fails",
            render_command(hook)
        ),
        (names, Engine::Tera) => format!(
            "ask first: `{{% if {} %}}…{{% endif %}}`",
            names.join(" and ")
        ),
        ([name], _) => format!("ask first: `{{{{ if {name} }}}}…{{{{ end }}}}`"),
        (names, _) => format!(
            "ask first: `{{{{ if and {} }}}}…{{{{ end }}}}`",
            names.join(" ")
        ),
    }
}

//! The one action of a hook, and the script of a command.

use go_template::Span;
use process_supervisor::Script;

use super::defaults::{self, Defaults};
use super::mapping::Mapping;
use super::report::Report;
use super::scalar_text_map::text_map;
use super::value::Value;
use super::{codes, meant, other_engine, other_template};
use crate::condition::Condition;
use crate::diagnostic::Severity;
use crate::hook::{Action, CommandAction};
use crate::source_location::TextMap;
use crate::template::{Engine, Facts, Template};

/// The actions of Backrest that this version does not run.
const UNSUPPORTED: [&str; 7] = [
    "actionWebhook",
    "actionDiscord",
    "actionGotify",
    "actionSlack",
    "actionShoutrrr",
    "actionHealthchecks",
    "actionTelegram",
];

pub(crate) fn read(
    hook: &mut Mapping<'_>,
    enabled: bool,
    conditions: &[Condition],
    settings: Defaults,
) -> Option<Action> {
    let report = hook.report;
    let command = hook.get("actionCommand");
    let others: Vec<(&'static str, Value<'_>)> = UNSUPPORTED
        .into_iter()
        .filter_map(|key| Some((key, hook.get(key)?)))
        .collect();
    let mut keys: Vec<&str> = others.iter().map(|(key, _)| *key).collect();
    keys.extend(command.map(|_| "actionCommand"));
    if keys.is_empty() {
        report
            .error(hook.span, codes::NO_ACTION, "this hook does nothing")
            .help("add `actionCommand: { command: … }`");
    } else if keys.len() > 1 {
        let message = format!("a hook has one action, not {}", keys.len());
        report
            .error(hook.span, codes::SEVERAL_ACTIONS, message)
            .help(format!("make one hook each of {}", meant::list(&keys)));
    }
    for (key, value) in others.iter().filter(|_| enabled) {
        let message = format!("`{key}`: this version runs command hooks only");
        report
            .error(value.key, codes::UNSUPPORTED_ACTION, message)
            .help(
                "use `actionCommand` with a script that calls curl, or keep the hook \
                 for later with `enabled: false`",
            );
    }
    let command = command.and_then(|value| read_command(value, conditions, settings));
    let unsupported = others.first().map(|(key, _)| Action::Unsupported { key });
    command.or(unsupported)
}

fn read_command(value: Value<'_>, conditions: &[Condition], settings: Defaults) -> Option<Action> {
    if value.scalar().is_some() {
        value
            .wrong_type("a mapping")
            .help("write `actionCommand: { command: … }`");
        return None;
    }
    let (command, engine, via) = value.mapping("`actionCommand`", |mapping| {
        mapping.set_hint(belongs_to_hook);
        let command = mapping.get("command");
        if command.is_none() {
            mapping
                .report
                .error(
                    mapping.span,
                    codes::EMPTY_COMMAND,
                    "there is no command to run",
                )
                .help("add `command`");
        }
        let engine = defaults::engine(mapping).unwrap_or(settings.engine);
        let via = defaults::via(mapping).unwrap_or(settings.via);
        (command, engine, via)
    })?;
    let command = command?;
    let text = command.text()?;
    if text.trim().is_empty() {
        command
            .fault(codes::EMPTY_COMMAND, "the command is empty")
            .help("write what to run, or remove the hook");
        return None;
    }
    let report = value.report;
    let text_map = text_map(report.source, command.node, command.scalar()?);
    let template = read_script(report, text, &text_map, engine, conditions)?;
    Some(Action::Command(Box::new(CommandAction {
        template,
        text_map,
        via,
        env: settings.env,
        clean_env: settings.clean_env,
        privileges: settings.privileges,
        working_directory: settings.working_directory,
    })))
}

/// Returns the remedy for a setting of the hook that was given in `actionCommand`.
fn belongs_to_hook(key: &str) -> Option<&'static str> {
    const OF_HOOK: [&str; 8] = [
        "env",
        "cleanEnv",
        "user",
        "group",
        "workingDirectory",
        "timeout",
        "onError",
        "conditions",
    ];
    OF_HOOK
        .contains(&key)
        .then_some("it belongs to the hook, beside `actionCommand`")
}

/// Reads a script, and reports faults that are certain before it is rendered.
fn read_script(
    report: &Report<'_>,
    text: &str,
    map: &TextMap,
    engine: Engine,
    conditions: &[Condition],
) -> Option<Template> {
    if let Some(offset) = text.find('\0') {
        let (line, column) = Span::new(offset, offset).line_column(text);
        let range = map.range(line, column, 1);
        let message = "the script holds a NUL character";
        report
            .add_at(Severity::Error, range, codes::NUL, message)
            .help("remove it: no interpreter reads past it");
    }
    if let Some(line) = text.split('\n').position(|line| line.ends_with('\r'))
        && !reads_crlf(text)
    {
        let length = text
            .split('\n')
            .nth(line)
            .map_or(1, |line| line.chars().count());
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let range = map.range(number(line + 1), number(length), 1);
        let message = "a line of the script ends with `\\r\\n`: its interpreter takes the `\\r` for a part of the command";
        report
            .add_at(Severity::Error, range, codes::CRLF, message)
            .help("end every line of the script with `\\n` alone: replace each `\\r\\n`");
    }
    if let Some(fault) = shebang_fault(text, engine) {
        let range = map.range(fault.line, 1, fault.length);
        report
            .add_at(Severity::Error, range, codes::BAD_SHEBANG, fault.message)
            .help(fault.remedy);
    }
    if engine == Engine::Go
        && let Some(tag) = other_engine::tera_tag(text)
    {
        let (line, column) = Span::new(tag.start, tag.end).line_column(text);
        let length = text[tag]
            .lines()
            .next()
            .map_or(1, |tag| tag.chars().count());
        let range = map.range(line, column, u32::try_from(length).unwrap_or(u32::MAX));
        let message = "this looks like Tera, but the template is Go, which prints it as it is";
        report
            .add_at(Severity::Warning, range, codes::OTHER_ENGINE, message)
            .help("give the hook `templateEngine: TERA`");
    }
    let template = match Template::parse(engine, text) {
        Ok(template) => template,
        Err(error) => {
            let range = map.range(error.line, error.column, 1);
            let other = other_template::remedy(text, engine, error.line, error.column);
            let other =
                other.or_else(|| other_engine::remedy(text, engine, error.line, error.column));
            let meant = error.suggestion.map(|s| format!("did you mean `{s}`?"));
            report
                .add_at(Severity::Error, range, codes::TEMPLATE, error.message)
                .help_if_any(other.or(meant));
            return None;
        }
    };
    for finding in template.check(&Facts::of_hook(conditions)) {
        let range = map.range(finding.line, finding.column, finding.length);
        let other = match finding.code {
            "unknown-field" => other_template::remedy(text, engine, finding.line, finding.column),
            "unknown-variable" if engine == Engine::Tera => {
                other_engine::remedy(text, engine, finding.line, finding.column)
            }
            _ => None,
        };
        report
            .add_at(finding.severity, range, finding.code, finding.message)
            .help_if_any(other.or(finding.remedy));
    }
    Some(template)
}

/// Returns whether the interpreter of a script reads lines that end with `\r\n`.
fn reads_crlf(text: &str) -> bool {
    const READ_BY: [&str; 6] = ["pwsh", "powershell", "python", "node", "php", "ruby"];
    let script = Script::parse(text.as_bytes(), None);
    let programs = script.map(|script| script.programs()).unwrap_or_default();
    let name = programs
        .last()
        .and_then(|program| program.rsplit(['/', '\\']).next());
    name.is_some_and(|name| READ_BY.iter().any(|known| name.starts_with(known)))
}

struct ShebangFault {
    line: u32,
    length: u32,
    message: &'static str,
    remedy: &'static str,
}

/// Checks the `#!` line of a script, which is the first line that is not blank. A line with
/// placeholders is known only when it is rendered.
fn shebang_fault(text: &str, engine: Engine) -> Option<ShebangFault> {
    let mut lines = text.split_inclusive('\n').zip(1..);
    let (line, number) = lines.find(|(line, _)| !line.trim().is_empty())?;
    let shebang = line.strip_prefix("#!")?;
    if engine != Engine::None && shebang.contains("{{") {
        return None;
    }
    let (message, remedy) = match shlex::split(shebang.trim_end()) {
        None => ("a quote in the interpreter line has no end", "close it"),
        Some(words) if words.is_empty() => (
            "`#!` names no interpreter",
            "write one, such as `#!/bin/bash`, or remove the line to use `sh`",
        ),
        Some(_) if !line.ends_with('\n') => (
            "the script is an interpreter line and nothing else",
            "write the script in a block: `command: |`, then one line each",
        ),
        Some(_) => return None,
    };
    Some(ShebangFault {
        line: number,
        length: u32::try_from(line.trim_end().chars().count()).unwrap_or(u32::MAX),
        message,
        remedy,
    })
}

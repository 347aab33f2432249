//! What a hook does: its one action, and the script of a command.

use super::codes;
use super::defaults::{self, Defaults};
use super::meant;
use super::reader::Reader;
use super::scalar_map::text_map;
use super::table::{Found, Table};
use super::tree::{Kind, Node};
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

/// Reads the one action of a hook.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    enabled: bool,
    conditions: &[Condition],
    settings: Defaults,
) -> Option<Action> {
    let command = table.find("actionCommand");
    let others: Vec<(&'static str, Found<'_>)> = UNSUPPORTED
        .into_iter()
        .filter_map(|key| Some((key, table.find(key)?)))
        .collect();
    if command.is_none() && others.is_empty() {
        reader
            .error(table.span, codes::NO_ACTION, "this hook does nothing")
            .help("add `actionCommand: { command: … }`");
        return None;
    }
    if others.len() + usize::from(command.is_some()) > 1 {
        let mut keys: Vec<&str> = others.iter().map(|(key, _)| *key).collect();
        keys.extend(command.map(|_| "actionCommand"));
        let message = format!("a hook has one action, not {}", keys.len());
        let remedy = format!("make one hook each of {}", meant::list(&keys));
        reader
            .error(table.span, codes::SEVERAL_ACTIONS, message)
            .help(remedy);
    }
    for (key, found) in &others {
        if enabled {
            let message = format!("`{key}`: this version runs command hooks only");
            reader
                .error(found.at, codes::UNSUPPORTED_ACTION, message)
                .help(
                    "use `actionCommand` with a script that calls curl, or keep the hook \
                 for later with `enabled: false`",
                );
        }
    }
    let command = command.and_then(|found| read_command(reader, found.value, conditions, settings));
    let unsupported = others.first().map(|(key, _)| Action::Unsupported { key });
    command.or(unsupported)
}

fn read_command(
    reader: &mut Reader<'_>,
    node: &Node,
    conditions: &[Condition],
    settings: Defaults,
) -> Option<Action> {
    if matches!(node.kind, Kind::Scalar(_)) {
        reader
            .wrong(node, "a mapping")
            .help("write `actionCommand: { command: … }`");
        return None;
    }
    let mut table = Table::new(reader, node, "`actionCommand`")?;
    let command = table.find("command");
    let engine = defaults::engine(reader, &mut table).unwrap_or(settings.engine);
    let via = defaults::via(reader, &mut table).unwrap_or(settings.via);
    if command.is_none() {
        reader
            .error(
                table.span,
                codes::EMPTY_COMMAND,
                "there is no command to run",
            )
            .help("add `command`");
    }
    table.finish(reader, |key| {
        let of_hook = matches!(
            key,
            "env"
                | "cleanEnv"
                | "user"
                | "group"
                | "workingDirectory"
                | "timeout"
                | "onError"
                | "conditions"
        );
        of_hook.then(|| "it belongs to the hook, beside `actionCommand`".to_owned())
    });
    let node = command?.value;
    let scalar = reader.scalar_of_text(node)?;
    if scalar.text.trim().is_empty() {
        reader
            .error(node.span, codes::EMPTY_COMMAND, "the command is empty")
            .help("write what to run; disable a hook with `enabled: false`");
        return None;
    }
    let text_map = text_map(reader.source, node, scalar);
    let template = read_script(reader, &scalar.text, &text_map, engine, conditions)?;
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

/// Reads a script, and notes what can be known to fail before it is ever rendered.
fn read_script(
    reader: &mut Reader<'_>,
    text: &str,
    map: &TextMap,
    engine: Engine,
    conditions: &[Condition],
) -> Option<Template> {
    if let Some(offset) = text.find('\0') {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let range = map.range(count(line), count(column), 1);
        let message = "the script holds a NUL character";
        reader
            .note_in(Severity::Error, range, codes::NUL, message)
            .help("remove it: no interpreter reads past it");
    }
    if let Some(fault) = shebang_fault(text, engine) {
        let range = map.range(fault.line, fault.column, fault.length);
        reader
            .note_in(Severity::Error, range, codes::BAD_SHEBANG, fault.message)
            .help(fault.remedy);
    }
    let template = match Template::parse(engine, text) {
        Ok(template) => template,
        Err(error) => {
            let range = map.range(error.line, error.column, 1);
            let noted = reader.note_in(Severity::Error, range, codes::TEMPLATE, error.message);
            noted.remedy = error.suggestion.map(|s| format!("did you mean `{s}`?"));
            return None;
        }
    };
    for finding in template.check(&Facts::of_hook(conditions)) {
        let range = map.range(finding.line, finding.column, finding.length);
        let noted = reader.note_in(finding.severity, range, finding.code, finding.message);
        noted.remedy = finding.remedy;
    }
    Some(template)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

struct ShebangFault {
    line: u32,
    column: u32,
    length: u32,
    message: &'static str,
    remedy: &'static str,
}

/// What is wrong with the interpreter line, if the script begins with one: the first
/// line that is not blank. A line that the template fills in is known only when rendered.
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
        column: 1,
        length: count(line.trim_end().chars().count()),
        message,
        remedy,
    })
}

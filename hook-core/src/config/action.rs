//! What a hook does: its one action, and the script of a command.

use super::codes;
use super::defaults::{self, Defaults};
use super::meant;
use super::reader::Reader;
use super::scalar_map::ScalarMap;
use super::source::Source;
use super::table::{Found, Table};
use super::tree::{Kind, Node, Scalar};
use crate::condition::Condition;
use crate::hook::{Action, CommandAction};
use crate::template::{Engine, Facts, Severity, Template};

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

/// An action and its script in the file, if it has one.
pub(crate) struct ReadAction<'n> {
    /// The action.
    pub(crate) action: Action,
    /// Its script.
    pub(crate) script: Option<Script<'n>>,
}

/// A script in the file.
#[derive(Clone, Copy)]
pub(crate) struct Script<'n> {
    node: &'n Node,
    scalar: &'n Scalar,
}

impl Script<'_> {
    /// Where in the file each character of it stands.
    pub(crate) fn map(&self, source: &Source<'_>) -> ScalarMap {
        ScalarMap::new(source, self.node, self.scalar)
    }
}

/// Reads the one action of a hook.
pub(crate) fn read<'n>(
    reader: &mut Reader<'_>,
    table: &mut Table<'n>,
    enabled: bool,
    conditions: &[Condition],
    settings: Defaults,
) -> Option<ReadAction<'n>> {
    let command = table.find("actionCommand");
    let others: Vec<(&'static str, Found<'n>)> = UNSUPPORTED
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
    let unsupported = others.first().map(|(key, _)| ReadAction {
        action: Action::Unsupported { key },
        script: None,
    });
    command.or(unsupported)
}

fn read_command<'n>(
    reader: &mut Reader<'_>,
    node: &'n Node,
    conditions: &[Condition],
    settings: Defaults,
) -> Option<ReadAction<'n>> {
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
    let script = Script { node, scalar };
    let template = read_script(reader, script, engine, conditions)?;
    let action = Action::Command(CommandAction {
        template,
        via,
        env: settings.env,
        clean_env: settings.clean_env,
        privileges: settings.privileges,
        working_directory: settings.working_directory,
    });
    Some(ReadAction {
        action,
        script: Some(script),
    })
}

/// Reads a script, and notes what can be known to fail before it is ever rendered.
fn read_script(
    reader: &mut Reader<'_>,
    script: Script<'_>,
    engine: Engine,
    conditions: &[Condition],
) -> Option<Template> {
    let text = script.scalar.text.as_str();
    if text.trim().is_empty() {
        reader
            .error(
                script.node.span,
                codes::EMPTY_COMMAND,
                "the command is empty",
            )
            .help("write what to run; disable a hook with `enabled: false`");
        return None;
    }
    // Built only when something is at fault: most scripts need no map.
    let map = |reader: &Reader<'_>| script.map(reader.source);
    if let Some(offset) = text.find('\0') {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let span = map(reader).span(count(line), count(column), 1);
        reader
            .error(span, codes::NUL, "the script holds a NUL character")
            .help("remove it: no interpreter reads past it");
    }
    if let Some(fault) = shebang_fault(text, engine) {
        let span = map(reader).span(fault.line, fault.column, fault.length);
        reader
            .error(span, codes::BAD_SHEBANG, fault.message)
            .help(fault.remedy);
    }
    let template = match Template::parse(engine, text) {
        Ok(template) => template,
        Err(error) => {
            let span = map(reader).span(error.line, error.column, 1);
            let noted = reader.error(span, codes::TEMPLATE, error.message);
            noted.remedy = error.suggestion.map(|s| format!("did you mean `{s}`?"));
            return None;
        }
    };
    for finding in template.check(&Facts::of_hook(conditions)) {
        let span = map(reader).span(finding.line, finding.column, finding.length);
        let severity = match finding.severity {
            Severity::Error => super::Severity::Error,
            Severity::Warning => super::Severity::Warning,
        };
        let noted = reader.note(severity, span, finding.code, finding.message);
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

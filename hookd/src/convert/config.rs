//! Configs on the wire: hooks, diagnostics, and what is in force.

use std::path::Path;

use hook_core::diagnostic::{Diagnostic, Severity};
use hook_core::hook::{Action, Hook, Scope, Verdict};
use hook_core::run::matching::triggered_by;
use hook_core::template::Engine;
use hookd_proto::v1;
use process_supervisor::{HandOver, ScriptVia};

use super::{conditions, duration, timestamp};
use crate::config::Loaded;

/// What there is to say about a config, on the wire.
#[must_use]
pub fn diagnostic(diagnostic: &Diagnostic) -> v1::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => v1::Severity::Error,
        Severity::Warning => v1::Severity::Warning,
    };
    v1::Diagnostic {
        severity: severity.into(),
        file: diagnostic.file.to_string(),
        line: diagnostic.line,
        column: diagnostic.column,
        hook: diagnostic.hook.clone().unwrap_or_default(),
        code: diagnostic.code.to_owned(),
        message: diagnostic.message.clone(),
        remedy: diagnostic.remedy.clone().unwrap_or_default(),
        length: diagnostic.length,
    }
}

/// Several diagnostics on the wire.
#[must_use]
pub fn diagnostics(list: &[Diagnostic]) -> Vec<v1::Diagnostic> {
    list.iter().map(diagnostic).collect()
}

/// The config in force, on the wire.
#[must_use]
pub fn config_info(file: &Path, loaded: &Loaded) -> v1::ConfigInfo {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // Whoever asks is in another folder than the daemon.
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    v1::ConfigInfo {
        file: file.display().to_string(),
        etag: loaded.catalog.etag().to_owned(),
        loaded_at: Some(timestamp(loaded.loaded_at)),
        hooks: count(loaded.catalog.all_hooks().count()),
        repos: count(loaded.catalog.repos().len()),
        plans: count(loaded.catalog.plans().len()),
        warnings: count(loaded.warnings.len()),
    }
}

/// A hook as configured, on the wire. Its environment stays at home: it holds secrets.
#[must_use]
pub fn configured_hook(hook: &Hook) -> v1::ConfiguredHook {
    let (repo_id, plan_id) = match &hook.scope {
        Scope::Global => (String::new(), String::new()),
        Scope::Repo(id) => (id.clone(), String::new()),
        Scope::Plan(id) => (String::new(), id.clone()),
    };
    v1::ConfiguredHook {
        hook: Some(wire_hook(hook)),
        repo_id,
        plan_id,
        triggered_by: conditions(&triggered_by(hook)),
        file: hook.source.file.to_string(),
        line: hook.source.range.line,
        notes: Vec::new(),
    }
}

fn wire_hook(hook: &Hook) -> v1::Hook {
    let action = match &hook.action {
        Action::Command(command) => Some(v1::hook::Action::ActionCommand(v1::hook::Command {
            command: command.template.source().to_owned(),
            template_engine: wire_engine(command.template.engine()).into(),
            script_via: script_via(command.via).into(),
        })),
        Action::Unsupported { .. } => None,
    };
    v1::Hook {
        conditions: conditions(&hook.conditions),
        on_error: hook.on_error.number(),
        action,
        name: hook.name.clone(),
        disabled: !hook.enabled,
        timeout: Some(duration(hook.limits.timeout)),
        grace: Some(duration(hook.limits.grace)),
        max_output: hook.limits.max_output,
        exit_codes: hook
            .exit_codes
            .iter()
            .map(|(range, verdict)| (codes(range), verdict_name(*verdict).to_owned()))
            .collect(),
        kill_leaked: hook.limits.kill_leaked,
        lock: hook.lock.clone().unwrap_or_default(),
        max_attempts: hook.max_attempts.map_or(0, std::num::NonZeroU32::get),
        retries: hook.retries.map(|retries| v1::hook::Retries {
            times: retries.times,
            delay: Some(duration(retries.delay)),
            factor: retries.factor,
            max_delay: Some(duration(retries.max_delay)),
        }),
    }
}

fn codes(range: &std::ops::RangeInclusive<u8>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{}-{}", range.start(), range.end())
    }
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "OK",
        Verdict::Warn => "WARN",
        Verdict::Failed(policy) => policy.name(),
    }
}

/// How a script is handed over, on the wire.
fn script_via(via: ScriptVia) -> v1::ScriptVia {
    match via {
        ScriptVia::Auto => v1::ScriptVia::Auto,
        ScriptVia::File => v1::ScriptVia::File,
        ScriptVia::Stdin => v1::ScriptVia::Stdin,
    }
}

/// How a script was handed over, on the wire.
pub(crate) fn hand_over(hand_over: HandOver) -> v1::ScriptVia {
    match hand_over {
        HandOver::File => v1::ScriptVia::File,
        HandOver::Stdin => v1::ScriptVia::Stdin,
    }
}

fn wire_engine(engine: Engine) -> v1::TemplateEngine {
    match engine {
        Engine::Go => v1::TemplateEngine::Go,
        Engine::Tera => v1::TemplateEngine::Tera,
        Engine::None => v1::TemplateEngine::None,
    }
}

/// A template engine from the wire; what is not said is Go.
#[must_use]
pub fn engine(engine: v1::TemplateEngine) -> Engine {
    match engine {
        v1::TemplateEngine::Unspecified | v1::TemplateEngine::Go => Engine::Go,
        v1::TemplateEngine::Tera => Engine::Tera,
        v1::TemplateEngine::None => Engine::None,
    }
}

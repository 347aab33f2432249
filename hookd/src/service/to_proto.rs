//! Answers on the wire: configs, statistics, and the store.

use std::path::Path;

use hook_core::diagnostic::{Diagnostic, Severity};
use hook_core::hook::{Action, Hook, Scope, Verdict};
use hook_core::load::LoadError;
use hook_core::run::mask::Mask;
use hook_core::run::matching::triggered_by;
use hook_core::template::Engine;
use hookd_proto::v1;
use process_supervisor::HandOver;
use prost::Message as _;

use crate::config::{FileState, LoadedConfig};
use crate::limits::{FLAPPING_CHANGES, FLAPPING_SHARE};
use crate::runs::StoreHealth;
use crate::runs::record::{conditions, same_variants};
use crate::store::{Durability, HookStats, PrunedPlan, StoreError, StoreInfo};

/// Diagnostics of a config on the wire.
pub(crate) fn diagnostics(list: &[Diagnostic]) -> Vec<v1::Diagnostic> {
    list.iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: &Diagnostic) -> v1::Diagnostic {
    v1::Diagnostic {
        severity: severity(diagnostic.severity).into(),
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

/// Error of a config that was not loaded, as diagnostics.
pub(crate) fn load_error(error: &LoadError) -> Vec<v1::Diagnostic> {
    match error {
        LoadError::Invalid(invalid) => diagnostics(invalid),
        LoadError::Unreadable { path, cause } => vec![v1::Diagnostic {
            severity: v1::Severity::Error.into(),
            file: path.display().to_string(),
            code: "unreadable".to_owned(),
            message: format!("cannot be read: {cause}"),
            remedy: "name a config file with --config, and see that hookd may read it".to_owned(),
            ..v1::Diagnostic::default()
        }],
    }
}

/// Config in force on the wire.
pub(super) fn config_info(file: &Path, loaded: &LoadedConfig, state: FileState) -> v1::ConfigInfo {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // Absolute, because clients are in other folders than the daemon.
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    v1::ConfigInfo {
        file: file.display().to_string(),
        etag: loaded.catalog.etag().to_owned(),
        loaded_at: Some(loaded.loaded_at.into()),
        hooks: count(loaded.catalog.all_hooks().count()),
        repos: count(loaded.catalog.repos().len()),
        plans: count(loaded.catalog.plans().len()),
        warnings: count(loaded.warnings.len()),
        file_state: file_state(state).into(),
    }
}

fn file_state(state: FileState) -> v1::ConfigFileState {
    match state {
        FileState::Loaded => v1::ConfigFileState::Loaded,
        FileState::Changed => v1::ConfigFileState::Changed,
        FileState::Refused => v1::ConfigFileState::Refused,
        FileState::Unreadable => v1::ConfigFileState::Unreadable,
    }
}

/// Configured hook on the wire, without its environment, which holds secrets, and with those in
/// its script masked.
pub(crate) fn configured_hook(hook: &Hook, mask: &Mask) -> v1::ConfiguredHook {
    let (repo_id, plan_id) = match &hook.scope {
        Scope::Global => (String::new(), String::new()),
        Scope::Repo(id) => (id.clone(), String::new()),
        Scope::Plan(id) => (String::new(), id.clone()),
    };
    v1::ConfiguredHook {
        hook: Some(wire_hook(hook, mask)),
        repo_id,
        plan_id,
        triggered_by: conditions(&triggered_by(hook)),
        file: hook.source.file.to_string(),
        line: hook.source.range.line,
        notes: Vec::new(),
    }
}

fn wire_hook(hook: &Hook, mask: &Mask) -> v1::Hook {
    let action = match &hook.action {
        Action::Command(command) => Some(v1::hook::Action::ActionCommand(v1::hook::Command {
            command: mask.apply_text(command.template.source()),
            template_engine: wire_engine(command.template.engine()).into(),
            script_via: command.via.map_or(v1::ScriptVia::Auto, hand_over).into(),
        })),
        Action::Unsupported { .. } => None,
    };
    v1::Hook {
        conditions: conditions(&hook.conditions),
        on_error: hook.on_error.number(),
        action,
        name: hook.name.clone(),
        disabled: !hook.enabled,
        timeout: Some(hook.limits.timeout.into()),
        grace: Some(hook.limits.grace.into()),
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
            delay: Some(retries.delay.into()),
            factor: retries.factor,
            max_delay: Some(retries.max_delay.into()),
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

same_variants!(pub(super) fn hand_over(HandOver) -> ScriptVia { File Stdin });
same_variants!(fn wire_engine(Engine) -> TemplateEngine { Go Tera None });
same_variants!(fn severity(Severity) -> Severity { Error Warning });

/// Reads a template engine, which is Go if unspecified.
pub(crate) fn engine(engine: v1::TemplateEngine) -> Engine {
    match engine {
        v1::TemplateEngine::Unspecified | v1::TemplateEngine::Go => Engine::Go,
        v1::TemplateEngine::Tera => Engine::Tera,
        v1::TemplateEngine::None => Engine::None,
    }
}

/// Statistics of a hook on the wire.
pub(super) fn hook_stats(stats: HookStats) -> v1::HookStats {
    let flapping = is_flapping(&stats);
    // An outcome that cannot be read is left out.
    let outcome = Some(stats.last_failure_outcome).filter(|bytes| !bytes.is_empty());
    v1::HookStats {
        hook: stats.hook,
        runs: stats.runs,
        failures: stats.failures,
        ignored_failures: stats.ignored,
        warnings: stats.warnings,
        p50: Some(stats.p50.into()),
        p95: Some(stats.p95.into()),
        last_success: stats.last_success.map(Into::into),
        last_failure: stats.last_failure.map(Into::into),
        last_run: stats.last_run.map(Into::into),
        failing_since: stats.failing_since.map(Into::into),
        failures_in_a_row: stats.failures_in_a_row,
        changes: stats.changes,
        flapping,
        last_failure_outcome: outcome.and_then(|bytes| v1::Outcome::decode(bytes).ok()),
    }
}

fn is_flapping(stats: &HookStats) -> bool {
    stats.changes >= FLAPPING_CHANGES && stats.changes.saturating_mul(FLAPPING_SHARE) >= stats.runs
}

/// Store and its health on the wire; without details of the store if it cannot be read.
pub(super) fn store_info(
    info: Result<StoreInfo, StoreError>,
    health: &StoreHealth,
) -> v1::StoreInfo {
    let path = |path: Option<&Path>| path.map(|p| p.display().to_string()).unwrap_or_default();
    let unstored_runs = health.unstored();
    match info {
        Ok(info) => v1::StoreInfo {
            kind: info.kind.to_owned(),
            path: path(info.path.as_deref()),
            durability: durability(info.durability).to_owned(),
            schema_version: info.schema,
            bytes: info.bytes,
            runs: info.runs,
            oldest: info.oldest.map(Into::into),
            failure: health.failure().unwrap_or_default(),
            unstored_runs,
            set_aside: path(health.set_aside.as_deref()),
        },
        Err(error) => v1::StoreInfo {
            failure: health.failure().unwrap_or_else(|| error.to_string()),
            unstored_runs,
            ..v1::StoreInfo::default()
        },
    }
}

fn durability(durability: Durability) -> &'static str {
    match durability {
        Durability::None => "none",
        Durability::Process => "process",
        Durability::Power => "power",
    }
}

/// Removed runs of a plan on the wire.
pub(super) fn pruned(pruned: PrunedPlan) -> v1::PrunedPlan {
    v1::PrunedPlan {
        plan_id: pruned.plan,
        repo_id: pruned.repo,
        runs: pruned.runs,
        bytes: pruned.bytes,
        left: pruned.left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flapping_needs_many_changes_among_the_runs() {
        for (runs, changes, flapping) in [
            (0, 0, false),
            (4, 3, false),
            (5, 4, true),
            (20, 4, true),
            (21, 4, false),
            (100, 20, true),
            (100, 19, false),
        ] {
            let stats = HookStats {
                runs,
                changes,
                ..HookStats::default()
            };
            assert_eq!(is_flapping(&stats), flapping, "{changes} of {runs}");
        }
    }

    #[test]
    fn a_hook_that_never_failed_has_no_outcome() {
        let wire = hook_stats(HookStats::default());
        assert_eq!(wire.last_failure_outcome, None);
        let failed = v1::Outcome {
            outcome: Some(v1::outcome::Outcome::ExitCode(6)),
        };
        let stats = HookStats {
            last_failure_outcome: failed.encode_to_vec().into(),
            ..HookStats::default()
        };
        assert_eq!(hook_stats(stats).last_failure_outcome, Some(failed));
    }
}

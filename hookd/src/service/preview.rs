//! Preview of hooks and rendered scripts, without executing anything.

use std::sync::Arc;

use bytes::Bytes;
use hook_core::catalog::Catalog;
use hook_core::config::closest;
use hook_core::event::Event;
use hook_core::hook::{Hook, Scope};
use hook_core::run::course::HookRun;
use hook_core::run::launch::{masked, render as render_hook};
use hook_core::run::locks::NamedLocks;
use hook_core::run::mask::Mask;
use hook_core::run::matching::{Match, matching};
use hook_core::run::setting::RunSetting;
use hookd_proto::v1;
use tonic::Status;

use super::response_limits::ScriptRoom;
use super::{status, to_proto};
use crate::paths::DaemonPaths;
use crate::run_setting::{run_setting, target_repo};
use crate::runs::record;

/// Returns the hooks that events of a repository and a plan can trigger, in the order in
/// which they run; all hooks if neither is named. Long scripts are shown in part.
/// Fails if the repository or plan is not in the config.
pub(super) fn hooks(
    catalog: &Catalog,
    repo: &str,
    plan: &str,
) -> Result<Vec<v1::ConfiguredHook>, Status> {
    let mut room = ScriptRoom::for_many("the config file has all of it");
    let mask = catalog.mask().mask();
    let configured = |hook: &Arc<Hook>| configured(hook, &mask, &mut room);
    if repo.is_empty() && plan.is_empty() {
        return Ok(catalog.all_hooks().map(configured).collect());
    }
    let repo = target_repo(catalog, repo, plan)?;
    Ok(catalog.hooks(&repo, plan).map(configured).collect())
}

fn configured(hook: &Hook, mask: &Mask, room: &mut ScriptRoom) -> v1::ConfiguredHook {
    let mut wire = to_proto::configured_hook(hook, mask);
    let action = wire.hook.as_mut().and_then(|hook| hook.action.as_mut());
    if let Some(v1::hook::Action::ActionCommand(action)) = action {
        let (shown, note) = room.take(action.command.as_bytes());
        action.command.truncate(shown);
        wire.notes.extend(note);
    }
    wire
}

/// Renders the hooks that an event would run, or one hook by its name. Long scripts are cut;
/// the script of a single hook only if it exceeds the response.
/// Fails if the event's repository or plan, or the hook, is not in the config.
pub(super) fn render(
    catalog: &Catalog,
    mut event: Event,
    hook: &str,
) -> Result<v1::RenderHooksResponse, Status> {
    let named = match hook {
        "" => None,
        name => Some(catalog.hook(name).ok_or_else(|| {
            let all = catalog.all_hooks().map(|hook| &*hook.name);
            status::hook_not_found(name, closest(name, all, ""))
        })?),
    };
    if let Some(hook) = named {
        aim_at(hook, catalog, &mut event);
    }
    let (paths, locks) = (DaemonPaths::default(), NamedLocks::default());
    // Hooks of other plans have nothing to do with a hook that is asked for alone.
    let own_warnings = named.map(|_| event.warnings.clone());
    let setting = run_setting(catalog, event, String::new(), &paths, &locks)?;
    let fired = setting.event.condition.fires();
    let matches = match named {
        None => matching(&setting.hooks, fired),
        Some(hook) => {
            let condition = fired.iter().find(|c| hook.conditions.contains(c));
            let condition = *condition.unwrap_or(&setting.event.condition);
            vec![Match {
                hook: Arc::clone(hook),
                condition,
            }]
        }
    };
    let mask = catalog.mask().mask();
    let mut room = match named {
        None => ScriptRoom::for_many("asked for alone, more of it is"),
        Some(_) => ScriptRoom::for_one(),
    };
    let hooks = matches
        .into_iter()
        .zip(0..)
        .map(|(m, i)| rendered(&setting, &mask, m, i, &mut room))
        .collect();
    Ok(v1::RenderHooksResponse {
        conditions: record::conditions(fired),
        hooks,
        warnings: mask.apply_words(own_warnings.as_ref().unwrap_or(&setting.event.warnings)),
    })
}

/// Sets the repository and the plan of an event that names neither to those of the hook.
fn aim_at(hook: &Hook, catalog: &Catalog, event: &mut Event) {
    if !event.repo_id.is_empty() || !event.plan_id.is_empty() {
        return;
    }
    match &hook.scope {
        Scope::Global => {}
        Scope::Repo(id) => event.repo_id.clone_from(id),
        Scope::Plan(id) => {
            event.plan_id.clone_from(id);
            event.repo_id = catalog
                .plan(id)
                .map(|plan| plan.repo.clone())
                .unwrap_or_default();
        }
    }
}

fn rendered(
    setting: &RunSetting,
    mask: &Mask,
    found: Match,
    index: u32,
    room: &mut ScriptRoom,
) -> v1::RenderedHook {
    let Match { hook, condition } = found;
    let run = HookRun {
        index,
        condition,
        error: setting.event.error.clone(),
        attempt: 1,
        delay: std::time::Duration::ZERO,
        hook: Arc::clone(&hook),
    };
    let mut wire = v1::RenderedHook {
        hook: hook.name.clone(),
        condition: condition.number(),
        disabled: !hook.enabled,
        ..v1::RenderedHook::default()
    };
    match render_hook(setting, &run) {
        Ok(rendered) => {
            let (shown, note) = room.take(&rendered.text);
            // Masked before it is cut, so that no secret is split; copied, so that the rest is
            // freed.
            let script = mask.apply(rendered.text);
            wire.script = Bytes::copy_from_slice(&script[..shown]);
            wire.notes.extend(note);
            wire.script_via = to_proto::hand_over(rendered.script.hand_over).into();
            wire.interpreter = mask.apply_command(&rendered.script.interpreter);
        }
        Err(outcome) => wire.failure = Some(record::outcome(&masked(mask, outcome))),
    }
    wire
}

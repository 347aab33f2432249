//! `hookctl hooks`: the hooks as configured.

use clap::Args;
use hookd_proto::v1::{ConfiguredHook, ListHooksRequest, OnError};

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::{Out, Paint, Tone, words};

const EXAMPLES: &str = "\
Examples:
  hookctl hooks
  hookctl hooks --plan home
  hookctl hooks -o json | jq -r '.[].hook.name'";

/// Which hooks to list.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HooksArgs {
    /// Only hooks that events of this plan can trigger
    #[arg(long, value_name = "ID")]
    pub plan: Option<String>,
    /// Only hooks that events of this repository can trigger
    #[arg(long, value_name = "ID")]
    pub repo: Option<String>,
}

/// Lists hooks.
///
/// # Errors
/// If hookd cannot be asked.
pub(crate) async fn perform(
    args: HooksArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let request = ListHooksRequest {
        repo_id: args.repo.unwrap_or_default(),
        plan_id: args.plan.unwrap_or_default(),
    };
    let client = Client::connect(global).await?;
    let listed = answer(client.hooks().list_hooks(request)).await;
    let hooks = client.close(listed).await?.hooks;
    if out.is_json() {
        out.json(&hooks)?;
    } else if hooks.is_empty() {
        out.remark("no hooks");
    } else {
        out.text(&show(&hooks, out.paint))?;
    }
    Ok(Exit::Proceed)
}

fn show(hooks: &[ConfiguredHook], paint: Paint) -> String {
    let mut table = Table::new(&["NAME", "SCOPE", "CONDITIONS", "ON ERROR", "TRIGGERED BY"]);
    for configured in hooks {
        let hook = configured.hook.clone().unwrap_or_default();
        let scope = match (&*configured.repo_id, &*configured.plan_id) {
            ("", "") => "global".to_owned(),
            (repo, "") => format!("repo {repo}"),
            (_, plan) => format!("plan {plan}"),
        };
        let tone = if hook.disabled {
            Tone::Dim
        } else {
            Tone::Strong
        };
        let mut name = hook.name;
        if hook.disabled {
            name.push_str(" (disabled)");
        }
        table.row([
            Cell::toned(tone, name),
            Cell::new(scope),
            Cell::new(words::conditions(&hook.conditions)),
            Cell::new(on_error(hook.on_error)),
            Cell::new(words::conditions(&configured.triggered_by)),
        ]);
    }
    table.show(paint)
}

fn on_error(number: i32) -> String {
    match OnError::try_from(number) {
        Ok(policy) => words::short(policy.as_str_name(), "ON_ERROR_").to_owned(),
        Err(_) => format!("policy {number}"),
    }
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Condition, Hook};

    use super::*;

    #[test]
    fn hooks_are_listed_with_their_scope() {
        let hook = |name: &str, repo: &str, plan: &str| ConfiguredHook {
            hook: Some(Hook {
                name: name.to_owned(),
                conditions: vec![Condition::SnapshotEnd.into()],
                on_error: OnError::Fatal.into(),
                disabled: plan == "home",
                ..Hook::default()
            }),
            repo_id: repo.to_owned(),
            plan_id: plan.to_owned(),
            triggered_by: vec![
                Condition::SnapshotError.into(),
                Condition::SnapshotEnd.into(),
            ],
            ..ConfiguredHook::default()
        };
        let hooks = [
            hook("a", "", ""),
            hook("b", "nas", ""),
            hook("c", "nas", "home"),
        ];
        assert_eq!(
            show(&hooks, Paint::PLAIN),
            "NAME          SCOPE      CONDITIONS    ON ERROR  TRIGGERED BY\n\
             a             global     SNAPSHOT_END  FATAL     SNAPSHOT_ERROR, SNAPSHOT_END\n\
             b             repo nas   SNAPSHOT_END  FATAL     SNAPSHOT_ERROR, SNAPSHOT_END\n\
             c (disabled)  plan home  SNAPSHOT_END  FATAL     SNAPSHOT_ERROR, SNAPSHOT_END\n"
        );
    }
}

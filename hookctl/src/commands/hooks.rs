//! `hookctl hooks`: the hooks as configured.

use clap::Args;
use hookd_client::answer;
use hookd_proto::v1::{ConfiguredHook, GetServerInfoRequest, ListHooksRequest, OnError};

use super::info;
use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::table::{Fit, Table};
use crate::output::{Out, Tone, safe, words};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  hookctl hooks
  hookctl hooks --plan home
  hookctl hooks -o json | jq -r '.[].hook.name'";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HooksArgs {
    /// Only hooks that events of this plan can trigger
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub plan: Option<String>,
    /// Only hooks that events of this repository can trigger
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub repo: Option<String>,
}

pub(crate) async fn perform(args: HooksArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let request = ListHooksRequest {
        repo_id: args.repo.unwrap_or_default(),
        plan_id: args.plan.unwrap_or_default(),
    };
    let client = hookd.connect().await?;
    let hooks = answer(client.hooks().list_hooks(request)).await?.hooks;
    let width = out.width();
    out.list(&hooks, "no hooks", |hooks| show(hooks, width))?;
    let info = answer(client.admin().get_server_info(GetServerInfoRequest {})).await;
    let config = info.unwrap_or_default().config.unwrap_or_default();
    if let Some(difference) = info::not_loaded(&config) {
        let (label, file) = (Tone::Warn.paint("warning"), safe::text(&config.file));
        out.remark(&format!("{label}: {file}: {difference}"));
    }
    Ok(Exit::Proceed)
}

fn show(hooks: &[ConfiguredHook], width: Option<usize>) -> String {
    let mut table = Table::new(&[
        ("NAME", Fit::Shorten),
        ("SCOPE", Fit::Shorten),
        ("CONDITIONS", Fit::Wrap),
        ("ON ERROR", Fit::Shorten),
        ("TRIGGERED BY", Fit::Wrap),
    ]);
    for configured in hooks {
        let hook = configured.hook.clone().unwrap_or_default();
        let scope = words::subject(&configured.plan_id, &configured.repo_id, "global");
        table.row([
            match hook.disabled {
                true => Tone::Dim.cell(hook.name + " (disabled)"),
                false => Tone::Strong.cell(hook.name),
            },
            Tone::Plain.cell(scope),
            Tone::Plain.cell(words::conditions(&hook.conditions)),
            Tone::Plain.cell(on_error(hook.on_error)),
            Tone::Plain.cell(words::conditions(&configured.triggered_by)),
        ]);
    }
    table.show(width)
}

fn on_error(number: i32) -> String {
    match OnError::try_from(number) {
        Ok(policy) => policy.as_str_name().replace("ON_ERROR_", ""),
        Err(_) => format!("policy {number}"),
    }
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Condition, Hook};

    use super::*;
    use crate::output::plain;

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
        insta::assert_snapshot!(plain(&show(&hooks, None)), @r"
        NAME          SCOPE      CONDITIONS    ON ERROR  TRIGGERED BY
        a             global     SNAPSHOT_END  FATAL     SNAPSHOT_ERROR, SNAPSHOT_END
        b             repo nas   SNAPSHOT_END  FATAL     SNAPSHOT_ERROR, SNAPSHOT_END
        c (disabled)  plan home  SNAPSHOT_END  FATAL     SNAPSHOT_ERROR, SNAPSHOT_END
        ");
    }
}

//! `hookctl reload`: makes the daemon reload its config.

use hookd_client::answer;
use hookd_proto::v1::{ReloadConfigRequest, ReloadConfigResponse};

use super::info;
use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::{self, Out, Tone, safe};

pub(crate) const EXAMPLES: &str = "\
Examples:
  hookctl check /etc/hookd/hookd.yaml && hookctl reload
  hookctl reload -o json | jq .applied

Exit codes: 0 the new config is in force, 78 it is refused and the old one stays";

pub(crate) async fn perform(hookd: &mut Service, out: &mut Out) -> Result {
    let mut admin = hookd.connect().await?.admin();
    let answer = answer(admin.reload_config(ReloadConfigRequest {})).await?;
    out.result(&answer, show)?;
    match answer.applied {
        true => Ok(Exit::Proceed),
        false => Ok(Exit::BadConfig),
    }
}

fn show(answer: &ReloadConfigResponse) -> String {
    let mut shown = String::new();
    for diagnostic in &answer.diagnostics {
        shown.push_str(&output::diagnostic(diagnostic, None));
        shown.push_str("\n\n");
    }
    let config = answer.config.clone().unwrap_or_default();
    let verdict = match answer.applied {
        true => Tone::Good.paint("loaded"),
        false => Tone::Bad.paint("refused; the config before it stays in force"),
    };
    let (file, contents) = (safe::text(&config.file), info::contents(&config));
    shown + &format!("{file}: {verdict}: {contents}\n")
}

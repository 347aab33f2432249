//! `hookctl reload`: has the daemon load its config anew.

use clap::Args;
use hookd_proto::v1::{ReloadConfigRequest, ReloadConfigResponse};

use super::info;
use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Out, Paint, Tone, diagnostics, safe};

const EXAMPLES: &str = "\
Examples:
  hookctl check /etc/hookd/hookd.yaml && hookctl reload
  hookctl reload -o json | jq .applied

Exit codes: 0 the new config is in force, 78 it is refused and the old one stays";

/// Nothing to choose.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReloadArgs {}

/// Has the config loaded anew.
///
/// # Errors
/// If the daemon cannot be asked.
pub(crate) async fn perform(
    _: &ReloadArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    let loaded = answer(client.admin().reload_config(ReloadConfigRequest {})).await;
    let answer = client.close(loaded).await?;
    if out.is_json() {
        out.json(&answer)?;
    } else {
        out.text(&show(&answer, out.paint))?;
    }
    Ok(if answer.applied {
        Exit::Proceed
    } else {
        Exit::BadConfig
    })
}

fn show(answer: &ReloadConfigResponse, paint: Paint) -> String {
    let mut shown = String::new();
    for diagnostic in &answer.diagnostics {
        shown.push_str(&diagnostics::show(diagnostic, None, paint));
        shown.push_str("\n\n");
    }
    let config = answer.config.clone().unwrap_or_default();
    let (tone, word) = if answer.applied {
        (Tone::Good, "loaded")
    } else {
        (
            Tone::Bad,
            "refused; in force is still what was there before",
        )
    };
    shown.push_str(&format!(
        "{}: {}: {}\n",
        safe::text(&config.file),
        paint.text(tone, word),
        info::contents(&config)
    ));
    shown
}

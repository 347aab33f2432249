//! The verbs, one file each.

pub(crate) mod cancel;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod hooks;
pub(crate) mod info;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod reload;
pub(crate) mod render;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod store;

use crate::cli::{Cli, Verb};
use crate::connect::Service;
use crate::failure::Result;
use crate::output::Out;

/// Performs the verb of the command line, and ends the service that it embedded.
pub(crate) async fn perform(cli: Cli, out: &mut Out) -> Result {
    let hookd = &mut Service::new(cli.global);
    if !matches!(cli.verb, Verb::Run(_)) {
        out.end_at_signals();
    }
    let result = match cli.verb {
        Verb::Run(args) => run::perform(*args, hookd, out).await,
        Verb::Render(args) => render::perform(*args, hookd, out).await,
        Verb::Check(args) => check::perform(&args, hookd, out).await,
        Verb::Hooks(args) => hooks::perform(args, hookd, out).await,
        Verb::Runs(args) => runs::perform(*args, hookd, out).await,
        Verb::Show(args) => show::perform(&args, hookd, out).await,
        Verb::Logs(args) => logs::perform(args, hookd, out).await,
        Verb::Stats(args) => stats::perform(args, hookd, out).await,
        Verb::Store(args) => store::perform(&args, hookd, out).await,
        Verb::Cancel(args) => cancel::perform(&args, hookd, out).await,
        Verb::Info(args) => info::perform(&args, hookd, out).await,
        Verb::Reload => reload::perform(hookd, out).await,
        Verb::Completions(args) => completions::perform(&args, out),
        Verb::Man(args) => man::perform(&args, out),
    };
    hookd.close().await;
    result
}

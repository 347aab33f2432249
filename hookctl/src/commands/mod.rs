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
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Out;

/// Does what the command line says.
///
/// # Errors
/// If the verb cannot be done.
pub(crate) async fn perform(cli: Cli, out: &mut Out) -> Result<Exit, Failure> {
    let global = &cli.global;
    match cli.verb {
        Verb::Run(args) => run::perform(*args, global, out).await,
        Verb::Render(args) => render::perform(*args, global, out).await,
        Verb::Check(args) => check::perform(&args, global, out).await,
        Verb::Hooks(args) => hooks::perform(args, global, out).await,
        Verb::Runs(args) => runs::perform(*args, global, out).await,
        Verb::Show(args) => show::perform(&args, global, out).await,
        Verb::Logs(args) => logs::perform(args, global, out).await,
        Verb::Stats(args) => stats::perform(args, global, out).await,
        Verb::Store(args) => store::perform(&args, global, out).await,
        Verb::Cancel(args) => cancel::perform(&args, global, out).await,
        Verb::Info(args) => info::perform(&args, global, out).await,
        Verb::Reload(args) => reload::perform(&args, global, out).await,
        Verb::Completions(args) => completions::perform(&args, out),
        Verb::Man(args) => man::perform(&args, out),
    }
}

//! `hookctl runs export`: runs with their journals, one JSON object a line.

use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use hookd_proto::v1::{Run, WatchRunRequest};
use tempfile::SpooledTempFile;
use tonic::Code;

use super::filter::{FilterArgs, Pages};
use crate::cli::Global;
use crate::commands::store;
use crate::connect::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::new_file::NewFile;
use crate::output::{Out, json, safe, words};
use crate::{status, times};

const EXAMPLES: &str = "\
Examples:
  hookctl runs export > runs.jsonl
  hookctl runs export --plan home --since 30d --output-file runs.jsonl
  hookctl runs export --decision fail | jq -r '.run.decision.reason'
  hookctl runs export | jq -r '.journal[].hookOutput | select(.) | .data | @base64d'

Each line is an object: `run`, the run at a glance, and `journal`, all that happened in it,
in order. Newest first. The file appears, or is replaced, when it is complete. If a run
was removed before it could be read, the rest is exported and the exit code is 1.";

/// A line beyond this is put together on the disk, not in memory.
const LINE_IN_MEMORY: usize = 4 << 20;
/// How much of a line is copied at once.
const PIECE: usize = 64 << 10;

/// Which runs to export, and where to.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExportArgs {
    /// Which.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Where to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

/// Exports runs.
///
/// # Errors
/// If hookd cannot be asked, or the lines cannot be written.
pub(super) async fn perform(
    args: ExportArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    let exported = export(&client, args, out).await;
    client.close(exported).await
}

async fn export(client: &Client, args: ExportArgs, out: &mut Out) -> Result<Exit, Failure> {
    if let Some(file) = &args.output_file {
        store::spared(client, file).await?;
    }
    let mut file = args
        .output_file
        .as_deref()
        .map(NewFile::beside)
        .transpose()?;
    let mut pages = Pages::new(client.hooks(), args.filter.request(), usize::MAX);
    let (mut count, mut missed) = (0, 0);
    out.spin("exporting");
    while let Some(page) = pages.next().await? {
        for run in page {
            match line(client, &run).await? {
                Some(line) => {
                    copy(line, file.as_mut(), out)?;
                    count += 1;
                }
                None => {
                    let id = safe::text(&run.run_id);
                    out.remark(&format!("run {id} was removed before it could be read"));
                    missed += 1;
                }
            }
            let back = times::local(run.started_at.as_ref());
            out.spin(&format!(
                "exporting: {}, back to {back}",
                words::count(count, "run")
            ));
        }
    }
    out.rest();
    if let Some(file) = file {
        let name = file.finish(true)?;
        let name = safe::text(&name.display().to_string());
        out.remark(&format!(
            "{} exported to {name}",
            words::count(count, "run")
        ));
    }
    if missed > 0 {
        return Err(Failure::other(format!(
            "{} of {} could not be exported",
            missed,
            words::count(count + missed, "run")
        )));
    }
    Ok(Exit::Proceed)
}

/// A run's line, complete; nothing if the run is not there any more.
async fn line(client: &Client, run: &Run) -> Result<Option<SpooledTempFile>, Failure> {
    let mut line = tempfile::spooled_tempfile(LINE_IN_MEMORY);
    let unwritten = |error| Failure::other(format!("cannot put a line together: {error}"));
    let glance = json::bare(run)?;
    write!(line, "{{\"run\":{glance},\"journal\":[").map_err(unwritten)?;
    if run.last_sequence > 0 {
        let request = WatchRunRequest {
            run_id: run.run_id.clone(),
            after_sequence: 0,
        };
        let mut entries = match client.hooks().watch_run(request).await {
            Ok(entries) => entries.into_inner(),
            Err(refusal) if refusal.code() == Code::NotFound => return Ok(None),
            Err(refusal) => return Err(status::failure(&refusal)),
        };
        let mut sequence = 0;
        // What comes after that of a run under way is not part of the glance either.
        while sequence < run.last_sequence {
            let entry = match entries.message().await {
                Ok(Some(answer)) => answer.entry.unwrap_or_default(),
                Err(refusal) if refusal.code() != Code::NotFound => {
                    return Err(status::failure(&refusal));
                }
                Ok(None) | Err(_) => return Ok(None),
            };
            if entry.sequence != sequence + 1 {
                return Ok(None);
            }
            let comma = if sequence == 0 { "" } else { "," };
            sequence = entry.sequence;
            let entry = json::bare(&entry)?;
            write!(line, "{comma}{entry}").map_err(unwritten)?;
        }
    }
    line.write_all(b"]}\n").map_err(unwritten)?;
    line.rewind().map_err(unwritten)?;
    Ok(Some(line))
}

fn copy(
    mut line: SpooledTempFile,
    mut file: Option<&mut NewFile>,
    out: &mut Out,
) -> Result<(), Failure> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = match line.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Failure::other(format!("cannot read a line back: {error}")));
            }
        };
        match &mut file {
            Some(file) => file.write(&piece[..read])?,
            None => out.bytes(&piece[..read])?,
        }
    }
}

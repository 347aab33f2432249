//! `hookctl runs export`: runs with their journals, one JSON object a line.

use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use hookd_client::Client;
use hookd_proto::v1::{Run, WatchRunRequest};
use tempfile::SpooledTempFile;
use tonic::Code;

use super::filter::FilterArgs;
use crate::commands::store;
use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::new_file::NewFile;
use crate::output::{Out, json, safe, words};
use crate::run_pages::RunPages;
use crate::times;

const EXAMPLES: &str = "\
Examples:
  hookctl runs export > runs.jsonl
  hookctl runs export --plan home --since 30d --output-file runs.jsonl
  hookctl runs export --decision fail | jq -r '.run.decision.reason'
  hookctl runs export | jq -r '.journal[].hookOutput | select(.) | .data | @base64d'

Each line is an object: `run`, the run's summary, and `journal`, its entries in order. The
newest run comes first. The file appears, or is replaced, when it is complete. If a run
was removed before it could be read, the rest is exported and the exit code is 1.";

/// Longest line in bytes that is assembled in memory, not on the disk.
const LINE_IN_MEMORY: usize = 4 << 20;
/// Number of bytes that are copied at once.
const PIECE: usize = 64 << 10;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

pub(super) async fn perform(args: ExportArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let client = hookd.connect().await?;
    let mut file = None;
    if let Some(path) = &args.output_file {
        store::refuse_store(&client, path).await?;
        file = Some(NewFile::beside(path)?);
    }
    let mut pages = RunPages::new(client.clone(), args.filter.request(), usize::MAX);
    let (mut count, mut missed) = (0_u64, 0);
    out.spin("exporting");
    while let Some(page) = pages.next().await? {
        for run in page {
            if let Some(line) = line(&client, &run).await? {
                copy(line, file.as_mut(), out)?;
                count += 1;
            } else {
                let id = safe::text(&run.run_id);
                out.remark(&format!("run {id} was removed before it could be read"));
                missed += 1;
            }
            let back = times::local(run.started_at.as_ref());
            let count = words::count(count, "run");
            out.spin(&format!("exporting: {count}, back to {back}"));
        }
    }
    out.rest();
    if let Some(file) = file {
        let name = file.finish(true)?;
        let name = safe::text(&name.display().to_string());
        let count = words::count(count, "run");
        out.remark(&format!("{count} exported to {name}"));
    }
    if missed > 0 {
        let all = words::count(count + missed, "run");
        let message = format!("{missed} of {all} could not be exported");
        return Err(Failure::other(message));
    }
    Ok(Exit::Proceed)
}

/// Returns the complete line of a run; `None` if the run is gone.
async fn line(client: &Client, run: &Run) -> Result<Option<SpooledTempFile>> {
    let mut line = tempfile::spooled_tempfile(LINE_IN_MEMORY);
    let unwritten = |error| Failure::other(format!("cannot assemble a line: {error}"));
    let summary = json::compact(run)?;
    write!(line, "{{\"run\":{summary},\"journal\":[").map_err(unwritten)?;
    if run.last_sequence > 0 {
        let request = WatchRunRequest {
            run_id: run.run_id.clone(),
            after_sequence: 0,
        };
        let mut entries = match client.hooks().watch_run(request).await {
            Ok(entries) => entries.into_inner(),
            Err(refusal) if refusal.code() == Code::NotFound => return Ok(None),
            Err(refusal) => return Err(refusal.into()),
        };
        // Entries after the summary of a live run are left out.
        for sequence in 1..=run.last_sequence {
            let entry = match entries.message().await {
                Ok(Some(answer)) => answer.entry.unwrap_or_default(),
                Err(refusal) if refusal.code() != Code::NotFound => return Err(refusal.into()),
                Ok(None) | Err(_) => return Ok(None),
            };
            if entry.sequence != sequence {
                return Ok(None);
            }
            let comma = if sequence == 1 { "" } else { "," };
            let entry = json::compact(&entry)?;
            write!(line, "{comma}{entry}").map_err(unwritten)?;
        }
    }
    line.write_all(b"]}\n").map_err(unwritten)?;
    line.rewind().map_err(unwritten)?;
    Ok(Some(line))
}

fn copy(mut line: SpooledTempFile, mut file: Option<&mut NewFile>, out: &mut Out) -> Result<()> {
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        let read = (&mut line).take(PIECE as u64).read_to_end(&mut piece);
        read.map_err(|error| Failure::other(format!("cannot read a line back: {error}")))?;
        match &mut file {
            _ if piece.is_empty() => return Ok(()),
            Some(file) => file.write(&piece)?,
            None => out.bytes(&piece)?,
        }
    }
}

//! `hookctl logs`: the output of a run's hooks.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use clap::Args;
use hookd::duration;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{JournalEntry, OutputStream, Run};
use hookd_proto::well_known;

use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::follow::{self, Outage, Source, Update};
use crate::output::{Lanes, Out, Tone, safe};
use crate::{find_run, times, values};

const EXAMPLES: &str = "\
Examples:
  hookctl logs
  hookctl logs -f -t
  hookctl logs -n 20
  hookctl logs 0192f0c1-abcd --hook battery --stream stderr
  hookctl logs last --hook dump --stream stdout --raw > dump.bin
  hookctl logs last -o json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LogsArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(default_value = "last")]
    pub run: String,
    /// Follow the output until the run ends
    #[arg(short, long)]
    pub follow: bool,
    /// Only this hook
    #[arg(long, value_name = "NAME")]
    pub hook: Option<String>,
    /// Only this stream
    #[arg(long, value_parser = values::name(OutputStream::as_str_name))]
    pub stream: Option<OutputStream>,
    /// Only the last lines written so far
    #[arg(short = 'n', long, value_name = "LINES", conflicts_with = "raw")]
    pub tail: Option<usize>,
    /// Begin each line with the time at which it was written
    #[arg(short, long, conflicts_with = "raw")]
    pub timestamps: bool,
    /// The bytes as they are, without names and escapes
    #[arg(long)]
    pub raw: bool,
    /// Longest time to retry a lost connection
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "60s")]
    pub retry_for: Duration,
}

pub(crate) async fn perform(args: LogsArgs, hookd: &mut Service, out: &mut Out) -> Result {
    if out.is_json() && (args.tail.is_some() || args.raw) {
        let message = "--tail and --raw are about text; -o json prints the journal's entries";
        return Err(Failure::usage(message));
    }
    let client = hookd.connect().await?;
    let run = find_run::by_name(&client, &args.run).await?;
    if !args.follow && run.last_sequence == 0 {
        return Ok(Exit::Proceed);
    }
    let source = Source::Run(run.run_id.clone());
    let mut updates = follow::follow(client.hooks(), source, args.retry_for);
    let mut view = LogView::new(&args, &run, out);
    let mut outage = Outage::default();
    while let Some(update) = updates.recv().await {
        match update {
            Ok(Update::Entry(entry)) => {
                outage.end(view.out);
                view.entry(&entry)?;
                let interrupted = matches!(entry.entry, Some(Entry::RunInterrupted(_)));
                if interrupted || (!args.follow && entry.sequence >= run.last_sequence) {
                    break;
                }
            }
            Ok(Update::Lost { why, wait }) => outage.begin(view.out, &why, wait),
            // Lines that were held back are printed even if the run, or hookd, is gone.
            Err(error) => {
                view.finish()?;
                return Err(error.into());
            }
        }
    }
    view.finish()?;
    match &args.hook {
        // Without an error, the output would look like that of a silent hook.
        Some(hook) if !view.has_hook(hook) => Err(unknown(hook, &run)),
        _ => Ok(Exit::Proceed),
    }
}

fn unknown(hook: &str, run: &Run) -> Failure {
    let mut names: Vec<&str> = Vec::new();
    for known in &run.hooks {
        if !names.contains(&&*known.hook) {
            names.push(&known.hook);
        }
    }
    let meant = hookd::closest(hook, names.iter().copied(), "");
    let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    let failure = Failure::bad_data(format!("the run has no hook `{hook}`{meant}"));
    match &*names {
        [] => failure.help("it ran no hooks: `hookctl show` says more"),
        names => failure.help(format!("its hooks: {}", names.join(", "))),
    }
}

/// The selected part of the journal.
struct LogView<'a> {
    args: &'a LogsArgs,
    run: &'a Run,
    out: &'a mut Out,
    lanes: Lanes,
    /// Names of the hook runs so far, by index.
    names: HashMap<u32, String>,
    /// Number of missing bytes already reported for the current hook run.
    missing: u64,
    /// Time of the last entry.
    time: Option<well_known::Timestamp>,
    /// Last lines of the journal so far; `None` without `--tail`, or once they are printed.
    tail: Option<VecDeque<String>>,
}

impl<'a> LogView<'a> {
    fn new(args: &'a LogsArgs, run: &'a Run, out: &'a mut Out) -> LogView<'a> {
        let mut lanes = Lanes::default();
        let names = run.hooks.iter().map(|hook| &*hook.hook);
        lanes.expect(names.filter(|name| args.hook.as_deref().is_none_or(|only| only == *name)));
        LogView {
            args,
            run,
            out,
            lanes,
            names: HashMap::new(),
            missing: 0,
            time: None,
            tail: args.tail.map(|_| VecDeque::new()),
        }
    }

    fn has_hook(&self, name: &str) -> bool {
        self.run.hooks.iter().any(|hook| hook.hook == name)
            || self.names.values().any(|known| known == name)
    }

    fn entry(&mut self, entry: &JournalEntry) -> Result<()> {
        self.time = entry.time;
        if let Some(Entry::HookStarted(started)) = &entry.entry {
            self.names.insert(started.index, started.hook.clone());
        }
        if self.is_wanted(entry) {
            if self.out.is_json() {
                return self.out.json_line(entry);
            }
            let lines = self.lines(entry)?;
            let lines = self.timed(lines);
            self.show(lines)?;
        }
        if entry.sequence >= self.run.last_sequence {
            self.end_of_tail()?;
        }
        Ok(())
    }

    fn is_wanted(&self, entry: &JournalEntry) -> bool {
        let is_named = |name: Option<&String>| match &self.args.hook {
            Some(only) => name == Some(only),
            None => true,
        };
        match &entry.entry {
            Some(Entry::HookStarted(started)) => is_named(Some(&started.hook)),
            Some(Entry::HookFinished(finished)) => is_named(Some(&finished.hook)),
            Some(Entry::HookSkipped(skipped)) => is_named(Some(&skipped.hook)),
            Some(Entry::HookOutput(output)) => {
                is_named(self.names.get(&output.index))
                    && self.args.stream.is_none_or(|only| only == output.stream())
            }
            _ => true,
        }
    }

    fn lines(&mut self, entry: &JournalEntry) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        match &entry.entry {
            Some(Entry::HookOutput(output)) if self.args.raw => self.out.bytes(&output.data)?,
            Some(Entry::HookOutput(output)) => {
                let (shown, missing) = self.lanes.output(output);
                lines = shown;
                self.missing += missing;
            }
            Some(Entry::HookStarted(started)) => {
                self.missing = 0;
                self.lanes.open(started.index, &started.hook);
            }
            Some(Entry::HookFinished(ended)) => {
                let more = ended.dropped_bytes.saturating_sub(self.missing);
                if more > 0 && !self.args.raw && self.args.stream.is_none() {
                    lines.push(self.lanes.dropped(ended.index, more));
                }
                lines.extend(self.lanes.close(ended.index));
            }
            Some(Entry::RunInterrupted(interrupted)) => {
                let reason = safe::text(&interrupted.reason);
                self.out
                    .remark(&format!("the run was interrupted: {reason}"));
            }
            _ => {}
        }
        Ok(lines)
    }

    /// Adds the time of the last entry to lines, if that is asked for.
    fn timed(&self, lines: Vec<String>) -> Vec<String> {
        if !self.args.timestamps {
            return lines;
        }
        let time = Tone::Dim.paint(&times::precise(self.time.as_ref()));
        lines.iter().map(|line| format!("{time} {line}")).collect()
    }

    /// Prints lines, or keeps the last of them for `--tail`.
    fn show(&mut self, lines: Vec<String>) -> Result<()> {
        let (Some(tail), Some(count)) = (&mut self.tail, self.args.tail) else {
            return self.out.text(&lines.concat());
        };
        tail.extend(lines);
        tail.drain(..tail.len().saturating_sub(count));
        Ok(())
    }

    fn end_of_tail(&mut self) -> Result<()> {
        match self.tail.take() {
            Some(tail) => self.show(tail.into()),
            None => Ok(()),
        }
    }

    /// Prints the lines that were held back, at the end of the journal.
    fn finish(&mut self) -> Result<()> {
        let lines = self.lanes.close_all();
        let lines = self.timed(lines);
        self.show(lines)?;
        self.end_of_tail()
    }
}

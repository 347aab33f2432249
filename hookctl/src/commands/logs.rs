//! `hookctl logs`: what a run's hooks wrote.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use clap::Args;
use hookd::duration;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{JournalEntry, OutputStream, Run};

use crate::cli::Global;
use crate::connect::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{self, Outage, Source, Update};
use crate::output::{Lanes, Out, Streams, safe};
use crate::{run_ref, values};

const EXAMPLES: &str = "\
Examples:
  hookctl logs last
  hookctl logs -f last
  hookctl logs 0192f0c1-abcd --hook battery --stream stderr
  hookctl logs last --hook dump --stream stdout --raw > dump.bin
  hookctl logs last -o json";

/// Whose output to print, and how.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LogsArgs {
    /// The run: its id, the beginning of it, or `last`
    pub run: String,
    /// Go on until the run ends
    #[arg(short, long)]
    pub follow: bool,
    /// Only this hook
    #[arg(long, value_name = "NAME")]
    pub hook: Option<String>,
    /// Only this stream
    #[arg(long, value_parser = values::stream())]
    pub stream: Option<OutputStream>,
    /// Only the last lines of what is there
    #[arg(long, value_name = "LINES", conflicts_with = "raw")]
    pub tail: Option<usize>,
    /// The bytes as they are, without names and escapes
    #[arg(long)]
    pub raw: bool,
    /// How long to try to take up a lost connection
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "60s")]
    pub retry_for: Duration,
}

/// Prints output.
///
/// # Errors
/// If there is no such run, or hookd goes away.
pub(crate) async fn perform(
    args: LogsArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    if out.is_json() && (args.tail.is_some() || args.raw) {
        let what = "--tail and --raw are about text; -o json prints the journal's entries";
        return Err(Failure::usage(what));
    }
    let client = Client::connect(global).await?;
    let result = print(&client, &args, out).await;
    client.close(result).await
}

async fn print(client: &Client, args: &LogsArgs, out: &mut Out) -> Result<Exit, Failure> {
    let run = run_ref::find(&mut client.hooks(), &args.run).await?;
    let mut view = View::new(args, &run, out);
    if !args.follow && run.last_sequence == 0 {
        return Ok(Exit::Proceed);
    }
    let source = Source::Run(run.run_id.clone());
    let mut updates = follow::follow(client.hooks(), source, args.retry_for);
    let mut outage = Outage::default();
    while let Some(update) = updates.recv().await {
        let update = match update {
            Ok(update) => update,
            // What was held back is worth no less because the run, or hookd, is gone.
            Err(error) => {
                view.finish()?;
                return Err(error.into());
            }
        };
        match update {
            Update::Entry(entry) => {
                outage.over(view.out);
                view.entry(&entry)?;
                let interrupted = matches!(entry.entry, Some(Entry::RunInterrupted(_)));
                if interrupted || (!args.follow && entry.sequence >= run.last_sequence) {
                    break;
                }
            }
            Update::Lost { why, wait } => outage.lost(view.out, &why, wait),
        }
    }
    view.finish()?;
    match &args.hook {
        Some(hook) if !view.has_met(hook) => Err(unmet(hook, &run)),
        _ => Ok(Exit::Proceed),
    }
}

/// Silence about a hook that the run does not have would pass for a hook that wrote nothing.
fn unmet(hook: &str, run: &Run) -> Failure {
    let mut names: Vec<&str> = Vec::new();
    for known in &run.hooks {
        if !names.contains(&&*known.hook) {
            names.push(&known.hook);
        }
    }
    let failure = Failure::bad_data(format!("the run has no hook `{hook}`"));
    match &*names {
        [] => failure.help("it ran no hooks: `hookctl show` says more"),
        names => failure.help(format!("its hooks: {}", names.join(", "))),
    }
}

/// What the user asked to see of the journal.
struct View<'out> {
    out: &'out mut Out,
    lanes: Lanes,
    hook: Option<String>,
    streams: Streams,
    raw: bool,
    /// Whether the run has the hook that was asked for.
    met: bool,
    /// The names of the hook runs seen, by index.
    names: HashMap<u32, String>,
    /// How much is missing of what the hook run that goes on wrote, as far as it was said.
    missing: u64,
    /// The last lines of what was there at the beginning, until that is through.
    tail: Option<Tail>,
}

struct Tail {
    lines: VecDeque<String>,
    count: usize,
    until: u64,
}

impl View<'_> {
    fn new<'out>(args: &LogsArgs, run: &Run, out: &'out mut Out) -> View<'out> {
        let mut lanes = Lanes::new(out.paint);
        let names = run.hooks.iter().map(|hook| &*hook.hook);
        lanes.expect(names.filter(|name| args.hook.as_deref().is_none_or(|only| only == *name)));
        View {
            lanes,
            hook: args.hook.clone(),
            streams: args.stream.map_or(Streams::Both, Streams::Only),
            raw: args.raw,
            met: run
                .hooks
                .iter()
                .any(|hook| Some(&hook.hook) == args.hook.as_ref()),
            names: HashMap::new(),
            missing: 0,
            tail: args.tail.map(|count| Tail {
                lines: VecDeque::new(),
                count,
                until: run.last_sequence,
            }),
            out,
        }
    }

    fn has_met(&self, hook: &str) -> bool {
        self.met || self.names.values().any(|name| name == hook)
    }

    fn entry(&mut self, entry: &JournalEntry) -> Result<(), Failure> {
        if let Some(Entry::HookStarted(started)) = &entry.entry {
            self.names.insert(started.index, started.hook.clone());
        }
        if self.is_wanted(entry) {
            if self.out.is_json() {
                return self.out.json_line(entry);
            }
            let lines = self.lines(entry)?;
            self.show(lines)?;
        }
        if self
            .tail
            .as_ref()
            .is_some_and(|tail| entry.sequence >= tail.until)
        {
            self.end_of_tail()?;
        }
        Ok(())
    }

    fn is_wanted(&self, entry: &JournalEntry) -> bool {
        let named = |name: Option<&str>| match &self.hook {
            Some(only) => name == Some(only),
            None => true,
        };
        match &entry.entry {
            Some(Entry::HookStarted(started)) => named(Some(&started.hook)),
            Some(Entry::HookFinished(finished)) => named(Some(&finished.hook)),
            Some(Entry::HookSkipped(skipped)) => named(Some(&skipped.hook)),
            Some(Entry::HookOutput(output)) => {
                let name = self.names.get(&output.index).map(String::as_str);
                named(name) && self.streams.has(output.stream())
            }
            Some(
                Entry::RunStarted(_)
                | Entry::RunWaiting(_)
                | Entry::RunFinished(_)
                | Entry::RunInterrupted(_),
            )
            | None => true,
        }
    }

    fn lines(&mut self, entry: &JournalEntry) -> Result<Vec<String>, Failure> {
        let mut lines = Vec::new();
        match &entry.entry {
            Some(Entry::HookOutput(output)) if self.raw => self.out.bytes(&output.data)?,
            Some(Entry::HookOutput(output)) => {
                self.missing += self.lanes.output(output, |line| lines.push(line));
            }
            Some(Entry::HookStarted(started)) => {
                self.missing = 0;
                self.lanes.open(started.index, &started.hook);
            }
            Some(Entry::HookFinished(ended)) => {
                let more = ended.dropped_bytes.saturating_sub(self.missing);
                if more > 0 && !self.raw && self.streams == Streams::Both {
                    self.lanes
                        .dropped(ended.index, more, |line| lines.push(line));
                }
                self.lanes.close(ended.index, |line| lines.push(line));
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

    fn show(&mut self, lines: Vec<String>) -> Result<(), Failure> {
        let Some(tail) = &mut self.tail else {
            return self.out.text(&lines.concat());
        };
        for line in lines {
            tail.lines.push_back(line);
            if tail.lines.len() > tail.count {
                tail.lines.pop_front();
            }
        }
        Ok(())
    }

    fn end_of_tail(&mut self) -> Result<(), Failure> {
        match self.tail.take() {
            Some(tail) => self.show(tail.lines.into()),
            None => Ok(()),
        }
    }

    /// The journal is at its end, or at the end of what was there.
    fn finish(&mut self) -> Result<(), Failure> {
        let mut lines = Vec::new();
        self.lanes.close_all(|line| lines.push(line));
        self.show(lines)?;
        self.end_of_tail()
    }
}

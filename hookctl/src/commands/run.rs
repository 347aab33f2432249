//! `hookctl run`: fires an event and shows what follows, to the decision.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::Args;
use hookd::duration;
use hookd_client::Ending;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Condition, JournalEntry, RunHooksRequest};
use hookd_proto::well_known;
use uuid::Uuid;

use crate::cli::Global;
use crate::connect::Client;
use crate::event::EventArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::follow::{self, Outage, Source, Update};
use crate::interrupt::{self, Interrupt};
use crate::output::live::Live;
use crate::output::{Out, Tone, words};
use crate::{times, values};

const EXAMPLES: &str = "\
Examples:
  hookctl run snapshot-start --plan home
  hookctl run SNAPSHOT_ERROR --plan home --error 'disk full' --duration 12m
  hookctl run snapshot-success --plan home --stats summary.json
  hookctl --embedded --config hookd.yaml run snapshot-start --plan home
  hookctl run check-start --repo nas -o json | jq -r '.runFinished.decision.kind // empty'

Ctrl-C asks hookd to end the run and waits for its decision; a second one leaves at once.";

/// What to fire, and how to wait.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct RunArgs {
    /// What happened, such as snapshot-start or CONDITION_SNAPSHOT_START
    #[arg(value_parser = values::condition(), hide_possible_values = false)]
    pub condition: Condition,
    /// The event.
    #[command(flatten)]
    pub event: EventArgs,
    /// Bounds the whole run
    #[arg(long, value_name = "DURATION", value_parser = times::wire_duration, help_heading = "Run")]
    pub timeout: Option<well_known::Duration>,
    /// By which a repeated request is known, so that no hook runs twice [default: a new one]
    #[arg(long, value_name = "UUID", help_heading = "Run")]
    pub request_id: Option<Uuid>,
    /// End the run if hookctl goes away; else it goes on
    #[arg(long, help_heading = "Run")]
    pub cancel_on_disconnect: bool,
    /// How long to try to take up a lost connection
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "60s", help_heading = "Run")]
    pub retry_for: Duration,
}

fn help() -> String {
    format!("{EXAMPLES}\n\n{}", exit::HELP)
}

impl RunArgs {
    fn request(self) -> Result<RunHooksRequest, Failure> {
        Ok(RunHooksRequest {
            request_id: self.request_id.unwrap_or_else(Uuid::new_v4).to_string(),
            event: Some(self.event.event(self.condition)?),
            timeout: self.timeout,
            cancel_on_disconnect: self.cancel_on_disconnect,
        })
    }
}

/// Fires the event.
///
/// # Errors
/// If it cannot be fired, or its decision does not become known. A decision is none,
/// whatever it is.
pub(crate) async fn perform(
    args: RunArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let retry_for = args.retry_for;
    // For whoever types it; an agent knows what it leaves out.
    let typed = std::io::stderr().is_terminal();
    if typed && args.event.plan.is_none() && args.event.repo.is_none() {
        let label = out.err_paint.text(Tone::Warn, "note");
        out.remark(&format!(
            "{label}: neither --plan nor --repo is given, so only the hooks for every event are concerned"
        ));
    }
    let request = args.request()?;
    // A daemon that is being restarted just now is as good as one that restarts later.
    let client = Client::connect_lazily(global).await?;
    let result = attend(&client, request, retry_for, out).await;
    client.close(result).await
}

async fn attend(
    client: &Client,
    request: RunHooksRequest,
    retry_for: Duration,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let source = Source::Request(Box::new(request));
    let mut updates = follow::follow(client.hooks(), source, retry_for);
    let mut interrupts = interrupt::attend(updates.canceller(), client.is_embedded())
        .map_err(|error| Failure::other(format!("cannot receive signals: {error}")))?;
    let mut view = View::new(out);

    loop {
        let update = tokio::select! {
            // What the user wants comes first, however much hooks write.
            biased;
            Some(interrupt) = interrupts.recv() => {
                if view.interrupt(interrupt, client.is_embedded()) == Flow::Leave {
                    return Ok(Exit::Interrupted);
                }
                continue;
            }
            update = updates.recv() => update,
        };
        match update {
            Some(Ok(Update::Entry(entry))) => {
                view.entry(&entry)?;
                match Ending::of(&entry) {
                    None => {}
                    Some(_) if view.interrupted => return Ok(Exit::Interrupted),
                    Some(Ending::Interrupted(interrupted)) if view.is_text() => {
                        return Err(follow::shown_interrupted(&interrupted));
                    }
                    Some(ending) => return Ok(Exit::of_decision(&ending.decision()?)),
                }
            }
            Some(Ok(Update::Lost { why, wait })) => view.lost(&why, wait),
            Some(Err(error)) => return Err(error.into()),
            None => return Err(Failure::other("the journal ended without a decision")),
        }
    }
}

#[derive(PartialEq, Eq)]
enum Flow {
    Stay,
    Leave,
}

/// What the user sees of the run.
struct View<'out> {
    out: &'out mut Out,
    live: Live,
    interrupted: bool,
    outage: Outage,
    /// Nobody reads standard output any more. The run and its decision still matter.
    unread: bool,
}

impl View<'_> {
    fn new(out: &mut Out) -> View<'_> {
        out.spin("waiting for hookd");
        View {
            live: Live::new(out.paint),
            out,
            interrupted: false,
            outage: Outage::default(),
            unread: false,
        }
    }

    /// Shows an entry.
    fn entry(&mut self, entry: &JournalEntry) -> Result<(), Failure> {
        self.outage.over(self.out);
        match &entry.entry {
            Some(Entry::RunFinished(_) | Entry::RunInterrupted(_)) => self.out.rest(),
            Some(Entry::HookStarted(started)) => self.out.spin(&started.hook),
            Some(Entry::RunWaiting(waiting)) => {
                let what = words::waiting(waiting);
                self.out
                    .spin(format!("{} {what}", waiting.hook).trim_start());
            }
            Some(Entry::RunStarted(_) | Entry::HookFinished(_)) => self.out.spin(""),
            _ => {}
        }
        if !self.unread {
            let printed = if self.out.is_json() {
                self.out.json_line(entry)
            } else {
                let lines = self.live.show(entry);
                self.out.text(&lines)
            };
            match printed {
                Err(failure) if failure.is_unread() => self.unread = true,
                printed => printed?,
            }
        }
        Ok(())
    }

    /// Whether the user has read all entries, in words.
    fn is_text(&self) -> bool {
        !self.unread && !self.out.is_json()
    }

    fn lost(&mut self, why: &str, wait: Duration) {
        self.outage.lost(self.out, why, wait);
        self.out.spin("waiting for hookd");
    }

    fn interrupt(&mut self, interrupt: Interrupt, embedded: bool) -> Flow {
        match interrupt {
            Interrupt::Asked => {
                self.interrupted = true;
                let again = if embedded {
                    "stops waiting"
                } else {
                    "leaves at once"
                };
                self.out.remark(&format!(
                    "interrupted: asking hookd to end the run and waiting for its decision; \
                     Ctrl-C again {again}"
                ));
                self.out.spin("ending the run");
            }
            Interrupt::Refused(failure) => failure.report(self.out),
            Interrupt::Leave => {
                self.out.rest();
                self.out.remark(if embedded {
                    "ending what was started; Ctrl-C once more leaves it behind"
                } else {
                    "left; hookd may still be ending the run: `hookctl runs`"
                });
                return Flow::Leave;
            }
        }
        Flow::Stay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> RunArgs {
        RunArgs {
            condition: Condition::SnapshotStart,
            event: EventArgs::default(),
            timeout: times::wire_duration("90s").ok(),
            request_id: None,
            cancel_on_disconnect: true,
            retry_for: Duration::ZERO,
        }
    }

    #[test]
    fn a_request_has_an_id_of_its_own() {
        let (one, other) = (args().request().unwrap(), args().request().unwrap());
        assert!(Uuid::parse_str(&one.request_id).is_ok());
        assert_ne!(one.request_id, other.request_id);
        assert_eq!(one.timeout.unwrap().seconds, 90);
        assert!(one.cancel_on_disconnect);
        assert_eq!(one.event.unwrap().condition(), Condition::SnapshotStart);
    }

    #[test]
    fn a_given_id_is_kept() {
        let id = Uuid::new_v4();
        let request = RunArgs {
            request_id: Some(id),
            ..args()
        }
        .request()
        .unwrap();
        assert_eq!(request.request_id, id.to_string());
    }
}

//! `hookctl run`: fires an event and shows its run, until the decision.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::Args;
use hookd::duration;
use hookd::shutdown::StopSignals;
use hookd_client::{Client, Ending};
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Condition, JournalEntry, RunHooksRequest};
use tokio::time::Instant;
use uuid::Uuid;

use crate::connect::Service;
use crate::event::EventArgs;
use crate::exit::{self, Exit};
use crate::failure::{Failure, Result};
use crate::follow::{self, Outage, Source, Update};
use crate::interrupt::{self, Interrupt, LEAVE_LIMIT};
use crate::output::live::Live;
use crate::output::{Out, Tone, words};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  hookctl run snapshot-start --plan home
  hookctl run SNAPSHOT_ERROR --plan home --error 'disk full' --duration 12m
  hookctl run snapshot-success --plan home --stats summary.json
  restic backup /home 2>err.txt || hookctl run snapshot-error --plan home --error-file err.txt
  hookctl --embedded --config hookd.yaml run snapshot-start --plan home
  hookctl run check-start --repo nas -o json | jq -r '.runFinished.decision.kind // empty'

Ctrl-C asks hookd to end the run and waits for its decision; a second one leaves at once.
If standard output fails, hooks go on: the exit code is the decision all the same.";

#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct RunArgs {
    /// The condition of the event, such as snapshot-start or CONDITION_SNAPSHOT_START
    #[arg(value_parser = values::name(Condition::as_str_name), hide_possible_values = false)]
    pub condition: Condition,
    #[command(flatten)]
    pub event: EventArgs,
    /// Longest duration of the whole run
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, help_heading = "Run")]
    pub timeout: Option<Duration>,
    /// The id of the request; no hook runs twice for one id [default: a new one]
    #[arg(long, value_name = "UUID", help_heading = "Run")]
    pub request_id: Option<Uuid>,
    /// End the run if hookctl loses its connection; otherwise the run goes on
    #[arg(long, help_heading = "Run")]
    pub cancel_on_disconnect: bool,
    /// Longest time to wait for a hookd that does not listen yet
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "4s", help_heading = "Run")]
    pub wait: Duration,
    /// Longest time to retry a lost connection, or a hookd that is busy
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "60s", help_heading = "Run")]
    pub retry_for: Duration,
}

fn help() -> String {
    format!("{EXAMPLES}\n\n{}", exit::HELP)
}

impl RunArgs {
    fn request(self) -> Result<RunHooksRequest> {
        Ok(RunHooksRequest {
            request_id: self.request_id.unwrap_or_else(Uuid::new_v4).to_string(),
            event: Some(self.event.event(self.condition)?),
            timeout: self.timeout.map(Into::into),
            cancel_on_disconnect: self.cancel_on_disconnect,
        })
    }
}

/// Fires the event; the exit code is the decision.
pub(crate) async fn perform(args: RunArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let retry_for = args.retry_for;
    // An agent leaves options out on purpose; a user at a terminal may have forgotten them.
    let is_typed = std::io::stderr().is_terminal();
    if is_typed && args.event.plan.is_none() && args.event.repo.is_none() {
        let label = Tone::Warn.paint("note");
        out.remark(&format!(
            "{label}: neither --plan nor --repo is given, so only the global hooks run"
        ));
    }
    let wait = args.wait;
    let request = args.request()?;
    for warning in request.event.iter().flat_map(|event| &event.warnings) {
        out.warn(warning);
    }
    let stop = StopSignals::install().and_then(|stop| match hookd.options.embedded {
        true => stop.with_hangup(hookd.options.is_hangup_ignored),
        false => Ok(stop),
    });
    let mut stop =
        stop.map_err(|error| Failure::other(format!("cannot receive signals: {error}")))?;
    let mut view = RunView::new(out, hookd.options.embedded);
    let client = tokio::select! {
        connected = hookd.connect_within(wait, |why, wait| view.lost(why, wait)) => connected.map_err(waits_longer)?,
        () = stop.recv() => return Ok(Exit::Interrupted),
    };
    attend(&client, request, retry_for, view, stop).await
}

/// Adds the option that waits longer to a failure to reach hookd.
fn waits_longer(mut failure: Failure) -> Failure {
    if failure.exit == Exit::Unavailable {
        failure.help.push_str("; `--wait 1m` waits longer for it");
    }
    failure
}

async fn attend(
    client: &Client,
    request: RunHooksRequest,
    retry_for: Duration,
    mut view: RunView<'_>,
    stop: StopSignals,
) -> Result {
    let source = Source::Request(Box::new(request));
    let mut updates = follow::follow(client.hooks(), source, retry_for);
    let mut interrupts = interrupt::attend(stop, updates.canceller(), view.embedded);
    let mut patience = std::pin::pin!(tokio::time::sleep(Duration::ZERO));
    loop {
        let update = tokio::select! {
            // Interrupts first, even if hooks write much output.
            biased;
            Some(interrupt) = interrupts.recv() => {
                if view.leaves(interrupt) {
                    return Ok(Exit::Interrupted);
                }
                patience.as_mut().reset(Instant::now() + LEAVE_LIMIT);
                continue;
            }
            () = &mut patience, if view.interrupted && !view.begun => {
                view.leave();
                return Ok(Exit::Interrupted);
            }
            update = updates.recv() => update,
        };
        match update {
            Some(Ok(Update::Entry(entry))) => {
                view.entry(&entry)?;
                match Ending::of(&entry) {
                    None => {}
                    Some(_) if view.interrupted => return Ok(Exit::Interrupted),
                    Some(Ending::Interrupted(interrupted)) if view.is_read_by_user() => {
                        return Err(follow::shown_interrupted(&interrupted));
                    }
                    Some(ending) => return Ok(Exit::from(&ending.decision()?)),
                }
            }
            Some(Ok(Update::Lost { why, wait })) => view.lost(&why, wait),
            Some(Err(error)) => return Err(error.into()),
            None => return Err(Failure::other("the journal ended without a decision")),
        }
    }
}

struct RunView<'out> {
    out: &'out mut Out,
    live: Live,
    embedded: bool,
    /// True once an entry was received.
    begun: bool,
    interrupted: bool,
    outage: Outage,
    /// True once standard output has failed. The run goes on, as its decision is still needed.
    unread: bool,
}

impl RunView<'_> {
    fn new(out: &mut Out, embedded: bool) -> RunView<'_> {
        out.spin("waiting for hookd");
        RunView {
            live: Live::default(),
            out,
            embedded,
            begun: false,
            interrupted: false,
            outage: Outage::default(),
            unread: false,
        }
    }

    fn entry(&mut self, entry: &JournalEntry) -> Result<()> {
        self.begun = true;
        self.outage.end(self.out);
        match &entry.entry {
            Some(Entry::RunFinished(_) | Entry::RunInterrupted(_)) => self.out.rest(),
            Some(Entry::HookStarted(started)) => self.out.spin(&started.hook),
            Some(Entry::RunWaiting(waiting)) => {
                let reason = words::waiting(waiting);
                self.out
                    .spin(format!("{} {reason}", waiting.hook).trim_start());
            }
            Some(Entry::RunStarted(_) | Entry::HookFinished(_)) => self.out.spin(""),
            _ => {}
        }
        if self.unread {
            return Ok(());
        }
        let printed = match self.out.is_json() {
            true => self.out.json_line(entry),
            false => self.out.text(&self.live.show(entry)),
        };
        match printed {
            Err(failure) if failure.is_output => {
                failure.report(self.out);
                self.unread = true;
                Ok(())
            }
            printed => printed,
        }
    }

    /// Returns whether the user has seen all entries as text.
    fn is_read_by_user(&self) -> bool {
        !self.unread && !self.out.is_json()
    }

    fn lost(&mut self, why: &str, wait: Duration) {
        self.outage.begin(self.out, why, wait);
        self.out.spin("waiting for hookd");
    }

    /// Shows an interrupt; returns whether hookctl has to exit.
    fn leaves(&mut self, interrupt: Interrupt) -> bool {
        match interrupt {
            Interrupt::Asked => {
                self.interrupted = true;
                let again = match self.embedded {
                    true => "stops waiting",
                    false => "leaves at once",
                };
                self.out.remark(&format!(
                    "interrupted: asking hookd to end the run and waiting for its decision; \
                     Ctrl-C again {again}"
                ));
                self.out.spin("ending the run");
            }
            Interrupt::Refused(failure) => failure.report(self.out),
            Interrupt::Leave => {
                self.leave();
                return true;
            }
        }
        // A hookd that cannot be reached cannot be asked either.
        let is_over = self.interrupted && !self.begun && self.outage.is_known();
        if is_over {
            self.leave();
        }
        is_over
    }

    fn leave(&mut self) {
        self.out.rest();
        self.out.remark(match (self.embedded, self.begun) {
            (true, _) => "ending the run's scripts; a third Ctrl-C leaves them behind",
            (false, true) => "left; hookd may still be ending the run: `hookctl runs`",
            (false, false) => "left before hookd answered: `hookctl runs` shows if a run began",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> RunArgs {
        RunArgs {
            condition: Condition::SnapshotStart,
            event: EventArgs::default(),
            timeout: Some(Duration::from_secs(90)),
            request_id: None,
            cancel_on_disconnect: true,
            wait: Duration::ZERO,
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

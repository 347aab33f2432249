//! The event that the command line describes.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use hookd::duration;
use hookd_proto::v1::{Condition, Event, Trigger};
use hookd_proto::well_known;

use crate::failure::{Failure, Result};
use crate::input::Input;
use crate::{snapshot_stats, times, values};

/// Options of an event apart from its condition.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Event")]
pub(crate) struct EventArgs {
    /// The plan of the operation
    #[arg(long, value_name = "ID")]
    pub plan: Option<String>,
    /// The repository of the operation; optional if the plan is given
    #[arg(long, value_name = "ID")]
    pub repo: Option<String>,
    /// The operation's name
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub task: Option<String>,
    /// The operation's error
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub error: Option<String>,
    /// The snapshot made [default: the snapshot in the statistics]
    #[arg(long, value_name = "ID")]
    pub snapshot_id: Option<String>,
    /// restic's statistics: its summary, or all that `restic backup --json` printed; - is stdin
    #[arg(long, value_name = "FILE")]
    pub stats: Option<Input>,
    /// The operation's duration, such as 90s or 1h30m
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub duration: Option<Duration>,
    /// The time of the event, such as 2026-01-31T08:00:00Z or 5m (ago) [default: now]
    #[arg(long, value_name = "TIME", value_parser = times::moment)]
    pub time: Option<well_known::Timestamp>,
    /// The number of the attempt at the operation, from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub attempt: Option<u32>,
    /// The trigger of the operation
    #[arg(long, value_name = "WHAT", value_parser = values::name(Trigger::as_str_name))]
    pub trigger: Option<Trigger>,
    /// An id that all events of one operation share
    #[arg(long, value_name = "ID")]
    pub operation_id: Option<String>,
    /// Further information for hooks; may be repeated
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = values::label)]
    pub labels: Vec<(String, String)>,
}

impl EventArgs {
    /// Returns the event; reads the statistics. Fails if a label has two values.
    pub(crate) fn event(self, condition: Condition) -> Result<Event> {
        let stats = self.stats.as_ref();
        let snapshot_stats = stats.map(snapshot_stats::read).transpose()?;
        let stats_id = snapshot_stats.as_ref().map(|stats| &stats.snapshot_id);
        let snapshot_id = self.snapshot_id.as_ref().or(stats_id).cloned();
        let mut labels = BTreeMap::new();
        for (name, value) in self.labels {
            if let Some(other) = labels.insert(name.clone(), value.clone())
                && other != value
            {
                let message = format!("label `{name}` has two values, `{other}` and `{value}`");
                return Err(Failure::usage(message));
            }
        }
        Ok(Event {
            condition: condition.into(),
            repo_id: self.repo.unwrap_or_default(),
            plan_id: self.plan.unwrap_or_default(),
            task: self.task.unwrap_or_default(),
            snapshot_id: snapshot_id.unwrap_or_default(),
            snapshot_stats,
            duration: self.duration.map(Into::into),
            error: self.error.unwrap_or_default(),
            time: self.time,
            attempt: self.attempt.unwrap_or_default(),
            trigger: self.trigger.unwrap_or_default().into(),
            operation_id: self.operation_id.unwrap_or_default(),
            labels,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::exit::Exit;

    #[test]
    fn an_event_is_built_as_described() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(br#"{"snapshot_id":"abc","files_new":3}"#)
            .unwrap();
        let args = EventArgs {
            plan: Some("home".to_owned()),
            stats: Some(file.path().into()),
            trigger: Some(Trigger::Scheduled),
            labels: vec![("a".to_owned(), "1".to_owned()); 2],
            ..EventArgs::default()
        };
        let event = args.event(Condition::SnapshotSuccess).unwrap();
        assert_eq!(event.condition(), Condition::SnapshotSuccess);
        assert_eq!(event.plan_id, "home");
        assert_eq!(event.snapshot_id, "abc");
        assert_eq!(event.snapshot_stats.as_ref().unwrap().files_new, 3);
        assert_eq!(event.trigger(), Trigger::Scheduled);
        assert_eq!(event.labels.len(), 1);
        assert_eq!((event.time, event.attempt), (None, 0));
    }

    #[test]
    fn a_label_has_one_value() {
        let args = EventArgs {
            labels: vec![
                ("a".to_owned(), "1".to_owned()),
                ("a".to_owned(), "2".to_owned()),
            ],
            ..EventArgs::default()
        };
        assert_eq!(
            args.event(Condition::PruneStart).unwrap_err().exit,
            Exit::Usage
        );
    }
}

//! The event that the command line describes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use hookd::duration;
use hookd_proto::v1::{Condition, Event, Trigger};
use hookd_proto::well_known;

use crate::event_text::LongText;
use crate::failure::{Failure, Result};
use crate::input::Input;
use crate::{event_size, event_text, snapshot_stats, times, values};

/// Options of an event apart from its condition.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Event")]
pub(crate) struct EventArgs {
    /// The plan of the operation
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub plan: Option<String>,
    /// The repository of the operation; optional if the plan is given
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub repo: Option<String>,
    /// The operation's name
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub task: Option<OsString>,
    /// The operation's error
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub error: Option<OsString>,
    /// The operation's error, of any length, from a file; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "error")]
    pub error_file: Option<Input>,
    /// The snapshot made [default: the snapshot in the statistics]
    #[arg(long, value_name = "ID")]
    pub snapshot_id: Option<String>,
    /// The statistics: what `restic backup --json` or `borg create --json` printed; - is stdin
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
    #[arg(
        long = "label",
        value_name = "NAME=VALUE",
        value_parser = OsStringValueParser::new().try_map(|label| values::label(&label))
    )]
    pub labels: Vec<Label>,
}

/// A label of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub name: String,
    pub value: String,
    /// True if it was no text, so that bytes were replaced.
    pub repaired: bool,
}

impl EventArgs {
    /// Returns the event; reads the statistics and the error. Parts that cannot be read, or that are
    /// too long, are left out, with a warning in the event.
    /// Fails if a label has two values, if two labels become the same variable, or if two files are
    /// standard input.
    pub(crate) fn event(self, condition: Condition) -> Result<Event> {
        let files = [&self.stats, &self.error_file];
        if files
            .iter()
            .all(|file| file.as_ref().is_some_and(Input::is_stdin))
        {
            let message = "--stats and --error-file cannot both be standard input";
            return Err(Failure::usage(message));
        }
        let mut warnings = Vec::new();
        let mut text = |flag, value: Option<OsString>| {
            let (text, replaced) = event_text::text(value.unwrap_or_default().as_encoded_bytes());
            warnings.extend(replaced.then(|| event_text::replacement(flag)));
            text
        };
        let task = text("--task", self.task);
        let mut error = LongText::new("the error", text("--error", self.error));
        if let Some(file) = &self.error_file {
            let (text, faults) = event_text::read_error(file);
            error = text;
            warnings.extend(faults);
        }
        let snapshot_stats = self.stats.as_ref().and_then(|file| {
            let unusable = |why| format!("the statistics in {file} are left out: {why}");
            let read = snapshot_stats::read(file).map_err(unusable);
            let (stats, faults) = read.map_err(|warning| warnings.push(warning)).ok()?;
            let part = |fault| format!("in the statistics in {file}, {fault}, and is left out");
            warnings.extend(faults.into_iter().map(part));
            Some(stats)
        });
        let stats_id = snapshot_stats.as_ref().map(|stats| &stats.snapshot_id);
        let given = self.snapshot_id.filter(|id| !id.is_empty());
        let snapshot_id = given.or_else(|| {
            // hookd refuses an event with another id, and so would lose it.
            let plain = |c: char| c.is_ascii_alphanumeric() || "._:@+=/-".contains(c);
            let is_id =
                |id: &str| !id.starts_with('-') && id.len() <= 1024 && id.chars().all(plain);
            let usable = stats_id.filter(|id| is_id(id)).cloned();
            if usable.is_none() && stats_id.is_some() {
                let warning = "the snapshot's id in the statistics is no id, and is left out";
                warnings.push(warning.to_owned());
            }
            usable
        });
        let mut labels = BTreeMap::new();
        for Label {
            name,
            value,
            repaired,
        } in self.labels
        {
            if repaired {
                warnings.push(event_text::replacement(&format!("label `{name}`")));
            }
            if let Some(other) = labels.insert(name.clone(), value.clone())
                && other != value
            {
                let message = format!("label `{name}` has two values, `{other}` and `{value}`");
                return Err(Failure::usage(message));
            }
        }
        if let Some((one, other, variable)) = hookd::colliding_labels(labels.keys()) {
            let message = format!("labels `{one}` and `{other}` both become {variable}");
            return Err(Failure::usage(message).help("rename one"));
        }
        let mut event = Event {
            condition: condition.into(),
            repo_id: self.repo.unwrap_or_default(),
            plan_id: self.plan.unwrap_or_default(),
            task,
            snapshot_id: snapshot_id.unwrap_or_default(),
            snapshot_stats,
            duration: self.duration.map(Into::into),
            error: String::new(),
            time: self.time,
            attempt: self.attempt.unwrap_or_default(),
            trigger: self.trigger.unwrap_or_default().into(),
            operation_id: self.operation_id.unwrap_or_default(),
            labels,
            warnings,
        };
        event_size::add_error(&mut event, error);
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::exit::Exit;

    fn label(value: &str) -> Label {
        Label {
            name: "a".to_owned(),
            value: value.to_owned(),
            repaired: false,
        }
    }

    #[test]
    fn an_event_is_built_as_described() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(br#"{"snapshot_id":"abc","files_new":3}"#)
            .unwrap();
        let args = EventArgs {
            plan: Some("home".to_owned()),
            stats: Some(file.path().into()),
            trigger: Some(Trigger::Scheduled),
            labels: vec![label("1"), label("1")],
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
    fn an_id_that_hookd_would_refuse_is_left_out() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(br#"{"snapshot_id":"1; rm x","files_new":3}"#)
            .unwrap();
        let args = EventArgs {
            snapshot_id: Some(String::new()),
            stats: Some(file.path().into()),
            ..EventArgs::default()
        };
        let event = args.event(Condition::SnapshotSuccess).unwrap();
        assert_eq!((&*event.snapshot_id, event.warnings.len()), ("", 1));
        assert_eq!(event.snapshot_stats.unwrap().files_new, 3);
    }

    #[test]
    fn labels_that_become_one_variable_are_refused() {
        let labels = ["host.name", "HOST-NAME"].map(|name| Label {
            name: name.to_owned(),
            ..label("1")
        });
        let args = EventArgs {
            labels: labels.to_vec(),
            ..EventArgs::default()
        };
        let failure = args.event(Condition::PruneStart).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.contains("both become HOOK_LABEL_HOST_NAME"));
    }

    #[test]
    fn a_label_has_one_value() {
        let args = EventArgs {
            labels: vec![label("1"), label("2")],
            ..EventArgs::default()
        };
        assert_eq!(
            args.event(Condition::PruneStart).unwrap_err().exit,
            Exit::Usage
        );
    }
}

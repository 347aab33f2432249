//! Values of the contract, as they are typed on the command line.

use std::ffi::OsStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};
use hookd_proto::v1::{Condition, DecisionKind, OutputStream, RunState, TemplateEngine, Trigger};

/// Reads one of several names, in the contract's spelling (`CONDITION_SNAPSHOT_START`),
/// without its prefix, and in any case, with dashes or underscores.
#[derive(Clone, Debug)]
pub(crate) struct NameParser<T: 'static> {
    prefix: &'static str,
    names: &'static [(&'static str, T)],
}

/// Reads a condition.
#[must_use]
pub(crate) const fn condition() -> NameParser<Condition> {
    NameParser {
        prefix: "condition-",
        names: &[
            ("snapshot-start", Condition::SnapshotStart),
            ("snapshot-end", Condition::SnapshotEnd),
            ("snapshot-error", Condition::SnapshotError),
            ("snapshot-warning", Condition::SnapshotWarning),
            ("snapshot-success", Condition::SnapshotSuccess),
            ("snapshot-skipped", Condition::SnapshotSkipped),
            ("prune-start", Condition::PruneStart),
            ("prune-error", Condition::PruneError),
            ("prune-success", Condition::PruneSuccess),
            ("check-start", Condition::CheckStart),
            ("check-error", Condition::CheckError),
            ("check-success", Condition::CheckSuccess),
            ("forget-start", Condition::ForgetStart),
            ("forget-error", Condition::ForgetError),
            ("forget-success", Condition::ForgetSuccess),
            ("any-error", Condition::AnyError),
        ],
    }
}

/// Reads a decision.
#[must_use]
pub(crate) const fn decision() -> NameParser<DecisionKind> {
    NameParser {
        prefix: "decision-kind-",
        names: &[
            ("proceed", DecisionKind::Proceed),
            ("cancel", DecisionKind::Cancel),
            ("fail", DecisionKind::Fail),
            ("retry", DecisionKind::Retry),
        ],
    }
}

/// Reads the state of a run.
#[must_use]
pub(crate) const fn state() -> NameParser<RunState> {
    NameParser {
        prefix: "run-state-",
        names: &[
            ("queued", RunState::Queued),
            ("running", RunState::Running),
            ("finished", RunState::Finished),
            ("interrupted", RunState::Interrupted),
        ],
    }
}

/// Reads what set an operation off.
#[must_use]
pub(crate) const fn trigger() -> NameParser<Trigger> {
    NameParser {
        prefix: "trigger-",
        names: &[
            ("manual", Trigger::Manual),
            ("scheduled", Trigger::Scheduled),
        ],
    }
}

/// Reads a template engine.
#[must_use]
pub(crate) const fn engine() -> NameParser<TemplateEngine> {
    NameParser {
        prefix: "template-engine-",
        names: &[
            ("go", TemplateEngine::Go),
            ("tera", TemplateEngine::Tera),
            ("none", TemplateEngine::None),
        ],
    }
}

/// Reads the name of an output stream.
#[must_use]
pub(crate) const fn stream() -> NameParser<OutputStream> {
    NameParser {
        prefix: "output-stream-",
        names: &[
            ("stdout", OutputStream::Stdout),
            ("stderr", OutputStream::Stderr),
        ],
    }
}

impl<T> NameParser<T> {
    fn known(&self) -> PossibleValuesParser {
        PossibleValuesParser::new(self.names.iter().map(|(name, _)| *name))
    }
}

impl<T: Copy + Send + Sync> TypedValueParser for NameParser<T> {
    type Value = T;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, Error> {
        let typed = value.to_string_lossy().to_lowercase().replace('_', "-");
        let typed = typed.strip_prefix(self.prefix).unwrap_or(&typed);
        if let Some((_, value)) = self.names.iter().find(|(name, _)| *name == typed) {
            return Ok(*value);
        }
        // clap's own parser of known names words the refusal: it lists what there is
        // and says what may have been meant.
        let name = self.known().parse_ref(cmd, arg, OsStr::new(typed))?;
        let found = self.names.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| Error::new(clap::error::ErrorKind::InvalidValue).with_cmd(cmd))
    }

    fn possible_values(
        &self,
    ) -> Option<Box<dyn Iterator<Item = clap::builder::PossibleValue> + '_>> {
        let names = self.names.iter();
        Some(Box::new(
            names.map(|(name, _)| clap::builder::PossibleValue::new(*name)),
        ))
    }
}

/// Reads a number of bytes, spelled as in the config, such as `1GiB`.
///
/// # Errors
/// Says what can be read.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    hookd::size::parse(text)
        .ok()
        .filter(|size| *size > 0)
        .ok_or_else(|| format!("`{text}` is no size: give for example 512MiB or 1GiB"))
}

/// Reads a label, such as `host=nas`.
///
/// # Errors
/// If it has no name, or no `=`.
pub(crate) fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no label: give NAME=VALUE")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Condition> {
        let command = Command::new("test");
        condition().parse_ref(&command, None, OsStr::new(text)).ok()
    }

    #[test]
    fn conditions_are_read_in_every_spelling() {
        for text in [
            "CONDITION_SNAPSHOT_START",
            "SNAPSHOT_START",
            "snapshot_start",
            "snapshot-start",
            "Snapshot-Start",
            "condition-snapshot-start",
        ] {
            assert_eq!(read(text), Some(Condition::SnapshotStart), "{text}");
        }
        for text in ["", "CONDITION_", "unknown", "CONDITION_UNKNOWN", "start"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_condition_of_the_contract_has_its_name() {
        let mut found = 0;
        for number in 1..1000 {
            let Ok(condition) = Condition::try_from(number) else {
                continue;
            };
            assert_eq!(read(condition.as_str_name()), Some(condition));
            found += 1;
        }
        assert_eq!(found, super::condition().names.len());
    }

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("1GiB"), Ok(1 << 30));
        assert_eq!(size("512"), Ok(512));
        for text in ["", "0", "-1", "1 XB", "99999999999GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn labels_are_read() {
        assert_eq!(label("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(label("a="), Ok(("a".to_owned(), String::new())));
        assert!(label("=b").is_err());
        assert!(label("a").is_err());
    }
}

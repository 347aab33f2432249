//! Parsers of the API's values on the command line.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use hookd_client::{Address, InvalidAddress};

use crate::event::Label;
use crate::event_text;

/// Parses an enum of the API. Accepts each value in the API's spelling
/// (`CONDITION_SNAPSHOT_START`), without its prefix, in any case, and with dashes.
#[derive(Clone, Debug)]
pub(crate) struct NameParser<T> {
    prefix: String,
    names: Vec<(&'static str, T)>,
}

/// Largest number of any enum of the API.
const LARGEST_NUMBER: i32 = 999;

/// Returns a parser of every value of an enum but 0, which stands for an unknown one.
pub(crate) fn name<T: TryFrom<i32> + Default>(name: fn(&T) -> &'static str) -> NameParser<T> {
    let unknown = spelled(name(&T::default()));
    let prefix = unknown.rfind('-').map_or("", |dash| &unknown[..=dash]);
    let values = (1..=LARGEST_NUMBER).filter_map(|number| T::try_from(number).ok());
    let named = values.map(|value| {
        let name = spelled(name(&value));
        let name = name.strip_prefix(prefix).unwrap_or(&name).to_owned();
        // Clap keeps the names of values until the process ends.
        (&*name.leak(), value)
    });
    NameParser {
        names: named.collect(),
        prefix: prefix.to_owned(),
    }
}

fn spelled(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

impl<T: Copy + Send + Sync + 'static> TypedValueParser for NameParser<T> {
    type Value = T;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, Error> {
        let typed = spelled(&value.to_string_lossy());
        let typed = typed.strip_prefix(&self.prefix).unwrap_or(&typed);
        // Clap's own parser makes the error: it lists the names and suggests one.
        let names = PossibleValuesParser::new(self.names.iter().map(|(name, _)| *name));
        let name = names.parse_ref(cmd, arg, OsStr::new(typed))?;
        let found = self.names.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| Error::new(ErrorKind::InvalidValue).with_cmd(cmd))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = self.names.iter();
        Some(Box::new(names.map(|(name, _)| PossibleValue::new(*name))))
    }
}

/// Parses a number of bytes above 0 in the config's spelling, such as `1GiB`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    hookd::size::parse(text)
        .ok()
        .filter(|size| *size > 0)
        .ok_or_else(|| format!("`{text}` is no size: give for example 512MiB or 1GiB"))
}

/// Parses the address of hookd. Of a list, as the variable may hold it for `hookd serve`, the first
/// one that a client can use is taken.
pub(crate) fn address(text: &str) -> Result<Address, InvalidAddress> {
    let for_clients = text.split(',').map(str::trim).find(|one| *one != "fd://");
    for_clients.unwrap_or("fd://").parse()
}

/// Parses a label, such as `host=nas`.
pub(crate) fn label(bytes: &OsStr) -> Result<Label, String> {
    let (text, repaired) = event_text::text(bytes.as_encoded_bytes());
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Label {
            name: name.to_owned(),
            value: value.to_owned(),
            repaired,
        }),
        _ => Err(format!("`{text}` is no label: give NAME=VALUE")),
    }
}

/// Parses the id of a plan or repository, which is not empty.
pub(crate) fn id(text: &str) -> Result<String, String> {
    match text.is_empty() {
        true => Err(
            "an id is not empty: set the variable that gives it, or leave the option out \
                     if there is no such id"
                .to_owned(),
        ),
        false => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use hookd::listen::Address as Listen;
    use hookd_proto::v1::Condition;

    use super::*;

    fn read(text: &str) -> Option<Condition> {
        let command = Command::new("test");
        let parser = name(Condition::as_str_name);
        parser.parse_ref(&command, None, OsStr::new(text)).ok()
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
        let parser = name(Condition::as_str_name);
        assert_eq!(parser.names.len(), 16);
        for (_, condition) in parser.names {
            assert_eq!(read(condition.as_str_name()), Some(condition));
        }
    }

    #[test]
    fn addresses_are_those_of_hookd() {
        for (text, shown) in [
            ("unix:///run/x.sock", Some("unix:///run/x.sock")),
            ("unix:/run/x.sock", Some("unix:///run/x.sock")),
            ("/run/x.sock", Some("unix:///run/x.sock")),
            ("tcp://127.0.0.1:7432", Some("http://127.0.0.1:7432")),
            ("http://127.0.0.1:7432/", Some("http://127.0.0.1:7432")),
            ("tcp://localhost:7432", Some("http://localhost:7432")),
            ("tcp://[::1]:7432", Some("http://[::1]:7432")),
            ("fd://,tcp://127.0.0.1:1", Some("http://127.0.0.1:1")),
            ("unix:///a, tcp://127.0.0.1:1", Some("unix:///a")),
            ("unix://", None),
            ("unix://x.sock", None),
            ("x.sock", None),
            ("https://127.0.0.1:7432", None),
            ("127.0.0.1:7432", None),
            ("", None),
        ] {
            let read = address(text).map(|address| address.to_string());
            assert_eq!(read.ok().as_deref(), shown, "{text}");
            let listens = text.split(',').map(|one| one.trim().parse::<Listen>());
            let listens = listens.collect::<Result<Vec<_>, _>>();
            assert_eq!(listens.is_ok(), shown.is_some(), "{text}: {listens:?}");
        }
        let told = address("fd://").unwrap_err().to_string();
        assert!(
            told.contains("give the path of its systemd socket"),
            "{told}"
        );
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
        let label = |text: &str| label(OsStr::new(text));
        let read = label("a=b=c").unwrap();
        assert_eq!(
            (&*read.name, &*read.value, read.repaired),
            ("a", "b=c", false)
        );
        assert_eq!(label("a=").unwrap().value, "");
        assert!(label("=b").is_err());
        assert!(label("a").is_err());
    }
}

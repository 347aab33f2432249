//! Statistics of a snapshot, as restic or borg printed them.

use hookd_proto::v1::SnapshotStats;
use prost::Message as _;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use crate::input::{Input, MAX_STREAM};
use crate::lone_surrogates::without_lone_surrogates;

/// Bytes at the end of a file in which a summary is sought: it is the last that a backup prints.
const MAX_OUTPUT: u32 = 8 << 20;

/// Most bytes of a field.
const MAX_FIELD: usize = 32 << 10;

/// Most levels of a field's lists and objects. An object takes three levels of the hundred that
/// decoders of protobuf allow.
const MAX_DEPTH: usize = 24;

/// Statistics, and what is wrong with fields that they had.
type Stats = (SnapshotStats, Vec<String>);

/// Fields of which a summary has at least one. Others are in messages of any kind.
const COUNTS: [&str; 11] = [
    "files_new",
    "files_changed",
    "files_unmodified",
    "dirs_new",
    "dirs_changed",
    "dirs_unmodified",
    "data_blobs",
    "tree_blobs",
    "data_added",
    "total_files_processed",
    "total_bytes_processed",
];

/// Reads statistics from the end of a file. Fields that no event can hold are left out, and
/// returned as faults.
/// Fails with the reason, for people, if there are none.
pub(crate) fn read(input: &Input) -> Result<Stats, String> {
    let ends = input.read_ends(0, MAX_OUTPUT);
    let ends = ends.map_err(|error| error.to_string())?;
    if ends.is_endless {
        return Err(format!("it does not end within {} MiB", MAX_STREAM >> 20));
    }
    let text = String::from_utf8_lossy(&ends.tail);
    if ends.left_out == 0 {
        return parse(&text);
    }
    let end = MAX_OUTPUT >> 20;
    // The first line is not whole.
    let (_, text) = text.split_once('\n').unwrap_or_default();
    // The ellipsis keeps a single object from being taken for the whole output.
    parse(&format!("…\n{text}")).map_err(|why| format!("{why} in its last {end} MiB"))
}

/// Finds the last summary in what restic or borg printed, which may have other messages and text
/// around it. A single object may be restic's summary without its type.
fn parse(text: &str) -> Result<Stats, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let text = without_lone_surrogates(text);
    let is_single = text.starts_with('{') && serde_json::from_str::<IgnoredAny>(&text).is_ok();
    let mut stats = Err("it has no summary of restic or borg".to_owned());
    for_each_object(&text, |object| {
        let kind = object
            .get("message_type")
            .or_else(|| object.get("messageType"));
        match kind {
            Some(kind) if kind == "summary" => stats = restic(object),
            Some(_) => {}
            None if object.contains_key("archive") => {
                if let Some(summary) = borg(&object) {
                    stats = restic(summary);
                }
            }
            None if is_single => stats = restic(object),
            None => {}
        }
    });
    stats
}

/// Hands over each JSON object that begins a line.
fn for_each_object(text: &str, mut see: impl FnMut(Map<String, Value>)) {
    let mut rest = text;
    loop {
        let mut read = serde_json::Deserializer::from_str(rest).into_iter();
        let length = match rest.starts_with('{').then(|| read.next()).flatten() {
            Some(Ok(object)) => {
                see(object);
                read.byte_offset()
            }
            _ => 0,
        };
        match rest[length..].find('\n') {
            Some(end) => rest = rest[length + end..].trim_start(),
            None => return,
        }
    }
}

/// Reads restic's summary. restic adds fields over time: those that hooks cannot use are ignored.
fn restic(object: Map<String, Value>) -> Result<Stats, String> {
    let mut usable = Map::new();
    let mut faults = Vec::new();
    for (name, value) in object {
        if value.is_null() || !is_field(&name) {
            continue;
        }
        match fault(&name, &value) {
            Some(fault) => faults.push(format!("`{name}` {fault}")),
            None => drop(usable.insert(name, value)),
        }
    }
    let camel = |name: &str| {
        let words: Vec<&str> = name.split('_').collect();
        let capitalized = words[1..]
            .iter()
            .map(|word| word[..1].to_uppercase() + &word[1..]);
        words[0].to_owned() + &capitalized.collect::<String>()
    };
    let counts = |name: &&str| usable.contains_key(*name) || usable.contains_key(&camel(name));
    if !COUNTS.iter().any(counts) {
        let reason = "it has none of the numbers of restic's summary";
        let reasons = [vec![reason.to_owned()], faults].concat();
        return Err(reasons.join(", "));
    }
    serde_json::from_value(Value::Object(usable))
        .map(|stats| (stats, faults))
        .map_err(|fault| format!("its summary is malformed: {}", beginning(&fault)))
}

/// Returns why no event can hold a field; `None` if one can.
fn fault(name: &str, value: &Value) -> Option<String> {
    if depth(value) > MAX_DEPTH {
        return Some(format!("is nested more than {MAX_DEPTH} deep"));
    }
    match serde_json::from_value::<SnapshotStats>(json!({ name: value })) {
        Ok(stats) => {
            let bytes = stats.encoded_len();
            (bytes > MAX_FIELD).then(|| format!("has {bytes} bytes, and {MAX_FIELD} is the limit"))
        }
        Err(fault) => Some(format!("is malformed ({})", beginning(&fault))),
    }
}

/// Returns the number of levels of lists and objects.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or_default(),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Returns the beginning of a fault's text, which may quote a long value.
fn beginning(fault: &serde_json::Error) -> String {
    fault.to_string().chars().take(200).collect()
}

/// Returns what `borg create --json` says of its archive, as restic's summary; `None` if it says
/// nothing of a new archive.
fn borg(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let archive = object.get("archive")?;
    let stats = archive.get("stats")?;
    let number = |name| stats.get(name).and_then(Value::as_i64);
    let summary = [
        ("message_type", "summary".into()),
        ("total_files_processed", number("nfiles")?.into()),
        ("total_bytes_processed", number("original_size")?.into()),
        ("data_added", number("deduplicated_size").into()),
        (
            "total_duration",
            archive.get("duration").and_then(Value::as_f64).into(),
        ),
        ("snapshot_id", archive.get("id")?.as_str()?.into()),
    ];
    Some(
        summary
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
    )
}

/// Returns whether the API has a field of this name, in restic's spelling or in that of protobuf
/// JSON.
fn is_field(name: &str) -> bool {
    let probe = serde_json::from_value::<SnapshotStats>(json!({ name: null }));
    !probe.is_err_and(|fault| fault.to_string().starts_with("unknown field"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BORG: &str = r#"{
    "archive": {
        "command_line": ["borg", "create", "x\udce4"],
        "duration": 5.5,
        "id": "80cd07219ad7",
        "name": "nas-2026",
        "stats": {
            "compressed_size": 1880961894,
            "deduplicated_size": 2791,
            "nfiles": 53669,
            "original_size": 2400471280
        }
    },
    "cache": {"stats": {"total_chunks": 1}},
    "repository": {"id": "a", "location": "/b"}
}"#;

    #[test]
    fn both_spellings_are_read() {
        let snake = r#"{"message_type":"summary","files_new":1,"data_added":1048576,
            "total_duration":2.5,"snapshot_id":"ab","backup_start":"2026-01-01T00:00:00Z"}"#;
        let camel = r#"{"messageType":"summary","filesNew":"1","dataAdded":1048576,
            "totalDuration":2.5,"snapshotId":"ab","dryRun":true}"#;
        let stats = parse(snake).unwrap().0;
        assert_eq!(stats.files_new, 1);
        assert_eq!(stats.data_added, 1 << 20);
        assert!((stats.total_duration - 2.5).abs() < f64::EPSILON);
        assert_eq!(parse(camel).unwrap().0, stats);
        let alone = parse(r#"{"totalBytesProcessed": "3"}"#).unwrap().0;
        assert_eq!(alone.total_bytes_processed, 3);
    }

    #[test]
    fn the_summary_is_found_among_messages() {
        let all = "{\"message_type\":\"status\",\"percent_done\":0.5}\nsome warning {\n\
            {\"message_type\":\"summary\",\"files_new\":7}\n\
            {\"message_type\":\"exit_error\",\"code\":3,\"message\":\"x\"}\nlast words";
        assert_eq!(parse(all).unwrap().0.files_new, 7);
    }

    #[test]
    fn an_archive_of_borg_is_read() {
        let log = r#"{"type": "log_message", "message": "x", "archive": "no"}"#;
        for text in [BORG.to_owned(), format!("{log}\nplain\n{BORG}\n{log}\n")] {
            let stats = parse(&text).unwrap().0;
            assert_eq!(stats.snapshot_id, "80cd07219ad7");
            assert_eq!(stats.total_files_processed, 53669);
            assert_eq!(stats.total_bytes_processed, 2_400_471_280);
            assert_eq!(stats.data_added, 2791);
            assert!((stats.total_duration - 5.5).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn a_text_without_a_summary_has_no_statistics() {
        let no_summary = "it has no summary of restic or borg";
        let no_numbers = "it has none of the numbers of restic's summary";
        for (text, reason) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("[]", no_summary),
            ("3", no_summary),
            ("Files: 3 new", no_summary),
            ("{", no_summary),
            (&BORG[..300], no_summary),
            (r#"{"message_type":"summary","files_ne"#, no_summary),
            (r#"{"message_type":"status","total_files":3}"#, no_summary),
            (r#"{"archive":{"name":"x"}}"#, no_summary),
            ("{\"files_new\":3}\nrest", no_summary),
            ("{}", no_numbers),
            (r#"{"a":1}"#, no_numbers),
            (r#"{"message":"failed"}"#, no_numbers),
            (r#"{"message_type":"summary"}"#, no_numbers),
        ] {
            assert_eq!(parse(text), Err(reason.to_owned()), "{text}");
        }
        let malformed = parse(r#"{"files_new":"many"}"#).unwrap_err();
        assert!(malformed.starts_with(&format!("{no_numbers}, `files_new` is malformed (")));
    }

    #[test]
    fn fields_that_no_event_can_hold_are_left_out() {
        let nested = |levels| "[".repeat(levels) + &"]".repeat(levels);
        let long = "x".repeat(1_200_000);
        for (name, value, fault) in [
            ("error", nested(MAX_DEPTH), None),
            ("error", nested(110), Some("is nested more than 24 deep")),
            ("future", nested(110), None),
            (
                "message",
                format!("\"{long}\""),
                Some("has 1200005 bytes, and 32768 is the limit"),
            ),
            (
                "message",
                "3".to_owned(),
                Some("is malformed (invalid type: integer `3`, expected a string)"),
            ),
            (
                "currentFiles",
                format!("[\"x\"{}]", ",\"x\"".repeat(99_999)),
                Some("has 400000 bytes, and 32768 is the limit"),
            ),
        ] {
            let json = format!(r#"{{"message_type":"summary","files_new":3,"{name}":{value}}}"#);
            let (stats, faults) = parse(&json).unwrap();
            assert_eq!(stats.files_new, 3);
            let expect: Vec<_> = fault.iter().map(|why| format!("`{name}` {why}")).collect();
            assert_eq!(faults, expect);
        }
        let quoted = parse(&format!(r#"{{"files_new":"{long}"}}"#)).unwrap_err();
        assert!(quoted.len() < 400, "{}", quoted.len());
        let id = BORG.replace("80cd07219ad7", &long);
        let (stats, faults) = parse(&id).unwrap();
        assert_eq!((stats.data_added, faults.len()), (2791, 1));
    }

    #[test]
    fn every_field_of_the_contract_is_kept() {
        let wire = serde_json::to_value(SnapshotStats {
            message_type: "summary".to_owned(),
            error: Some(hookd_proto::well_known::Value::from("e".to_owned())),
            during: "d".to_owned(),
            item: "i".to_owned(),
            files_new: 1,
            files_changed: 2,
            files_unmodified: 3,
            dirs_new: 4,
            dirs_changed: 5,
            dirs_unmodified: 6,
            data_blobs: 7,
            tree_blobs: 8,
            data_added: 9,
            total_files_processed: 10,
            total_bytes_processed: 11,
            total_duration: 12.0,
            snapshot_id: "s".to_owned(),
            percent_done: 0.5,
            total_files: 13,
            files_done: 14,
            total_bytes: 15,
            bytes_done: 16,
            current_files: vec!["f".to_owned()],
            action: "a".to_owned(),
            exit_error: "x".to_owned(),
            message: "t".to_owned(),
        })
        .unwrap();
        assert_eq!(wire.as_object().unwrap().len(), 26);
        let back = parse(&wire.to_string()).unwrap().0;
        assert_eq!(serde_json::to_value(back).unwrap(), wire);
    }
}

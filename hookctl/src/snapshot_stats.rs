//! Statistics of a snapshot, as restic or borg printed them.

use std::borrow::Cow;

use hookd_proto::v1::SnapshotStats;
use serde_json::{Map, Value, json};

use crate::input::Input;

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

/// Reads statistics from a file.
/// Fails with the reason, for people, if there are none.
pub(crate) fn read(input: &Input) -> Result<SnapshotStats, String> {
    let bytes = input.read().map_err(|error| error.to_string())?;
    parse(&String::from_utf8_lossy(&bytes))
}

/// Finds the last summary in what restic or borg printed, which may have other messages and text
/// around it. A single object may be restic's summary without its type.
fn parse(text: &str) -> Result<SnapshotStats, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let text = without_lone_surrogates(text);
    let objects = objects(&text);
    let is_single = objects.len() == 1 && serde_json::from_str::<Value>(&text).is_ok();
    let stats = objects.into_iter().rev().find_map(|object| {
        let kind = object
            .get("message_type")
            .or_else(|| object.get("messageType"));
        match kind {
            Some(kind) if kind == "summary" => Some(restic(object)),
            Some(_) => None,
            None if object.contains_key("archive") => borg(&object).map(Ok),
            None => is_single.then(|| restic(object)),
        }
    });
    stats.unwrap_or_else(|| Err("it has no summary of restic or borg".to_owned()))
}

/// Returns the JSON objects that begin a line.
fn objects(text: &str) -> Vec<Map<String, Value>> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let mut read = serde_json::Deserializer::from_str(rest).into_iter();
        let length = match rest.starts_with('{').then(|| read.next()).flatten() {
            Some(Ok(object)) => {
                found.push(object);
                read.byte_offset()
            }
            _ => 0,
        };
        match rest[length..].find('\n') {
            Some(end) => rest = rest[length + end..].trim_start(),
            None => return found,
        }
    }
}

fn restic(mut object: Map<String, Value>) -> Result<SnapshotStats, String> {
    // restic adds fields over time. Fields that hooks cannot use are ignored.
    object.retain(|name, value| !value.is_null() && is_field(name));
    let camel = |name: &str| {
        let words: Vec<&str> = name.split('_').collect();
        let capitalized = words[1..]
            .iter()
            .map(|word| word[..1].to_uppercase() + &word[1..]);
        words[0].to_owned() + &capitalized.collect::<String>()
    };
    let counts = |name: &&str| object.contains_key(*name) || object.contains_key(&camel(name));
    if !COUNTS.iter().any(counts) {
        return Err("it has none of the numbers of restic's summary".to_owned());
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|fault| format!("its summary is malformed: {fault}"))
}

/// Returns what `borg create --json` says of its archive, in restic's terms; `None` if it says
/// nothing of a new archive.
fn borg(object: &Map<String, Value>) -> Option<SnapshotStats> {
    let archive = object.get("archive")?;
    let stats = archive.get("stats")?;
    let number = |name| stats.get(name).and_then(Value::as_i64);
    Some(SnapshotStats {
        message_type: "summary".to_owned(),
        total_files_processed: number("nfiles")?,
        total_bytes_processed: number("original_size")?,
        data_added: number("deduplicated_size").unwrap_or_default(),
        total_duration: archive
            .get("duration")
            .and_then(Value::as_f64)
            .unwrap_or_default(),
        snapshot_id: archive.get("id").and_then(Value::as_str)?.to_owned(),
        ..SnapshotStats::default()
    })
}

/// Returns whether the API has a field of this name, in restic's spelling or in that of protobuf
/// JSON.
fn is_field(name: &str) -> bool {
    let probe = serde_json::from_value::<SnapshotStats>(json!({ name: null }));
    !probe.is_err_and(|fault| fault.to_string().starts_with("unknown field"))
}

/// Replaces escapes that no text can hold by that of U+FFFD. Python programs such as borg write the
/// bytes of a path that is not UTF-8 so.
fn without_lone_surrogates(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return json.into();
    }
    let unit = |at: &str| u16::from_str_radix(at.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let units = unit(rest).map(|first| (first, rest.get(6..).and_then(unit)));
        let length = match units {
            Some((0xd800..=0xdbff, Some(0xdc00..=0xdfff))) => 12,
            Some((0xd800..=0xdfff, _)) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out.into()
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
        let stats = parse(snake).unwrap();
        assert_eq!(stats.files_new, 1);
        assert_eq!(stats.data_added, 1 << 20);
        assert!((stats.total_duration - 2.5).abs() < f64::EPSILON);
        assert_eq!(parse(camel).unwrap(), stats);
        let alone = parse(r#"{"totalBytesProcessed": "3"}"#).unwrap();
        assert_eq!(alone.total_bytes_processed, 3);
    }

    #[test]
    fn the_summary_is_found_among_messages() {
        let all = "{\"message_type\":\"status\",\"percent_done\":0.5}\nsome warning {\n\
            {\"message_type\":\"summary\",\"files_new\":7}\n\
            {\"message_type\":\"exit_error\",\"code\":3,\"message\":\"x\"}\nlast words";
        assert_eq!(parse(all).unwrap().files_new, 7);
    }

    #[test]
    fn an_archive_of_borg_is_read() {
        let log = r#"{"type": "log_message", "message": "x", "archive": "no"}"#;
        for text in [BORG.to_owned(), format!("{log}\nplain\n{BORG}\n{log}\n")] {
            let stats = parse(&text).unwrap();
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
        assert!(malformed.starts_with("its summary is malformed: "));
    }

    #[test]
    fn lone_surrogates_are_replaced() {
        for (json, expect) in [
            (r"\udce4", r"\ufffd"),
            (r"\ud83d\ude00", r"\ud83d\ude00"),
            (r"\ud83d\u0041\uDC00", r"\ufffd\u0041\ufffd"),
            (r"\\udce4 \ud83d", r"\\udce4 \ufffd"),
            (r"\ud8", r"\ud8"),
        ] {
            assert_eq!(without_lone_surrogates(json), expect, "{json}");
        }
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
        let back = parse(&wire.to_string()).unwrap();
        assert_eq!(serde_json::to_value(back).unwrap(), wire);
    }
}

//! restic's statistics of a snapshot, as written by restic or a wrapper of it.

use hookd_proto::v1::SnapshotStats;
use serde_json::{Map, Value, json};

use crate::failure::{Failure, Result};
use crate::input::Input;

/// Reads statistics from a file.
pub(crate) fn read(input: &Input) -> Result<SnapshotStats> {
    parse(&input.read_data()?).map_err(|fault| {
        Failure::bad_data(format!("{input} holds no statistics: {fault}"))
            .help("give the summary object of `restic backup --json`, or all of its output")
    })
}

/// Parses one JSON object, or finds the summary among restic's messages, one per line.
fn parse(bytes: &[u8]) -> std::result::Result<SnapshotStats, String> {
    let mut object = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err("it is no JSON object".to_owned()),
        Err(fault) => summary_line(bytes).ok_or_else(|| fault.to_string())?,
    };
    // restic adds fields over time. Fields that hooks cannot use are ignored.
    object.retain(|name, value| !value.is_null() && is_field(name));
    if object.is_empty() {
        return Err("it has none of restic's fields".to_owned());
    }
    serde_json::from_value(Value::Object(object)).map_err(|fault| fault.to_string())
}

fn summary_line(bytes: &[u8]) -> Option<Map<String, Value>> {
    bytes.split(|byte| *byte == b'\n').rev().find_map(|line| {
        let object: Map<String, Value> = serde_json::from_slice(line).ok()?;
        let kind = object
            .get("message_type")
            .or_else(|| object.get("messageType"))?;
        (kind == "summary").then_some(object)
    })
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

    #[test]
    fn both_spellings_are_read() {
        let snake = br#"{"message_type":"summary","files_new":1,"data_added":1048576,
            "total_duration":2.5,"snapshot_id":"ab","backup_start":"2026-01-01T00:00:00Z"}"#;
        let camel = br#"{"messageType":"summary","filesNew":"1","dataAdded":1048576,
            "totalDuration":2.5,"snapshotId":"ab","dryRun":true}"#;
        let stats = parse(snake).unwrap();
        assert_eq!(stats.files_new, 1);
        assert_eq!(stats.data_added, 1 << 20);
        assert!((stats.total_duration - 2.5).abs() < f64::EPSILON);
        assert_eq!(parse(camel).unwrap(), stats);
    }

    #[test]
    fn the_summary_is_found_among_messages() {
        let all = b"{\"message_type\":\"status\",\"percent_done\":0.5}\nsome warning\n\
            {\"message_type\":\"summary\",\"files_new\":7}\n";
        assert_eq!(parse(all).unwrap().files_new, 7);
    }

    #[test]
    fn what_holds_no_statistics_is_refused() {
        for text in [
            "",
            "[]",
            "3",
            "{}",
            "{\"a\":1}",
            "{\"files_new\":\"many\"}",
            "{",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn every_field_of_the_contract_is_kept() {
        let wire = serde_json::to_value(SnapshotStats {
            message_type: "m".to_owned(),
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
        let back = parse(wire.to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::to_value(back).unwrap(), wire);
    }
}

//! Privileges of a hook: its user, resource limits and priorities.
//!
//! A setting that cannot be granted here is an error, never ignored.

use process_supervisor::{IoNice, Privileges};

use super::codes;
use super::mapping::Mapping;
use super::meant::shown;
use super::value::Value;

const KEYS: [&str; 9] = [
    "user",
    "group",
    "umask",
    "nice",
    "ioNice",
    "memoryMax",
    "cpuMax",
    "pidsMax",
    "noNewPrivileges",
];

/// Reads the privileges of a hook; missing ones are taken from `base`.
pub(crate) fn read(mapping: &mut Mapping<'_>, base: Privileges) -> Privileges {
    let umask = mapping.get("umask");
    let io_nice = mapping.get("ioNice");
    let privileges = Privileges {
        user: mapping.text("user").or(base.user),
        group: mapping.text("group").or(base.group),
        umask: umask.and_then(octal).or(base.umask),
        nice: mapping.integer("nice", -20..=19).or(base.nice),
        io_nice: io_nice.and_then(disk_priority).or(base.io_nice),
        memory_max: mapping
            .size("memoryMax", 1 << 20..=1 << 50)
            .or(base.memory_max),
        cpu_max: mapping.integer("cpuMax", 1..=100_000).or(base.cpu_max),
        pids_max: mapping.integer("pidsMax", 1..=1 << 22).or(base.pids_max),
        no_new_privileges: mapping
            .boolean("noNewPrivileges")
            .unwrap_or(base.no_new_privileges),
    };
    // A setting from `defaults` was reported there.
    if mapping.first_of(&KEYS).is_some() {
        for fault in privileges.ensure_possible().err().unwrap_or_default() {
            let key = KEYS.into_iter().find(|key| *key == fault.setting());
            if let Some((_, at)) = key.and_then(|key| mapping.first_of(&[key])) {
                mapping
                    .report
                    .error(at, codes::NOT_POSSIBLE, fault.to_string());
            }
        }
    }
    privileges
}

/// Reads octal permissions: `"077"` or `0o77`.
fn octal(value: Value<'_>) -> Option<u32> {
    let text = value.text()?;
    let umask = u32::from_str_radix(text.trim_start_matches("0o"), 8).ok();
    let umask = umask.filter(|umask| *umask <= 0o777);
    if umask.is_none() {
        value
            .fault(codes::OUT_OF_RANGE, format!("{} is no umask", shown(text)))
            .help("write three octal digits in quotes, such as \"077\"");
    }
    umask
}

/// Reads an I/O priority: `idle`, `best-effort:0` to `best-effort:7`, `realtime:0` to `realtime:7`.
fn disk_priority(value: Value<'_>) -> Option<IoNice> {
    let text = value.text()?;
    let level = |level: &str| level.parse::<u8>().ok().filter(|level| *level <= 7);
    let found = match text.split_once(':') {
        None if text == "idle" => Some(IoNice::Idle),
        Some(("best-effort", rest)) => level(rest).map(IoNice::BestEffort),
        Some(("realtime", rest)) => level(rest).map(IoNice::Realtime),
        _ => None,
    };
    if found.is_none() {
        value.reject(
            format!("{} is no priority at disks", shown(text)),
            "write `idle`, `best-effort:0` (first) to `best-effort:7`, or `realtime:0` to \
             `realtime:7`",
        );
    }
    found
}

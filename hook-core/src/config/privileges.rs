//! As whom a hook runs, and how much of the machine it may use.
//!
//! What cannot be honoured here is refused, never ignored.

use process_supervisor::{IoNice, Privileges};

use super::codes;
use super::meant::shown;
use super::reader::Reader;
use super::table::Table;
use super::tree::Node;

/// Reads the settings of a table, over those of `base`.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    base: &Privileges,
) -> Privileges {
    let own = |key| table.first_of(&[key]).map(|(span, _)| span);
    let keys = [
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
    let places: Vec<_> = keys
        .iter()
        .filter_map(|key| Some((*key, own(key)?)))
        .collect();
    let text = |reader: &mut Reader<'_>, node: Option<&Node>| {
        node.and_then(|node| reader.text(node)).map(str::to_owned)
    };
    let user = table.take("user");
    let group = table.take("group");
    let umask = table.take("umask");
    let nice = table.take("nice");
    let io_nice = table.take("ioNice");
    let memory_max = table.take("memoryMax");
    let cpu_max = table.take("cpuMax");
    let pids_max = table.take("pidsMax");
    let no_new = table.take("noNewPrivileges");
    let privileges = Privileges {
        user: text(reader, user).or_else(|| base.user.clone()),
        group: text(reader, group).or_else(|| base.group.clone()),
        umask: umask.and_then(|n| octal(reader, n)).or(base.umask),
        nice: nice
            .and_then(|n| reader.integer(n, -20..=19))
            .and_then(|n| i32::try_from(n).ok())
            .or(base.nice),
        io_nice: io_nice.and_then(|n| priority(reader, n)).or(base.io_nice),
        memory_max: memory_max
            .and_then(|n| reader.size(n, 1 << 20..=1 << 50))
            .or(base.memory_max),
        cpu_max: cpu_max
            .and_then(|n| reader.integer(n, 1..=100_000))
            .and_then(|n| u32::try_from(n).ok())
            .or(base.cpu_max),
        pids_max: pids_max
            .and_then(|n| reader.integer(n, 1..=1 << 22))
            .and_then(|n| u64::try_from(n).ok())
            .or(base.pids_max),
        no_new_privileges: no_new
            .and_then(|n| reader.boolean(n))
            .unwrap_or(base.no_new_privileges),
    };
    // What `defaults` asks for in vain was said there.
    if places.is_empty() {
        return privileges;
    }
    for fault in privileges.ensure_possible().err().unwrap_or_default() {
        let place = places.iter().find(|(key, _)| *key == fault.setting());
        if let Some((_, span)) = place {
            reader.error(*span, codes::NOT_POSSIBLE, fault.to_string());
        }
    }
    privileges
}

/// Permissions as people write them: `"077"` or `0o77`.
fn octal(reader: &mut Reader<'_>, node: &Node) -> Option<u32> {
    let text = reader.text(node)?;
    let digits = text.trim_start_matches("0o");
    match u32::from_str_radix(digits, 8)
        .ok()
        .filter(|umask| *umask <= 0o777)
    {
        Some(umask) => Some(umask),
        None => {
            let message = format!("{} is no umask", shown(text));
            reader
                .error(node.span, codes::OUT_OF_RANGE, message)
                .help("write three octal digits in quotes, such as \"077\"");
            None
        }
    }
}

/// A priority at disks: `idle`, `best-effort:0` to `best-effort:7`, `realtime:0` to
/// `realtime:7`.
fn priority(reader: &mut Reader<'_>, node: &Node) -> Option<IoNice> {
    let text = reader.text(node)?;
    let level = |level: &str| level.parse::<u8>().ok().filter(|level| *level <= 7);
    let found = match text.split_once(':') {
        None if text == "idle" => Some(IoNice::Idle),
        Some(("best-effort", rest)) => level(rest).map(IoNice::BestEffort),
        Some(("realtime", rest)) => level(rest).map(IoNice::Realtime),
        _ => None,
    };
    if found.is_none() {
        let message = format!("{} is no priority at disks", shown(text));
        reader.error(node.span, codes::BAD_VALUE, message).help(
            "write `idle`, `best-effort:0` (first) to `best-effort:7`, or `realtime:0` to \
             `realtime:7`",
        );
    }
    found
}

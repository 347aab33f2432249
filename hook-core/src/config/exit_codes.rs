//! `exitCodes`: verdicts by exit code.

use std::ops::RangeInclusive;

use super::codes;
use super::meant::{self, shown};
use super::reader::Reader;
use super::table::free_pairs;
use super::tree::Node;
use crate::hook::{ExitCodes, OverlappingExitCodes, Verdict};
use crate::on_error::OnError;

/// What the names of policies begin with; here it can be left out.
const PREFIX: &str = "ON_ERROR_";

/// Reads a mapping of codes (`75`) and ranges (`20-29`) to verdicts.
pub(crate) fn read(reader: &mut Reader<'_>, node: &Node) -> ExitCodes {
    let pairs = free_pairs(reader, node, "a mapping of exit codes to verdicts");
    let mut ranges: Vec<(RangeInclusive<u8>, Verdict)> = Vec::new();
    for (name, key, value) in pairs.unwrap_or_default() {
        let range = range(name);
        if range.is_none() {
            let message = format!("{} is no exit code and no range of them", shown(name));
            reader
                .error(key.span, codes::BAD_VALUE, message)
                .help("write a code from 0 to 255 or a range such as `20-29`");
        }
        let verdict = verdict(reader, value);
        let Some(range) = range else { continue };
        // Also without a verdict the range is taken, so that every overlap is found.
        let taken = range
            .clone()
            .find(|c| ranges.iter().any(|(r, _)| r.contains(c)));
        if let Some(code) = taken {
            let message = OverlappingExitCodes { code }.to_string();
            reader
                .error(key.span, codes::OVERLAPPING_EXIT_CODES, message)
                .help("let each code stand in one entry only");
            continue;
        }
        ranges.push((range, verdict.unwrap_or(Verdict::Ok)));
    }
    ExitCodes::new(ranges).unwrap_or_default()
}

fn range(text: &str) -> Option<RangeInclusive<u8>> {
    let code = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u8>().ok()).flatten()
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (code(first.trim())?, code(last.trim())?),
        None => (code(text)?, code(text)?),
    };
    (first <= last).then_some(first..=last)
}

fn verdict(reader: &mut Reader<'_>, node: &Node) -> Option<Verdict> {
    let text = reader.text(node)?;
    match text {
        "OK" => return Some(Verdict::Ok),
        "WARN" => return Some(Verdict::Warn),
        _ => {}
    }
    let bare = |policy: OnError| policy.name().strip_prefix(PREFIX).unwrap_or_default();
    let policy = OnError::ALL
        .into_iter()
        .find(|policy| policy.name() == text || bare(*policy) == text);
    if policy.is_none() {
        let policies = OnError::ALL.into_iter().map(bare);
        let names: Vec<&str> = ["OK", "WARN"].into_iter().chain(policies).collect();
        reader
            .error(
                node.span,
                codes::UNKNOWN_POLICY,
                format!("{} is no verdict", shown(text)),
            )
            .help(meant::remedy(text, &names, PREFIX));
    }
    policy.map(Verdict::Failed)
}

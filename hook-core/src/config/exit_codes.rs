//! `exitCodes`: verdicts by exit code.

use std::ops::RangeInclusive;

use super::codes;
use super::meant::shown;
use super::value::Value;
use crate::hook::{ExitCodes, Verdict};
use crate::on_error::OnError;

/// The prefix of the names of policies, which is optional here.
const PREFIX: &str = "ON_ERROR_";

/// Reads a mapping of codes (`75`) and ranges (`20-29`) to verdicts.
pub(crate) fn read(value: Value<'_>) -> ExitCodes {
    let pairs = value.free_mapping("a mapping of exit codes to verdicts");
    let mut exit_codes = ExitCodes::default();
    for (name, value) in pairs.unwrap_or_default() {
        let range = range(name);
        if range.is_none() {
            let message = format!("{} is no exit code and no range of them", shown(name));
            value
                .report
                .error(value.key, codes::BAD_VALUE, message)
                .help("write a code from 0 to 255 or a range such as `20-29`");
        }
        // A range without a valid verdict is added, too, so that every overlap is found.
        let verdict = verdict(value).unwrap_or(Verdict::Ok);
        let Some(range) = range else { continue };
        if let Err(overlap) = exit_codes.insert(range, verdict) {
            value
                .report
                .error(
                    value.key,
                    codes::OVERLAPPING_EXIT_CODES,
                    overlap.to_string(),
                )
                .help("let each code stand in one entry only");
        }
    }
    exit_codes
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

fn verdict(value: Value<'_>) -> Option<Verdict> {
    let text = value.text()?;
    let bare = |policy: OnError| policy.name().strip_prefix(PREFIX).unwrap_or_default();
    let policies = OnError::ALL.into_iter();
    let mut all: Vec<_> = vec![("OK", Verdict::Ok), ("WARN", Verdict::Warn)];
    all.extend(policies.map(|policy| (bare(policy), Verdict::Failed(policy))));
    let meant = text.strip_prefix(PREFIX).unwrap_or(text);
    let found = all.iter().position(|(name, _)| *name == meant);
    // `ON_ERROR_OK` is not a name: only policies have the prefix.
    match found.filter(|index| *index > 1 || meant == text) {
        Some(index) => all.get(index).map(|(_, verdict)| *verdict),
        None => {
            let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
            value.not_one_of("a verdict", codes::UNKNOWN_POLICY, &names, PREFIX);
            None
        }
    }
}

//! Secrets in the text of a config file, which messages about it must not show. Found also in a
//! file that is faulty, and so not by the types of its values but by the names of its keys.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::codes;
use super::report::Report;
use super::source::{Source, Span};
use super::tree::{Node, NodeKind};
use crate::apart;
use crate::diagnostic::Severity;
use crate::run::address_secrets::secrets_of_addresses;
use crate::run::config_secrets::is_setting;
use crate::run::mask::can_be_masked;
use crate::run::secret_names::{is_path, is_secret, is_secret_name};
use crate::run::secrets::peek;

/// Keys of a mapping that says where a value comes from.
const SOURCES: [&str; 2] = ["fromEnv", "fromFile"];

/// Longest wait for the files that `fromFile` names. One on a mount that does not answer is
/// not looked at.
const PEEK_TIMEOUT: Duration = Duration::from_secs(1);
/// Stack of the thread that reads them, in bytes.
const STACK: usize = 256 << 10;

/// Secret of a config file.
pub(super) struct Secret {
    /// The secret; empty if it is in a file.
    text: String,
    /// The file that it is in.
    file: Option<PathBuf>,
    span: Span,
    /// False for a value that is masked, and whose name does not say that it is a secret.
    is_surely_one: bool,
}

/// Returns the secrets of a file.
pub(super) fn of_tree(root: &Node) -> Vec<Secret> {
    let mut secrets = Vec::new();
    walk(root, &mut secrets);
    secrets
}

/// Adds a warning for each secret that is too short to be masked.
pub(super) fn warn_of_short(secrets: &[Secret], report: &Report<'_>) {
    let is_short = |text: &str| !text.is_empty() && !can_be_masked(text);
    let files = secrets.iter().filter_map(|secret| secret.file.clone());
    let files: BTreeSet<PathBuf> = files.collect();
    let short_files = match files.is_empty() {
        true => BTreeSet::new(),
        false => apart::run_blocking(STACK, PEEK_TIMEOUT, move || {
            let has_short = |file: &PathBuf| peek(file).is_ok_and(|text| is_short(&text));
            files.into_iter().filter(has_short).collect()
        })
        .unwrap_or_default(),
    };
    let is_short = |secret: &&Secret| match &secret.file {
        Some(file) => short_files.contains(file),
        None => secret.is_surely_one && is_short(&secret.text),
    };
    for secret in secrets.iter().filter(is_short) {
        let message = "a secret of fewer than 4 bytes is not masked in output";
        report
            .add(Severity::Warning, secret.span, codes::SHORT_SECRET, message)
            .help("use a longer one");
    }
}

/// Returns the secrets as values and, where they are on several lines, as they are written.
pub(super) fn texts(secrets: &[Secret], source: &Source<'_>) -> BTreeSet<String> {
    let written = secrets.iter().filter_map(|secret| {
        let written = source.text.get(secret.span.start..secret.span.end)?;
        written.contains('\n').then(|| written.to_owned())
    });
    let texts = secrets.iter().map(|secret| secret.text.clone());
    texts.chain(written).collect()
}

/// Returns what may be a secret in a text that cannot be parsed: all that follows a name of a
/// secret, and the passwords in addresses.
pub(super) fn of_text(text: &str) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    // The indent of a line whose value is on those below it.
    let mut above: Option<usize> = None;
    for line in text.lines() {
        secrets.extend(secrets_of_addresses(line));
        let indent = line.len() - line.trim_start().len();
        if above.is_some_and(|above| indent > above) {
            secrets.insert(line.to_owned());
            continue;
        }
        above = None;
        for (at, separator) in line.match_indices([':', '=']) {
            let is_name_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
            let before = line[..at].trim_end_matches([' ', '"', '\'']);
            let name = before.rsplit(|c| !is_name_part(c)).next().unwrap_or("");
            let of_list = separator == "=" && line.trim_start().starts_with("- ");
            let value = line[at + 1..].trim();
            let bare = value.trim_matches(['"', '\'']);
            if !is_secret(name, bare) && (!of_list || is_setting(name, bare)) {
                continue;
            }
            secrets.insert(value.to_owned());
            secrets.extend(value.split(['"', '\'', ',', '}', ' ']).map(str::to_owned));
            if matches!(value.chars().next(), None | Some('|' | '>')) {
                above = Some(indent);
            }
        }
    }
    secrets
}

fn walk(node: &Node, secrets: &mut Vec<Secret>) {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let texts = secrets_of_addresses(&scalar.text);
            // One secret is there several times where its end is unsure.
            let is_surely_one = !texts.iter().any(|text| can_be_masked(text));
            secrets.extend(texts.into_iter().map(|text| Secret {
                is_surely_one,
                ..secret(text, node)
            }));
        }
        NodeKind::Sequence(items) => items.iter().for_each(|item| walk(item, secrets)),
        NodeKind::Mapping(pairs) => {
            for (key, value) in pairs {
                match text_of(key).unwrap_or_default() {
                    "fromEnv" => {
                        let variable = text_of(value).and_then(|name| std::env::var(name).ok());
                        secrets.extend(variable.map(|text| secret(text, value)));
                    }
                    "fromFile" => secrets.extend(text_of(value).map(|file| Secret {
                        file: Some(PathBuf::from(file)),
                        ..secret(String::new(), value)
                    })),
                    "env" => environment(value, secrets),
                    name if is_secret_name(name)
                        || is_secret(name, text_of(value).unwrap_or_default()) =>
                    {
                        everything(value, secrets);
                    }
                    _ => walk(value, secrets),
                }
            }
        }
    }
}

/// Adds the values of `KEY=value` pairs, or of a mapping.
fn environment(node: &Node, secrets: &mut Vec<Secret>) {
    let NodeKind::Sequence(items) = &node.kind else {
        return walk(node, secrets);
    };
    for item in items {
        // Without a `=` it is no variable, and its value is in the message that says so.
        let pair = text_of(item).and_then(|text| {
            let end = text.find(|c: char| !c.is_alphanumeric() && c != '_')?;
            Some((
                &text[..end],
                text[end..].trim_start_matches(['=', ':', ' ']),
            ))
        });
        if let Some((name, value)) = pair {
            let is_surely_one = is_secret(name, value);
            if is_surely_one || !is_setting(name, value) {
                secrets.push(Secret {
                    is_surely_one,
                    ..secret(value.to_owned(), item)
                });
            }
        }
    }
}

/// Adds all texts below a node, unless it says where the value comes from.
fn everything(node: &Node, secrets: &mut Vec<Secret>) {
    match &node.kind {
        NodeKind::Scalar(scalar) if is_path(&scalar.text) => {}
        NodeKind::Scalar(scalar) => secrets.push(secret(scalar.text.clone(), node)),
        NodeKind::Sequence(items) => items.iter().for_each(|item| everything(item, secrets)),
        NodeKind::Mapping(pairs) => {
            let is_source = |key: &Node| text_of(key).is_some_and(|key| SOURCES.contains(&key));
            match pairs.iter().any(|(key, _)| is_source(key)) {
                true => walk(node, secrets),
                false => pairs
                    .iter()
                    .for_each(|(_, value)| everything(value, secrets)),
            }
        }
    }
}

fn secret(text: String, node: &Node) -> Secret {
    Secret {
        text,
        file: None,
        span: node.span,
        is_surely_one: true,
    }
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar(scalar) => Some(&scalar.text),
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
    }
}

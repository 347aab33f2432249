//! Suggestions for misspelt names, and quoting of text in messages.

/// Returns the candidate nearest to a word, if one is similar. Case, separators and the
/// shared `prefix` of the candidates do not count.
#[must_use]
pub fn closest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    prefix: &str,
) -> Option<&'c str> {
    go_template::nearest_by(word, candidates, |name| folded(name, prefix))
}

fn folded(word: &str, prefix: &str) -> String {
    let fold = |s: &str| -> String {
        s.chars()
            .filter(|c| !matches!(c, '_' | '-' | ' '))
            .flat_map(char::to_uppercase)
            .collect()
    };
    let word = fold(word);
    let bare = word.strip_prefix(&fold(prefix)).unwrap_or(&word);
    bare.to_owned()
}

/// Returns `did you mean …?`, or the list of candidates if none is similar.
pub(crate) fn remedy(word: &str, candidates: &[&str], prefix: &str) -> String {
    match closest(word, candidates.iter().copied(), prefix) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it is one of {}", list(candidates)),
    }
}

/// Formats a list of names in back quotes, separated by commas.
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Formats text of a file for a message: in back quotes, on one line, cut if it is long.
#[must_use]
pub fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut out: String = text
        .chars()
        .take(MOST)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    // Quotes need no escape between back quotes.
    format!("`{}`", out.replace("\\\"", "\"").replace("\\'", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let conditions = ["CONDITION_SNAPSHOT_START", "CONDITION_SNAPSHOT_END"];
        let meant = |word| closest(word, conditions, "CONDITION_");
        assert_eq!(meant("CONDITION_SNAPSHOT_STRT"), Some(conditions[0]));
        assert_eq!(meant("snapshot-end"), Some(conditions[1]));
        assert_eq!(meant("CONDITION_X"), None);
        assert_eq!(
            closest("tiemout", ["timeout", "grace"], ""),
            Some("timeout")
        );
        assert_eq!(closest("x", ["y"], ""), None);
        assert_eq!(closest("", ["y"], ""), None);
    }

    #[test]
    fn shows_any_text_on_one_line() {
        assert_eq!(shown("a\n\u{1b}'\""), "`a\\n\\u{1b}'\"`");
        assert_eq!(shown(&"x".repeat(99)).chars().count(), 63);
    }
}

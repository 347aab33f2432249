//! Outline of a shell script: its operators and bare words.

/// Mark of a character that is quoted, or that a template prints.
const ARGUMENT: char = 'x';
/// Mark of a character of a comment.
pub(crate) const COMMENT: char = '#';

/// Words that a command follows.
const BEFORE_COMMAND: [&str; 8] = ["if", "then", "elif", "else", "while", "until", "do", "!"];
/// Actions of templates that print nothing.
const SILENT_ACTIONS: [&str; 8] = [
    "if", "else", "end", "range", "with", "define", "block", "/*",
];

/// Returns the characters of a script, with those that are quoted, in comments, or in actions of
/// the template replaced by marks.
pub(crate) fn outline(source: &str) -> Vec<char> {
    let letters: Vec<char> = source.chars().collect();
    let mut outline = Vec::with_capacity(letters.len());
    let mut quote = None;
    while let Some(letter) = letters.get(outline.len()).copied() {
        let at = outline.len();
        let next = letters.get(at + 1).copied();
        let is_word_start = || {
            at.checked_sub(1)
                .is_none_or(|at| is_end_of_word(letters[at]))
        };
        match (quote, letter, next) {
            (_, '{', Some('{' | '%')) => {
                let rest = letters.iter().skip(at + 2).zip(letters.iter().skip(at + 3));
                let mut ends = rest.take_while(|(a, b)| !matches!((a, b), ('}' | '%', '}')));
                let inner: String = ends.by_ref().map(|(a, _)| *a).collect();
                let end = (at + 4 + inner.chars().count()).min(letters.len());
                let words = inner.trim_start_matches(['-', ' ']);
                let is_silent = SILENT_ACTIONS
                    .iter()
                    .any(|action| words.starts_with(action));
                let mark = if is_silent && quote.is_none() {
                    ' '
                } else {
                    ARGUMENT
                };
                outline.resize(end, mark);
            }
            (None, '\\', Some(next)) => {
                outline.push(letter);
                outline.push(if next.is_whitespace() { next } else { ARGUMENT });
            }
            (None, '#', _) if is_word_start() => {
                let rest = letters.iter().skip(at);
                let length = rest.take_while(|letter| **letter != '\n').count();
                outline.resize(at + length, COMMENT);
            }
            (None, '"' | '\'', _) => {
                quote = Some(letter);
                outline.push(ARGUMENT);
            }
            (Some('"'), '\\', Some(_)) => outline.extend([ARGUMENT, ARGUMENT]),
            (Some(open), ..) => {
                quote = quote.filter(|_| letter != open);
                outline.push(ARGUMENT);
            }
            (None, ..) => outline.push(letter),
        }
    }
    outline
}

/// Returns whether a command begins behind this outline of the text before it.
pub(crate) fn begins_command(before: &[char]) -> bool {
    let last = before
        .iter()
        .rposition(|letter| !matches!(letter, ' ' | '\t'));
    let Some(last) = last else { return true };
    if matches!(before[last], '\n' | ';' | '&' | '|' | '(' | '{') {
        return true;
    }
    let start = before[..last]
        .iter()
        .rposition(|letter| is_end_of_word(*letter));
    let word: String = before[start.map_or(0, |start| start + 1)..=last]
        .iter()
        .collect();
    BEFORE_COMMAND.contains(&&*word)
}

/// Returns the word that begins an outline.
pub(crate) fn first_word(outline: &[char]) -> String {
    let letters = outline
        .iter()
        .take_while(|letter| !is_end_of_word(**letter));
    letters.collect()
}

/// Returns the words of the command at the end of an outline.
pub(crate) fn last_command(outline: &[char]) -> Vec<String> {
    let start = outline
        .iter()
        .rposition(|letter| matches!(letter, '\n' | ';' | '&' | '|' | '('));
    let command = &outline[start.map_or(0, |start| start + 1)..];
    let words = command.split(|letter| letter.is_whitespace());
    let words = words.filter(|word| !word.is_empty()).map(String::from_iter);
    words
        .skip_while(|word: &String| BEFORE_COMMAND.contains(&&**word))
        .collect()
}

fn is_end_of_word(letter: char) -> bool {
    letter.is_whitespace() || ";&|()<>".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_comments_and_actions_are_marked() {
        for (source, expect) in [
            ("a 'b c' d", "a xxxxx d"),
            ("a \"b\\\"c\" d", "a xxxxxx d"),
            ("a # b\nc", "a ###\nc"),
            ("a#b", "a#b"),
            ("a {{ .B }} c", "a xxxxxxxx c"),
            ("{{ if .B }}a", "           a"),
            ("a \\' b", "a \\x b"),
            ("a {{ b", "a xxxx"),
            ("a 'b", "a xx"),
        ] {
            let found = String::from_iter(outline(source));
            assert_eq!(found, expect, "{source}");
        }
    }

    #[test]
    fn commands_begin_behind_operators_and_words_of_the_shell() {
        for (before, expect) in [
            ("", true),
            ("a; ", true),
            ("a &&", true),
            ("if ", true),
            ("a\n ", true),
            ("a ", false),
            ("sthen ", false),
            ("a then ", true),
        ] {
            assert_eq!(begins_command(&outline(before)), expect, "{before}");
        }
    }
}

//! The text of a word or of a here-document as the program gets it: without the quotes.

/// The end of a text so far, and the place in it if it is JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Content {
    /// The last character.
    pub(crate) last: Option<char>,
    json: JsonState,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum JsonState {
    /// Nothing but blanks so far.
    #[default]
    Empty,
    /// Brackets that can begin JSON: `{` must be followed by a quote.
    Opened,
    Outside,
    InString,
    /// In a string, behind a backslash.
    Escape,
    NoJson,
}

impl Content {
    pub(super) fn push(&mut self, c: char) {
        self.last = Some(c);
        self.json = match (self.json, c) {
            (JsonState::Empty | JsonState::Opened, '{' | '[') => JsonState::Opened,
            (JsonState::Empty | JsonState::Opened, ' ' | '\n' | '\t' | '\r') => self.json,
            (JsonState::Opened | JsonState::Outside, '"') => JsonState::InString,
            (JsonState::Outside, _) => JsonState::Outside,
            (JsonState::InString, '"') => JsonState::Outside,
            (JsonState::InString, '\\') => JsonState::Escape,
            (JsonState::InString | JsonState::Escape, _) => JsonState::InString,
            (JsonState::Empty | JsonState::Opened | JsonState::NoJson, _) => JsonState::NoJson,
        };
    }

    /// Returns whether what comes next is in a string of JSON; `None` if the text is not JSON.
    pub(crate) fn in_json_string(&self) -> Option<bool> {
        match self.json {
            JsonState::InString | JsonState::Escape => Some(true),
            JsonState::Outside => Some(false),
            JsonState::Empty | JsonState::Opened | JsonState::NoJson => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_by_its_beginning() {
        for (text, want) in [
            ("{\"text\": \"", Some(true)),
            ("{\"text\": ", Some(false)),
            ("{ \"a\\\"", Some(true)),
            ("[{\n\"a\": [", Some(false)),
            ("[\"", Some(true)),
            ("{ print \"", None),
            ("\"", None),
            ("{", None),
            ("{{.State}} \"", None),
            ("task \"", None),
        ] {
            let mut content = Content::default();
            text.chars().for_each(|c| content.push(c));
            assert_eq!(content.in_json_string(), want, "{text}");
        }
    }
}

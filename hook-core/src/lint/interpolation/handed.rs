//! Spellings of a value that hand it over as data.

use crate::lint::script::piece::{Hole, Literal};
use crate::template::Engine;

/// A value, and how its template spells it.
pub(crate) struct HandedValue<'h> {
    hole: &'h Hole,
    engine: Engine,
}

impl<'h> HandedValue<'h> {
    pub(crate) fn new(hole: &'h Hole, engine: Engine) -> HandedValue<'h> {
        HandedValue { hole, engine }
    }

    /// Returns the name of the variable of the shell that holds the value, if there is one.
    pub(crate) fn variable(&self) -> Option<&str> {
        self.hole.value.variable.as_deref()
    }

    /// Returns the variable's name, if the programs that the script starts have it, too.
    pub(crate) fn exported(&self) -> Option<&str> {
        self.variable().filter(|name| name.starts_with("HOOK_"))
    }

    /// Returns the value as one word of the shell.
    pub(crate) fn word(&self) -> String {
        match self.variable() {
            Some(name) => format!("\"${name}\""),
            None => self.escaped(),
        }
    }

    /// Returns the value as one word of the shell, written by the template.
    pub(crate) fn escaped(&self) -> String {
        match self.engine {
            Engine::Tera => format!("{{{{ {} | shell_escape }}}}", self.tera()),
            _ => format!("{{{{ .ShellEscape {} }}}}", self.go()),
        }
    }

    /// Returns the value as one word of the shell that reads the output of another.
    pub(crate) fn escaped_twice(&self) -> String {
        match self.engine {
            Engine::Tera => format!("{{{{ {} | shell_escape | shell_escape }}}}", self.tera()),
            _ => format!("{{{{ .ShellEscape (.ShellEscape {}) }}}}", self.go()),
        }
    }

    /// Returns the value as JSON.
    pub(crate) fn json(&self) -> String {
        match self.engine {
            Engine::Tera => format!("{{{{ {} | raw }}}}", self.tera_json()),
            _ => format!("{{{{ {} }}}}", self.go_json()),
        }
    }

    /// Returns the value as JSON, as one word of the shell.
    pub(crate) fn json_word(&self) -> String {
        match self.engine {
            Engine::Tera => format!("{{{{ {} }}}}", self.tera_json()),
            _ => format!("{{{{ .ShellEscape ({}) }}}}", self.go_json()),
        }
    }

    /// Returns the value as the literal of a method: `AppleScriptEscape`.
    pub(crate) fn literal(&self, method: &str, filter: &str) -> String {
        match self.engine {
            Engine::Tera => format!("{{{{ {} | {filter} }}}}", self.tera()),
            _ => format!("{{{{ .{method} {} }}}}", self.go()),
        }
    }

    /// Returns the value as JSON, joined with text.
    pub(crate) fn json_joined(&self) -> String {
        match self.engine {
            Engine::Tera => format!(
                "{{{{ ({} ~ \" …\") | json_marshal | raw }}}}",
                self.tera_text()
            ),
            _ => format!(
                "{{{{ .JsonMarshal (printf \"%s …\" {}) }}}}",
                self.go_text()
            ),
        }
    }

    /// Returns the value as JSON, joined with text, as one word of the shell.
    pub(crate) fn json_word_joined(&self) -> String {
        match self.engine {
            Engine::Tera => format!("{{{{ ({} ~ \" …\") | json_marshal }}}}", self.tera_text()),
            _ => format!(
                "{{{{ .ShellEscape (.JsonMarshal (printf \"%s …\" {})) }}}}",
                self.go_text()
            ),
        }
    }

    fn go_json(&self) -> String {
        match self.hole.value.literal {
            Some(Literal::Json) if self.hole.value.marshalled.is_none() => {
                self.expression().to_owned()
            }
            _ => format!(".JsonMarshal {}", self.go_text()),
        }
    }

    fn tera_json(&self) -> String {
        format!("{} | json_marshal", self.tera_text())
    }

    /// Returns the text in Go before it is marshalled, as one argument.
    fn go_text(&self) -> String {
        match &self.hole.value.marshalled {
            Some(text) => go_argument(text),
            None => self.go(),
        }
    }

    /// Returns the text in Tera before it is marshalled, to which filters can be added.
    fn tera_text(&self) -> String {
        tera_operand(without_filters(
            self.expression(),
            &["raw", "safe", "shell_escape", "json_marshal"],
        ))
    }

    /// Returns the expression of Go as one argument.
    fn go(&self) -> String {
        go_argument(self.expression())
    }

    /// Returns the expression of Tera, to which filters can be added.
    fn tera(&self) -> String {
        tera_operand(without_filters(
            self.expression(),
            &["raw", "safe", "shell_escape"],
        ))
    }

    /// Returns the expression before it is escaped.
    fn expression(&self) -> &str {
        let inner = self.hole.value.inner.as_deref();
        inner.unwrap_or(&self.hole.shown)
    }
}

fn go_argument(expression: &str) -> String {
    match expression.contains([' ', '|']) && !expression.starts_with('(') {
        true => format!("({expression})"),
        false => expression.to_owned(),
    }
}

fn tera_operand(expression: &str) -> String {
    let is_simple = expression
        .chars()
        .all(|c| c.is_alphanumeric() || "_.|()[]= \"'".contains(c));
    match is_simple {
        true => expression.to_owned(),
        false => format!("({expression})"),
    }
}

/// Returns an expression of Tera without these filters at its end.
fn without_filters<'e>(expression: &'e str, filters: &[&str]) -> &'e str {
    let mut expression = expression.trim();
    loop {
        let shorter = filters.iter().find_map(|filter| {
            let rest = expression.strip_suffix(filter)?;
            Some(rest.trim_end().strip_suffix('|')?.trim_end())
        });
        let Some(shorter) = shorter else {
            return expression;
        };
        expression = shorter;
    }
}

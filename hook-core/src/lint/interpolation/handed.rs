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

    /// Returns how text is joined to the value in the template.
    pub(crate) fn joined(&self) -> String {
        match self.engine {
            Engine::Tera => format!("({} ~ \" …\")", self.tera()),
            _ => format!("(printf \"%s …\" {})", self.go()),
        }
    }

    fn go_json(&self) -> String {
        match self.hole.value.literal {
            Some(Literal::Json) => self.expression().to_owned(),
            _ => format!(".JsonMarshal {}", self.go()),
        }
    }

    fn tera_json(&self) -> String {
        match self.hole.value.literal {
            Some(Literal::Json) => self.tera(),
            _ => format!("{} | json_marshal", self.tera()),
        }
    }

    /// Returns the expression of Go as one argument.
    fn go(&self) -> String {
        let expression = self.expression();
        match expression.contains([' ', '|']) && !expression.starts_with('(') {
            true => format!("({expression})"),
            false => expression.to_owned(),
        }
    }

    /// Returns the expression of Tera, to which filters can be added.
    fn tera(&self) -> String {
        let mut expression = self.expression().trim();
        for filter in ["raw", "safe", "shell_escape"] {
            if let Some(rest) = expression.strip_suffix(filter)
                && let Some(rest) = rest.trim_end().strip_suffix('|')
            {
                expression = rest.trim_end();
            }
        }
        let is_simple = expression
            .chars()
            .all(|c| c.is_alphanumeric() || "_.|()[]= \"'".contains(c));
        match is_simple {
            true => expression.to_owned(),
            false => format!("({expression})"),
        }
    }

    /// Returns the expression before it is escaped.
    fn expression(&self) -> &str {
        let inner = self.hole.value.inner.as_deref();
        inner.unwrap_or(&self.hole.shown)
    }
}

//! Placeholders that are meant for a program that the script calls, such as
//! `docker inspect -f '{{.State}}'`.

use crate::template::Engine;

/// Options by which programs take a template of their own.
const TEMPLATE_OPTIONS: [&str; 6] = [
    "-f",
    "--format",
    "--template",
    "-t",
    "go-template",
    "-o=go-template",
];

/// Returns the remedy for a placeholder that failed, if its line hands a template to another
/// program. The place of the fault is counted from 1.
pub(crate) fn remedy(text: &str, engine: Engine, line: u32, column: u32) -> Option<String> {
    let line = text.lines().nth(line.checked_sub(1)? as usize)?;
    let at = line.char_indices().nth(column.saturating_sub(1) as usize);
    let before = line.get(..at.map_or(line.len(), |(at, _)| at))?;
    let start = before.rfind("{{").or_else(|| line.find("{{"))?;
    let words = line.get(..start)?.split([' ', '\t', '=']);
    if !words
        .into_iter()
        .any(|word| TEMPLATE_OPTIONS.contains(&word))
    {
        return None;
    }
    let from = line.get(start..)?;
    let action = from.get(..from.find("}}")? + 2)?;
    let escaped = match engine {
        Engine::Tera => format!("{{% raw %}}{action}{{% endraw %}}"),
        _ => {
            let inner = action.get(2..action.len() - 2)?;
            format!("{{{{\"{{{{\"}}}}{inner}{{{{\"}}}}\"}}}}")
        }
    };
    Some(format!(
        "if it is meant for the program of this line, give the hook `templateEngine: NONE`, or \
         write `{escaped}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_that_hands_a_template_over_has_the_remedy() {
        let is_told = |text: &str| remedy(text, Engine::Go, 1, 40).is_some();
        for text in [
            "docker inspect -f '{{.State}}' db",
            "docker ps --format='{{json .}}'",
            "kubectl get pod -o go-template --template '{{.x}}'",
        ] {
            assert!(is_told(text), "{text}");
        }
        for text in ["echo {{.State}}", "[ -f x ]; echo {{", "rm -f x"] {
            assert!(!is_told(text), "{text}");
        }
    }
}

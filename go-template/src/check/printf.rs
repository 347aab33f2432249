//! The check of formats of `printf`.

use super::Checker;
use super::known::Known;
use crate::fault::Span;
use crate::model::Type;

impl Checker<'_> {
    /// Warns of verbs that print errors such as `%!d(string=…)`.
    pub(super) fn check_verbs(&mut self, format: &[u8], args: &[(Known<'_>, Span)], span: Span) {
        let Some(verbs) = verbs_of(format) else {
            return;
        };
        if verbs.len() != args.len() {
            let (wanted, given) = (verbs.len(), args.len());
            let message = format!("the format has {wanted} verbs for {given} values");
            self.warn(span, "printf-arguments", message, None);
            return;
        }
        for (verb, (arg, _)) in verbs.into_iter().zip(args) {
            if let Some(ty) = arg.ty.filter(|ty| !fits(verb, *ty)) {
                let message = format!("`%{verb}` cannot print {}", ty.title());
                let remedy = "`%v` prints anything".to_owned();
                self.warn(span, "printf-verb", message, Some(remedy));
            }
        }
    }
}

/// The verbs of a format. `None` if it takes values in another order or for widths.
fn verbs_of(format: &[u8]) -> Option<Vec<char>> {
    let text = std::str::from_utf8(format).ok()?;
    let mut verbs = Vec::new();
    let mut parts = text.split('%').skip(1);
    while let Some(part) = parts.next() {
        let verb = part.trim_start_matches(['#', '+', '-', ' ', '.']);
        let verb = verb.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        match verb.chars().next() {
            Some('*' | '[') => return None,
            Some(verb) => verbs.push(verb),
            None => {
                parts.next()?; // `%%`
            }
        }
    }
    Some(verbs)
}

/// `true` if a verb prints values of a type.
fn fits(verb: char, ty: Type) -> bool {
    let verbs = match ty {
        Type::Bool => "t",
        Type::Int(_) if ty.has_text() => "sbcdoOqxXU",
        Type::Int(_) => "bcdoOqxXU",
        Type::Float | Type::Complex => "beEfFgGxX",
        Type::Str | Type::Strings | Type::Time => "sqxX",
        _ => return true,
    };
    matches!(verb, 'v' | 'T') || verbs.contains(verb)
}

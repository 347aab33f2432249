//! Formats against what they format.

use super::Checker;
use super::known::Known;
use crate::fault::Span;
use crate::model::Type;

impl Checker<'_> {
    /// Warns of verbs that print `%!d(string=…)` and their like.
    pub(super) fn verbs(&mut self, format: &[u8], args: &[Known<'_>], span: Span) {
        let Some(verbs) = verbs_of(format) else {
            return;
        };
        if verbs.len() != args.len() {
            let (wanted, given) = (verbs.len(), args.len());
            let message = format!("the format has {wanted} verbs for {given} values");
            self.may_fail(span, "printf-arguments", message, None);
            return;
        }
        for (verb, arg) in verbs.into_iter().zip(args) {
            if let Some(ty) = arg.ty.filter(|ty| !fits(verb, *ty)) {
                let message = format!("`%{verb}` cannot print {}", ty.described());
                let remedy = "`%v` prints anything".to_owned();
                self.may_fail(span, "printf-verb", message, Some(remedy));
            }
        }
    }
}

/// The verbs of a format; nothing if it takes values in another order or for widths.
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

fn fits(verb: char, ty: Type) -> bool {
    match ty {
        _ if matches!(verb, 'v' | 'T') => true,
        Type::Bool => verb == 't',
        Type::Str => matches!(verb, 's' | 'q' | 'x' | 'X'),
        Type::Int(_) if matches!(verb, 's') => ty.has_text(),
        Type::Int(_) => matches!(verb, 'b' | 'c' | 'd' | 'o' | 'O' | 'q' | 'x' | 'X' | 'U'),
        Type::Float | Type::Complex => {
            matches!(verb, 'b' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'x' | 'X')
        }
        Type::Strings => matches!(verb, 's' | 'q' | 'x' | 'X'),
        Type::Time => matches!(verb, 's' | 'q' | 'x' | 'X'),
        _ => true,
    }
}

//! Templates that are most likely invalid.

use super::grammar::Grammar;
use super::pieces::TOKENS;
use super::random::Random;

/// Tokens in random order.
pub(super) fn soup(random: &mut Random) -> String {
    let first = random.pick(TOKENS);
    let soup = format!("{first}{}", random.some(11, TOKENS));
    if random.percent(60) {
        format!("{{{{{soup}}}}}")
    } else {
        soup
    }
}

/// A valid template with a few characters removed, added or doubled.
pub(super) fn damaged(grammar: &mut Grammar) -> String {
    loop {
        let good = grammar.template();
        let mut chars: Vec<char> = good.chars().collect();
        for _ in 0..=grammar.random.below(3) {
            damage(&mut chars, &mut grammar.random);
        }
        let damaged: String = chars.into_iter().collect();
        if !prints_addresses(&damaged) && !may_turn_for_long(&damaged) {
            return damaged;
        }
    }
}

fn damage(chars: &mut Vec<char>, random: &mut Random) {
    let at = random.below(chars.len() + 1);
    match random.below(10) {
        0..4 => {
            let end = (at + 1 + random.below(4)).min(chars.len());
            chars.drain(at..end);
        }
        4..8 => {
            let token = random.pick(TOKENS);
            chars.splice(at..at, token.chars());
        }
        _ => {
            let from = random.below(chars.len() + 1);
            let again = chars[from.min(at)..].to_vec();
            chars.truncate(at);
            chars.extend(again);
        }
    }
}

/// `true` if the template may have the verb `%p`.
fn prints_addresses(template: &str) -> bool {
    template.split('%').skip(1).any(|after| {
        let is_flag = |c: char| "#+- 0123456789.*[]".contains(c);
        after.trim_start_matches(is_flag).starts_with('p')
    })
}

/// `true` if the template may loop over a large number.
fn may_turn_for_long(template: &str) -> bool {
    let number = |text: &str| text.len() > 3 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let large = [
        "Unix", "Wait", "Nano", "Milli", "Cents", "Grams", "'世'", "0x", "0b",
    ];
    template.contains("range")
        && (large.iter().any(|word| template.contains(word))
            || template
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(number))
}

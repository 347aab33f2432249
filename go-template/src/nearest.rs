//! Suggestions for misspelt names.

/// The length from which on a name gets no suggestion, because the time to compare two names is the
/// product of their lengths.
const TOO_LONG: usize = 80;

/// Returns the candidate that a misspelt name most likely means, ignoring case. `None` if no
/// candidate is similar.
#[must_use]
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    nearest_by(name, candidates, str::to_lowercase).map(str::to_owned)
}

/// Returns the candidate that a misspelt name most likely means. `fold` removes differences to
/// ignore, such as case. `None` if no candidate is similar: one letter in three may be wrong, but
/// not all letters.
pub fn nearest_by<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    fold: impl Fn(&str) -> String,
) -> Option<&'c str> {
    if name.len() > TOO_LONG {
        return None;
    }
    let wanted = fold(name);
    let length = wanted.chars().count();
    let most = length.div_ceil(3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&wanted, &fold(candidate));
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= most && *distance < length)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_similar_names_only() {
        let check = |name: &str, expect: Option<&str>| {
            let candidates = ["Title", "Basket", "Id"];
            assert_eq!(nearest(name, candidates).as_deref(), expect, "{name}");
        };
        check("title", Some("Title"));
        check("Tilte", Some("Title"));
        check("ID", Some("Id"));
        check("Id", None);
        check("x", None);
        check("Customer", None);
        check("", None);
    }
}

//! Did you mean: the nearest valid word.

/// The candidate most like a word, if one is like it at all.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    several(word, candidates, 1).into_iter().next()
}

/// The candidates most like a word, best first.
pub fn several<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    at_most: usize,
) -> Vec<&'a str> {
    let lower = word.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| (likeness(&lower, &candidate.to_lowercase()), candidate))
        .filter(|&(score, _)| score > 0.0)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored
        .into_iter()
        .take(at_most)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// "did you mean `x`?", or nothing.
pub(crate) fn question<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, candidates).map(|found| format!("did you mean `{found}`?"))
}

/// A list of words as prose: `a`, `b` and `c`, cut when long.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [first @ .., last] if words.len() <= 24 => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", words[..20].join(", "), words.len() - 20),
    }
}

/// How alike two words are: 0 for unlike, more for more alike.
fn likeness(word: &str, candidate: &str) -> f64 {
    if word == candidate {
        return 2.0;
    }
    let steps = strsim::damerau_levenshtein(word, candidate) as f64;
    let longest = word.chars().count().max(candidate.chars().count()) as f64;
    let within = 1.0 - steps / longest.max(1.0);
    let typing = if longest <= 3.0 {
        steps <= 1.0
    } else {
        within >= 0.6
    };
    let prefix = word.chars().count() >= 4
        && (candidate.starts_with(word) || word.starts_with(candidate) && candidate.len() >= 4);
    if typing || prefix {
        within + if prefix { 0.2 } else { 0.0 }
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let words = ["shape", "scale", "base_hazard"];
        assert_eq!(nearest("scal", words), Some("scale"));
        assert_eq!(nearest("hsape", words), Some("shape"));
        assert_eq!(nearest("zebra", words), None);
    }
}

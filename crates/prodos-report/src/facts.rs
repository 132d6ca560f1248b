//! What happened, as numbers that titles and sentences state.

use crate::story::{Event, Story};

/// A stretch of days in one phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spell {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) phase: usize,
}

/// The stretches of days the city spends in each phase, from its median phase.
pub(crate) fn phase_spells(story: &Story) -> Vec<Spell> {
    let Some(phases) = story.city.median("phase") else {
        return Vec::new();
    };
    let mut spells: Vec<Spell> = Vec::new();
    let last = story.days.last().copied().unwrap_or(0.0);
    for (&day, &phase) in story.days.iter().zip(&phases) {
        if phase.is_nan() {
            continue;
        }
        let phase = phase.floor().clamp(0.0, 3.0) as usize;
        match spells.last_mut() {
            Some(spell) if spell.phase == phase => spell.end = day,
            previous => {
                if let Some(previous) = previous {
                    previous.end = day;
                }
                spells.push(Spell {
                    start: day,
                    end: last,
                    phase,
                });
            }
        }
    }
    spells
}

/// The first day in phase 0.
pub(crate) fn first_breakdown(spells: &[Spell]) -> Option<f64> {
    spells
        .iter()
        .find(|spell| spell.phase == 0)
        .map(|spell| spell.start)
}

/// Shocks of the chosen run, in order of days.
pub(crate) fn shocks(story: &Story) -> Vec<&Event> {
    story
        .events
        .iter()
        .flatten()
        .filter(|event| event.kind == "shock")
        .collect()
}

/// Trailing mean over a window of days; days without a value are left out of it.
pub(crate) fn trailing_mean(days: &[f64], values: &[f64], window: f64) -> Vec<f64> {
    let (mut first, mut sum, mut number) = (0, 0.0, 0usize);
    let mut means = Vec::with_capacity(values.len());
    for at in 0..values.len() {
        if values[at].is_finite() {
            sum += values[at];
            number += 1;
        }
        while days[first] <= days[at] - window {
            if values[first].is_finite() {
                sum -= values[first];
                number -= 1;
            }
            first += 1;
        }
        means.push(if number == 0 {
            f64::NAN
        } else {
            sum / number as f64
        });
    }
    means
}

/// Day and value of the smallest (or, with `sign` −1, largest) number.
pub(crate) fn lowest(days: &[f64], values: &[f64], sign: f64) -> Option<(f64, f64)> {
    let pairs = days
        .iter()
        .copied()
        .zip(values.iter().copied())
        .filter(|(_, value)| value.is_finite());
    pairs.min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))
}

/// First day from which `is_so` holds for `lasting` days on end.
pub(crate) fn first_lasting(
    days: &[f64],
    values: &[f64],
    lasting: f64,
    is_so: impl Fn(f64) -> bool,
) -> Option<f64> {
    let mut since = None;
    for (&day, &value) in days.iter().zip(values) {
        if value.is_finite() && is_so(value) {
            let start = *since.get_or_insert(day);
            if day - start >= lasting {
                return Some(start);
            }
        } else if value.is_finite() {
            since = None;
        }
    }
    None
}

/// The last value that exists.
pub(crate) fn last(values: &[f64]) -> Option<f64> {
    values.iter().rev().copied().find(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{first_lasting, trailing_mean};

    #[test]
    fn a_crossing_counts_when_it_lasts() {
        let days: Vec<f64> = (0..40).map(f64::from).collect();
        let values: Vec<f64> = days
            .iter()
            .map(|&day| if day == 5.0 || day >= 20.0 { 1.0 } else { 0.0 })
            .collect();
        assert_eq!(
            first_lasting(&days, &values, 14.0, |value| value > 0.5),
            Some(20.0)
        );
        assert_eq!(
            first_lasting(&days, &values, 30.0, |value| value > 0.5),
            None
        );
    }

    #[test]
    fn a_trailing_mean_looks_back_a_window() {
        assert_eq!(
            trailing_mean(&[0.0, 1.0, 2.0], &[1.0, f64::NAN, 3.0], 2.0),
            [1.0, 1.0, 3.0]
        );
    }
}

//! What happened, as numbers that titles and sentences state.

use crate::phrase;
use crate::story::{Event, Story};
use std::collections::HashMap;

/// A stretch of days in one phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spell {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) phase: usize,
}

/// The stretches of days the city spends in each phase, from its median phase.
pub(crate) fn phase_spells(story: &Story) -> Vec<Spell> {
    let phases = story.city.median("phase");
    phases.map_or_else(Vec::new, |phases| spells(story, &phases))
}

/// The same of the chosen run, for figures that show this run alone.
pub(crate) fn chosen_spells(story: &Story) -> Vec<Spell> {
    let chosen = story.runs.iter().position(|&run| run == story.chosen);
    let phases = chosen.and_then(|run| story.city.run(run, "phase"));
    phases.map_or_else(Vec::new, |phases| spells(story, phases))
}

fn spells(story: &Story, phases: &[f64]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    let last = story.days.last().copied().unwrap_or(0.0);
    for (&day, &phase) in story.days.iter().zip(phases) {
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

/// Something from outside that a time figure marks: a shock, or a change of policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) start: f64,
    /// The day a shock that lasts is over.
    pub(crate) end: Option<f64>,
    pub(crate) name: String,
    pub(crate) what: Outside,
}

/// What came from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    Shock,
    Policy,
}

/// Shocks of the chosen run and changes of policy under way, in order of days.
///
/// A policy that holds from the first day is the city's own way, not a change.
pub(crate) fn marks(story: &Story) -> Vec<Mark> {
    let events = story.events.as_deref().unwrap_or_default();
    let ends: HashMap<i64, f64> = events
        .iter()
        .filter(|event| event.kind == "shock_end")
        .filter_map(|event| Some((event.cause?, event.day)))
        .collect();
    let mark = |event: &Event| {
        let what = match event.kind.as_str() {
            "shock" => Outside::Shock,
            "policy" if event.day > 0.0 => Outside::Policy,
            _ => return None,
        };
        let name = match (what, event.detail.is_empty()) {
            (_, false) => event.detail.clone(),
            (Outside::Shock, true) => format!("shock to {}", event.entity),
            (Outside::Policy, true) => "policy".to_owned(),
        };
        let end = ends.get(&event.id).copied();
        Some(Mark {
            start: event.day,
            end: end.filter(|&end| end > event.day),
            name: phrase::kind(&name),
            what,
        })
    };
    events.iter().filter_map(mark).collect()
}

/// The day of the first shock of the chosen run.
pub(crate) fn first_shock(story: &Story) -> Option<f64> {
    let mut events = story.events.iter().flatten();
    events
        .find(|event| event.kind == "shock")
        .map(|shock| shock.day)
}

/// The span that short-term means are taken over, in days.
pub(crate) const MONTH: f64 = 28.0;

/// A sector is hit when its 28-day output falls more than so much below its level at rest.
pub(crate) const HIT: f64 = 0.02;

/// Days that each row speaks for: those since the row before it, its own day with them.
///
/// The first row reaches back to the start of the run, yet no further than rows are apart.
pub(crate) fn spans(days: &[f64]) -> Vec<f64> {
    let apart = days.windows(2).map(|pair| pair[1] - pair[0]);
    let first = days.first().map(|&first| {
        let own = (first + 1.0).max(0.0);
        apart.clone().next().map_or(own, |apart| own.min(apart))
    });
    first.into_iter().chain(apart).collect()
}

/// Mean over the 28 days up to each row, missing where fewer are known.
///
/// Rows may be farther apart than a day; each then is the mean of its span, and four weeks apart a row
/// is such a mean itself. A row that speaks for more days than that says nothing of four weeks.
pub(crate) fn monthly_mean(days: &[f64], values: &[f64]) -> Vec<f64> {
    let spans = spans(days);
    (0..values.len().min(spans.len()))
        .map(|at| {
            if spans[at] > MONTH + 1e-6 {
                return f64::NAN;
            }
            let (mut sum, mut missing) = (0.0, MONTH);
            for row in (0..=at).rev() {
                let taken = spans[row].min(missing);
                sum += taken * values[row];
                missing -= taken;
                if missing < 1e-6 {
                    return sum / MONTH;
                }
            }
            f64::NAN
        })
        .collect()
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
    use super::{first_lasting, monthly_mean, spans};

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
    fn only_full_windows_of_28_days_make_a_monthly_mean() {
        let days: Vec<f64> = (0..40).map(f64::from).collect();
        let values: Vec<f64> = days.iter().map(|day| 10.0 * day).collect();
        let means = monthly_mean(&days, &values);
        assert!(means[..27].iter().all(|mean| mean.is_nan()));
        assert!((means[27] - 135.0).abs() < 1e-9);
        assert!((means[39] - 255.0).abs() < 1e-9);
        assert!(
            monthly_mean(&days[..27], &values[..27])
                .iter()
                .all(|mean| mean.is_nan()),
            "a run shorter than 28 days has none"
        );
    }

    #[test]
    fn a_row_of_four_weeks_is_a_monthly_mean_itself() {
        let days = [27.0, 55.0, 83.0, 89.0];
        assert_eq!(spans(&days), [28.0, 28.0, 28.0, 6.0]);
        let means = monthly_mean(&days, &[1.0, 0.5, 0.25, 0.0]);
        assert_eq!(means[..3], [1.0, 0.5, 0.25]);
        assert!((means[3] - 22.0 * 0.25 / 28.0).abs() < 1e-12);
    }

    #[test]
    fn a_row_of_more_than_four_weeks_makes_none() {
        let means = monthly_mean(&[99.0, 199.0], &[1.0, 0.5]);
        assert!(means.iter().all(|mean| mean.is_nan()));
    }

    #[test]
    fn the_first_day_speaks_for_itself_alone() {
        assert_eq!(spans(&[0.0, 1.0, 2.0]), [1.0, 1.0, 1.0]);
        assert_eq!(spans(&[0.0]), [1.0]);
        assert!(spans(&[]).is_empty());
    }
}

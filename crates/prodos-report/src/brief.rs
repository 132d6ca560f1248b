//! The opening of the page: will it keep running, what broke it, how early would we have known.

use crate::facts::{last, lowest, phase_spells, shocks, trailing_mean};
use crate::figures::{Early, after_shock, indicators};
use crate::phrase;
use crate::story::{Event, Story, quantile};
use std::collections::HashMap;

/// Two or three sentences with their numbers.
pub(crate) fn sentences(story: &Story) -> Vec<String> {
    [Some(running(story)), cause(story), warning(story)]
        .into_iter()
        .flatten()
        .collect()
}

fn running(story: &Story) -> String {
    let runs = story.runs.len();
    let days = phrase::count(
        story
            .days
            .last()
            .map_or(0.0, |last| last + 1.0)
            .max(story.manifest.days),
        "day",
    );
    let city = if story.manifest.city.is_empty() {
        "the city"
    } else {
        &story.manifest.city
    };
    let outcomes: Vec<(bool, f64)> = (0..runs).map(|run| outcome(story, run)).collect();
    let broken = outcomes.iter().filter(|outcome| outcome.0).count();
    let mut lows: Vec<f64> = outcomes
        .iter()
        .map(|outcome| outcome.1)
        .filter(|low| low.is_finite())
        .collect();
    let mut ends: Vec<f64> = (0..runs)
        .filter_map(|run| last(&smooth_output(story, run)))
        .filter(|end| end.is_finite())
        .collect();
    let number = if runs == 1 {
        "one run".to_owned()
    } else {
        format!("{runs} runs")
    };
    let numbers = if lows.is_empty() {
        String::new()
    } else {
        let median = if runs == 1 { "" } else { "in the median run " };
        let (low, end) = (quantile(&mut lows, 0.5), quantile(&mut ends, 0.5));
        let (low_text, end_text) = (phrase::percent(low), phrase::percent(end));
        if low >= 0.99 {
            format!(
                "; {median}28-day output never falls more than 1\u{a0}% below its level at rest"
            )
        } else if low_text == end_text {
            format!(
                "; {median}28-day output falls to {low_text} of its level at rest and is there at the end"
            )
        } else {
            format!(
                "; {median}28-day output falls to {low_text} of its level at rest at the lowest and stands at {end_text} at the end"
            )
        }
    };
    match broken {
        0 => format!(
            "In {number} of {days}, {city} keeps running and never enters phase\u{a0}0 (breakdown){numbers}."
        ),
        _ if runs == 1 => {
            let day = breakdown(story, 0).map_or(String::new(), |day| {
                format!(" on {}", phrase::day(story, day))
            });
            format!(
                "In {number} of {days}, {city} does not keep running: it enters phase\u{a0}0 (breakdown){day}{numbers}."
            )
        }
        _ => format!(
            "In {broken} of {number} of {days}, {city} enters phase\u{a0}0 (breakdown){numbers}."
        ),
    }
}

/// Whether a run reaches phase 0, and its lowest 28-day output over output at rest.
fn outcome(story: &Story, run: usize) -> (bool, f64) {
    let low = lowest(&story.days, &smooth_output(story, run), 1.0).map_or(f64::NAN, |(_, low)| low);
    (breakdown(story, run).is_some(), low)
}

fn smooth_output(story: &Story, run: usize) -> Vec<f64> {
    let output = story.city.run(run, "output_relative").unwrap_or(&[]);
    trailing_mean(&story.days, output, 28.0)
}

fn breakdown(story: &Story, run: usize) -> Option<f64> {
    let phases = story.city.run(run, "phase")?;
    story
        .days
        .iter()
        .zip(phases)
        .find(|(_, phase)| **phase == 0.0)
        .map(|(&day, _)| day)
}

/// The first cause of the city's breakdown, or of its first change of phase.
fn cause(story: &Story) -> Option<String> {
    let events = story.events.as_deref()?;
    let place: HashMap<i64, usize> = events
        .iter()
        .enumerate()
        .map(|(at, event)| (event.id, at))
        .collect();
    let of_city = |event: &&Event| event.kind == "phase" && event.entity == "city";
    let turn = events
        .iter()
        .filter(of_city)
        .find(|event| event.size == 0.0)
        .or_else(|| events.iter().find(of_city));
    let Some(turn) = turn else {
        if phase_spells(story).len() > 1 {
            return None;
        }
        let shocks = events.iter().filter(|event| event.kind == "shock").count();
        let struck = if shocks == 0 {
            "No shock".to_owned()
        } else {
            phrase::count(shocks as f64, "shock")
        };
        return Some(format!(
            "{struck} struck, and the city never changed its phase."
        ));
    };
    let (mut first, mut steps) = (turn, 0usize);
    while let Some(at) = first.cause.and_then(|cause| place.get(&cause)) {
        if steps >= events.len() {
            break;
        }
        first = &events[*at];
        steps += 1;
    }
    let which = which(story);
    if steps == 0 {
        return Some(format!(
            "No single event is recorded as the cause of the city's turn to phase\u{a0}{} on {}{which}.",
            phrase::grouped(turn.size),
            phrase::day(story, turn.day)
        ));
    }
    let what = if first.kind == "phase" {
        format!(
            "the turn of {} to phase\u{a0}{}",
            first.entity,
            phrase::grouped(first.size)
        )
    } else if first.detail.is_empty() {
        format!("{} in {}", phrase::kind(&first.kind), first.entity)
    } else {
        format!(
            "{} ({}, {}{})",
            phrase::kind(&first.detail),
            phrase::kind(&first.kind),
            first.entity,
            which_of(events, first)
        )
    };
    Some(format!(
        "The first cause on record is {what} on {}, {} and {} before the city turned to phase\u{a0}{}{which}.",
        phrase::day(story, first.day),
        phrase::count(steps as f64, "link"),
        phrase::count(turn.day - first.day, "day"),
        phrase::grouped(turn.size)
    ))
}

/// Which of several of one name an event is.
fn which_of(events: &[Event], event: &Event) -> String {
    let alike = || {
        let same = |other: &&Event| other.kind == event.kind && other.detail == event.detail;
        events.iter().filter(same)
    };
    match alike().count() {
        0 | 1 => String::new(),
        number => {
            let place = alike().filter(|other| other.id <= event.id).count();
            format!(", number {place} of {number}")
        }
    }
}

fn warning(story: &Story) -> Option<String> {
    let (warnings, turn) = indicators(story);
    let turn = turn?;
    let number = warnings.len();
    if number == 0 {
        return None;
    }
    let Some(early) = Early::of(&warnings) else {
        return Some(format!(
            "None of {number} early warnings sounded in time before {}.",
            turn.past()
        ));
    };
    let shock = shocks(story).first().map(|shock| shock.day);
    Some(format!(
        "{} of {number} early warnings sounded before {}, the first ({}) {} ahead{}{}.",
        early.number,
        turn.past(),
        early.names[0].to_lowercase(),
        phrase::count(turn.day() - early.day, "day"),
        after_shock(early.day, shock),
        which(story)
    ))
}

/// Which run is spoken of, where there are several.
fn which(story: &Story) -> String {
    if story.runs.len() > 1 {
        format!(" (run\u{a0}{})", story.chosen)
    } else {
        String::new()
    }
}

//! The opening of the page: will it keep running, what broke it, how early would we have known.

use crate::facts::{HIT, chosen_spells, first_shock, lowest, monthly_mean};
use crate::figures::{Early, after_shock, indicators};
use crate::findings::{self, Finding};
use crate::phrase;
use crate::story::{Event, SectorStory, Story};
use std::collections::HashMap;

/// Sectors named at most.
const NAMED: usize = 3;

/// Two to four sentences with their numbers.
pub(crate) fn sentences(story: &Story) -> Vec<String> {
    [
        Some(running(story)),
        hit(story),
        cause(story),
        warning(story),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether the city keeps running, and how low its output falls.
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
    let output = format!("{}{}", output(story), left_out(story));
    let Some(breakdown) = findings::breakdown(story) else {
        let number = if runs == 1 { "one run" } else { "all runs" };
        return format!(
            "In {number} of {days} of {city}, no phase of the city was recorded{output}."
        );
    };
    let day = breakdown.day(story).unwrap_or_default();
    let known = breakdown.known();
    if runs == 1 {
        let what = if known == 0 {
            "keeps running and never enters phase\u{a0}0 (breakdown)".to_owned()
        } else {
            format!("does not keep running: it enters phase\u{a0}0 (breakdown) on {day}")
        };
        // A run drawn out of a design has its neighbours beside it.
        let alone = if story.manifest.runs > 1 {
            ""
        } else {
            "; one draw, so without an interval"
        };
        return format!("In one run of {days}, {city} {what}{output}{alone}.");
    }
    let (low, high) = findings::wilson(known, runs);
    let percent = phrase::percent;
    let risk = format!("95\u{a0}% interval {} to {}", percent(low), percent(high));
    if known == 0 {
        return format!(
            "In {runs} runs of {days}, {city} keeps running and never enters phase\u{a0}0 (breakdown; {risk} of runs would){output}."
        );
    }
    let part = if known == runs {
        format!("all {runs}")
    } else {
        format!("{known} of {runs}")
    };
    let share = percent(known as f64 / runs as f64);
    format!(
        "In {part} runs of {days} ({share}, {risk}), {city} does not keep running: it enters phase\u{a0}0 (breakdown) on {day}{output}."
    )
}

/// Runs that failed, beside those that did not.
fn left_out(story: &Story) -> String {
    match story.failed.len() {
        0 => String::new(),
        1 => "; one more run failed and is left out".into(),
        failed => format!("; {failed} more runs failed and are left out"),
    }
}

/// The lowest and the last 28-day output; nothing of runs too short to have one.
fn output(story: &Story) -> String {
    let (Some(lows), Some(ends)) = (findings::output_low(story), findings::output_end(story))
    else {
        return String::new();
    };
    let (Some(low), Some(end)) = (lows.median(), ends.median()) else {
        return String::new();
    };
    let (low_text, end_text) = (phrase::output(low), phrase::output(end));
    if story.runs.len() > 1 {
        let spread = |finding: &Finding| finding.spread(phrase::output);
        return format!(
            ". 28-day output falls to {low_text} of its level at rest at the lowest{} and stands at {end_text} at the end{}",
            aside([Some(lows.of_runs()), spread(&lows)]),
            aside([None, spread(&ends)])
        );
    }
    if low >= 0.99 {
        "; 28-day output never falls more than 1\u{a0}% below its level at rest".to_owned()
    } else if low_text == end_text {
        format!("; 28-day output falls to {low_text} of its level at rest and is there at the end")
    } else {
        format!(
            "; 28-day output falls to {low_text} of its level at rest at the lowest and stands at {end_text} at the end"
        )
    }
}

/// What is known of several remarks, in brackets after a space.
fn aside(remarks: [Option<String>; 2]) -> String {
    let known: Vec<String> = remarks.into_iter().flatten().collect();
    if known.is_empty() {
        return String::new();
    }
    format!(" ({})", known.join(", "))
}

/// Which sectors lose most; nothing where none loses and no shock struck.
fn hit(story: &Story) -> Option<String> {
    let mut lows: Vec<(f64, &SectorStory)> = story
        .sectors
        .iter()
        .filter_map(|sector| {
            let output = sector.series.median("output_relative")?;
            let means = monthly_mean(&story.days, &output);
            lowest(&story.days, &means, 1.0).map(|(_, low)| (low, sector))
        })
        .collect();
    let of_runs = if story.runs.len() > 1 {
        format!(" (median of {}\u{a0}runs)", story.runs.len())
    } else {
        String::new()
    };
    let all = lows.len();
    lows.retain(|(low, _)| *low < 1.0 - HIT);
    lows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let limit = phrase::percent(HIT);
    let Some((worst, most)) = lows.first() else {
        let struck = all > 0 && first_shock(story).is_some();
        return struck.then(|| {
            format!("No sector loses more than {limit} of its output over 28 days{of_runs}.")
        });
    };
    let begin = format!(
        "{} of {} more than {limit} of output over 28 days{of_runs}",
        phrase::grouped(lows.len() as f64),
        if lows.len() == 1 {
            format!("{} loses", phrase::count(all as f64, "sector"))
        } else {
            format!("{} lose", phrase::count(all as f64, "sector"))
        },
    );
    let worst = phrase::output(*worst);
    let tied = lows
        .iter()
        .filter(|(low, _)| phrase::output(*low) == worst)
        .count();
    if tied > NAMED {
        let number = if tied == lows.len() {
            "all of them".to_owned()
        } else {
            format!("{tied} of them")
        };
        return Some(format!("{begin}, {number} down to {worst}."));
    }
    let called = |sector: &SectorStory| {
        if sector.name.is_empty() {
            sector.code.clone()
        } else {
            format!("{} ({})", sector.name, sector.code)
        }
    };
    let then: Vec<String> = lows
        .iter()
        .take(NAMED)
        .skip(1)
        .map(|(low, sector)| format!("{} to {}", called(sector), phrase::output(*low)))
        .collect();
    let rest = match then.as_slice() {
        [] => String::new(),
        names => format!(", then {}", names.join(" and ")),
    };
    let most = called(most);
    Some(if lows.len() == 1 {
        format!("{begin}: {most}, to {worst}.")
    } else {
        format!("{begin}: {most} most, to {worst}{rest}.")
    })
}

/// The first cause of the city's breakdown, or of its first change of phase.
fn cause(story: &Story) -> Option<String> {
    if let Some(run) = findings::another_broken(story) {
        return Some(format!(
            "The figures of one run show run\u{a0}{}, whose output is the median and which does not break down; run\u{a0}{run} does: \
             `prodos report FOLDER --run {run}` shows how.",
            story.chosen
        ));
    }
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
        if chosen_spells(story).len() > 1 {
            return None;
        }
        let shocks = events.iter().filter(|event| event.kind == "shock").count();
        let struck = if shocks == 0 {
            "No shock".to_owned()
        } else {
            phrase::count(shocks as f64, "shock")
        };
        return Some(format!(
            "{struck} struck, and the city never changed its phase{}.",
            story.which()
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
    let which = story.which();
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
            "None of {number} early warnings sounded in time before {}{}.",
            turn.past(),
            story.which()
        ));
    };
    Some(format!(
        "{} of {number} early warnings sounded before {}, the first ({}) {} ahead{}{}.",
        early.number,
        turn.past(),
        early.names[0].to_lowercase(),
        phrase::count(turn.day() - early.day, "day"),
        after_shock(early.day, first_shock(story)),
        story.which()
    ))
}

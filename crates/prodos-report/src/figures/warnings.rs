//! Early warnings: five indicators against the line of their own quiet time.
//!
//! The line is the mean plus three standard deviations of the first 180 days, as the model draws it. The
//! alarm is the one on record: it sounds when an indicator has been above its line for 14 days. The lead
//! runs from there to the city's entry into phase 0, or to its lowest output when it never enters.

use crate::colour::{ALARM, BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, VERMILLION};
use crate::facts::{lowest, phase_spells, shocks, trailing_mean};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::panel::{
    NAME, Panel, as_percent, city_head, day_axis, day_range, line, phase_tint, range_of,
    shock_lines, value_axis,
};
use crate::phrase;
use crate::sheet::{Type, WIDTH, width_of};
use crate::story::Story;
use plotters::style::RGBColor;

const QUIET: f64 = 180.0;
/// A line lies at least this far above the mean, so that a perfectly steady indicator does not warn of dust.
const LEAST: f64 = 0.001;

/// One indicator and what it said.
pub(crate) struct Warning {
    pub(crate) name: &'static str,
    what: &'static str,
    colour: RGBColor,
    values: Vec<f64>,
    limit: f64,
    /// The day on which its alarm first sounded.
    pub(crate) crossing: Option<f64>,
}

/// What the warnings are measured against.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    /// The city enters phase 0.
    Breakdown(f64),
    /// The city never does; its output is lowest.
    LowestOutput(f64),
}

impl Turn {
    pub(crate) fn day(self) -> f64 {
        match self {
            Turn::Breakdown(day) | Turn::LowestOutput(day) => day,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Turn::Breakdown(_) => "the city enters phase\u{a0}0",
            Turn::LowestOutput(_) => "output is lowest",
        }
    }

    pub(crate) fn past(self) -> &'static str {
        match self {
            Turn::Breakdown(_) => "the city entered phase\u{a0}0",
            Turn::LowestOutput(_) => "output was lowest",
        }
    }
}

/// The five indicators of the chosen run, and the turn of events if there is one.
pub(crate) fn indicators(story: &Story) -> (Vec<Warning>, Option<Turn>) {
    let run = story
        .runs
        .iter()
        .position(|&run| run == story.chosen)
        .unwrap_or(0);
    let column = |name: &str| story.city.run(run, name).map(<[f64]>::to_vec);
    let rest = |values: Vec<f64>| values.iter().map(|value| 1.0 - value).collect::<Vec<f64>>();
    let found: [(&str, &str, RGBColor, Option<Vec<f64>>); 5] = [
        (
            "Defect rate",
            "errors that reached a customer, share of tasks",
            VERMILLION,
            column("escapes"),
        ),
        (
            "Downtime",
            "share of machines down",
            BLUE,
            column("machines_down"),
        ),
        (
            "Delayed maintenance",
            "protected hours needed and not given, share",
            GREEN,
            column("protected_done").map(rest),
        ),
        (
            "Churn",
            "people who left a day, share of employed, rolling 28 days",
            PURPLE,
            column("churn"),
        ),
        (
            "Shortage",
            "orders not delivered, share",
            ORANGE,
            column("fill").map(rest),
        ),
    ];
    let warnings = found
        .into_iter()
        .filter_map(|(name, what, colour, values)| {
            let values = values?;
            let limit = limit(&story.days, &values)?;
            let crossing = alarm(story, name);
            Some(Warning {
                name,
                what,
                colour,
                values,
                limit,
                crossing,
            })
        });
    (warnings.collect(), turn(story, run))
}

/// The day on which the alarm of an indicator of the city first sounded.
fn alarm(story: &Story, name: &str) -> Option<f64> {
    let events = story.events.as_ref()?;
    events
        .iter()
        .find(|event| {
            event.kind == "warning"
                && event.entity == "city"
                && event.detail.eq_ignore_ascii_case(name)
        })
        .map(|event| event.day)
}

fn turn(story: &Story, run: usize) -> Option<Turn> {
    if let Some(phases) = story.city.run(run, "phase") {
        let day = story
            .days
            .iter()
            .zip(phases)
            .find(|(_, phase)| **phase == 0.0)
            .map(|(&day, _)| day);
        if let Some(day) = day {
            return Some(Turn::Breakdown(day));
        }
    }
    let output = trailing_mean(&story.days, story.city.run(run, "output_relative")?, 28.0);
    lowest(&story.days, &output, 1.0)
        .filter(|(_, low)| *low < 0.99)
        .map(|(day, _)| Turn::LowestOutput(day))
}

/// Mean plus three standard deviations of the quiet time; none if too little of it was recorded.
fn limit(days: &[f64], values: &[f64]) -> Option<f64> {
    let quiet: Vec<f64> = days
        .iter()
        .zip(values)
        .filter(|(day, value)| **day < QUIET && value.is_finite())
        .map(|(_, &value)| value)
        .collect();
    if quiet.len() < 5 || days.last().is_none_or(|&last| last < QUIET) {
        return None;
    }
    let mean = quiet.iter().sum::<f64>() / quiet.len() as f64;
    let variance = quiet
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (quiet.len() - 1) as f64;
    Some(mean + (3.0 * variance.sqrt()).max(LEAST))
}

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let (warnings, turn) = indicators(story);
    if warnings.is_empty() {
        return Err(because(
            "Warnings need 180 quiet days, and more, on which the indicators were recorded.",
        ));
    }
    let (spells, shocks) = (phase_spells(story), shocks(story));
    let reading = "Red line: mean + 3 standard deviations of the first 180 days (at least 0.1 points above the mean). \
                   An alarm sounds when an indicator has been above its line for 14 days (triangle). \
                   The lead runs from there to the city's entry into phase 0, or to its lowest output if it never enters (black line).";
    let mut draft = Draft::new("warnings", title(&warnings, turn), reading.into());
    let sheet = &mut draft.sheet;
    let mut y = draft.top + if shocks.is_empty() { 4.0 } else { 32.0 };
    let mut panel = Panel {
        x: PANEL_LEFT,
        y,
        width: WIDTH - PANEL_LEFT - 24.0,
        height: 92.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    y = city_head(sheet, &panel, y, &shocks, &spells);
    for warning in &warnings {
        sheet.text(PANEL_LEFT, y, warning.name, NAME);
        let after = PANEL_LEFT + width_of(warning.name, NAME) + 8.0;
        sheet.text(after, y, warning.what, Type::of(12.0).colour(MUTED));
        sheet.text(
            panel.right(),
            y,
            &verdict(warning, turn),
            Type::of(12.0).bold().end(),
        );
        panel.y = y + 9.0;
        panel.values = range_of([warning.values.as_slice()], &[0.0, 1.4 * warning.limit]);
        phase_tint(sheet, &panel, &spells);
        value_axis(sheet, &panel, 3.0, as_percent);
        let limit = panel.up(warning.limit);
        sheet.line(&[(panel.x, limit), (panel.right(), limit)], ALARM, 1.25);
        line(
            sheet,
            &panel,
            &story.days,
            &warning.values,
            warning.colour,
            1.5,
        );
        shock_lines(sheet, &panel, &shocks);
        if let Some(day) = warning.crossing {
            let x = panel.across(day);
            sheet.line(&[(x, panel.y), (x, panel.bottom())], ALARM, 1.5);
            sheet.area(
                &[
                    (x - 5.5, panel.y - 3.0),
                    (x + 5.5, panel.y - 3.0),
                    (x, panel.y + 6.0),
                ],
                ALARM,
                1.0,
            );
        }
        if let Some(day) = turn.map(Turn::day) {
            let x = panel.across(day);
            sheet.line(&[(x, panel.y), (x, panel.bottom())], INK, 1.5);
        }
        y = panel.bottom() + 32.0;
    }
    let bottom = panel.bottom() + day_axis(sheet, &panel, story);
    draft.finish(story, bottom, true)
}

fn verdict(warning: &Warning, turn: Option<Turn>) -> String {
    let Some(crossing) = warning.crossing else {
        return "does not warn".into();
    };
    let warns = format!("warns on day\u{a0}{}", phrase::grouped(crossing));
    match turn {
        Some(turn) if crossing <= turn.day() => {
            format!(
                "{warns}, {} before {}",
                phrase::count(turn.day() - crossing, "day"),
                turn.words()
            )
        }
        Some(turn) => format!(
            "{warns}, {} after {}",
            phrase::count(crossing - turn.day(), "day"),
            turn.words()
        ),
        None => format!("{warns}; nothing followed"),
    }
}

fn title(warnings: &[Warning], turn: Option<Turn>) -> String {
    let first_day = warnings
        .iter()
        .filter_map(|warning| warning.crossing)
        .min_by(f64::total_cmp);
    let names: Vec<&str> = warnings
        .iter()
        .filter(|warning| warning.crossing == first_day)
        .map(|warning| warning.name)
        .collect();
    let first = first_day.map(|day| (day, phrase::capital(&names.join(" and ").to_lowercase())));
    let (warns, crosses) = if names.len() == 1 {
        ("warns", "crosses its")
    } else {
        ("warn", "cross their")
    };
    let number = warnings
        .iter()
        .filter(|warning| warning.crossing.is_some())
        .count();
    match (first, turn) {
        (None, None) => format!(
            "None of {} early warnings sounds, and nothing happens to warn of",
            warnings.len()
        ),
        (None, Some(turn)) => format!(
            "None of {} early warnings sounds, though {}",
            warnings.len(),
            clause(turn)
        ),
        (Some((day, name)), None) => format!(
            "{name} {crosses} line on day\u{a0}{}, yet nothing follows; {number} of {} indicators cross",
            phrase::grouped(day),
            warnings.len()
        ),
        (Some((day, name)), Some(turn)) if day <= turn.day() => format!(
            "{name} {warns} first, {} before {}; {number} of {} indicators cross their line",
            phrase::count(turn.day() - day, "day"),
            turn.words(),
            warnings.len()
        ),
        (Some((day, name)), Some(turn)) => format!(
            "No warning in time: {name} {crosses} line {} after {}",
            phrase::count(day - turn.day(), "day"),
            turn.words()
        ),
    }
}

fn clause(turn: Turn) -> String {
    format!(
        "{} on day\u{a0}{}",
        turn.words(),
        phrase::grouped(turn.day())
    )
}

//! Early warnings: five indicators against the line of their own quiet time.
//!
//! Lines and alarms are those on record. The lead runs from an alarm that is still on to the city's entry
//! into phase 0, or to its lowest output when it never enters. One that was over by then does not count,
//! nor does one of the same day: it came too late to act on.

use crate::colour::{ALARM, BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, VERMILLION};
use crate::facts::{chosen_spells, first_shock, last, lowest, marks, monthly_mean};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::marks::{city_head, mark_lines, marks_reading, phase_tint};
use crate::panel::{NAME, Panel, as_percent, day_axis, day_range, line, range_of, value_axis};
use crate::phrase;
use crate::sheet::{Type, WIDTH, width_of};
use crate::story::Story;
use plotters::style::RGBColor;

/// An alarm is over when its indicator has been at or below its line for so many days on end.
const QUIET: f64 = 14.0;
/// Days by which an alarm must come before the turn to be in time.
const AHEAD: f64 = 1.0;

/// One indicator and what it said.
pub(crate) struct Warning {
    pub(crate) name: &'static str,
    what: &'static str,
    colour: RGBColor,
    values: Vec<f64>,
    /// Its line day by day, missing until its usual level is known.
    line: Vec<f64>,
    /// The day on which its alarm sounded: the one that was on at the turn, else the first.
    pub(crate) crossing: Option<f64>,
    /// Whether that alarm came before the turn and was still on then.
    pub(crate) in_time: bool,
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
    let turn = turn(story, run);
    let found: [(&str, &str, &str, RGBColor, Option<Vec<f64>>); 5] = [
        (
            "Defect rate",
            "line_defect_rate",
            "errors that reached a customer, share of tasks",
            VERMILLION,
            column("escapes"),
        ),
        (
            "Downtime",
            "line_downtime",
            "share of machines down",
            BLUE,
            column("machines_down"),
        ),
        (
            "Delayed maintenance",
            "line_delayed_maintenance",
            "protected hours needed and not given, share",
            GREEN,
            column("protected_done").map(rest),
        ),
        (
            "Churn",
            "line_churn",
            "people who left a day, share of employed, rolling 28 days",
            PURPLE,
            column("churn"),
        ),
        (
            "Shortage",
            "line_shortage",
            "orders not delivered, share",
            ORANGE,
            column("fill").map(rest),
        ),
    ];
    let warnings = found
        .into_iter()
        .filter_map(|(name, line, what, colour, values)| {
            let (values, line) = (values?, column(line)?);
            let over = |day: f64| over_by(&story.days, &values, &line, day);
            let (crossing, in_time) = alarm(story, name, turn, over);
            Some(Warning {
                name,
                what,
                colour,
                values,
                line,
                crossing,
                in_time,
            })
        });
    (warnings.collect(), turn)
}

/// The first of the alarms of the city that was on at the turn, or the first at all; whether it was in time.
fn alarm(
    story: &Story,
    name: &str,
    turn: Option<Turn>,
    over: impl Fn(f64) -> f64,
) -> (Option<f64>, bool) {
    let events = story.events.iter().flatten();
    let days: Vec<f64> = events
        .filter(|event| {
            event.kind == "warning"
                && event.entity == "city"
                && event.detail.eq_ignore_ascii_case(name)
        })
        .map(|event| event.day)
        .collect();
    let on = turn.and_then(|turn| {
        let before = days.iter().copied().filter(|&day| in_time(day, turn));
        before.into_iter().find(|&day| over(day) > turn.day())
    });
    // Where the summary knows the lead to a breakdown, the page says the same.
    let column = lead_column(name);
    let on = match (turn, story.outcomes(&column)) {
        (Some(Turn::Breakdown(breakdown)), Some(_)) => {
            story.outcome(&column).map(|lead| breakdown - lead)
        }
        _ => on,
    };
    let on = on.filter(|&day| turn.is_some_and(|turn| in_time(day, turn)));
    (on.or(days.first().copied()), on.is_some())
}

/// The day by which an alarm that sounded on a day is over.
fn over_by(days: &[f64], values: &[f64], line: &[f64], sounded: f64) -> f64 {
    let mut quiet_since = None;
    for (&day, (value, line)) in days.iter().zip(values.iter().zip(line)) {
        if day < sounded || value > line {
            quiet_since = None;
        } else if day - *quiet_since.get_or_insert(day) >= QUIET - 1.0 {
            return day;
        }
    }
    f64::INFINITY
}

/// Whether an alarm of a day came soon enough to act on.
fn in_time(day: f64, turn: Turn) -> bool {
    day <= turn.day() - AHEAD
}

/// The turn of the chosen run; the summary dates a breakdown, and only daily rows a lowest output.
fn turn(story: &Story, run: usize) -> Option<Turn> {
    let day = match story.outcomes("phase_0_first_day") {
        Some(_) => story.outcome("phase_0_first_day"),
        None => story.city.run(run, "phase").and_then(|phases| {
            let mut rows = story.days.iter().zip(phases);
            rows.find(|(_, phase)| **phase == 0.0).map(|(&day, _)| day)
        }),
    };
    if let Some(day) = day {
        return Some(Turn::Breakdown(day));
    }
    if !story.is_daily() {
        return None;
    }
    let output = monthly_mean(&story.days, story.city.run(run, "output_relative")?);
    lowest(&story.days, &output, 1.0)
        .filter(|(_, low)| *low < 0.99)
        .map(|(day, _)| Turn::LowestOutput(day))
}

/// The column of the summary that holds the lead of an alarm.
fn lead_column(name: &str) -> String {
    format!("lead_{}_days", name.to_lowercase().replace(' ', "_"))
}

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let (warnings, turn) = indicators(story);
    if warnings.is_empty() {
        return Err(because(
            "The run ended before the usual level of the indicators was known, or they were not recorded.",
        ));
    }
    let (spells, marks) = (chosen_spells(story), marks(story));
    let reading = format!(
        "Red line: the line that an indicator must stay above for 14 days on end (or what the \
         parameter warnings.lasting says) for an alarm to sound (red triangle); it is drawn from the indicator's own first months. The lead runs from the \
         alarm to the city's entry into phase 0, or to its lowest output if it never enters (black line); an alarm of that same day \
         is not in time.{}",
        marks_reading(&marks)
    );
    let mut draft = Draft::new(
        "warnings",
        title(&warnings, turn, first_shock(story)) + &story.which(),
        reading,
    );
    let top = draft.top;
    let sheet = &mut draft.sheet;
    let mut panel = Panel {
        x: PANEL_LEFT,
        y: top,
        width: WIDTH - PANEL_LEFT - 24.0,
        height: 92.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    let mut y = city_head(sheet, &panel, top, &marks, &spells);
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
        panel.values = range_of(
            [warning.values.as_slice()],
            &[0.0, 1.4 * last(&warning.line).unwrap_or(0.0)],
        );
        phase_tint(sheet, &panel, &spells);
        value_axis(sheet, &panel, 3.0, as_percent);
        line(sheet, &panel, &story.days, &warning.line, ALARM, 1.25);
        line(
            sheet,
            &panel,
            &story.days,
            &warning.values,
            warning.colour,
            1.5,
        );
        mark_lines(sheet, &panel, &marks);
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
    let bottom = panel.bottom() + day_axis(sheet, &panel, story.calendar);
    draft.finish(story, bottom, true)
}

fn verdict(warning: &Warning, turn: Option<Turn>) -> String {
    let Some(crossing) = warning.crossing else {
        return "does not warn".into();
    };
    let warns = format!("warns on day\u{a0}{}", phrase::grouped(crossing));
    match turn {
        Some(turn) if crossing <= turn.day() && !in_time(crossing, turn) => {
            format!("{warns}, only when {}", turn.words())
        }
        Some(turn) if crossing <= turn.day() && !warning.in_time => {
            format!("{warns}, over again when {}", turn.words())
        }
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
        None => warns,
    }
}

fn title(warnings: &[Warning], turn: Option<Turn>, shock: Option<f64>) -> String {
    let all = warnings.len();
    let Some(turn) = turn else {
        let sounded = warnings.iter().filter(|warning| warning.crossing.is_some());
        return match sounded.count() {
            0 => format!(
                "None of {all} early warnings sounds, and the city never enters phase\u{a0}0"
            ),
            number => format!(
                "{number} of {all} early warnings sound, and the city never enters phase\u{a0}0"
            ),
        };
    };
    let Some(early) = Early::of(warnings) else {
        let late = warnings.iter().filter_map(|warning| warning.crossing);
        let after = late
            .filter(|&day| !in_time(day, turn))
            .fold(f64::INFINITY, f64::min);
        return if after.is_finite() && after <= turn.day() {
            format!(
                "No warning in time: the first sounds only when {}",
                turn.words()
            )
        } else if after.is_finite() {
            format!(
                "No warning in time: the first sounds {} after {}",
                phrase::count(after - turn.day(), "day"),
                turn.words()
            )
        } else {
            format!(
                "None of {all} early warnings sounds in time, though {} on day\u{a0}{}",
                turn.words(),
                phrase::grouped(turn.day())
            )
        };
    };
    let warns = if early.names.len() == 1 {
        "warns"
    } else {
        "warn"
    };
    format!(
        "{} {warns} first, {} before {}{}; {} of {all} warn in time",
        phrase::capital(&early.names.join(" and ").to_lowercase()),
        phrase::count(turn.day() - early.day, "day"),
        turn.words(),
        after_shock(early.day, shock),
        early.number
    )
}

/// The warnings that came in time.
pub(crate) struct Early {
    /// The day of the first.
    pub(crate) day: f64,
    /// Those that sounded on that day.
    pub(crate) names: Vec<&'static str>,
    /// How many came in time.
    pub(crate) number: usize,
}

impl Early {
    /// None if none did.
    pub(crate) fn of(warnings: &[Warning]) -> Option<Early> {
        let in_time = || {
            let early = warnings.iter().filter(|warning| warning.in_time);
            early.filter_map(|warning| Some((warning.crossing?, warning.name)))
        };
        let day = in_time().map(|(day, _)| day).min_by(f64::total_cmp)?;
        Some(Early {
            day,
            names: in_time()
                .filter(|(other, _)| *other == day)
                .map(|(_, name)| name)
                .collect(),
            number: in_time().count(),
        })
    }
}

/// Says that a warning came only after the first shock had struck.
pub(crate) fn after_shock(day: f64, shock: Option<f64>) -> String {
    match shock {
        Some(shock) if shock <= day => format!(
            " and {} after the first shock",
            phrase::count(day - shock, "day")
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Early, Turn, Warning, after_shock, in_time, over_by, title, verdict};
    use crate::colour::BLUE;

    #[test]
    fn an_alarm_is_over_after_two_weeks_below_its_line_and_not_after_a_day() {
        let days: Vec<f64> = (0..100).map(f64::from).collect();
        let line = vec![1.0; 100];
        let above = |day: &f64| (20.0..50.0).contains(day) && *day != 30.0;
        let values: Vec<f64> = days
            .iter()
            .map(|day| if above(day) { 2.0 } else { 1.0 })
            .collect();
        assert_eq!(over_by(&days, &values, &line, 25.0), 63.0);
        assert_eq!(
            over_by(&days[..60], &values[..60], &line[..60], 25.0),
            f64::INFINITY
        );
    }

    #[test]
    fn only_warnings_in_time_count_and_the_first_of_them_is_named() {
        let warning = |name, crossing, in_time| Warning {
            name,
            what: "",
            colour: BLUE,
            values: Vec::new(),
            line: Vec::new(),
            crossing,
            in_time,
        };
        let all = [
            warning("Churn", Some(10.0), false),
            warning("Downtime", Some(30.0), true),
            warning("Shortage", Some(40.0), true),
            warning("Defect rate", None, false),
        ];
        let early = Early::of(&all).expect("two are in time");
        assert_eq!(
            (early.day, early.names, early.number),
            (30.0, vec!["Downtime"], 2)
        );
        assert!(Early::of(&all[..1]).is_none());
    }

    #[test]
    fn an_alarm_on_the_day_of_the_turn_is_not_before_it() {
        let turn = Turn::Breakdown(50.0);
        assert!(in_time(49.0, turn));
        assert!(!in_time(50.0, turn));
        let late = Warning {
            name: "Churn",
            what: "",
            colour: BLUE,
            values: Vec::new(),
            line: Vec::new(),
            crossing: Some(50.0),
            in_time: false,
        };
        assert_eq!(
            verdict(&late, Some(turn)),
            "warns on day\u{a0}50, only when the city enters phase\u{a0}0"
        );
        assert_eq!(
            title(&[late], Some(turn), None),
            "No warning in time: the first sounds only when the city enters phase\u{a0}0"
        );
    }

    #[test]
    fn a_warning_after_the_first_shock_says_so() {
        assert_eq!(
            after_shock(30.0, Some(17.0)),
            " and 13\u{a0}days after the first shock"
        );
        assert_eq!(after_shock(30.0, Some(31.0)), "");
        assert_eq!(after_shock(30.0, None), "");
    }
}

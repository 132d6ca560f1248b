//! Phases over time: which share of operators, teams and sectors is in which phase.

use crate::colour::PHASES;
use crate::facts::{Spell, marks, phase_spells};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, PANEL_LEFT, because};
use crate::findings::{self, Finding};
use crate::marks::{city_head, mark_lines, marks_reading};
use crate::panel::{
    NAME, Panel, as_percent, day_axis, day_range, legend, phase_legend, stack, value_axis,
};
use crate::phrase;
use crate::sheet::WIDTH;
use crate::story::Story;

const ZOOMS: [(&str, &str); 3] = [
    ("operators", "Operators"),
    ("teams", "Teams"),
    ("sectors", "Sectors"),
];

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let panels: Vec<(&str, Vec<Vec<f64>>)> = ZOOMS
        .iter()
        .filter_map(|(zoom, name)| Some((*name, shares(story, zoom)?)))
        .collect();
    if panels.is_empty() {
        return Err(because(
            "The shares of operators, teams and sectors in each phase were not recorded.",
        ));
    }
    let spells = phase_spells(story);
    let marks = marks(story);
    let reading = format!(
        "Each panel stacks the share in each phase, from breakdown at the bottom to stable at the top. \
         The band on top is the city as a whole.{} The phase of an operator looks at that person's own load and \
         errors, not at the output of the team, so people can be stable in a team that is broken.",
        marks_reading(&marks)
    );
    let mut draft = Draft::new("phases", title(story, &spells), reading);
    let top = draft.top + 14.0;
    let sheet = &mut draft.sheet;
    legend(sheet, MARGIN, top, &phase_legend());
    let mut panel = Panel {
        x: PANEL_LEFT,
        y: top,
        width: WIDTH - PANEL_LEFT - MARGIN,
        height: 120.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    let mut y = city_head(sheet, &panel, top + 14.0, &marks, &spells);
    for (name, shares) in &panels {
        sheet.text(PANEL_LEFT, y, &format!("{name}, share in each phase"), NAME);
        panel.y = y + 9.0;
        let layers: Vec<_> = shares.iter().cloned().zip(PHASES).collect();
        value_axis(sheet, &panel, 4.0, as_percent);
        stack(sheet, &panel, &story.days, &layers);
        mark_lines(sheet, &panel, &marks);
        y = panel.bottom() + 32.0;
    }
    let used = day_axis(sheet, &panel, story.calendar);
    let bottom = panel.bottom() + used;
    draft.finish(story, bottom, false)
}

/// Shares in phase 0 to 3; all four must be there.
fn shares(story: &Story, zoom: &str) -> Option<Vec<Vec<f64>>> {
    (0..4)
        .map(|phase| story.city.mean(&format!("{zoom}_phase_{phase}")))
        .collect()
}

fn title(story: &Story, spells: &[Spell]) -> String {
    let Some(breakdown) = findings::breakdown(story) else {
        return "Phases of operators, teams and sectors".into();
    };
    if story.runs.len() > 1 {
        return of_several(story, &breakdown);
    }
    let teams = story
        .city
        .mean("teams_phase_0")
        .and_then(|shares| crate::facts::last(&shares));
    let tail = teams.map_or(String::new(), |share| {
        format!(
            "; at the end {} of teams are in phase\u{a0}0",
            phrase::percent(share)
        )
    });
    // Rows farther apart than a day cannot date a change of phase.
    let (first, leaves) = match spells {
        [first, next, ..] if story.is_daily() => (first, Some(next)),
        [first] => (first, None),
        _ => return format!("{}{tail}", enters(story, &breakdown)),
    };
    match (leaves, breakdown.median()) {
        (None, None) => format!(
            "The city is in phase\u{a0}{} on every day{tail}",
            first.phase
        ),
        (Some(next), Some(zero)) if zero > next.start => format!(
            "The city leaves phase\u{a0}{} on {} and enters phase\u{a0}0 on {}{tail}",
            first.phase,
            phrase::day(story, next.start),
            phrase::day(story, zero)
        ),
        (_, Some(_)) => format!("{}{tail}", enters(story, &breakdown)),
        (Some(next), None) => {
            let worst = spells
                .iter()
                .map(|spell| spell.phase)
                .min()
                .unwrap_or(first.phase);
            format!(
                "The city leaves phase\u{a0}{} on {} and never falls below phase\u{a0}{worst}{tail}",
                first.phase,
                phrase::day(story, next.start)
            )
        }
    }
}

fn enters(story: &Story, breakdown: &Finding) -> String {
    breakdown.day(story).map_or_else(
        || "The city never enters phase\u{a0}0".into(),
        |day| format!("The city enters phase\u{a0}0 on {day}"),
    )
}

/// Days in phase 3 are in the summary; the day on which it is left is not.
fn of_several(story: &Story, breakdown: &Finding) -> String {
    let runs = phrase::count(story.runs.len() as f64, "run");
    let head = match breakdown.day(story) {
        None => format!("In none of {runs} does the city enter phase\u{a0}0"),
        Some(day) if breakdown.known() == story.runs.len() => {
            format!("In all {runs} the city enters phase\u{a0}0, on {day}")
        }
        Some(day) => format!(
            "In {} of {runs} the city enters phase\u{a0}0, on {day}",
            breakdown.known()
        ),
    };
    let stable = findings::stable_days(story).and_then(|days| {
        Some(format!(
            "; it is in phase\u{a0}3 on {}{}",
            phrase::count(days.median()?, "day"),
            days.aside()
        ))
    });
    head + &stable.unwrap_or_default()
}

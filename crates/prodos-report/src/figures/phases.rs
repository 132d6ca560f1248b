//! Phases over time: which share of operators, teams and sectors is in which phase.

use crate::colour::PHASES;
use crate::facts::{Spell, phase_spells, shocks};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, PANEL_LEFT, because};
use crate::panel::{
    NAME, Panel, as_percent, day_axis, day_range, legend, phase_band, phase_legend, shock_lines,
    shock_names, stack, value_axis,
};
use crate::phrase;
use crate::sheet::{Type, WIDTH};
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
    let shocks = shocks(story);
    let reading = "Each panel stacks the share in each phase, from breakdown at the bottom to stable at the top. \
                   The band on top is the city as a whole; triangles are shocks, dotted lines the first of each.";
    let mut draft = Draft::new("phases", title(story, &spells), reading.into());
    let sheet = &mut draft.sheet;
    let mut y = draft.top + 14.0;
    legend(sheet, MARGIN, y, &phase_legend());
    y += if shocks.is_empty() { 16.0 } else { 42.0 };
    let mut panel = Panel {
        x: PANEL_LEFT,
        y,
        width: WIDTH - PANEL_LEFT - MARGIN,
        height: 120.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    shock_names(sheet, &panel, y, &shocks);
    sheet.text(
        PANEL_LEFT - 7.0,
        y + 16.0,
        "City",
        Type::of(11.5).bold().end(),
    );
    phase_band(sheet, &panel, y + 2.0, 20.0, &spells);
    y += 50.0;
    for (name, shares) in &panels {
        sheet.text(PANEL_LEFT, y, &format!("{name}, share in each phase"), NAME);
        panel.y = y + 9.0;
        let layers: Vec<_> = shares.iter().cloned().zip(PHASES).collect();
        value_axis(sheet, &panel, 4.0, as_percent);
        stack(sheet, &panel, &story.days, &layers);
        shock_lines(sheet, &panel, &shocks);
        y = panel.bottom() + 32.0;
    }
    let used = day_axis(sheet, &panel, story);
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
    let Some(first) = spells.first() else {
        return format!("Phases of operators, teams and sectors{tail}");
    };
    let breakdown = spells.iter().find(|spell| spell.phase == 0);
    let leaves = spells.get(1);
    match (leaves, breakdown) {
        (None, _) => format!(
            "The city is in phase\u{a0}{} on every day{tail}",
            first.phase
        ),
        (Some(next), Some(zero)) if zero.start > next.start => format!(
            "The city leaves phase\u{a0}{} on {} and enters phase\u{a0}0 on {}{tail}",
            first.phase,
            phrase::day(story, next.start),
            phrase::day(story, zero.start)
        ),
        (Some(_), Some(zero)) => {
            format!(
                "The city enters phase\u{a0}0 on {}{tail}",
                phrase::day(story, zero.start)
            )
        }
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

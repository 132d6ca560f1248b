//! The six readings and the margin they make.

use crate::colour::{ALARM, BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION};
use crate::facts::{first_lasting, last, lowest, phase_spells, shocks};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::panel::{
    NAME, Panel, between, city_head, dashed, day_axis, day_range, end_names, line, phase_tint,
    range_of, shock_lines, value_axis,
};
use crate::phrase;
use crate::sheet::{Type, WIDTH};
use crate::story::Story;
use plotters::style::RGBColor;

/// Column, letter and name, colour, and whether it is a load (dashed) rather than a strength.
const READINGS: [(&str, &str, RGBColor, bool); 6] = [
    ("trust", "T trust", BLUE, false),
    ("repair", "R repair", GREEN, false),
    ("buffer", "B buffer", SKY, false),
    ("alignment", "A alignment", PURPLE, false),
    ("coordination", "C coordination", ORANGE, true),
    ("drift", "D drift", VERMILLION, true),
];

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let margin = story
        .city
        .median("margin")
        .ok_or_else(|| because("The city's margin was not recorded."))?;
    let readings: Vec<_> = READINGS
        .iter()
        .filter_map(|&(column, name, colour, load)| {
            Some((column, name, colour, load, story.city.median(column)?))
        })
        .collect();
    let (spells, shocks) = (phase_spells(story), shocks(story));
    let reading = "Solid lines hold the city up (trust, repair, buffers, alignment), dashed lines weigh on it \
                   (coordination load, drift). The margin is the first four less the last two; below zero the city \
                   is expected to lose more than it restores. The margin is a hypothesis, not a cause in the model.";
    let mut draft = Draft::new("readings", title(story, &margin), reading.into());
    let sheet = &mut draft.sheet;
    let mut y = draft.top + if shocks.is_empty() { 4.0 } else { 32.0 };
    let mut panel = Panel {
        x: PANEL_LEFT,
        y,
        width: WIDTH - PANEL_LEFT - 132.0,
        height: 250.0,
        days: day_range(story),
        values: range_of(readings.iter().map(|reading| reading.4.as_slice()), &[1.0]),
    };
    y = city_head(sheet, &panel, y, &shocks, &spells);
    if !readings.is_empty() {
        sheet.text(PANEL_LEFT, y, "The six readings, index", NAME);
        panel.y = y + 9.0;
        phase_tint(sheet, &panel, &spells);
        value_axis(sheet, &panel, 5.0, phrase::tick);
        let mut names = Vec::new();
        for (column, name, colour, load, values) in &readings {
            if let Some((low, high)) = story.city.band(column) {
                between(sheet, &panel, &story.days, &low, &high, *colour, 0.18);
            }
            let draw_line = if *load { dashed } else { line };
            draw_line(sheet, &panel, &story.days, values, *colour, 1.75);
            if let Some(end) = last(values) {
                names.push((panel.up(end), (*name).to_owned(), *colour));
            }
        }
        end_names(sheet, &panel, names, 12.5);
        shock_lines(sheet, &panel, &shocks);
        y = panel.bottom() + 34.0;
    }
    sheet.text(
        PANEL_LEFT,
        y,
        "Margin M = T + R + B + A − (C + D), index",
        NAME,
    );
    let band = story.city.band("margin");
    let edges = band
        .iter()
        .flat_map(|(low, high)| [low.as_slice(), high.as_slice()]);
    panel = Panel {
        y: y + 9.0,
        height: 190.0,
        values: range_of(edges.chain([margin.as_slice()]), &[0.0]),
        ..panel
    };
    phase_tint(sheet, &panel, &spells);
    value_axis(sheet, &panel, 5.0, phrase::tick);
    if let Some((low, high)) = &band {
        between(sheet, &panel, &story.days, low, high, INK, 0.2);
        sheet.text(
            panel.right(),
            y,
            &format!("band: 5–95\u{a0}% of {} runs", story.runs.len()),
            Type::of(11.0).colour(MUTED).end(),
        );
    }
    let zero = panel.up(0.0);
    sheet.line(&[(panel.x, zero), (panel.right(), zero)], ALARM, 1.5);
    line(sheet, &panel, &story.days, &margin, INK, 2.0);
    let mut names = vec![(zero, "threshold 0".to_owned(), ALARM)];
    if let Some(end) = last(&margin) {
        names.push((panel.up(end), format!("M = {}", phrase::index(end)), INK));
    }
    end_names(sheet, &panel, names, 12.5);
    shock_lines(sheet, &panel, &shocks);
    let bottom = panel.bottom() + day_axis(sheet, &panel, story);
    draft.finish(story, bottom, false)
}

fn title(story: &Story, margin: &[f64]) -> String {
    let end = last(margin).unwrap_or(f64::NAN);
    if let Some(day) = first_lasting(&story.days, margin, 14.0, |value| value < 0.0) {
        return format!(
            "The margin falls below zero on {} and stands at {} at the end",
            phrase::day(story, day),
            phrase::index(end)
        );
    }
    let (day, low) = lowest(&story.days, margin, 1.0).unwrap_or((0.0, f64::NAN));
    let briefly = if low < 0.0 {
        "never stays below zero for 14 days"
    } else {
        "never falls below zero"
    };
    format!(
        "The margin {briefly}: its lowest is {} on {}",
        phrase::index(low),
        phrase::day(story, day)
    )
}

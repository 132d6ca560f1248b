//! The six readings and the margin they make.

use crate::colour::{ALARM, BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION};
use crate::facts::{last, lowest, marks, phase_spells};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::findings;
use crate::marks::{city_head, mark_lines, marks_reading, phase_tint};
use crate::panel::{
    NAME, Panel, between, dashed, day_axis, day_range, end_names, line, range_of, value_axis,
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
    let (spells, marks) = (phase_spells(story), marks(story));
    let reading = format!(
        "Solid lines hold the city up (trust, repair, buffers, alignment), dashed lines weigh on it \
         (coordination load, drift). The margin is the first four less the last two; below zero the city \
         is expected to lose more than it restores. The margin is a hypothesis, not a cause in the model.{}",
        marks_reading(&marks)
    );
    let mut draft = Draft::new("readings", title(story, &margin), reading);
    let top = draft.top;
    let sheet = &mut draft.sheet;
    let mut panel = Panel {
        x: PANEL_LEFT,
        y: top,
        width: WIDTH - PANEL_LEFT - 132.0,
        height: 250.0,
        days: day_range(story),
        values: range_of(readings.iter().map(|reading| reading.4.as_slice()), &[1.0]),
    };
    let mut y = city_head(sheet, &panel, top, &marks, &spells);
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
        mark_lines(sheet, &panel, &marks);
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
        // The last row may be a mean of weeks; the name says what the title says.
        let stated = findings::margin_end(story).and_then(|ends| ends.median());
        let stated = stated.unwrap_or(end);
        names.push((panel.up(end), format!("M = {}", phrase::index(stated)), INK));
    }
    end_names(sheet, &panel, names, 12.5);
    mark_lines(sheet, &panel, &marks);
    let bottom = panel.bottom() + day_axis(sheet, &panel, story.calendar);
    draft.finish(story, bottom, false)
}

fn title(story: &Story, margin: &[f64]) -> String {
    let known = (
        findings::margin_negative(story),
        findings::margin_low(story),
        findings::margin_end(story),
    );
    let (Some(negative), Some(lows), Some(ends)) = known else {
        return "The six readings and the margin they make".into();
    };
    let (Some(low), Some(end)) = (lows.median(), ends.median()) else {
        return "The six readings and the margin they make".into();
    };
    if let Some(day) = negative.day(story) {
        return format!(
            "The margin first falls below zero on {day}{} and stands at {} at the end{}",
            negative.in_runs(),
            phrase::index(end),
            ends.aside()
        );
    }
    let dated =
        lowest(&story.days, margin, 1.0).filter(|_| story.is_daily() && story.runs.len() == 1);
    let day = dated.map_or(String::new(), |(day, _)| {
        format!(" on {}", phrase::day(story, day))
    });
    format!(
        "The margin never falls below zero: its lowest is {}{day}{}",
        phrase::index(low),
        lows.aside()
    )
}

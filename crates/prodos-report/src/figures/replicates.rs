//! The spread over runs: what chance alone changes.

use crate::colour::{ALARM, BLUE, INK, PHASES};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, PANEL_LEFT, because};
use crate::findings;
use crate::panel::{
    NAME, Panel, as_percent, between, day_axis, day_range, legend, line, range_of, value_axis,
};
use crate::phrase;
use crate::sheet::WIDTH;
use crate::story::Story;

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    if story.runs.len() < 2 {
        return Err(NoFigure::Unasked);
    }
    if story.city.median("output_relative").is_none() {
        return Err(because("The city's output was not recorded."));
    }
    let number = story.runs.len();
    let reading = format!(
        "The line is the median of {number} runs that differ in their seed alone, the band holds the middle 90\u{a0}% of them."
    );
    let mut draft = Draft::new("replicates", title(story), reading);
    let sheet = &mut draft.sheet;
    let mut y = draft.top;
    legend(
        sheet,
        MARGIN,
        y + 8.0,
        &[(format!("median, with 5–95\u{a0}% of {number} runs"), BLUE)],
    );
    y += 40.0;
    let mut panel = Panel {
        x: PANEL_LEFT,
        y,
        width: WIDTH - PANEL_LEFT - MARGIN,
        height: 180.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    let columns = [
        ("output_relative", "Output, share of output at rest", true),
        ("margin", "Margin M, index (red line: zero)", false),
        ("phase", "Phase of the city", false),
    ];
    for (column, name, share) in columns {
        let (Some(middle), Some((low, high))) =
            (story.city.median(column), story.city.band(column))
        else {
            continue;
        };
        sheet.text(PANEL_LEFT, y, name, NAME);
        panel.y = y + 9.0;
        panel.values = match column {
            "phase" => (-0.1, 3.1),
            _ => range_of([low.as_slice(), high.as_slice()], &[0.0]),
        };
        if column == "phase" {
            panel.height = 110.0;
            value_axis(sheet, &panel, 4.0, |value, _| phrase::grouped(value));
        } else {
            value_axis(
                sheet,
                &panel,
                5.0,
                if share { as_percent } else { phrase::tick },
            );
        }
        if column == "margin" {
            let zero = panel.up(0.0);
            sheet.line(&[(panel.x, zero), (panel.right(), zero)], ALARM, 1.5);
        }
        let colour = if column == "phase" { PHASES[3] } else { BLUE };
        between(sheet, &panel, &story.days, &low, &high, colour, 0.22);
        line(
            sheet,
            &panel,
            &story.days,
            &middle,
            if column == "phase" { INK } else { BLUE },
            2.0,
        );
        y = panel.bottom() + 34.0;
    }
    let bottom = panel.bottom() + day_axis(sheet, &panel, story.calendar);
    draft.finish(story, bottom, false)
}

fn title(story: &Story) -> String {
    let runs = story.runs.len();
    let broken = findings::breakdown(story)
        .map(|breakdown| format!("{} of {runs} runs reach phase\u{a0}0", breakdown.known()));
    let ends = findings::output_end(story).and_then(|ends| {
        let share = |share| ends.quantile(share).map(phrase::output);
        let (low, middle, high) = (share(0.05)?, share(0.5)?, share(0.95)?);
        let spread = if low == high {
            String::new()
        } else {
            format!(", from {low} to {high} in the middle 90\u{a0}%")
        };
        Some(format!(
            "28-day output at the end is {middle} of rest ({}){spread}",
            ends.of_runs()
        ))
    });
    let parts: Vec<String> = broken.into_iter().chain(ends).collect();
    if parts.is_empty() {
        return format!("The spread over {runs} runs");
    }
    phrase::capital(&parts.join("; "))
}

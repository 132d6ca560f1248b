//! Output and fill of every sector, one small panel each.

use crate::colour::{GRID, INK, MUTED, sector};
use crate::facts::{
    HIT, Mark, Spell, first_lasting, last, lowest, marks, monthly_mean, phase_spells,
};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, because};
use crate::findings;
use crate::marks::{mark_lines, phase_tint};
use crate::panel::{Panel, as_percent, between, dashed, day_range, line, range_of, ticks};
use crate::phrase;
use crate::sheet::{Type, WIDTH, shorten, width_of, wrap};
use crate::story::{SectorStory, Story};

const SMALL: Type = Type::of(10.5).colour(MUTED);

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let sectors: Vec<(&SectorStory, Vec<f64>)> = story
        .sectors
        .iter()
        .filter_map(|sector| Some((sector, sector.series.median("output_relative")?)))
        .collect();
    if sectors.is_empty() {
        return Err(because("The output of sectors was not recorded."));
    }
    let (spells, marks) = (phase_spells(story), marks(story));
    let reading = "Coloured line: output over output at rest. Grey dashed line: orders delivered over orders placed, 28 days. Lows and ends are means of 28 days. \
                   All panels share their axes; dotted lines are shocks, dashed ones changes of policy, the ground is tinted while the city is below phase 3.";
    let mut draft = Draft::new("sectors", title(story, &sectors), reading.into());
    let columns = match sectors.len() {
        1..=3 => sectors.len(),
        4 => 2,
        5..=9 => 3,
        10..=12 => 4,
        _ => 5,
    };
    let rows = sectors.len().div_ceil(columns);
    let (left, gap) = (62.0, 14.0);
    let width = (WIDTH - left - MARGIN + gap) / columns as f64 - gap;
    let height = if columns < 4 { 180.0 } else { 100.0 };
    let (top, pitch) = (draft.top + 18.0, height + 71.0);
    let values = range_of(sectors.iter().map(|(_, output)| output.as_slice()), &[1.05]);
    let values = (values.0, values.1.min(2.0));
    for (place, (one, output)) in sectors.iter().enumerate() {
        let (row, column) = (place / columns, place % columns);
        let panel = Panel {
            x: left + column as f64 * (width + gap),
            y: top + row as f64 * pitch + 35.0,
            width,
            height,
            days: day_range(story),
            values,
        };
        let lowest_row = place + columns >= sectors.len();
        small_panel(
            &mut draft,
            story,
            &panel,
            one,
            output,
            (&spells, &marks),
            (column == 0, lowest_row),
        );
    }
    let bottom = top + rows as f64 * pitch - 8.0;
    draft.finish(story, bottom, false)
}

fn small_panel(
    draft: &mut Draft,
    story: &Story,
    panel: &Panel,
    one: &SectorStory,
    output: &[f64],
    (spells, marks): (&[Spell], &[Mark]),
    (first_column, lowest_row): (bool, bool),
) {
    let sheet = &mut draft.sheet;
    let colour = sector(one.place);
    phase_tint(sheet, panel, spells);
    let (places, step) = ticks(panel.values, 3.0);
    for value in places {
        let y = panel.up(value);
        sheet.line(&[(panel.x, y), (panel.right(), y)], GRID, 0.75);
        if first_column {
            sheet.text(
                panel.x - 6.0,
                y + 4.0,
                &as_percent(value, step),
                SMALL.end(),
            );
        }
    }
    sheet.line(
        &[(panel.x, panel.bottom()), (panel.right(), panel.bottom())],
        MUTED,
        0.75,
    );
    let (days, _) = ticks(panel.days, 2.0);
    for day in days {
        let x = panel.across(day);
        sheet.line(
            &[(x, panel.bottom()), (x, panel.bottom() + 4.0)],
            MUTED,
            0.75,
        );
        if lowest_row {
            let anchored = if x < panel.x + 20.0 {
                SMALL
            } else if x + 20.0 > panel.right() {
                SMALL.end()
            } else {
                SMALL.middle()
            };
            let text = if day == 0.0 {
                "day\u{a0}0".to_owned()
            } else {
                phrase::grouped(day)
            };
            sheet.text(x, panel.bottom() + 16.0, &text, anchored);
        }
    }
    if let Some((low, high)) = one.series.band("output_relative") {
        between(sheet, panel, &story.days, &low, &high, colour, 0.25);
    }
    if let Some(fill) = one.series.median("fill") {
        dashed(sheet, panel, &story.days, &fill, MUTED, 1.0);
    }
    line(sheet, panel, &story.days, output, colour, 1.5);
    mark_lines(sheet, panel, marks);

    let code = Type::of(13.0).bold().colour(colour);
    let after = width_of(&one.code, code) + 6.0;
    let name = Type::of(10.5).colour(INK);
    let names = wrap(&one.name, name, panel.width - after);
    let names = &names[..names.len().min(2)];
    let first = panel.y - 19.0 - 13.0 * (names.len() as f64 - 1.0);
    sheet.text(panel.x, first, &one.code, code);
    for (row, words) in names.iter().enumerate() {
        let y = first + 13.0 * row as f64;
        sheet.text(panel.x + after, y, words, name);
    }
    let smooth = monthly_mean(&story.days, output);
    if let (Some((day, low)), Some(end)) = (lowest(&story.days, &smooth, 1.0), last(&smooth)) {
        // A row of weeks is too coarse to date a low, and rest has none.
        let day = if story.is_daily() && low < 0.9995 {
            format!(" day {}", phrase::grouped(day))
        } else {
            String::new()
        };
        let note = format!(
            "low {}{day}, end {}",
            phrase::output(low),
            phrase::output(end)
        );
        sheet.text(
            panel.x,
            panel.y - 5.0,
            &shorten(&note, SMALL, panel.width),
            SMALL,
        );
    }
}

fn title(story: &Story, sectors: &[(&SectorStory, Vec<f64>)]) -> String {
    let hit = hit(story, sectors);
    let known = findings::output_low(story).and_then(|low| Some((low.median()?, low.aside())));
    let Some((low, of_runs)) = known else {
        return format!(
            "Output of {}{hit}",
            phrase::count(sectors.len() as f64, "sector")
        );
    };
    // Only rows of every day of one run can date when output leaves its level at rest.
    let dated = story.is_daily() && story.runs.len() == 1;
    let smooth = story
        .city
        .run(0, "output_relative")
        .filter(|_| dated)
        .map(|output| monthly_mean(&story.days, output));
    let leaves = smooth.and_then(|smooth| {
        first_lasting(&story.days, &smooth, 14.0, |value| {
            (value - 1.0).abs() > 0.01
        })
    });
    match leaves {
        None if low < 0.99 => format!(
            "28-day output of the city falls as low as {} of rest{of_runs}{hit}",
            phrase::output(low)
        ),
        None if dated => {
            format!("28-day output of the city stays within 1\u{a0}% of rest throughout{hit}")
        }
        None => format!(
            "28-day output of the city never falls more than 1\u{a0}% below rest{of_runs}{hit}"
        ),
        Some(day) if low < 0.99 => format!(
            "28-day output of the city stays within 1\u{a0}% of rest until {}, then falls as low as {}{hit}",
            phrase::day(story, day),
            phrase::output(low)
        ),
        Some(day) => format!(
            "28-day output of the city rises above rest from {}{hit}",
            phrase::day(story, day)
        ),
    }
}

/// The sector that falls lowest, or how many fall equally low.
fn hit(story: &Story, sectors: &[(&SectorStory, Vec<f64>)]) -> String {
    let lows: Vec<(f64, f64, &SectorStory)> = sectors
        .iter()
        .filter_map(|(sector, output)| {
            let smooth = monthly_mean(&story.days, output);
            lowest(&story.days, &smooth, 1.0).map(|(day, low)| (low, day, *sector))
        })
        .collect();
    let Some((low, day, sector)) = lows.iter().min_by(|a, b| a.0.total_cmp(&b.0)) else {
        return String::new();
    };
    if *low >= 1.0 - HIT {
        return format!(
            "; no sector falls more than {} below it",
            phrase::percent(HIT)
        );
    }
    let text = phrase::percent(*low);
    let alike = lows
        .iter()
        .filter(|(low, ..)| phrase::percent(*low) == text)
        .count();
    if alike > 1 {
        return format!(
            "; {alike} of {} fall to {text}",
            phrase::count(lows.len() as f64, "sector")
        );
    }
    let day = if story.is_daily() && story.runs.len() == 1 {
        format!(" on day\u{a0}{}", phrase::grouped(*day))
    } else {
        String::new()
    };
    format!(
        "; lowest is {} ({}) with {text}{day}",
        sector.name, sector.code
    )
}

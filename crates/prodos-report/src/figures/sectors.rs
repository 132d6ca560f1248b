//! Output and fill of every sector, one small panel each.

use crate::colour::{GRID, INK, MUTED, sector};
use crate::facts::{first_lasting, last, lowest, phase_spells, shocks, trailing_mean};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, because};
use crate::panel::{
    Panel, as_percent, between, dashed, day_range, line, phase_tint, range_of, shock_lines, ticks,
};
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
    let spells = phase_spells(story);
    let reading = "Coloured line: output over output at rest. Grey dashed line: orders delivered over orders placed, 28 days. Lows are means of 28 days. \
                   All panels share their axes; dotted lines are shocks, the ground is tinted while the city is below phase 3.";
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
            &spells,
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
    spells: &[crate::facts::Spell],
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
    shock_lines(sheet, panel, &shocks(story));

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
    let smooth = trailing_mean(&story.days, output, 28.0);
    if let (Some((day, low)), Some(end)) = (lowest(&story.days, &smooth, 1.0), last(&smooth)) {
        let note = format!(
            "low {} day {}, end {}",
            phrase::percent(low),
            phrase::grouped(day),
            phrase::percent(end)
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
    let worst = sectors
        .iter()
        .filter_map(|(sector, output)| {
            let smooth = trailing_mean(&story.days, output, 28.0);
            lowest(&story.days, &smooth, 1.0).map(|(day, low)| (low, day, *sector))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let hit = worst.map_or(String::new(), |(low, day, sector)| {
        format!(
            "; lowest is {} ({}) with {} on day\u{a0}{}",
            sector.name,
            sector.code,
            phrase::percent(low),
            phrase::grouped(day)
        )
    });
    let Some(city) = story.city.median("output_relative") else {
        return format!("Output of {} sectors{hit}", sectors.len());
    };
    let smooth = trailing_mean(&story.days, &city, 28.0);
    let (_, low) = lowest(&story.days, &smooth, 1.0).unwrap_or((0.0, f64::NAN));
    match first_lasting(&story.days, &smooth, 14.0, |value| {
        (value - 1.0).abs() > 0.01
    }) {
        None => format!("Output of the city stays within 1\u{a0}% of rest throughout{hit}"),
        Some(day) if low < 0.99 => format!(
            "Output of the city stays within 1\u{a0}% of rest until {}, then falls as low as {}{hit}",
            phrase::day(story, day),
            phrase::percent(low)
        ),
        Some(day) => format!(
            "Output of the city rises above rest from {}{hit}",
            phrase::day(story, day)
        ),
    }
}

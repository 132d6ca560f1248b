//! Panels: a rectangle of the sheet with a range of days and a range of values.
//!
//! What all figures with values share is here: grid, axes in days and calendar years, lines thinned
//! to what the eye can see, their names, legends.

use crate::calendar::Calendar;
use crate::colour::{GRID, MUTED, PHASE_NAMES, PHASES};
use crate::facts::spans;
use crate::phrase;
use crate::sheet::{Sheet, Type, WIDTH, width_of};
use crate::story::Story;
use plotters::style::RGBColor;

/// Labels on axes.
pub(crate) const TICK: Type = Type::of(11.5).colour(MUTED);
/// What a panel shows, above it.
pub(crate) const NAME: Type = Type::of(13.0).bold();

/// A rectangle with two ranges.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) days: (f64, f64),
    pub(crate) values: (f64, f64),
}

impl Panel {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn across(&self, day: f64) -> f64 {
        let span = (self.days.1 - self.days.0).max(1e-9);
        self.x + self.width * ((day - self.days.0) / span).clamp(0.0, 1.0)
    }

    /// Values outside the range stick to its edge.
    pub(crate) fn up(&self, value: f64) -> f64 {
        let span = (self.values.1 - self.values.0).max(1e-12);
        self.bottom() - self.height * ((value - self.values.0) / span).clamp(0.0, 1.0)
    }
}

/// From the first day that the first row speaks for to the last recorded day, at least one apart.
pub(crate) fn day_range(story: &Story) -> (f64, f64) {
    let first = story.days.first().copied().unwrap_or(0.0);
    let span = spans(&story.days).first().copied().unwrap_or(1.0);
    let first = (first - (span - 1.0).max(0.0)).max(0.0).min(first);
    (
        first,
        story.days.last().copied().unwrap_or(1.0).max(first + 1.0),
    )
}

/// A range around values: from zero or below to a little above the largest.
pub(crate) fn range_of<'a>(
    columns: impl IntoIterator<Item = &'a [f64]>,
    include: &'a [f64],
) -> (f64, f64) {
    let values = columns
        .into_iter()
        .flatten()
        .chain(include)
        .copied()
        .filter(|value| value.is_finite());
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return (0.0, 1.0);
    }
    let span = (high - low).max(1e-9);
    (
        if low < 0.0 { low - 0.06 * span } else { 0.0 },
        high + 0.06 * span,
    )
}

/// Round steps, about `wanted` of them.
pub(crate) fn ticks(range: (f64, f64), wanted: f64) -> (Vec<f64>, f64) {
    let rough = (range.1 - range.0).max(1e-9) / wanted;
    let power = 10f64.powf(rough.log10().floor());
    let step = power
        * [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .find(|&round| round * power >= rough)
            .unwrap_or(10.0);
    let first = (range.0 / step - 1e-6).ceil() as i64;
    let last = (range.1 / step + 1e-6).floor() as i64;
    (
        (first..=last).map(|number| number as f64 * step).collect(),
        step,
    )
}

/// Horizontal grid lines with labels on the left.
pub(crate) fn value_axis(
    sheet: &mut Sheet,
    panel: &Panel,
    wanted: f64,
    label: impl Fn(f64, f64) -> String,
) {
    let (places, step) = ticks(panel.values, wanted);
    for value in places {
        let y = panel.up(value);
        sheet.line(&[(panel.x, y), (panel.right(), y)], GRID, 0.75);
        sheet.text(panel.x - 7.0, y + 4.0, &label(value, step), TICK.end());
    }
}

/// Labels of an axis of shares.
pub(crate) fn as_percent(value: f64, step: f64) -> String {
    format!("{}\u{a0}%", phrase::tick(100.0 * value, 100.0 * step))
}

/// Days under the panel, calendar years under the days; gives back the height used.
pub(crate) fn day_axis(sheet: &mut Sheet, panel: &Panel, calendar: Option<Calendar>) -> f64 {
    let bottom = panel.bottom();
    sheet.line(&[(panel.x, bottom), (panel.right(), bottom)], MUTED, 1.0);
    let (places, step) = ticks(panel.days, 8.0);
    for &day in &places {
        let x = panel.across(day);
        sheet.line(&[(x, bottom), (x, bottom + 5.0)], MUTED, 1.0);
        sheet.text(x, bottom + 18.0, &phrase::tick(day, step), TICK.middle());
    }
    sheet.text(panel.x - 12.0, bottom + 18.0, "day", TICK.end());
    let Some(calendar) = calendar else {
        return 24.0;
    };
    let years = calendar.years(panel.days.1);
    let room = panel.width / years.len().max(1) as f64;
    let every = (44.0 / room).ceil().max(1.0) as usize;
    sheet.text(panel.x - 12.0, bottom + 36.0, "year", TICK.end());
    let mut free = panel.x - 12.0;
    for (start, year) in years.iter().step_by(every) {
        let x = panel.across(*start);
        if *start > 0.0 {
            sheet.line(&[(x, bottom + 24.0), (x, bottom + 38.0)], GRID, 1.0);
        }
        let end = x + 4.0 + width_of(year, TICK);
        if x >= free && end <= panel.right() + 30.0 {
            sheet.text(x + 4.0, bottom + 36.0, year, TICK);
            free = end + 8.0;
        }
    }
    42.0
}

/// Stretches of points on the sheet, broken where values are missing.
fn pieces(points: Vec<(f64, f64)>, panel: &Panel) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (day, value) in points {
        if value.is_nan() {
            pieces.push(Vec::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push((panel.across(day), panel.up(value)));
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// Draws a series as a line.
pub(crate) fn line(
    sheet: &mut Sheet,
    panel: &Panel,
    days: &[f64],
    values: &[f64],
    colour: RGBColor,
    width: f64,
) {
    for piece in pieces(thinned(days, values, panel), panel) {
        sheet.line(&piece, colour, width);
    }
}

/// Draws a series as a dashed line.
pub(crate) fn dashed(
    sheet: &mut Sheet,
    panel: &Panel,
    days: &[f64],
    values: &[f64],
    colour: RGBColor,
    width: f64,
) {
    // Dashes need a calm line: the mean of each slice instead of its extremes.
    for piece in pieces(averaged(days, values, panel), panel) {
        sheet.dashed(&piece, colour, width);
    }
}

/// Fills between two series; missing values on either side break the band.
pub(crate) fn between(
    sheet: &mut Sheet,
    panel: &Panel,
    days: &[f64],
    low: &[f64],
    high: &[f64],
    colour: RGBColor,
    opacity: f64,
) {
    let (low, high) = (averaged(days, low, panel), averaged(days, high, panel));
    let mut edge: (Vec<(f64, f64)>, Vec<(f64, f64)>) = Default::default();
    let mut close = |edge: &mut (Vec<(f64, f64)>, Vec<(f64, f64)>)| {
        let outline: Vec<_> = edge
            .0
            .iter()
            .copied()
            .chain(edge.1.iter().rev().copied())
            .collect();
        sheet.area(&outline, colour, opacity);
        *edge = Default::default();
    };
    for (&(day, from), &(_, to)) in low.iter().zip(&high) {
        if from.is_finite() && to.is_finite() {
            edge.0.push((panel.across(day), panel.up(to)));
            edge.1.push((panel.across(day), panel.up(from)));
        } else {
            close(&mut edge);
        }
    }
    close(&mut edge);
}

/// Stacks shares from the bottom up.
pub(crate) fn stack(
    sheet: &mut Sheet,
    panel: &Panel,
    days: &[f64],
    layers: &[(Vec<f64>, RGBColor)],
) {
    let mut below = vec![0.0; days.len()];
    for (share, colour) in layers {
        let above: Vec<f64> = below
            .iter()
            .zip(share)
            .map(|(low, part)| low + part)
            .collect();
        between(sheet, panel, days, &below, &above, *colour, 1.0);
        below = above;
    }
}

/// Names beside the ends of lines, pushed apart so that none covers another.
pub(crate) fn end_names(
    sheet: &mut Sheet,
    panel: &Panel,
    names: Vec<(f64, String, RGBColor)>,
    size: f64,
) {
    let gap = size + 3.0;
    let mut names = names;
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ends: Vec<f64> = names.iter().map(|name| name.0).collect();
    let at = spread(&ends, gap, panel.bottom());
    for (y, (end, name, colour)) in at.iter().zip(names) {
        sheet.line(
            &[(panel.right() + 3.0, end), (panel.right() + 11.0, *y)],
            colour,
            1.0,
        );
        sheet.text(
            panel.right() + 15.0,
            y + 0.36 * size,
            &name,
            Type::of(size).bold().colour(legible(colour)),
        );
    }
}

/// A colour too pale for text gives way to grey; the stroke beside the text keeps it.
fn legible(colour: RGBColor) -> RGBColor {
    let light = 0.3 * f64::from(colour.0) + 0.59 * f64::from(colour.1) + 0.11 * f64::from(colour.2);
    if light > 170.0 { MUTED } else { colour }
}

/// Places as near as can be to the wanted ones, at least `gap` apart, none below `floor`.
///
/// Neighbours that would touch form a block centred on the mean of what its members want.
fn spread(wanted: &[f64], gap: f64, floor: f64) -> Vec<f64> {
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (place, &want) in wanted.iter().enumerate() {
        // Shifted up by the gaps above it, a place in a block wants the same top as its neighbours.
        let mut block = (want - place as f64 * gap, 1usize);
        while let Some(&(top, number)) = blocks.last() {
            if top <= block.0 {
                break;
            }
            blocks.pop();
            let (both, weight) = (number + block.1, number as f64);
            block = (
                (top * weight + block.0 * block.1 as f64) / both as f64,
                both,
            );
        }
        blocks.push(block);
    }
    let tops = blocks
        .into_iter()
        .flat_map(|(top, number)| std::iter::repeat_n(top, number));
    let lowest = floor - wanted.len().saturating_sub(1) as f64 * gap;
    tops.enumerate()
        .map(|(place, top)| top.min(lowest) + place as f64 * gap)
        .collect()
}

/// Names in legends.
const ENTRY: Type = Type::of(12.0);

/// Width of an entry of a legend: its square, its name and the space to the next.
fn entry_width(name: &str) -> f64 {
    16.0 + width_of(name, ENTRY) + 20.0
}

/// A legend in a row; gives back where it ends.
pub(crate) fn legend(
    sheet: &mut Sheet,
    x: f64,
    baseline: f64,
    entries: &[(String, RGBColor)],
) -> f64 {
    let mut x = x;
    for (name, colour) in entries {
        sheet.rectangle(x, baseline - 9.5, 11.0, 11.0, *colour, 1.0);
        sheet.text(x + 16.0, baseline, name, ENTRY);
        x += entry_width(name);
    }
    x
}

/// A legend that goes on below where a row is full; gives back the baseline of the last row.
pub(crate) fn legend_in_rows(
    sheet: &mut Sheet,
    x: f64,
    baseline: f64,
    entries: &[(String, RGBColor)],
) -> f64 {
    let (mut rest, mut baseline) = (entries, baseline);
    loop {
        let mut end = x;
        let fits = rest.iter().take_while(|(name, _)| {
            end += entry_width(name);
            end <= WIDTH - x
        });
        let (row, below) = rest.split_at(fits.count().max(1).min(rest.len()));
        legend(sheet, x, baseline, row);
        if below.is_empty() {
            return baseline;
        }
        (rest, baseline) = (below, baseline + 20.0);
    }
}

/// The four phases for a legend.
pub(crate) fn phase_legend() -> Vec<(String, RGBColor)> {
    (0..4)
        .map(|phase| {
            (
                format!("phase {phase}, {}", PHASE_NAMES[phase]),
                PHASES[phase],
            )
        })
        .collect()
}

/// At most two points a point of width: the smallest and largest of each slice, so that no peak is lost.
fn thinned(days: &[f64], values: &[f64], panel: &Panel) -> Vec<(f64, f64)> {
    slices(days, panel)
        .flat_map(|rows| {
            let of = |row: usize| (days[row], values[row]);
            let finite = || rows.clone().filter(|&row| values[row].is_finite());
            let low = finite().min_by(|&a, &b| values[a].total_cmp(&values[b]));
            let high = finite().max_by(|&a, &b| values[a].total_cmp(&values[b]));
            match (low, high) {
                (Some(low), Some(high)) if low == high => vec![of(low)],
                (Some(low), Some(high)) => vec![of(low.min(high)), of(low.max(high))],
                _ => vec![(days[rows.start], f64::NAN)],
            }
        })
        .collect()
}

/// One point a point of width: the mean of each slice.
fn averaged(days: &[f64], values: &[f64], panel: &Panel) -> Vec<(f64, f64)> {
    slices(days, panel)
        .map(|rows| {
            let finite: Vec<f64> = values[rows.clone()]
                .iter()
                .copied()
                .filter(|value| value.is_finite())
                .collect();
            let day = if rows.start == 0 {
                days[0]
            } else if rows.end == days.len() {
                days[rows.end - 1]
            } else {
                0.5 * (days[rows.start] + days[rows.end - 1])
            };
            (
                day,
                if finite.is_empty() {
                    f64::NAN
                } else {
                    finite.iter().sum::<f64>() / finite.len() as f64
                },
            )
        })
        .collect()
}

/// Cuts rows into as many slices as the panel has points across.
fn slices<'a>(
    days: &'a [f64],
    panel: &Panel,
) -> impl Iterator<Item = std::ops::Range<usize>> + use<'a> {
    let number = (panel.width.max(1.0) as usize).clamp(1, days.len().max(1));
    let rows = days.len();
    (0..number)
        .map(move |slice| slice * rows / number..(slice + 1) * rows / number)
        .filter(|rows| !rows.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{spread, ticks};

    #[test]
    fn names_that_would_touch_stand_around_their_middle() {
        assert_eq!(spread(&[10.0, 50.0], 15.0, 100.0), [10.0, 50.0]);
        assert_eq!(spread(&[50.0, 50.0, 50.0], 10.0, 100.0), [40.0, 50.0, 60.0]);
        assert_eq!(spread(&[95.0, 98.0], 10.0, 98.0), [88.0, 98.0]);
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            ticks((0.0, 1.0), 4.0),
            (vec![0.0, 0.25, 0.5, 0.75, 1.0], 0.25)
        );
        assert_eq!(ticks((0.0, 3650.0), 8.0).1, 500.0);
    }
}

//! Maps of two things that are varied: where runs break down, and what the headline comes to, with the boundary
//! beyond which most runs reach phase 0.

use crate::colour::{GRID, INK, MUTED, ON_DARK, ON_LIGHT, PHASES};
use crate::design::{Lever, Share, Trials};
use crate::figure::{Draft, Figure, MARGIN, NoFigure};
use crate::panel::{NAME, TICK, ticks};
use crate::phrase;
use crate::sheet::{Sheet, Type, WIDTH, shorten, width_of};
use plotters::style::RGBColor;

/// Values that have a column or row of their own; of more, parts of the range.
const LEVELS: usize = 24;
/// Cells with numbers in them at most, side by side.
const NUMBERED: usize = 13;
/// Maps side by side.
const ABREAST: usize = 2;
/// Space for names of rows.
const LABELS: f64 = 120.0;

/// Columns or rows of a map.
struct Axis {
    name: String,
    /// Bounds of its parts, one more than there are parts.
    edges: Vec<f64>,
    /// Where the middle of each part is, and what it is called.
    middles: Vec<f64>,
    words: Vec<String>,
    is_number: bool,
    /// Whether a part stands for a range of values, each with few runs.
    is_of_ranges: bool,
}

/// A map, row by row from below.
struct Map {
    title: String,
    across: Axis,
    up: Axis,
    /// Value of each cell; NaN where there is no run.
    cells: Vec<f64>,
    /// Share of runs in phase 0 of each cell.
    broken: Vec<f64>,
}

impl Axis {
    fn parts(&self) -> usize {
        self.words.len()
    }

    /// Which part a value is in.
    fn part(&self, value: f64) -> Option<usize> {
        let above = self.edges.iter().take_while(|edge| **edge <= value).count();
        let last = above == self.edges.len() && self.edges.last() == Some(&value);
        let part = if last {
            above.checked_sub(2)
        } else {
            above.checked_sub(1)
        };
        part.filter(|part| *part < self.parts())
    }

    /// The values of a lever, or ranges of them where they are many or few points lie on a grid of them.
    fn of_lever(lever: &Lever, points: usize, on_grid: bool) -> Axis {
        let levels = lever.levels();
        // Four points a cell or more, on average.
        let parts = ((points as f64).sqrt() / 2.0).clamp(3.0, 16.0) as usize;
        if levels.len() <= LEVELS && on_grid || levels.len() <= parts {
            let words = levels.iter().map(|own| lever.told(*own)).collect();
            return Axis {
                name: lever.named(),
                edges: around(&levels),
                words,
                middles: levels,
                is_number: lever.is_number(),
                is_of_ranges: false,
            };
        }
        let (low, high) = (levels[0], levels[levels.len() - 1]);
        let at = |part: f64| low + (high - low) * part / parts as f64;
        let edges: Vec<f64> = (0..=parts).map(|part| at(part as f64)).collect();
        let range = |ends: &[f64]| {
            let [from, to] = [ends[0], ends[1]].map(phrase::short);
            format!("{from} to {to}")
        };
        Axis {
            name: lever.named(),
            words: edges.windows(2).map(range).collect(),
            edges,
            middles: (0..parts).map(|part| at(part as f64 + 0.5)).collect(),
            is_number: true,
            is_of_ranges: true,
        }
    }

    fn of_words(name: &str, words: &[String]) -> Axis {
        let middles: Vec<f64> = (0..words.len()).map(|own| own as f64).collect();
        Axis {
            name: name.to_owned(),
            edges: around(&middles),
            middles,
            words: words.to_vec(),
            is_number: false,
            is_of_ranges: false,
        }
    }
}

/// Bounds half-way between values, and as far outside the first and the last.
fn around(values: &[f64]) -> Vec<f64> {
    let between: Vec<f64> = values
        .windows(2)
        .map(|pair| 0.5 * (pair[0] + pair[1]))
        .collect();
    let first = values.first().copied().unwrap_or(0.0);
    let last = values.last().copied().unwrap_or(first);
    let (below, above) = match (between.first(), between.last()) {
        (Some(low), Some(high)) => (2.0 * first - low, 2.0 * last - high),
        _ => (first - 0.5, last + 0.5),
    };
    let mut edges = vec![below];
    edges.extend(between);
    edges.push(above);
    edges
}

/// Where runs break down.
pub(super) fn tipping(trials: &Trials) -> Result<Figure, NoFigure> {
    let (maps, kind) = maps(trials, &|runs| {
        Share::of(&trials.broken, runs.iter().copied()).value()
    })
    .ok_or(NoFigure::Unasked)?;
    let what = match kind {
        Kind::Days => "share of the runs of a cell whose city is in phase\u{a0}0 on that day",
        _ => "share of the runs of a cell whose city reaches phase\u{a0}0",
    };
    let scale = Scale {
        name: "runs in phase\u{a0}0 (share)",
        range: (0.0, 1.0),
        of: PHASES[0],
        told: phrase::percent,
    };
    draw(
        trials,
        "tipping-map",
        tipping_title(trials, &maps, kind),
        what,
        &maps,
        &scale,
    )
}

/// What the headline comes to.
pub(super) fn heat(trials: &Trials) -> Result<Figure, NoFigure> {
    let values = &trials.headline.values;
    let (maps, _) = maps(trials, &|runs| super::response::at(values, runs, 0.5))
        .filter(|(_, kind)| *kind != Kind::Days)
        .ok_or(NoFigure::Unasked)?;
    let known = || maps.iter().flat_map(|map| &map.cells).copied();
    let known = || known().filter(|value| value.is_finite());
    let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return Err(crate::figure::because(
            "No run has a number for the headline.",
        ));
    }
    let name = trials.headline.named();
    let what = format!("median of {name} over the runs of a cell");
    let title = format!(
        "The median of {} goes from {} to {} {} over the map",
        phrase::kind(&trials.headline.name),
        phrase::short(low),
        phrase::short(high),
        trials.headline.unit
    );
    let scale = Scale {
        name: &name,
        range: (low, if high > low { high } else { low + 1.0 }),
        of: crate::colour::BLUE,
        told: |value| phrase::short(value),
    };
    draw(trials, "heat-map", title, &what, &maps, &scale)
}

/// How maps are to be read, as far as what is said of them is there.
fn reading(what: &str, maps: &[Map], abreast: usize, scale: &Scale) -> String {
    let wide = width(abreast);
    let numbered = |map: &Map| {
        let columns = map.across.parts();
        (0..map.cells.len()).any(|cell| fits(map, cell / columns, cell % columns, wide, scale))
    };
    let number = if maps.iter().any(numbered) {
        " and number"
    } else {
        ""
    };
    let mut reading = format!("Colour{number}: {what}.");
    if maps.iter().any(|map| !boundary(map).is_empty()) {
        reading += " The black line is the boundary of phase\u{a0}0: beyond it more than half of the runs reach it \
                    (interpolated between cells).";
    }
    if maps
        .iter()
        .any(|map| map.across.is_of_ranges || map.up.is_of_ranges)
    {
        reading += " A cell holds all runs within its ranges, whatever else is varied.";
    }
    if maps
        .iter()
        .any(|map| map.cells.iter().any(|cell| cell.is_nan()))
    {
        reading += " A stroke: no run.";
    }
    reading
}

/// What a map is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Two levers.
    Numbers,
    /// A lever, and policies or scenarios.
    Lines,
    /// Policies or scenarios over days.
    Days,
}

/// The maps there are: of two levers one for each variant, else of a lever and the variants, else of variants and days.
fn maps(trials: &Trials, value: &dyn Fn(&[usize]) -> f64) -> Option<(Vec<Map>, Kind)> {
    let varied = || trials.levers.iter().filter(|own| own.levels().len() > 1);
    let mut numbers: Vec<&Lever> = varied().filter(|own| own.is_number()).collect();
    if numbers.len() > 2 {
        // Those of which the headline depends most, in the order of the design.
        let reach = |place: &usize| super::response::reach(trials, numbers[*place]);
        let mut places: Vec<usize> = (0..numbers.len()).collect();
        places.sort_by(|a, b| reach(b).total_cmp(&reach(a)));
        places.truncate(2);
        places.sort_unstable();
        numbers = places.into_iter().map(|place| numbers[place]).collect();
    }
    let mut numbers = numbers.into_iter();
    let lines = &trials.variants;
    let points = trials.manifest.points as usize / lines.names.len().max(1);
    let (first, second) = (numbers.next(), numbers.next());
    let any = varied().next();
    if let Some((first, second)) = first.zip(second) {
        let each = lines.names.iter().enumerate().map(|(line, name)| {
            // Of a grid with points left out there is still a half.
            let on_grid = first.levels().len() * second.levels().len() <= 2 * points;
            let axis = |lever| Axis::of_lever(lever, points, on_grid);
            let (across, up) = (axis(first), axis(second));
            let place = |run: usize| {
                across
                    .part(first.values[run])
                    .zip(up.part(second.values[run]))
            };
            let title = if lines.names.len() > 1 { name } else { "" };
            let cells = cells(lines.runs(line), &place, across.parts(), up.parts());
            map(trials, title, across, up, &cells, value)
        });
        return Some((each.collect(), Kind::Numbers));
    }
    if let Some(lever) = any.filter(|_| lines.names.len() > 1) {
        let (across, up) = (
            Axis::of_lever(lever, points, true),
            Axis::of_words("policy or scenario", &lines.names),
        );
        let place = |run: usize| Some((across.part(lever.values[run])?, lines.of_run[run]));
        let cells = cells(0..trials.points.len(), &place, across.parts(), up.parts());
        return Some((
            vec![map(trials, "", across, up, &cells, value)],
            Kind::Lines,
        ));
    }
    let course = &trials.course;
    if trials.lines.names.len() < 2 || course.days.len() < 2 {
        return None;
    }
    let named = if lines.names.len() > 1 {
        "policy or scenario"
    } else {
        "value that is varied"
    };
    let up = Axis::of_words(named, &trials.lines.names);
    let across = days(&course.days);
    let cells: Vec<f64> = course
        .lines
        .iter()
        .flat_map(|line| line.broken.iter().copied())
        .collect();
    Some((
        vec![Map {
            title: String::new(),
            across,
            up,
            broken: cells.clone(),
            cells,
        }],
        Kind::Days,
    ))
}

fn days(days: &[f64]) -> Axis {
    Axis {
        name: "recorded day (days)".to_owned(),
        edges: around(days),
        words: days.iter().map(|day| phrase::grouped(*day)).collect(),
        middles: days.to_vec(),
        is_number: true,
        is_of_ranges: false,
    }
}

fn cells(
    runs: impl Iterator<Item = usize>,
    place: &dyn Fn(usize) -> Option<(usize, usize)>,
    wide: usize,
    high: usize,
) -> Vec<Vec<usize>> {
    let mut cells = vec![Vec::new(); wide * high];
    for run in runs {
        if let Some((column, row)) = place(run)
            && row < high
        {
            cells[row * wide + column].push(run);
        }
    }
    cells
}

fn map(
    trials: &Trials,
    title: &str,
    across: Axis,
    up: Axis,
    cells: &[Vec<usize>],
    value: &dyn Fn(&[usize]) -> f64,
) -> Map {
    let of = |value: &dyn Fn(&[usize]) -> f64| -> Vec<f64> {
        let each = cells.iter();
        each.map(|runs| {
            if runs.is_empty() {
                f64::NAN
            } else {
                value(runs)
            }
        })
        .collect()
    };
    Map {
        title: title.to_owned(),
        broken: of(&|runs| Share::of(&trials.broken, runs.iter().copied()).value()),
        cells: of(value),
        across,
        up,
    }
}

/// From what to what colours go.
struct Scale<'a> {
    name: &'a str,
    range: (f64, f64),
    of: RGBColor,
    told: fn(f64) -> String,
}

impl Scale<'_> {
    fn share(&self, value: f64) -> f64 {
        ((value - self.range.0) / (self.range.1 - self.range.0)).clamp(0.0, 1.0)
    }

    /// From nearly white to the full colour.
    fn colour(&self, value: f64) -> RGBColor {
        let share = self.share(value);
        let mix = |pale: f64, full: u8| (pale + share * (f64::from(full) - pale)).round() as u8;
        RGBColor(
            mix(246.0, self.of.0),
            mix(244.0, self.of.1),
            mix(240.0, self.of.2),
        )
    }
}

fn draw(
    trials: &Trials,
    name: &'static str,
    title: String,
    what: &str,
    maps: &[Map],
    scale: &Scale,
) -> Result<Figure, NoFigure> {
    let abreast = maps.len().min(ABREAST);
    let mut draft = Draft::new(name, title, reading(what, maps, abreast, scale));
    let sheet = &mut draft.sheet;
    let titled = maps.iter().any(|map| !map.title.is_empty());
    let above = if titled { 48.0 } else { 30.0 };
    let top = key(sheet, draft.top + 6.0, scale) + above;
    let room = (WIDTH - 2.0 * MARGIN) / abreast as f64;
    let (mut y, mut bottom) = (top, top);
    for row in maps.chunks(abreast) {
        for (place, map) in row.iter().enumerate() {
            let x = MARGIN + room * place as f64 + LABELS;
            let end = one(sheet, map, scale, (x, y, width(abreast)));
            bottom = f64::max(bottom, end);
        }
        y = bottom + above;
    }
    Ok(draft.finish_with(&trials.caption(), bottom)?)
}

/// How wide a map is beside others.
fn width(abreast: usize) -> f64 {
    (WIDTH - 2.0 * MARGIN) / abreast as f64 - LABELS - 20.0
}

/// How tall a map is.
fn height(map: &Map) -> f64 {
    (34.0 * map.up.parts() as f64).clamp(40.0, 360.0)
}

/// How numbers in cells are set.
fn in_cells() -> Type {
    Type::of(11.0).middle()
}

/// Whether the number of a cell has room in it.
fn fits(map: &Map, row: usize, column: usize, wide: f64, scale: &Scale) -> bool {
    let part = |axis: &Axis, part: usize, whole: f64| {
        let ends = axis.edges[axis.edges.len() - 1] - axis.edges[0];
        whole * (axis.edges[part + 1] - axis.edges[part]) / ends
    };
    let value = map.cells[row * map.across.parts() + column];
    let needed = width_of(&(scale.told)(value), in_cells()) + 4.0;
    !value.is_nan()
        && map.across.parts() <= NUMBERED
        && part(&map.across, column, wide) > needed
        && part(&map.up, row, height(map)) > 13.0
}

/// The scale of colours; gives back where it ends.
fn key(sheet: &mut Sheet, y: f64, scale: &Scale) -> f64 {
    const STEPS: u32 = 40;
    let (wide, set) = (180.0, Type::of(12.0));
    let x = MARGIN + width_of(scale.name, set) + 90.0;
    sheet.text(MARGIN, y + 10.0, scale.name, set);
    for step in 0..STEPS {
        let share = (f64::from(step) + 0.5) / f64::from(STEPS);
        let value = scale.range.0 + share * (scale.range.1 - scale.range.0);
        let at = x + wide * f64::from(step) / f64::from(STEPS);
        let colour = scale.colour(value);
        sheet.rectangle(at, y, wide / f64::from(STEPS) + 0.3, 12.0, colour, 1.0);
    }
    let ends = [(x - 7.0, scale.range.0), (x + wide + 7.0, scale.range.1)];
    sheet.text(ends[0].0, y + 10.0, &(scale.told)(ends[0].1), set.end());
    sheet.text(ends[1].0, y + 10.0, &(scale.told)(ends[1].1), set);
    y + 12.0
}

/// One map in a rectangle; gives back where it ends.
fn one(sheet: &mut Sheet, map: &Map, scale: &Scale, (x, y, wide): (f64, f64, f64)) -> f64 {
    let tall = height(map);
    let (columns, rows) = (map.across.parts(), map.up.parts());
    let ends = |axis: &Axis| (axis.edges[0], axis.edges[axis.edges.len() - 1]);
    let (left, right) = ends(&map.across);
    let (low, high) = ends(&map.up);
    let across = |value: f64| x + wide * (value - left) / (right - left);
    let up = |value: f64| y + tall * (high - value) / (high - low);
    if !map.title.is_empty() {
        sheet.text(x, y - 8.0, &shorten(&map.title, NAME, wide), NAME);
    }
    let mut words = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let value = map.cells[row * columns + column];
            let (from, to) = (
                across(map.across.edges[column]),
                across(map.across.edges[column + 1]),
            );
            let (top, bottom) = (up(map.up.edges[row + 1]), up(map.up.edges[row]));
            if value.is_nan() {
                sheet.line(&[(from, bottom), (to, top)], GRID, 0.75);
                continue;
            }
            sheet.rectangle(from, top, to - from, bottom - top, scale.colour(value), 1.0);
            if fits(map, row, column, wide, scale) {
                let (word, set) = ((scale.told)(value), in_cells());
                let ink = if scale.share(value) > 0.55 {
                    ON_DARK
                } else {
                    ON_LIGHT
                };
                let middle = (0.5 * (from + to), 0.5 * (top + bottom) + 4.0);
                words.push((middle, word, set.colour(ink)));
            }
        }
    }
    for (from, to) in boundary(map) {
        let drawn = [(across(from.0), up(from.1)), (across(to.0), up(to.1))];
        sheet.line(&drawn, INK, 2.4);
    }
    for ((x, y), word, set) in words {
        sheet.text(x, y, &word, set);
    }
    names(sheet, map, (x, y, wide, tall), &across, &up)
}

/// The names of rows and columns; gives back where they end.
fn names(
    sheet: &mut Sheet,
    map: &Map,
    (x, y, wide, tall): (f64, f64, f64, f64),
    across: &dyn Fn(f64) -> f64,
    up: &dyn Fn(f64) -> f64,
) -> f64 {
    let bottom = y + tall;
    let labels = |axis: &Axis, wanted: f64| -> Vec<(f64, String)> {
        if axis.is_number && axis.parts() as f64 > wanted {
            let ends = (axis.edges[0], axis.edges[axis.edges.len() - 1]);
            let (places, step) = ticks(ends, wanted);
            let told = |place: f64| (place, phrase::tick(place, step));
            return places.into_iter().map(told).collect();
        }
        let each = axis.middles.iter().copied();
        each.zip(axis.words.iter().cloned()).collect()
    };
    for (value, word) in labels(&map.across, (wide / 60.0).floor()) {
        let at = across(value);
        sheet.line(&[(at, bottom), (at, bottom + 4.0)], MUTED, 1.0);
        let word = shorten(&word, TICK, wide / map.across.parts().min(8) as f64);
        sheet.text(at, bottom + 17.0, &word, TICK.middle());
    }
    for (value, word) in labels(&map.up, (tall / 24.0).floor()) {
        let at = up(value);
        sheet.line(&[(x - 4.0, at), (x, at)], MUTED, 1.0);
        let word = shorten(&word, TICK, LABELS - 12.0);
        sheet.text(x - 8.0, at + 4.0, &word, TICK.end());
    }
    let name = shorten(&map.across.name, TICK, wide);
    sheet.text(x + 0.5 * wide, bottom + 36.0, &name, TICK.middle());
    let name = shorten(&format!("↑ {}", map.up.name), TICK, LABELS + wide);
    let above = if map.title.is_empty() { 8.0 } else { 28.0 };
    sheet.text(x - LABELS + 4.0, y - above, &name, TICK);
    bottom + 42.0
}

/// The line on which half of the runs reach phase 0, by marching squares between the middles of cells.
fn boundary(map: &Map) -> Vec<((f64, f64), (f64, f64))> {
    if !(map.across.is_number && map.up.is_number) {
        return Vec::new();
    }
    // Between parts of ranges with holes in them a line would say more than there is.
    let of_ranges = map.across.is_of_ranges || map.up.is_of_ranges;
    if of_ranges && map.broken.iter().any(|share| share.is_nan()) {
        return Vec::new();
    }
    let (columns, rows) = (map.across.parts(), map.up.parts());
    let corner = |column: usize, row: usize| {
        let place = (map.across.middles[column], map.up.middles[row]);
        (place, map.broken[row * columns + column] - 0.5)
    };
    let mut lines = Vec::new();
    for row in 1..rows {
        for column in 1..columns {
            let corners = [
                corner(column - 1, row - 1),
                corner(column, row - 1),
                corner(column, row),
                corner(column - 1, row),
            ];
            if corners.iter().any(|own| own.1.is_nan()) {
                continue;
            }
            let mut crossings = (0..4).filter_map(|side| {
                let (one, other) = (corners[side], corners[(side + 1) % 4]);
                let crosses = (one.1 > 0.0) != (other.1 > 0.0);
                let share = one.1 / (one.1 - other.1);
                let between = |a: f64, b: f64| a + share * (b - a);
                crosses.then(|| (between(one.0.0, other.0.0), between(one.0.1, other.0.1)))
            });
            while let (Some(from), Some(to)) = (crossings.next(), crossings.next()) {
                lines.push((from, to));
            }
        }
    }
    lines
}

fn tipping_title(trials: &Trials, maps: &[Map], kind: Kind) -> String {
    let all = Share::of(&trials.broken, 0..trials.points.len());
    if kind == Kind::Days {
        return format!(
            "{} reach phase\u{a0}0 at some time",
            phrase::capital(&all.told())
        );
    }
    let cells = || maps.iter().flat_map(|map| &map.cells).copied();
    let known = cells().filter(|cell| cell.is_finite()).count();
    let over = cells().filter(|cell| *cell > 0.5).count();
    match over {
        0 => format!(
            "No cell tips: nowhere do more than half of the runs reach phase\u{a0}0, and {} in all",
            all.told()
        ),
        over if over == known => format!(
            "All cells tip: everywhere more than half of the runs reach phase\u{a0}0, {} in all",
            all.told()
        ),
        over => format!(
            "In {over} of {known} cells more than half of the runs reach phase\u{a0}0, {} in all",
            all.told()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Map, around, boundary};

    fn axis(middles: &[f64]) -> Axis {
        Axis {
            name: String::new(),
            edges: around(middles),
            middles: middles.to_vec(),
            words: middles.iter().map(f64::to_string).collect(),
            is_number: true,
            is_of_ranges: false,
        }
    }

    #[test]
    fn values_stand_in_the_part_around_them() {
        let axis = axis(&[0.0, 1.0, 3.0]);
        assert_eq!(axis.edges, [-0.5, 0.5, 2.0, 4.0]);
        assert_eq!(
            [0.0, 1.0, 3.0, 4.0].map(|own| axis.part(own)),
            [0, 1, 2, 2].map(Some)
        );
        assert_eq!([-0.6, 4.1].map(|own| axis.part(own)), [None, None]);
    }

    #[test]
    fn the_boundary_lies_where_half_of_the_runs_break() {
        let map = Map {
            title: String::new(),
            across: axis(&[0.0, 1.0]),
            up: axis(&[0.0, 10.0]),
            cells: Vec::new(),
            broken: vec![1.0, 0.25, 1.0, 0.25],
        };
        let at = 0.5 / 0.75;
        assert_eq!(boundary(&map).len(), 1);
        let (from, to) = boundary(&map)[0];
        assert!((from.0 - at).abs() < 1e-12 && (to.0 - at).abs() < 1e-12);
        assert_eq!((from.1 - to.1).abs(), 10.0);
    }
}

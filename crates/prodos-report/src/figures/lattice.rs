//! The city grid on chosen days: every team a cell, coloured by its phase.

use crate::colour::{INK, MUTED, PAPER, PHASES};
use crate::facts::{chosen_spells, first_breakdown, marks};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, because};
use crate::panel::{legend, phase_legend};
use crate::phrase;
use crate::pixels::palette_png;
use crate::sheet::{Sheet, Type, WIDTH, width_of};
use crate::story::{Lattice, SectorStory, Story};

const MAPS: usize = 6;
const GAP: f64 = 22.0;
/// Maps whose shares of teams in each phase lie no farther apart than this look alike.
const ALIKE: f64 = 0.02;
/// Cells at least so wide are parted by thin lines; smaller ones would be hidden by them.
const PARTED: f64 = 10.0;

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let lattice = story
        .lattice
        .as_ref()
        .ok_or_else(|| because("The phases of teams on the lattice were not recorded."))?;
    let chosen = choose(story, lattice);
    let reading = format!(
        "Each cell is a team, each outlined patch a sector with its code. Days are the first and last recorded, \
         and those around shocks, policies and changes of the city's phase; a map that hardly differs from the one before is left out.{}",
        without_teams(story, lattice)
    );
    let mut draft = Draft::new("lattice", title(lattice) + &story.which(), reading);
    legend(&mut draft.sheet, MARGIN, draft.top + 12.0, &phase_legend());
    let columns = chosen.len().clamp(1, 3);
    let rows = chosen.len().div_ceil(columns);
    let room = (WIDTH - 2.0 * MARGIN - GAP * (columns - 1) as f64) / columns as f64;
    let cell = (room / lattice.width as f64).min(420.0 / lattice.height as f64);
    let (width, height) = (cell * lattice.width as f64, cell * lattice.height as f64);
    let top = draft.top + 36.0;
    for (place, &frame) in chosen.iter().enumerate() {
        let x = MARGIN + (place % columns) as f64 * (room + GAP);
        let y = top + (place / columns) as f64 * (height + 44.0);
        let (day, cells) = &lattice.frames[frame];
        let sheet = &mut draft.sheet;
        let name = phrase::capital(&phrase::day(story, *day));
        sheet.text(x, y + 10.0, &name, Type::of(13.0).bold());
        let zero = phrase::percent(share_in(cells, 0));
        let after = x + width_of(&name, Type::of(13.0).bold()) + 10.0;
        let note = Type::of(11.5).colour(MUTED);
        let text = format!("{zero} in phase\u{a0}0");
        if after + width_of(&text, note) < x + width.max(room * 0.9) {
            sheet.text(after, y + 10.0, &text, note);
        }
        sheet.image(x, y + 18.0, width, height, &picture(lattice, cells)?);
        patches(sheet, story, lattice, (x, y + 18.0), cell);
    }
    let bottom = top + rows as f64 * (height + 44.0) - 18.0;
    draft.finish(story, bottom, true)
}

/// Names the sectors that have no team and so no place on the map.
fn without_teams(story: &Story, lattice: &Lattice) -> String {
    let absent = |sector: &&SectorStory| !lattice.sector.contains(&Some(sector.place));
    let names: Vec<String> = story
        .sectors
        .iter()
        .filter(absent)
        .map(|sector| format!("{} ({})", sector.name, sector.code))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(" Without teams: {}.", names.join(", "))
    }
}

/// Cells as a small picture, a few pixels a cell so that edges stay sharp when it is scaled.
fn picture(lattice: &Lattice, cells: &[u8]) -> Result<Vec<u8>, NoFigure> {
    let zoom = (1200 / lattice.width.max(lattice.height)).clamp(1, 24);
    let mut indices = Vec::with_capacity(cells.len() * zoom * zoom);
    for row in cells.chunks(lattice.width) {
        let line: Vec<u8> = row
            .iter()
            .flat_map(|&phase| std::iter::repeat_n(phase, zoom))
            .collect();
        (0..zoom).for_each(|_| indices.extend_from_slice(&line));
    }
    let (wide, high) = (lattice.width * zoom, lattice.height * zoom);
    Ok(palette_png(
        "lattice",
        wide as u32,
        high as u32,
        &palette(),
        &indices,
    )?)
}

/// The four phases, then the empty cell.
pub(super) fn palette() -> Vec<u8> {
    PHASES
        .iter()
        .chain([&PAPER])
        .flat_map(|colour| [colour.0, colour.1, colour.2])
        .collect()
}

/// Outlines of sector patches, and the sector's code on a plate where the patch is large enough.
pub(super) fn patches(
    sheet: &mut Sheet,
    story: &Story,
    lattice: &Lattice,
    (left, top): (f64, f64),
    cell: f64,
) {
    let at = |corner: (usize, usize)| (left + corner.0 as f64 * cell, top + corner.1 as f64 * cell);
    if cell >= PARTED {
        let (wide, high) = (lattice.width, lattice.height);
        let across = (1..high).map(|y| ((0, y), (wide, y)));
        let down = (1..wide).map(|x| ((x, 0), (x, high)));
        for (start, end) in across.chain(down) {
            sheet.line(&[at(start), at(end)], PAPER, 1.5);
        }
    }
    for (start, end) in borders(lattice) {
        sheet.line(&[at(start), at(end)], INK, 1.0);
    }
    let mut plates: Vec<(f64, f64, f64, f64)> = Vec::new();
    for sector in &story.sectors {
        let places =
            || (0..lattice.sector.len()).filter(|&at| lattice.sector[at] == Some(sector.place));
        let number = places().count();
        if number == 0 {
            continue;
        }
        let mean = |of: &dyn Fn(usize) -> usize| {
            places().map(|at| of(at) as f64 + 0.5).sum::<f64>() / number as f64
        };
        let middle = (
            mean(&|at| at % lattice.width),
            mean(&|at| at / lattice.width),
        );
        let across = |of: &dyn Fn(usize) -> usize| {
            let (low, high) = places().map(of).fold((usize::MAX, 0), |(low, high), at| {
                (low.min(at), high.max(at))
            });
            (high + 1 - low) as f64 * cell
        };
        let breadth = across(&|at| at % lattice.width);
        let tall = across(&|at| at / lattice.width);
        let smallest = breadth.min(tall);
        let size = if smallest > 26.0 { 13.0 } else { 9.5 };
        let set = Type::of(size).bold().middle();
        let (wide, high) = (width_of(&sector.code, set) + 5.0, size + 2.0);
        let spots: Vec<(f64, f64)> = if cell >= PARTED {
            // On a line between cells a letter would hide where they part.
            let cells = places().map(|at| (at % lattice.width, at / lattice.width));
            in_cells(cells, middle)
        } else {
            // A patch smaller than its letter has it below; among thin neighbours, which would hide each
            // other's letters, a letter moves along its patch.
            let below = if smallest < high {
                (f64::midpoint(tall, high) + 1.0) / cell
            } else {
                0.0
            };
            [0.0, -0.25, 0.25, -0.4, 0.4]
                .map(|aside| (middle.0 + aside * breadth / cell, middle.1 + below))
                .into()
        };
        let free = spots
            .into_iter()
            .map(|(x, y)| (left + cell * x, top + cell * y))
            .map(|(x, y)| (x - wide / 2.0, y - high / 2.0, wide, high))
            .find(|plate| !plates.iter().any(|other| overlap(plate, other)));
        if let Some(plate) = free.filter(|_| smallest >= 4.0) {
            sheet.rectangle(plate.0, plate.1, wide, high, PAPER, 0.88);
            let y = plate.1 + high / 2.0 + 0.36 * size;
            sheet.text(plate.0 + wide / 2.0, y, &sector.code, set);
            plates.push(plate);
        }
    }
}

/// Middles of cells, the nearest to a point first; of equally near ones the upper left.
fn in_cells(cells: impl Iterator<Item = (usize, usize)>, to: (f64, f64)) -> Vec<(f64, f64)> {
    let mut middles: Vec<(f64, f64)> = cells
        .map(|(x, y)| (x as f64 + 0.5, y as f64 + 0.5))
        .collect();
    let far = |&(x, y): &(f64, f64)| (x - to.0).powi(2) + (y - to.1).powi(2);
    middles.sort_by(|a, b| far(a).total_cmp(&far(b)));
    middles
}

/// Whether two rectangles (left, top, width, height) share some area.
fn overlap(one: &(f64, f64, f64, f64), other: &(f64, f64, f64, f64)) -> bool {
    one.0 < other.0 + other.2
        && other.0 < one.0 + one.2
        && one.1 < other.1 + other.3
        && other.1 < one.1 + one.3
}

/// Edges between cells of different sectors and around the city, joined into long strokes.
fn borders(lattice: &Lattice) -> Vec<((usize, usize), (usize, usize))> {
    let at = |x: usize, y: usize| {
        (1..=lattice.width).contains(&x).then_some(())?;
        (1..=lattice.height).contains(&y).then_some(())?;
        lattice.sector[(y - 1) * lattice.width + x - 1]
    };
    let mut strokes = Vec::new();
    for y in 0..=lattice.height {
        let differs = |x: usize| at(x + 1, y) != at(x + 1, y + 1);
        strokes.extend(stretches(lattice.width, differs).map(|(from, to)| ((from, y), (to, y))));
    }
    for x in 0..=lattice.width {
        let differs = |y: usize| at(x, y + 1) != at(x + 1, y + 1);
        strokes.extend(stretches(lattice.height, differs).map(|(from, to)| ((x, from), (x, to))));
    }
    strokes
}

/// Longest stretches of places for which something holds.
fn stretches(length: usize, holds: impl Fn(usize) -> bool) -> impl Iterator<Item = (usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for place in 0..=length {
        match (place < length && holds(place), start) {
            (true, None) => start = Some(place),
            (false, Some(from)) => {
                found.push((from, place));
                start = None;
            }
            _ => {}
        }
    }
    found.into_iter()
}

/// Up to six frames: first, last, and the first recorded at or after each turn of events, without those
/// that hardly differ from the one before.
fn choose(story: &Story, lattice: &Lattice) -> Vec<usize> {
    let last = lattice.frames.len() - 1;
    let mut chosen = vec![0, last];
    let spells = chosen_spells(story);
    let turns = first_breakdown(&spells)
        .into_iter()
        .chain(spells.iter().skip(1).map(|spell| spell.start))
        .chain(marks(story).iter().map(|mark| mark.start))
        .collect::<Vec<_>>();
    let even = (1..MAPS - 1).map(|part| lattice.frames[part * last / (MAPS - 1)].0);
    for day in turns.into_iter().chain(even) {
        let frame = lattice
            .frames
            .partition_point(|(recorded, _)| *recorded < day)
            .min(last);
        let apart = chosen
            .iter()
            .all(|&other| other.abs_diff(frame) > lattice.frames.len() / 24);
        let before = chosen.iter().copied().filter(|&other| other < frame).max();
        let tells = before.is_some_and(|before| differ(lattice, before, frame));
        if chosen.len() < MAPS && apart && tells {
            chosen.push(frame);
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    telling(lattice, chosen)
}

/// The first and the last frame, and of the others those that differ from the one kept before.
fn telling(lattice: &Lattice, frames: Vec<usize>) -> Vec<usize> {
    let ends = (frames.first().copied(), frames.last().copied());
    let mut kept: Vec<usize> = Vec::new();
    for frame in frames {
        let new = kept
            .last()
            .is_none_or(|&before| differ(lattice, before, frame));
        if new || Some(frame) == ends.1 || Some(frame) == ends.0 {
            kept.push(frame);
        }
    }
    kept
}

/// Whether two frames differ by more than the eye would pass over: in the share of any phase, or in most
/// teams of one sector, which may be too small to show in the shares.
fn differ(lattice: &Lattice, one: usize, other: usize) -> bool {
    let (one, other) = (&lattice.frames[one].1, &lattice.frames[other].1);
    let shares = (0..4).any(|phase| (share_in(one, phase) - share_in(other, phase)).abs() > ALIKE);
    shares || a_sector_turned(lattice, one, other)
}

/// Whether more than half of the teams of a sector, and two at least, are in another phase.
fn a_sector_turned(lattice: &Lattice, one: &[u8], other: &[u8]) -> bool {
    let places = lattice
        .sector
        .iter()
        .flatten()
        .max()
        .map_or(0, |most| most + 1);
    let mut turned = vec![(0, 0); places];
    for (sector, (before, now)) in lattice.sector.iter().zip(one.iter().zip(other)) {
        if let Some(place) = *sector {
            turned[place].0 += usize::from(before != now);
            turned[place].1 += 1;
        }
    }
    turned
        .iter()
        .any(|&(turned, teams)| turned > 1 && 2 * turned > teams)
}

/// Share of teams in a phase.
pub(super) fn share_in(cells: &[u8], phase: u8) -> f64 {
    let teams: Vec<u8> = cells
        .iter()
        .copied()
        .filter(|&cell| cell != Lattice::EMPTY)
        .collect();
    let inside = teams
        .iter()
        .map(|&cell| f64::from(cell == phase))
        .sum::<f64>();
    inside / teams.len().max(1) as f64
}

fn title(lattice: &Lattice) -> String {
    let zero = |frame: usize| share_in(&lattice.frames[frame].1, 0);
    let last = lattice.frames.len() - 1;
    let worst = (0..=last)
        .max_by(|&a, &b| zero(a).total_cmp(&zero(b)).then(b.cmp(&a)))
        .unwrap_or(0);
    let day = |frame: usize| format!("day\u{a0}{}", phrase::grouped(lattice.frames[frame].0));
    if zero(worst) == 0.0 {
        return format!(
            "No team is in phase\u{a0}0 on any of the {} recorded days",
            lattice.frames.len()
        );
    }
    if zero(worst) < 0.01 {
        return format!(
            "At most {} of teams are in phase\u{a0}0 on any of the {} recorded days",
            phrase::small(zero(worst)),
            lattice.frames.len()
        );
    }
    if zero(worst) - zero(last) < 0.01 {
        return format!(
            "Teams in phase\u{a0}0: {} on {}, {} on {}",
            phrase::percent(zero(0)),
            day(0),
            phrase::percent(zero(last)),
            day(last)
        );
    }
    format!(
        "Teams in phase\u{a0}0: {} on {}, at worst {} on {}, {} on {}",
        phrase::percent(zero(0)),
        day(0),
        phrase::percent(zero(worst)),
        day(worst),
        phrase::percent(zero(last)),
        day(last)
    )
}

#[cfg(test)]
mod tests {
    use super::{in_cells, telling};
    use crate::story::Lattice;

    #[test]
    fn a_map_that_hardly_differs_from_the_one_before_is_left_out() {
        let frame = |day: f64, broken: usize| {
            let cells = (0..100).map(|cell| if cell < broken { 0 } else { 3 });
            (day, cells.collect())
        };
        let lattice = Lattice {
            width: 10,
            height: 10,
            sector: vec![Some(0); 100],
            frames: vec![
                frame(0.0, 0),
                frame(1.0, 1),
                frame(2.0, 50),
                frame(3.0, 51),
                frame(4.0, 50),
            ],
        };
        assert_eq!(telling(&lattice, vec![0, 1, 2, 3, 4]), [0, 2, 4]);
        assert_eq!(telling(&lattice, vec![2, 3]), [2, 3], "both ends stay");
    }

    #[test]
    fn a_map_in_which_a_small_sector_turned_is_kept() {
        let mut sector = vec![Some(0); 1000];
        sector[..3].fill(Some(1));
        let frame = |day: f64, turned: usize| {
            let cells = (0..1000).map(|cell| if cell < turned { 0 } else { 3 });
            (day, cells.collect())
        };
        let lattice = Lattice {
            width: 100,
            height: 10,
            sector,
            frames: vec![frame(0.0, 0), frame(1.0, 1), frame(2.0, 2), frame(3.0, 0)],
        };
        assert_eq!(telling(&lattice, vec![0, 1, 2, 3]), [0, 2, 3]);
    }

    #[test]
    fn a_letter_stands_in_the_middle_of_a_cell() {
        let block = [(0, 0), (1, 0), (0, 1), (1, 1)];
        let spots = in_cells(block.into_iter(), (1.0, 1.0));
        assert_eq!(spots[0], (0.5, 0.5));
        assert_eq!(spots.len(), 4);
    }
}

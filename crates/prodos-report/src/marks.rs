//! Marks: what a time figure says about the whole city, above its panels and on their ground.
//!
//! Shocks and policies with their signs, names and lengths, and the city's phases as a band or a tint.

use crate::colour::{INK, ON_DARK, ON_LIGHT, PAPER, PHASE_NAMES, PHASES};
use crate::facts::{Mark, Outside, Spell};
use crate::panel::Panel;
use crate::sheet::{Sheet, Type, shorten, width_of};

/// The city's phases as a faint ground: the worse the phase, the more of it.
pub(crate) fn phase_tint(sheet: &mut Sheet, panel: &Panel, spells: &[Spell]) {
    for spell in spells.iter().filter(|spell| spell.phase < 3) {
        let (left, right) = (panel.across(spell.start), panel.across(spell.end));
        let opacity = [0.13, 0.12, 0.16][spell.phase];
        sheet.rectangle(
            left,
            panel.y,
            right - left,
            panel.height,
            PHASES[spell.phase],
            opacity,
        );
    }
}

/// Rows of names above the marks at most.
const NAME_ROWS: usize = 5;
/// Height of a row of names.
const NAME_ROW: f64 = 15.0;
/// Lanes of bars of shocks that last at most; those beyond share the last.
const LANES: usize = 3;
/// Height of a lane.
const LANE: f64 = 5.0;

/// What stands above the panels of a time figure: shocks and policies with their names, a bar for as
/// long as a shock lasts, and the city's phases.
///
/// Gives the height at which the first panel's name stands.
pub(crate) fn city_head(
    sheet: &mut Sheet,
    panel: &Panel,
    top: f64,
    marks: &[Mark],
    spells: &[Spell],
) -> f64 {
    let names = place_names(panel, marks);
    let lanes = lanes(marks);
    let own_rows = marks.iter().map(|mark| row_of(mark.what, marks));
    let rows = names.iter().map(|name| name.row).chain(own_rows).max();
    let baseline = if marks.is_empty() {
        top + 2.0
    } else {
        top + 12.0 + NAME_ROW * rows.unwrap_or(0) as f64
    };
    for mark in marks {
        let y = baseline - NAME_ROW * row_of(mark.what, marks) as f64;
        sign(sheet, panel.across(mark.start), y, mark.what);
    }
    for name in &names {
        let y = baseline - 1.0 - NAME_ROW * name.row as f64;
        sheet.text(name.left, y, &name.text, MARK_NAME);
    }
    for (mark, lane) in marks.iter().zip(&lanes) {
        if let (Some(end), Some(lane)) = (mark.end, lane) {
            let (left, right) = (panel.across(mark.start), panel.across(end));
            let y = baseline + 3.0 + LANE * *lane as f64;
            sheet.rectangle(left, y, (right - left).max(1.0), 3.0, INK, 0.75);
        }
    }
    let deep = lanes.iter().flatten().max().map_or(0, |lane| lane + 1);
    let band = baseline + 3.0 + LANE * deep as f64;
    phase_band(sheet, panel, band, 18.0, spells);
    sheet.text(
        panel.x - 7.0,
        band + 13.0,
        "City",
        Type::of(11.5).bold().end(),
    );
    band + 44.0
}

/// How to read the marks of a figure, as far as it has them.
pub(crate) fn marks_reading(marks: &[Mark]) -> String {
    let has = |what| marks.iter().any(|mark| mark.what == what);
    let lasting = if marks.iter().any(|mark| mark.end.is_some()) {
        ", bars how long they last"
    } else {
        ""
    };
    match (has(Outside::Shock), has(Outside::Policy)) {
        (false, false) => String::new(),
        (true, false) => format!(" Triangles at the top are shocks{lasting}."),
        (false, true) => " Diamonds at the top are changes of policy.".to_owned(),
        (true, true) => {
            format!(" Triangles at the top are shocks{lasting}; diamonds are changes of policy.")
        }
    }
}

const MARK_NAME: Type = Type::of(11.0).colour(INK);

/// A full triangle for a shock, a hollow diamond for a policy.
fn sign(sheet: &mut Sheet, x: f64, baseline: f64, what: Outside) {
    match what {
        Outside::Shock => {
            let triangle = [
                (x - 4.0, baseline - 8.0),
                (x + 4.0, baseline - 8.0),
                (x, baseline),
            ];
            sheet.area(&triangle, INK, 1.0);
        }
        Outside::Policy => {
            let middle = baseline - 4.5;
            let diamond = [
                (x - 5.0, middle),
                (x, middle - 5.0),
                (x + 5.0, middle),
                (x, middle + 5.0),
                (x - 5.0, middle),
            ];
            sheet.area(&diamond[..4], PAPER, 1.0);
            sheet.line(&diamond, INK, 1.5);
        }
    }
}

/// The row in which marks of a kind stand: policies above shocks, where there are both, so that neither
/// hides the other.
fn row_of(what: Outside, marks: &[Mark]) -> usize {
    let over = what == Outside::Policy && marks.iter().any(|mark| mark.what == Outside::Shock);
    usize::from(over)
}

/// A name beside its mark, or in a row above the marks.
struct Placed {
    row: usize,
    left: f64,
    text: String,
}

/// Each name once, beside its first mark where no other mark or name is in the way, else above.
fn place_names(panel: &Panel, marks: &[Mark]) -> Vec<Placed> {
    let places: Vec<f64> = marks.iter().map(|mark| panel.across(mark.start)).collect();
    let mut names: Vec<(f64, &Mark, usize)> = Vec::new();
    for (mark, &x) in marks.iter().zip(&places) {
        let same = |other: &&mut (f64, &Mark, usize)| {
            (&other.1.name, other.1.what) == (&mark.name, mark.what)
        };
        match names.iter_mut().find(same) {
            Some(known) => known.2 += 1,
            None => names.push((x, mark, 1)),
        }
    }
    let mut taken: Vec<(usize, f64, f64)> = Vec::new();
    let mut placed = Vec::new();
    for (x, mark, times) in names {
        let short = shorten(&mark.name, MARK_NAME, 230.0);
        let text = if times == 1 {
            short
        } else {
            format!("{short}, {times} times")
        };
        let width = width_of(&text, MARK_NAME);
        let leans_left = x + 8.0 + width > panel.right();
        let left = if leans_left { x - 8.0 - width } else { x + 8.0 };
        let (from, to) = (left - 6.0, left + width + 6.0);
        let free = |row: &usize| {
            let crossed = marks.iter().zip(&places).any(|(other, &at)| {
                let own = at == x && other.what == mark.what;
                row_of(other.what, marks) == *row && at + 5.0 > from && at - 5.0 < to && !own
            });
            !crossed
                && !taken
                    .iter()
                    .any(|other| other.0 == *row && from < other.2 && other.1 < to)
        };
        if let Some(row) = (row_of(mark.what, marks)..NAME_ROWS).find(free) {
            taken.push((row, from, to));
            placed.push(Placed { row, left, text });
        }
    }
    placed
}

/// The lane of each shock that lasts: the first that is free when it starts.
fn lanes(marks: &[Mark]) -> Vec<Option<usize>> {
    let mut free_from = [f64::NEG_INFINITY; LANES];
    let lane = |mark: &Mark| {
        let end = mark.end?;
        let free = free_from.iter().position(|&free| free <= mark.start);
        let lane = free.unwrap_or(LANES - 1);
        free_from[lane] = free_from[lane].max(end);
        Some(lane)
    };
    marks.iter().map(lane).collect()
}

/// The city's phases as a band of full colour above a panel, named where there is room.
pub(crate) fn phase_band(sheet: &mut Sheet, panel: &Panel, y: f64, height: f64, spells: &[Spell]) {
    for spell in spells {
        let (left, right) = (panel.across(spell.start), panel.across(spell.end));
        sheet.rectangle(
            left,
            y,
            (right - left).max(0.5),
            height,
            PHASES[spell.phase],
            1.0,
        );
        let set = Type::of(11.0)
            .bold()
            .colour(if spell.phase == 0 { ON_DARK } else { ON_LIGHT });
        let names = [
            format!("phase {} {}", spell.phase, PHASE_NAMES[spell.phase]),
            format!("{}", spell.phase),
        ];
        if let Some(name) = names
            .iter()
            .find(|name| width_of(name, set) + 10.0 < right - left)
        {
            sheet.text(left + 6.0, y + height / 2.0 + 4.0, name, set);
        }
    }
}

/// Marks as thin lines through panels, dotted for shocks, dashed for policies: each of a few, the first
/// of each name of many.
pub(crate) fn mark_lines(sheet: &mut Sheet, panel: &Panel, marks: &[Mark]) {
    let few = marks.len() <= 12;
    for (place, mark) in marks.iter().enumerate() {
        let first = || marks[..place].iter().all(|other| other.name != mark.name);
        if few || first() {
            let x = panel.across(mark.start);
            let ends = [(x, panel.y), (x, panel.bottom())];
            match mark.what {
                Outside::Shock => sheet.dotted(&ends, INK, 1.0),
                Outside::Policy => sheet.dashed(&ends, INK, 1.0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{lanes, place_names};
    use crate::facts::{Mark, Outside};
    use crate::panel::Panel;

    fn mark(start: f64, end: Option<f64>, name: &str) -> Mark {
        Mark {
            start,
            end,
            name: name.into(),
            what: Outside::Shock,
        }
    }

    #[test]
    fn shocks_that_overlap_lie_in_lanes_of_their_own() {
        let marks = [
            mark(0.0, Some(10.0), "a"),
            mark(5.0, Some(20.0), "b"),
            mark(7.0, None, "c"),
            mark(12.0, Some(15.0), "d"),
        ];
        assert_eq!(lanes(&marks), [Some(0), Some(1), None, Some(0)]);
    }

    #[test]
    fn names_of_marks_close_together_stand_in_rows_of_their_own() {
        let panel = Panel {
            x: 0.0,
            y: 0.0,
            width: 800.0,
            height: 100.0,
            days: (0.0, 800.0),
            values: (0.0, 1.0),
        };
        let policy = Mark {
            what: Outside::Policy,
            ..mark(20.0, None, "unfunded maintenance")
        };
        let marks = [
            mark(10.0, None, "cold winter"),
            policy,
            mark(30.0, None, "cold winter"),
            mark(790.0, None, "heat"),
        ];
        let placed = place_names(&panel, &marks);
        let rows: Vec<(&str, usize)> = placed
            .iter()
            .map(|name| (name.text.as_str(), name.row))
            .collect();
        assert_eq!(
            rows,
            [
                ("cold winter, 2 times", 2),
                ("unfunded maintenance", 1),
                ("heat", 0)
            ]
        );
        assert!(placed[2].left < 790.0, "it leans left at the edge");
    }
}

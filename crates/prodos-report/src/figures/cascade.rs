//! The largest cascade: which event caused which, as a tree over days.
//!
//! Every event has a row of its own, children below their cause, so that no line crosses a name.

use crate::colour::{BLUE, BROWN, GREEN, GREY, GRID, INK, MUTED, ORANGE, PHASES, PURPLE, SKY};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, because};
use crate::panel::{TICK, ticks};
use crate::phrase;
use crate::sheet::{Sheet, Type, WIDTH, shorten, width_of};
use crate::story::{Event, Story};
use plotters::style::RGBColor;
use std::collections::HashMap;

/// Rows a figure shows at most.
const ROWS: usize = 40;
/// Children of one cause shown at most; the rest becomes "and n more".
const FAN: usize = 4;
const ROW: f64 = 21.0;
const NAMES: f64 = 250.0;

/// A row: an event, or a note on how many were left out; with the row of its cause.
struct Row<'a> {
    event: Option<&'a Event>,
    day: f64,
    text: String,
    parent: Option<usize>,
}

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let events = story
        .events
        .as_deref()
        .ok_or_else(|| because("Events were not recorded."))?;
    let tree = Tree::of(events);
    let Some(root) = tree.largest() else {
        return Err(because(
            "No event caused another, so there is no cascade to show.",
        ));
    };
    let members = tree.members(root);
    let rows = tree.rows(root);
    let days = rows
        .iter()
        .map(|row| row.day)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), day| {
            (a.min(day), b.max(day))
        });
    let reading = "Each disc is an event on its day, each square a change of phase, joined to the event that contributed most to it; causes \
                   stand above and to the left of what they caused. B/0 is team 0 of sector B; shortage B/0: D says that it lacks what D \
                   supplies. Large fans are shortened to their largest branches.";
    let mut draft = Draft::new(
        "cascade",
        title(story, &tree, root, &members),
        reading.into(),
    );
    let sheet = &mut draft.sheet;
    let (left, right) = (MARGIN + 10.0, WIDTH - MARGIN - NAMES);
    let across = |day: f64| left + (right - left) * (day - days.0) / (days.1 - days.0).max(1.0);
    let top = draft.top + 10.0;
    let bottom = top + rows.len() as f64 * ROW + 4.0;
    // Names stand in the room on the right, and the axis goes on below them, to the end of the run at most.
    let edge = days.0 + (WIDTH - MARGIN - left) / (right - left) * (days.1 - days.0).max(1.0);
    let end = story.days.last().map_or(days.1, |&last| last.max(days.1));
    let (places, step) = ticks((days.0, edge.min(end).max(days.0 + 1.0)), 7.0);
    for day in places.into_iter().filter(|day| day.fract() == 0.0) {
        let x = across(day);
        sheet.line(&[(x, top), (x, bottom)], GRID, 0.75);
        sheet.text(
            x,
            bottom + 16.0,
            &phrase::tick(day, step.max(1.0)),
            TICK.middle(),
        );
    }
    sheet.line(&[(left, bottom), (WIDTH - MARGIN, bottom)], MUTED, 1.0);
    sheet.text(left, bottom + 33.0, "days since the start", TICK);
    let at = |row: usize| (across(rows[row].day), top + (row as f64 + 0.5) * ROW);
    for (place, row) in rows.iter().enumerate() {
        if let Some(parent) = row.parent {
            let ((x0, y0), (x1, y1)) = (at(parent), at(place));
            sheet.line(&[(x0, y0), (x0, y1), (x1, y1)], MUTED, 1.0);
        }
    }
    for (place, row) in rows.iter().enumerate() {
        let (x, y) = at(place);
        let set = if row.event.is_some() {
            Type::of(12.0)
        } else {
            Type::of(11.5).colour(MUTED)
        };
        let name = shorten(&row.text, set, WIDTH - MARGIN - x - 12.0);
        if let Some(event) = row.event {
            symbol(sheet, (x, y), &kind(event));
        }
        sheet.text(
            x + if row.event.is_some() { 10.0 } else { 6.0 },
            y + 4.0,
            &name,
            set,
        );
    }
    let mut kinds: Vec<String> = rows.iter().filter_map(|row| row.event.map(kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut x = MARGIN;
    for kind in &kinds {
        let (name, set) = (phrase::kind(kind), Type::of(12.0));
        let width = 14.0 + width_of(&name, set) + 18.0;
        if x + width > WIDTH - MARGIN {
            break;
        }
        symbol(sheet, (x + 5.0, bottom + 54.0), kind);
        sheet.text(x + 14.0, bottom + 58.0, &name, set);
        x += width;
    }
    draft.finish(story, bottom + 62.0, true)
}

struct Tree<'a> {
    events: &'a [Event],
    /// Where the cause of each stands, if it is on record.
    causes: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    /// Events that follow from each, without itself.
    below: Vec<usize>,
    roots: Vec<usize>,
}

impl<'a> Tree<'a> {
    /// Links events to their causes. A cause must come earlier in the record, so there are no circles.
    fn of(events: &'a [Event]) -> Tree<'a> {
        let place: HashMap<i64, usize> = events
            .iter()
            .enumerate()
            .map(|(at, event)| (event.id, at))
            .collect();
        let mut children = vec![Vec::new(); events.len()];
        let mut below = vec![0; events.len()];
        let mut roots = Vec::new();
        // The end of a shock is part of it and no consequence.
        let counts = |event: &Event| event.kind != "shock_end";
        let cause = |(at, event): (usize, &Event)| {
            let cause = place.get(&event.cause?).copied();
            cause.filter(|&cause| cause < at)
        };
        let causes: Vec<Option<usize>> = events.iter().enumerate().map(cause).collect();
        for at in (0..events.len()).rev() {
            match causes[at].filter(|_| counts(&events[at])) {
                Some(cause) => {
                    below[cause] += below[at] + 1;
                    children[cause].push(at);
                }
                None => roots.push(at),
            }
        }
        for fan in &mut children {
            fan.reverse();
        }
        roots.reverse();
        Tree {
            events,
            causes,
            children,
            below,
            roots,
        }
    }

    fn largest(&self) -> Option<usize> {
        let most = self
            .roots
            .iter()
            .map(|&root| self.below[root])
            .max()
            .filter(|&most| most > 0)?;
        self.roots
            .iter()
            .copied()
            .find(|&root| self.below[root] == most)
    }

    /// All events that follow from one, with itself.
    fn members(&self, root: usize) -> Vec<usize> {
        let mut members = vec![root];
        let mut next = 0;
        while let Some(&at) = members.get(next) {
            members.extend(&self.children[at]);
            next += 1;
        }
        members
    }

    /// Chooses what is shown: the branches with most below them, as far as the rows reach.
    fn rows(&self, root: usize) -> Vec<Row<'a>> {
        let mut shown = vec![root];
        let mut edge = vec![root];
        while shown.len() < ROWS && !edge.is_empty() {
            edge.sort_by_key(|&at| std::cmp::Reverse((self.below[at], std::cmp::Reverse(at))));
            let at = edge.remove(0);
            let mut fan = self.children[at].clone();
            fan.sort_by_key(|&child| {
                std::cmp::Reverse((self.below[child], std::cmp::Reverse(child)))
            });
            for &child in fan.iter().take(FAN) {
                shown.push(child);
                edge.push(child);
            }
        }
        let mut rows = Vec::new();
        self.lay(root, None, &shown, &mut rows);
        rows
    }

    /// Name of an event; an episode that caused itself to be noted again has grown.
    fn name_of(&self, at: usize) -> String {
        let event = &self.events[at];
        let grows = self.causes[at].is_some_and(|cause| {
            let before = &self.events[cause];
            event.kind != "phase" && (&before.kind, &before.entity) == (&event.kind, &event.entity)
        });
        if grows {
            format!("{} grows", name(event))
        } else {
            name(event)
        }
    }

    fn lay(&self, at: usize, parent: Option<usize>, shown: &[usize], rows: &mut Vec<Row<'a>>) {
        let event = &self.events[at];
        let mine = rows.len();
        rows.push(Row {
            event: Some(event),
            day: event.day,
            text: self.name_of(at),
            parent,
        });
        let hidden: Vec<usize> = self.children[at]
            .iter()
            .copied()
            .filter(|child| !shown.contains(child))
            .collect();
        for &child in self.children[at]
            .iter()
            .filter(|child| shown.contains(child))
        {
            self.lay(child, Some(mine), shown, rows);
        }
        if let Some(&first) = hidden.first() {
            let number: usize = hidden.iter().map(|&child| self.below[child] + 1).sum();
            let text = format!("and {} more", phrase::grouped(number as f64));
            rows.push(Row {
                event: None,
                day: self.events[first].day,
                text,
                parent: Some(mine),
            });
        }
    }
}

/// `shortage C`, `storms (shock, city)`, `C enters phase 0`.
fn name(event: &Event) -> String {
    let (kind, entity, detail) = (phrase::kind(&event.kind), &event.entity, &event.detail);
    if event.kind == "phase" {
        return format!("{entity} enters phase\u{a0}{}", phrase::grouped(event.size));
    }
    match (event.kind.as_str(), detail.is_empty()) {
        (_, true) => format!("{kind} {entity}"),
        ("shock" | "policy", false) => format!("{} ({kind}, {entity})", phrase::kind(detail)),
        (_, false) => format!("{kind} {entity}: {detail}"),
    }
}

/// Kind of an event; a change of phase with the phase it leads to.
fn kind(event: &Event) -> String {
    if event.kind == "phase" {
        format!("phase {}", event.size)
    } else {
        event.kind.clone()
    }
}

/// A square for a change of phase, in the colour of the phase; a disc for everything else.
fn symbol(sheet: &mut Sheet, (x, y): (f64, f64), kind: &str) {
    if kind.starts_with("phase") {
        sheet.rectangle(x - 4.5, y - 4.5, 9.0, 9.0, colour(kind), 1.0);
    } else {
        sheet.disc(x, y, 4.5, colour(kind));
    }
}

fn colour(kind: &str) -> RGBColor {
    match kind {
        "phase 0" => PHASES[0],
        "phase 1" => PHASES[1],
        "phase 2" => PHASES[2],
        "phase 3" => PHASES[3],
        "shock" => INK,
        "shortage" => ORANGE,
        "backlog" => BLUE,
        "overload" => SKY,
        "defects" => PURPLE,
        "incident" => BROWN,
        "warning" | "policy" => GREEN,
        _ => GREY,
    }
}

fn title(story: &Story, tree: &Tree<'_>, root: usize, members: &[usize]) -> String {
    let event = &tree.events[root];
    let last = members
        .iter()
        .map(|&at| tree.events[at].day)
        .fold(event.day, f64::max);
    let rank = match story.outcome("cascades_total") {
        None => "the largest cascade".to_owned(),
        Some(1.0) => "the only cascade".to_owned(),
        Some(cascades) => format!("the largest of {}", phrase::count(cascades, "cascade")),
    };
    format!(
        "{} on {} set off {} within {}, {rank}{}",
        phrase::capital(&name(event)),
        phrase::day(story, event.day),
        phrase::count((members.len() - 1) as f64, "further event"),
        phrase::count(last - event.day, "day"),
        story.which()
    )
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::story::Event;

    #[test]
    fn an_episode_grows_when_it_is_its_own_cause_and_a_cause_must_come_earlier() {
        let event = |id, kind: &str, entity: &str, cause| Event {
            id,
            day: id as f64,
            kind: kind.into(),
            entity: entity.into(),
            cause,
            size: 1.0,
            detail: String::new(),
        };
        let events = [
            event(7, "backlog", "C/1", Some(9)),
            event(8, "backlog", "C/1", Some(7)),
            event(9, "backlog", "C/2", Some(8)),
            event(10, "phase", "C/2", Some(9)),
            event(11, "phase", "C/2", Some(10)),
        ];
        let tree = Tree::of(&events);
        let names: Vec<String> = (0..events.len()).map(|at| tree.name_of(at)).collect();
        assert_eq!(
            names,
            [
                "backlog C/1",
                "backlog C/1 grows",
                "backlog C/2",
                "C/2 enters phase\u{a0}1",
                "C/2 enters phase\u{a0}1",
            ]
        );
        assert_eq!(tree.causes, [None, Some(0), Some(1), Some(2), Some(3)]);
    }
}

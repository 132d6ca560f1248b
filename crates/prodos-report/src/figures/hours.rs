//! The ledger of hours: what paid time goes to.

use crate::colour::MUTED;
use crate::facts::{MONTH, marks, phase_spells, spans};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::marks::{city_head, mark_lines, marks_reading};
use crate::panel::{
    NAME, Panel, as_percent, day_axis, day_range, end_names, legend, stack, value_axis,
};
use crate::phrase;
use crate::sheet::{Type, WIDTH, width_of};
use crate::story::Story;
use plotters::style::RGBColor;

/// Purposes from the bottom up: output, what mends, what protects, what connects, what is not worked.
const PURPOSES: [(&str, &str, RGBColor); 13] = [
    ("hours_output", "output", RGBColor(0x3F, 0x8F, 0xC4)),
    ("hours_repair", "repair", RGBColor(0xB3, 0x36, 0x0B)),
    ("hours_rework", "rework", RGBColor(0xE2, 0x8A, 0x5C)),
    ("hours_preventive", "preventive", RGBColor(0x00, 0x7A, 0x5A)),
    ("hours_inspection", "inspection", RGBColor(0x3D, 0xB2, 0x8C)),
    ("hours_quality", "quality", RGBColor(0x8F, 0xD3, 0xBC)),
    ("hours_training", "training", RGBColor(0xF0, 0xA8, 0x30)),
    ("hours_drills", "drills", RGBColor(0xC9, 0x82, 0x10)),
    ("hours_upgrade", "upgrade", RGBColor(0x8A, 0x5F, 0xA8)),
    (
        "hours_coordination",
        "coordination",
        RGBColor(0xCC, 0x79, 0xA7),
    ),
    ("hours_aid", "aid", RGBColor(0xE8, 0xB4, 0xD0)),
    ("hours_absent", "absent", RGBColor(0x8A, 0x93, 0x9B)),
    ("hours_idle", "idle", RGBColor(0xCF, 0xD5, 0xDA)),
];

/// Shares below this at the end are named under the panel: beside it they would lie on each other.
const NAMED: f64 = 0.005;

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let hours: Vec<Vec<f64>> = PURPOSES
        .iter()
        .map(|(column, ..)| {
            story
                .city
                .mean(column)
                .unwrap_or_else(|| vec![0.0; story.days.len()])
        })
        .collect();
    let paid: Vec<f64> = (0..story.days.len())
        .map(|day| hours.iter().map(|purpose| purpose[day]).sum())
        .collect();
    if !paid.iter().any(|&total| total > 0.0) {
        return Err(because("The ledger of hours was not recorded."));
    }
    let shares: Vec<Vec<f64>> = hours
        .iter()
        .map(|purpose| {
            purpose
                .iter()
                .zip(&paid)
                .map(|(part, all)| if *all > 0.0 { part / all } else { f64::NAN })
                .collect()
        })
        .collect();
    let (spells, marks) = (phase_spells(story), marks(story));
    let days = Weeks::of(&story.days);
    let reading = format!(
        "Every paid hour goes to one purpose, so the layers fill the panel. Numbers on the right are shares of {}. \
         Greens protect what there is, reds mend what broke.{}",
        days.last_in_words(),
        marks_reading(&marks)
    );
    let mut draft = Draft::new("hours", title(story, &days, &shares), reading);
    let top = draft.top;
    let sheet = &mut draft.sheet;
    let mut panel = Panel {
        x: PANEL_LEFT,
        y: top,
        width: WIDTH - PANEL_LEFT - 160.0,
        height: 380.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    let y = city_head(sheet, &panel, top, &marks, &spells);
    sheet.text(PANEL_LEFT, y, "Paid hours by purpose, share", NAME);
    panel.y = y + 9.0;
    value_axis(sheet, &panel, 5.0, as_percent);
    let layers: Vec<_> = shares
        .iter()
        .cloned()
        .zip(PURPOSES.map(|purpose| purpose.2))
        .collect();
    stack(sheet, &panel, &story.days, &layers);
    mark_lines(sheet, &panel, &marks);
    let (mut below, mut names, mut small) = (0.0, Vec::new(), Vec::new());
    for (share, (_, name, colour)) in shares.iter().zip(PURPOSES) {
        let end = days.mean(share, false);
        let ever = share.iter().any(|&part| part > 0.0);
        if ever && end < NAMED {
            small.push((name.to_owned(), colour));
        } else if ever {
            names.push((
                panel.up(below + end / 2.0),
                format!("{name} {}", phrase::percent(end)),
                colour,
            ));
        }
        below += end;
    }
    end_names(sheet, &panel, names, 12.0);
    let mut bottom = panel.bottom() + day_axis(sheet, &panel, story.calendar);
    if !small.is_empty() {
        bottom += 22.0;
        let text = format!("Below {} at the end:", phrase::percent(NAMED));
        let note = Type::of(11.5).colour(MUTED);
        sheet.text(PANEL_LEFT, bottom, &text, note);
        let after = PANEL_LEFT + width_of(&text, note) + 12.0;
        legend(sheet, after, bottom, &small);
    }
    draft.finish(story, bottom, false)
}

/// The rows of the first and of the last 28 days, each with the days of it that fall in them.
struct Weeks {
    first: Vec<(usize, f64)>,
    last: Vec<(usize, f64)>,
}

impl Weeks {
    fn of(days: &[f64]) -> Weeks {
        let spans = spans(days);
        let take = |rows: &mut dyn Iterator<Item = usize>| {
            let (mut missing, mut taken) = (MONTH, Vec::new());
            for row in rows {
                if missing < 1e-6 {
                    break;
                }
                taken.push((row, spans[row].min(missing)));
                missing -= spans[row].min(missing);
            }
            taken
        };
        Weeks {
            first: take(&mut (0..spans.len())),
            last: take(&mut (0..spans.len()).rev()),
        }
    }

    /// Mean share over the first or last 28 days.
    fn mean(&self, share: &[f64], first: bool) -> f64 {
        let rows = if first { &self.first } else { &self.last };
        let known = rows.iter().filter(|(row, _)| share[*row].is_finite());
        let (sum, days) = known.fold((0.0, 0.0), |(sum, days), &(row, span)| {
            (sum + span * share[row], days + span)
        });
        if days > 0.0 { sum / days } else { 0.0 }
    }

    fn last_in_words(&self) -> String {
        let days: f64 = self.last.iter().map(|(_, span)| span).sum();
        format!("the last {}", phrase::count(days, "day"))
    }
}

/// Output first; then the purpose that grew most.
fn title(story: &Story, days: &Weeks, shares: &[Vec<f64>]) -> String {
    let of_runs = if story.runs.len() > 1 {
        format!(" (mean of {}\u{a0}runs)", story.runs.len())
    } else {
        String::new()
    };
    let over = |purpose: usize, first: bool| days.mean(&shares[purpose], first);
    let change = |purpose: usize| over(purpose, false) - over(purpose, true);
    let grown = (1..PURPOSES.len())
        .max_by(|&a, &b| change(a).total_cmp(&change(b)))
        .unwrap_or(0);
    let from_to = |purpose: usize| {
        (
            phrase::percent(over(purpose, true)),
            phrase::percent(over(purpose, false)),
        )
    };
    let (first, end) = from_to(0);
    if (0..PURPOSES.len()).all(|purpose| change(purpose).abs() < 0.01) {
        return format!(
            "Output takes {first} of paid hours at the start and {end} at the end; no purpose moves by a percentage point{of_runs}"
        );
    }
    let (low, high) = from_to(grown);
    format!(
        "Output takes {first} of paid hours at the start and {end} at the end; {} goes from {low} to {high}{of_runs}",
        PURPOSES[grown].1
    )
}

#[cfg(test)]
mod tests {
    use super::Weeks;

    #[test]
    fn the_last_28_days_are_days_and_not_rows() {
        let sparse = Weeks::of(&[27.0, 55.0, 83.0]);
        assert_eq!(sparse.mean(&[0.1, 0.2, 0.3], false), 0.3);
        assert_eq!(sparse.mean(&[0.1, 0.2, 0.3], true), 0.1);
        let days: Vec<f64> = (0..56).map(f64::from).collect();
        let daily = Weeks::of(&days);
        let share: Vec<f64> = days.iter().map(|&day| f64::from(day >= 28.0)).collect();
        assert_eq!(daily.mean(&share, false), 1.0);
        assert_eq!(daily.mean(&share, true), 0.0);
    }
}

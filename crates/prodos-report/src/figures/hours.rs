//! The ledger of hours: what paid time goes to.

use crate::colour::MUTED;
use crate::facts::{phase_spells, shocks};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::panel::{
    NAME, Panel, as_percent, city_head, day_axis, day_range, end_names, legend, shock_lines, stack,
    value_axis,
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
    let (spells, shocks) = (phase_spells(story), shocks(story));
    let reading = "Every paid hour goes to one purpose, so the layers fill the panel. Numbers on the right are shares of the last 28 recorded days. \
                   Greens protect what there is, reds mend what broke.";
    let mut draft = Draft::new("hours", title(&shares), reading.into());
    let sheet = &mut draft.sheet;
    let mut y = draft.top + if shocks.is_empty() { 4.0 } else { 32.0 };
    let mut panel = Panel {
        x: PANEL_LEFT,
        y,
        width: WIDTH - PANEL_LEFT - 160.0,
        height: 380.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    y = city_head(sheet, &panel, y, &shocks, &spells);
    sheet.text(PANEL_LEFT, y, "Paid hours by purpose, share", NAME);
    panel.y = y + 9.0;
    value_axis(sheet, &panel, 5.0, as_percent);
    let layers: Vec<_> = shares
        .iter()
        .cloned()
        .zip(PURPOSES.map(|purpose| purpose.2))
        .collect();
    stack(sheet, &panel, &story.days, &layers);
    shock_lines(sheet, &panel, &shocks);
    let (mut below, mut names, mut small) = (0.0, Vec::new(), Vec::new());
    for (share, (_, name, colour)) in shares.iter().zip(PURPOSES) {
        let end = over(share, false);
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
    let mut bottom = panel.bottom() + day_axis(sheet, &panel, story);
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

/// Mean share over the first or last 28 recorded days.
fn over(share: &[f64], first: bool) -> f64 {
    let window = 28.min(share.len());
    let part = if first {
        &share[..window]
    } else {
        &share[share.len() - window..]
    };
    let known: Vec<f64> = part
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    if known.is_empty() {
        0.0
    } else {
        known.iter().sum::<f64>() / known.len() as f64
    }
}

/// Output first; then the purpose that grew most.
fn title(shares: &[Vec<f64>]) -> String {
    let change = |purpose: usize| over(&shares[purpose], false) - over(&shares[purpose], true);
    let grown = (1..PURPOSES.len())
        .max_by(|&a, &b| change(a).total_cmp(&change(b)))
        .unwrap_or(0);
    let from_to = |purpose: usize| {
        (
            phrase::percent(over(&shares[purpose], true)),
            phrase::percent(over(&shares[purpose], false)),
        )
    };
    let (first, end) = from_to(0);
    if change(grown) < 0.01 && change(0).abs() < 0.01 {
        return format!(
            "Output takes {first} of paid hours at the start and {end} at the end; no purpose moves by more than 1\u{a0}%"
        );
    }
    let (low, high) = from_to(grown);
    format!(
        "Output takes {first} of paid hours at the start and {end} at the end; {} goes from {low} to {high}",
        PURPOSES[grown].1
    )
}

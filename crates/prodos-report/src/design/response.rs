//! How the headline, and the share of runs in breakdown, respond to what is varied.

use crate::colour::GRID;
use crate::design::{Lever, Share, Trials, colour};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, PANEL_LEFT};
use crate::panel::{
    NAME, Panel, TICK, as_percent, between, legend_in_rows, line, range_of, ticks, value_axis,
};
use crate::phrase;
use crate::sheet::{Sheet, WIDTH, shorten};
use crate::story::quantile;

/// Values that are drawn one by one; of more, parts of their range with as many runs each.
const LEVELS: usize = 24;
const PARTS: usize = 10;
/// Levers drawn at most, and how many side by side.
const MOST: usize = 6;
const ABREAST: usize = 3;

/// A stretch of a lever with the runs that have it.
pub(super) struct Stretch {
    /// Where it stands on the axis.
    pub(super) at: f64,
    /// Places of its runs.
    pub(super) runs: Vec<usize>,
}

/// The runs among some, by what they have of a lever.
pub(super) fn stretches(lever: &Lever, runs: impl Iterator<Item = usize>) -> Vec<Stretch> {
    let mut known: Vec<usize> = runs.filter(|run| lever.values[*run].is_finite()).collect();
    known.sort_by(|a, b| lever.values[*a].total_cmp(&lever.values[*b]));
    let value = |run: usize| lever.values[run];
    let mut all: Vec<Stretch> = known
        .chunk_by(|a, b| value(*a) == value(*b))
        .map(|runs| Stretch {
            at: value(runs[0]),
            runs: runs.to_vec(),
        })
        .collect();
    if all.len() > LEVELS {
        let parts = (0..PARTS).map(|part| {
            known[part * known.len() / PARTS..(part + 1) * known.len() / PARTS].to_vec()
        });
        all = parts
            .map(|runs| Stretch {
                at: runs.iter().map(|run| value(*run)).sum::<f64>() / runs.len() as f64,
                runs,
            })
            .collect();
    }
    all
}

pub(super) fn draw(trials: &Trials) -> Result<Figure, NoFigure> {
    let mut levers: Vec<(&Lever, f64)> = trials
        .levers
        .iter()
        .map(|lever| (lever, reach(trials, lever)))
        .collect();
    if levers.is_empty() {
        return Err(NoFigure::Unasked);
    }
    levers.sort_by(|a, b| b.1.total_cmp(&a.1));
    let all = levers.len();
    levers.truncate(MOST);
    let number = phrase::count(trials.points.len() as f64, "run");
    let which = if all > MOST {
        format!("The {MOST} of {all} varied numbers that move it most. ")
    } else {
        String::new()
    };
    let reading = format!(
        "{which}Line: median of the runs with that value, band: the middle 90\u{a0}% of them, over all that else is varied and over draws. Below: share of these runs whose \
         city reaches phase\u{a0}0, with its 95\u{a0}% interval (Wilson). {number} in all."
    );
    let mut draft = Draft::new("response", title(trials, &levers), reading);
    let sheet = &mut draft.sheet;
    let mut top = draft.top + 8.0;
    if trials.variants.names.len() > 1 {
        top = legend_in_rows(sheet, MARGIN, top, &trials.variants.legend()) + 22.0;
    }
    let abreast = levers.len().min(ABREAST);
    let room = (WIDTH - PANEL_LEFT - MARGIN) / abreast as f64;
    let mut bottom = top;
    for (place, (lever, _)) in levers.iter().enumerate() {
        let row = (place / ABREAST) as f64;
        let panel = Panel {
            x: PANEL_LEFT + room * (place % ABREAST) as f64,
            y: top + row * 428.0 + 22.0,
            width: room - if abreast > 1 { 58.0 } else { 0.0 },
            height: 190.0,
            days: range(lever),
            values: (0.0, 1.0),
        };
        bottom = one(sheet, trials, lever, panel);
    }
    Ok(draft.finish_with(&trials.caption(), bottom)?)
}

fn range(lever: &Lever) -> (f64, f64) {
    let levels = lever.levels();
    let (low, high) = (levels.first().copied(), levels.last().copied());
    let (low, high) = (low.unwrap_or(0.0), high.unwrap_or(1.0));
    let room = if high > low { 0.03 * (high - low) } else { 0.5 };
    (low - room, high + room)
}

/// Both panels of a lever; gives back where they end.
fn one(sheet: &mut Sheet, trials: &Trials, lever: &Lever, mut panel: Panel) -> f64 {
    let headline = &trials.headline;
    let variants = 0..trials.variants.names.len();
    let lines: Vec<Vec<Stretch>> = variants
        .map(|own| stretches(lever, trials.variants.runs(own)))
        .collect();
    let bands: Vec<[Vec<f64>; 3]> = lines
        .iter()
        .map(|own| {
            let of = |share| {
                let each = own.iter();
                each.map(|stretch| at(&headline.values, &stretch.runs, share))
                    .collect()
            };
            [of(0.05), of(0.5), of(0.95)]
        })
        .collect();
    let name = shorten(&headline.named(), NAME, panel.width + 40.0);
    sheet.text(panel.x - 44.0, panel.y - 9.0, &name, NAME);
    let edges = bands.iter().flatten().map(Vec::as_slice);
    let include = edges
        .clone()
        .flatten()
        .copied()
        .fold(f64::INFINITY, f64::min);
    panel.values = close_range(edges, include);
    value_axis(sheet, &panel, 5.0, phrase::tick);
    for (own, (stretches, [low, middle, high])) in lines.iter().zip(&bands).enumerate() {
        let places: Vec<f64> = stretches.iter().map(|own| own.at).collect();
        let shade = colour(own);
        between(sheet, &panel, &places, low, high, shade, 0.16);
        line(sheet, &panel, &places, middle, shade, 2.0);
        for (place, value) in places
            .iter()
            .zip(middle)
            .filter(|(_, value)| value.is_finite())
        {
            sheet.disc(panel.across(*place), panel.up(*value), 2.6, shade);
        }
    }
    panel.y = panel.bottom() + 42.0;
    panel.height = 96.0;
    panel.values = (0.0, 1.0);
    let broken = "Runs that reach phase\u{a0}0 (share)";
    let broken = shorten(broken, NAME, panel.width + 40.0);
    sheet.text(panel.x - 44.0, panel.y - 15.0, &broken, NAME);
    value_axis(sheet, &panel, 4.0, as_percent);
    for (own, stretches) in lines.iter().enumerate() {
        let share = |own: &Stretch| Share::of(&trials.broken, own.runs.iter().copied());
        let places: Vec<f64> = stretches.iter().map(|own| own.at).collect();
        let shares: Vec<Share> = stretches.iter().map(share).collect();
        let low: Vec<f64> = shares.iter().map(|own| own.interval().0).collect();
        let high: Vec<f64> = shares.iter().map(|own| own.interval().1).collect();
        let middle: Vec<f64> = shares.iter().map(|own| own.value()).collect();
        let shade = colour(own);
        between(sheet, &panel, &places, &low, &high, shade, 0.16);
        line(sheet, &panel, &places, &middle, shade, 2.0);
        for (place, value) in places.iter().zip(&middle) {
            sheet.disc(panel.across(*place), panel.up(*value), 2.6, shade);
        }
    }
    lever_axis(sheet, &panel, lever)
}

/// The values of a lever under a panel, with its name; gives back where it ends.
pub(super) fn lever_axis(sheet: &mut Sheet, panel: &Panel, lever: &Lever) -> f64 {
    let bottom = panel.bottom();
    sheet.line(&[(panel.x, bottom), (panel.right(), bottom)], GRID, 1.0);
    let (places, step) = if lever.is_number() {
        ticks(panel.days, (panel.width / 60.0).max(3.0))
    } else {
        (lever.levels(), 1.0)
    };
    for place in places {
        let x = panel.across(place);
        let word = match lever.words.get(place as usize) {
            Some(word) => word.clone(),
            None => phrase::tick(place, step),
        };
        sheet.line(&[(x, bottom), (x, bottom + 5.0)], GRID, 1.0);
        sheet.text(x, bottom + 18.0, &word, TICK.middle());
    }
    let name = shorten(&lever.named(), TICK, panel.width + 50.0);
    let middle = panel.x + 0.5 * panel.width;
    sheet.text(middle, bottom + 36.0, &name, TICK.middle());
    bottom + 44.0
}

/// A range close around values, for what need not begin at zero.
pub(super) fn close_range<'a>(
    edges: impl Iterator<Item = &'a [f64]> + Clone,
    least: f64,
) -> (f64, f64) {
    let most = edges.clone().flatten().copied();
    let most = most
        .filter(|value| value.is_finite())
        .fold(f64::NEG_INFINITY, f64::max);
    if !least.is_finite() || !most.is_finite() {
        return (0.0, 1.0);
    }
    if least >= 0.0 && least < 0.5 * most {
        return range_of(edges, &[0.0]);
    }
    let room = (0.08 * (most - least)).max(1e-3 * most.abs()).max(1e-9);
    (least - room, most + room)
}

/// A quantile of the runs that have a number; NaN where none has.
pub(super) fn at(values: &[f64], runs: &[usize], share: f64) -> f64 {
    let known = runs.iter().map(|run| values[*run]);
    let mut known: Vec<f64> = known.filter(|value| value.is_finite()).collect();
    if known.is_empty() {
        return f64::NAN;
    }
    quantile(&mut known, share)
}

/// By how much the median of the headline differs between the values of a lever.
pub(super) fn reach(trials: &Trials, lever: &Lever) -> f64 {
    let (low, high) = ends(trials, lever);
    let reach = high.1 - low.1;
    if reach.is_finite() { reach } else { -1.0 }
}

/// Where the median of the headline is least and where it is most.
fn ends(trials: &Trials, lever: &Lever) -> ((f64, f64), (f64, f64)) {
    let medians = stretches(lever, 0..trials.points.len())
        .into_iter()
        .map(|own| (own.at, at(&trials.headline.values, &own.runs, 0.5)))
        .filter(|own| own.1.is_finite());
    let medians: Vec<(f64, f64)> = medians.collect();
    let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let none = (f64::NAN, f64::NAN);
    (
        medians.iter().min_by(by_value).copied().unwrap_or(none),
        medians.iter().max_by(by_value).copied().unwrap_or(none),
    )
}

fn title(trials: &Trials, levers: &[(&Lever, f64)]) -> String {
    let name = phrase::kind(&trials.headline.name);
    let (lever, reach) = levers[0];
    if reach <= 0.0 {
        return format!("The median of {name} is the same at all values of all that is varied");
    }
    let (low, high) = ends(trials, lever);
    let most = if levers.len() > 1 { " most" } else { "" };
    // Of many values those near each other are taken together.
    let at = if lever.levels().len() > LEVELS {
        "near"
    } else {
        "at"
    };
    format!(
        "{} moves{most} with {}: its median is {} {at} {}, and {} {} {at} {}",
        phrase::capital(&name),
        lever.path,
        phrase::short(low.1),
        lever.told(low.0),
        phrase::short(high.1),
        trials.headline.unit,
        lever.told(high.0),
    )
}

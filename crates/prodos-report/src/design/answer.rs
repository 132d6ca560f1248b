//! The answer of a design, in sentences.

use crate::design::response::{Stretch, at, stretches};
use crate::design::{Lever, Share, Trials};
use crate::phrase;

/// Policies and variants that have a sentence of their own at most.
const NAMED: usize = 3;

/// What a reader is to know first: differences of policies, tipping points, then the spread over all runs.
pub(crate) fn sentences(trials: &Trials) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    if let Some(contrasts) = &trials.contrasts {
        let all = contrasts.sentences();
        let more = all.len().saturating_sub(NAMED);
        told.extend(all.into_iter().take(NAMED));
        if more > 0 {
            told.push(format!(
                "{} more below.",
                phrase::capital(&phrase::count(more as f64, "difference"))
            ));
        }
    }
    told.extend(tipping(trials));
    told.push(spread(trials));
    let imprecise = trials.manifest.imprecise.len();
    if imprecise > 0 {
        told.push(format!(
            "{} not known as well as the experiment asks for, with all replicates that it allows.",
            match imprecise {
                1 => "One point is".to_owned(),
                several => format!("{several} points are"),
            }
        ));
    }
    if trials.stopped > 0 {
        told.push(format!(
            "{} ended early by `stop`, and totals, means and last values of those end there: beware of comparing them.",
            match trials.stopped {
                1 => "One run was".to_owned(),
                several => format!("{several} runs were"),
            }
        ));
    }
    if trials.failed > 0 {
        told.push(format!(
            "{} failed and {} left out.",
            phrase::capital(&phrase::count(trials.failed as f64, "run")),
            if trials.failed == 1 { "is" } else { "are" }
        ));
    }
    told
}

/// Headline and breakdowns over all runs.
fn spread(trials: &Trials) -> String {
    let runs: Vec<usize> = (0..trials.points.len()).collect();
    let points = phrase::count(trials.manifest.points as f64, "point");
    let number = phrase::count(runs.len() as f64, "run");
    let broken = Share::of(&trials.broken, runs.iter().copied());
    let name = phrase::kind(&trials.headline.name);
    let known = trials.headline.values.iter().filter(|own| own.is_finite());
    let known = known.count();
    let of = |share| phrase::short(at(&trials.headline.values, &runs, share));
    let headline = match known {
        0 => format!("No run of {number} at {points} has a number for {name}"),
        _ => format!(
            "Over {number} at {points} the median of {name} is {} {} ({} to {} in the middle 90\u{a0}%{})",
            of(0.5),
            trials.headline.unit,
            of(0.05),
            of(0.95),
            if known < runs.len() {
                format!(" of {} that have one", phrase::count(known as f64, "run"))
            } else {
                String::new()
            }
        ),
    };
    format!("{headline}, and {} reach phase\u{a0}0.", broken.told())
}

/// Where the only varied number tips the city, for each policy or scenario.
fn tipping(trials: &Trials) -> Vec<String> {
    let mut varied = trials.levers.iter().filter(|own| own.levels().len() > 1);
    let (Some(lever), None) = (varied.next(), varied.next()) else {
        return Vec::new();
    };
    if !lever.is_number() {
        return Vec::new();
    }
    let several = trials.variants.names.len() > 1;
    let lines = trials.variants.names.iter().enumerate().take(NAMED);
    lines
        .filter_map(|(line, name)| {
            let told = tips(trials, lever, &stretches(lever, trials.variants.runs(line)))?;
            Some(if several {
                format!("Under {name}, {told}")
            } else {
                phrase::capital(&told)
            })
        })
        .collect()
}

/// Between which two values of a lever the share of runs in phase 0 crosses a half.
fn tips(trials: &Trials, lever: &Lever, stretches: &[Stretch]) -> Option<String> {
    let share = |own: &Stretch| Share::of(&trials.broken, own.runs.iter().copied());
    let over = |own: &Stretch| share(own).value() > 0.5;
    let crossing = |pair: &&[Stretch]| over(&pair[0]) != over(&pair[1]);
    let crossings: Vec<&[Stretch]> = stretches.windows(2).filter(crossing).collect();
    let told = |own: &Stretch| {
        let share = share(own);
        let (low, high) = share.interval();
        format!(
            "{} of {} reach phase\u{a0}0 at {} ({:.0} to {:.0}\u{a0}%)",
            share.of,
            phrase::count(share.all as f64, "run"),
            lever.told(own.at),
            100.0 * low,
            100.0 * high
        )
    };
    let (first, last) = (stretches.first()?, stretches.last()?);
    Some(match crossings.as_slice() {
        [] => format!(
            "{} half of the runs reach phase\u{a0}0 at every value of {} from {} to {}: {}, and {}.",
            if over(first) { "more than" } else { "at most" },
            lever.path,
            lever.told(first.at),
            lever.told(last.at),
            told(first),
            told(last)
        ),
        [pair] => format!(
            "the city tips between {} and {} {} of {}: {}, and {} (95\u{a0}% intervals).",
            lever.told(pair[0].at),
            lever.told(pair[1].at),
            lever.unit,
            lever.path,
            told(&pair[0]),
            told(&pair[1])
        ),
        several => format!(
            "the share of runs that reach phase\u{a0}0 crosses a half {} times as {} rises from {} to {}, first between {} and {}.",
            several.len(),
            lever.path,
            lever.told(first.at),
            lever.told(last.at),
            lever.told(several[0][0].at),
            lever.told(several[0][1].at)
        ),
    })
}

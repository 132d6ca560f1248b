//! Comparing two policies: the difference of each outcome, run by run under the same draws.
//!
//! Runs of the same world (point and replicate) are paired, so that what both have in common drops out of their
//! difference. What the pairing is worth is measured: the variance that the difference of independent runs would have,
//! over that of the paired ones.

use crate::outcomes::{Sense, sense};
use crate::statistics::{normal_quantile, normal_share};
use prodos_model::keyed::{Keys, Stream};
use prodos_record::{Cell, Column, Data, Error, Table};
use rand::RngExt;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Resamples of a bootstrap interval.
pub const RESAMPLES: u64 = 2_000;
/// Numbers that are resampled at most.
pub const MOST_RESAMPLED: usize = 5_000;
/// How often an interval holds the value it is of.
pub const COVERAGE: f64 = 0.95;

/// How one outcome differs between two policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Column of the summary.
    pub outcome: String,
    /// Its unit.
    pub unit: String,
    /// Which way is better.
    pub sense: Sense,
    /// Mean under the first policy, over the pairs.
    pub first: f64,
    /// Mean under the second.
    pub second: f64,
    /// Mean of second less first.
    pub mean: f64,
    /// Ends of its bootstrap interval (95 %): pairs of one replicate, which share their draws, are drawn together.
    pub interval: (f64, f64),
    /// Share of pairs in which the second is better, ties half; not a number where neither way is.
    pub probability_better: f64,
    /// Variance of the difference of independent runs over that of paired ones, within worlds; infinite where the
    /// paired difference is always the same, and not a number where both are.
    pub variance_reduction: f64,
    /// Pairs in which both have the outcome.
    pub pairs: usize,
    /// Second less first, pair by pair; NaN where one has no such outcome.
    pub each: Vec<f64>,
}

/// Rows of the same world under two policies, by replicate; a row of each table.
pub type World = Vec<(usize, usize)>;

/// Pairs the runs of two summaries: same point, same seed. Points are worlds.
///
/// Gives none where no run of one has the seed of a run of the other at the same point.
pub fn pair(first: &Table, second: &Table) -> Result<Vec<World>, Error> {
    let key = |table: &Table| -> Result<Vec<(i64, i64)>, Error> {
        let points = table.integers("point_id")?.iter().copied();
        Ok(points
            .zip(table.integers("seed")?.iter().copied())
            .collect())
    };
    let others: HashMap<(i64, i64), usize> = key(second)?
        .into_iter()
        .enumerate()
        .map(|(row, key)| (key, row))
        .collect();
    let mut worlds: BTreeMap<i64, World> = BTreeMap::new();
    for (row, own) in key(first)?.into_iter().enumerate() {
        if let Some(other) = others.get(&own) {
            worlds.entry(own.0).or_default().push((row, *other));
        }
    }
    Ok(worlds.into_values().collect())
}

/// Where paired runs are of points that are not the same, in words: runs of other points are not of one world.
///
/// `varied` are the columns that tell points apart, of each summary.
pub fn unlike(
    [first, second]: [&Table; 2],
    varied: [&[String]; 2],
    worlds: &[World],
) -> Option<String> {
    let [one, other] = varied;
    let mut lone = one.iter().filter(|name| !other.contains(name));
    let mut alone = other.iter().filter(|name| !one.contains(name));
    if let Some(name) = lone.next().or_else(|| alone.next()) {
        return Some(format!("`{name}` varies in one of them alone"));
    }
    let cell = |table: &Table, name: &str, row: usize| {
        table.column(name).map(|column| match &column.data {
            Data::Float(cells) => cells[row].to_string(),
            Data::Integer(cells) => cells[row].to_string(),
            Data::OptionalInteger(cells) => {
                cells[row].map_or_else(String::new, |cell| cell.to_string())
            }
            Data::Text(words) => words.get(row).to_owned(),
        })
    };
    let pairs = || worlds.iter().flatten();
    one.iter().find_map(|name| {
        pairs().find_map(|&(own, others)| {
            let [a, b] = [cell(first, name, own)?, cell(second, name, others)?];
            (a != b).then(|| format!("`{name}` is {a} in one where it is {b} in the other"))
        })
    })
}

/// Two policies, and how each outcome differs between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The policy that is looked at.
    pub policy: String,
    /// The one it is compared with.
    pub against: String,
    /// How each outcome differs.
    pub differences: Vec<Difference>,
}

/// The table of some comparisons: a row an outcome of each.
pub fn table(comparisons: &[Comparison]) -> Table {
    let number = |name: &str, unit: &str, doc: &str| Column::float(name, unit, doc);
    let mut table = Table::new(vec![
        Column::text("outcome", "Column of the summary."),
        Column::text(
            "unit",
            "Unit of the outcome, and of its means and differences.",
        ),
        Column::text("policy", "The policy that is looked at."),
        Column::text("against", "The policy it is compared with."),
        number(
            "mean_difference",
            "as the outcome",
            "Mean over pairs of runs of the policy less the one it is compared with.",
        ),
        number(
            "low",
            "as the outcome",
            "Low end of its 95 % bootstrap interval.",
        ),
        number(
            "high",
            "as the outcome",
            "High end of its 95 % bootstrap interval.",
        ),
        number(
            "probability_better",
            "share",
            "Share of pairs in which the policy is better, ties half; null where neither way is better.",
        ),
        number(
            "variance_reduction",
            "ratio",
            "Variance of the difference of independent runs over that of paired ones; infinite where paired ones never vary.",
        ),
        number(
            "first_mean",
            "as the outcome",
            "Mean of the policy it is compared with.",
        ),
        number("second_mean", "as the outcome", "Mean of the policy."),
        number("pairs", "pairs", "Pairs in which both have the outcome."),
    ]);
    for of in comparisons {
        for own in &of.differences {
            let words = [&own.outcome, &own.unit, &of.policy, &of.against];
            let numbers = [
                own.mean,
                own.interval.0,
                own.interval.1,
                own.probability_better,
                own.variance_reduction,
                own.first,
                own.second,
                own.pairs as f64,
            ];
            table.push_row(&words.map(|word| Cell::Text(word)), numbers);
        }
    }
    table
}

/// The differences of all outcomes that both summaries have, over some worlds; `seed` is that of the resamples.
pub fn differences(
    first: &Table,
    second: &Table,
    worlds: &[World],
    seed: u64,
) -> Result<Vec<Difference>, Error> {
    let outcomes = first.columns().iter().filter_map(|column| {
        let sense = sense(&column.name)?;
        match &column.data {
            Data::Float(own) => Some((column, sense, own)),
            _ => None,
        }
    });
    let outcomes: Vec<_> = outcomes.collect();
    let replicates = first.integers("replicate")?;
    outcomes
        .into_par_iter()
        .filter_map(|(column, sense, own)| {
            let other = second.floats(&column.name).ok()?;
            let values = (own.as_slice(), other);
            Some(Ok(difference(
                column, sense, values, worlds, replicates, seed,
            )))
        })
        .collect()
}

fn difference(
    column: &Column,
    sense: Sense,
    (own, other): (&[f64], &[f64]),
    worlds: &[World],
    replicates: &[i64],
    seed: u64,
) -> Difference {
    let pair = |&(one, two): &(usize, usize)| (own[one], other[two]);
    let known: Vec<Vec<(f64, f64)>> = worlds
        .iter()
        .map(|world| {
            let known = |pair: &(f64, f64)| !(pair.0.is_nan() || pair.1.is_nan());
            world.iter().map(pair).filter(known).collect()
        })
        .collect();
    let all = || known.iter().flatten();
    let number = all().count();
    let mean = |of: fn(&(f64, f64)) -> f64| all().map(of).sum::<f64>() / number as f64;
    let better = all().map(|(a, b)| match sense {
        Sense::Higher if b > a => 1.0,
        Sense::Lower if b < a => 1.0,
        Sense::Neither => f64::NAN,
        _ if a == b => 0.5,
        _ => 0.0,
    });
    let off = independent(worlds, replicates, |pair_of| {
        let (a, b) = pair(pair_of);
        b - a
    });
    Difference {
        outcome: column.name.clone(),
        unit: column.unit.clone(),
        sense,
        first: mean(|pair| pair.0),
        second: mean(|pair| pair.1),
        mean: mean(|pair| pair.1 - pair.0),
        interval: if number > 1 {
            bootstrap(&off, seed)
        } else {
            // Nothing is known of how far pairs differ.
            (f64::NAN, f64::NAN)
        },
        probability_better: better.sum::<f64>() / number as f64,
        variance_reduction: (variance(&known, |pair| pair.0) + variance(&known, |pair| pair.1))
            / variance(&known, |pair| pair.1 - pair.0),
        pairs: number,
        each: worlds
            .iter()
            .flatten()
            .map(pair)
            .map(|(a, b)| b - a)
            .collect(),
    }
}

/// Numbers that are independent of each other, and whose mean is that of all pairs that have one.
///
/// All points of a replicate share their draws, so that their pairs come to one number: N/n Σ d, N replicates, n pairs,
/// d the difference of a pair. With one replicate alone each point is one; what is not known then is which points.
fn independent(
    worlds: &[World],
    replicates: &[i64],
    difference: impl Fn(&(usize, usize)) -> f64,
) -> Vec<f64> {
    let pairs = worlds.iter().flatten();
    let known = pairs.map(|pair| (replicates[pair.0], difference(pair)));
    let known: Vec<(i64, f64)> = known.filter(|(_, own)| !own.is_nan()).collect();
    let mut sums: BTreeMap<i64, f64> = BTreeMap::new();
    for (replicate, own) in &known {
        *sums.entry(*replicate).or_default() += own;
    }
    if sums.len() < 2 {
        return known.into_iter().map(|(_, own)| own).collect();
    }
    let share = sums.len() as f64 / known.len() as f64;
    sums.into_values().map(|sum| sum * share).collect()
}

/// s² = Σ_w Σ_i (x_wi - x̄_w)² / Σ_w (n_w - 1)
///
/// w worlds · i replicates of a world · x what is looked at; not a number where no world has two replicates
fn variance(worlds: &[Vec<(f64, f64)>], of: fn(&(f64, f64)) -> f64) -> f64 {
    let (mut squares, mut freedom) = (0.0, 0.0);
    for world in worlds.iter().filter(|world| world.len() > 1) {
        let mean = world.iter().map(of).sum::<f64>() / world.len() as f64;
        let square = |pair: &(f64, f64)| (of(pair) - mean) * (of(pair) - mean);
        squares += world.iter().map(square).sum::<f64>();
        freedom += world.len() as f64 - 1.0;
    }
    squares / freedom
}

/// The interval of the mean of some numbers.
///
/// The bias-corrected and accelerated bootstrap: ends are quantiles α of the means of resamples, with
/// α = Φ(z₀ + (z₀ + z)/(1 - a(z₀ + z))), z the usual quantiles of the normal law, z₀ = Φ⁻¹(share of means below the
/// mean), and a = Σ(x - x̄)³ / 6 (Σ(x - x̄)²)^1.5 for a mean. Source: Efron 1987. Of more than [`MOST_RESAMPLED`]
/// numbers the means of resamples are as good as normal, and the interval is x̄ ± z s/√n.
pub fn bootstrap(numbers: &[f64], seed: u64) -> (f64, f64) {
    let count = numbers.len();
    let mean = numbers.iter().sum::<f64>() / count as f64;
    let off = numbers.iter().map(|value| value - mean);
    let (squares, cubes) = off.fold((0.0, 0.0), |(squares, cubes), off| {
        (squares + off * off, cubes + off * off * off)
    });
    if squares == 0.0 {
        return (mean, mean);
    }
    if count > MOST_RESAMPLED {
        let variance = squares / (count as f64 - 1.0);
        let half =
            normal_quantile(f64::midpoint(1.0, COVERAGE)) * libm::sqrt(variance / count as f64);
        return (mean - half, mean + half);
    }
    let draws = Keys::new(seed, 0).at(Stream::Resample, 0);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|nth| {
            let mut rng = draws.generator(nth);
            let drawn = (0..count).map(|_| numbers[rng.random_range(0..count)]);
            drawn.sum::<f64>() / count as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let below = means.partition_point(|own| *own < mean) as f64;
    let equal = means.partition_point(|own| *own <= mean) as f64 - below;
    let count = means.len() as f64;
    let share = ((below + equal / 2.0) / count).clamp(0.5 / count, 1.0 - 0.5 / count);
    let (bias, skew) = (
        normal_quantile(share),
        cubes / (6.0 * squares * libm::sqrt(squares)),
    );
    let end = |tail: f64| {
        let z = bias + normal_quantile(tail);
        let place = normal_share(bias + z / (1.0 - skew * z));
        let place = place * count - 0.5;
        let lower = place.floor().clamp(0.0, count - 1.0);
        let upper = (lower + 1.0).min(count - 1.0);
        let (one, other) = (means[lower as usize], means[upper as usize]);
        one + (other - one) * (place - lower).clamp(0.0, 1.0)
    };
    let tail = (1.0 - COVERAGE) / 2.0;
    (end(tail), end(1.0 - tail))
}

#[cfg(test)]
mod tests {
    use super::{World, bootstrap, differences};
    use crate::outcomes::Sense;
    use prodos_record::{Cell, Column, Table};

    /// Runs of so many replicates at each point.
    fn summary(values: &[f64], replicates: usize) -> Table {
        let mut table = Table::new(vec![
            Column::integer("replicate", "id", ""),
            Column::float("output_mean", "share", ""),
        ]);
        for (row, value) in values.iter().enumerate() {
            let replicate = i64::try_from(row % replicates).expect("they are few");
            table.push_row(&[Cell::Integer(replicate), Cell::Float(*value)], []);
        }
        table
    }

    /// Ten points that answer alike to the draws of five replicates know no more than five runs.
    #[test]
    fn points_that_share_their_draws_are_not_taken_for_so_many_runs() {
        let of = |points: usize, draws: &[f64]| {
            let second: Vec<f64> = (0..points).flat_map(|_| draws.iter().copied()).collect();
            let first = vec![0.0; second.len()];
            let rows = |point: usize| (0..draws.len()).map(move |k| point * draws.len() + k);
            let world = |point| rows(point).map(|row| (row, row)).collect();
            let worlds: Vec<World> = (0..points).map(world).collect();
            let count = draws.len();
            let found = differences(
                &summary(&first, count),
                &summary(&second, count),
                &worlds,
                1,
            );
            found.expect("both have the outcome").remove(0)
        };
        let draws = [0.1, 0.5, 0.9, 0.2, 0.4];
        let (one, ten) = (of(1, &draws), of(10, &draws));
        assert_eq!((one.pairs, ten.pairs), (5, 50));
        assert!((one.mean - ten.mean).abs() < 1e-12);
        // Rounding decides between resamples whose mean is that of all.
        let apart = [
            one.interval.0 - ten.interval.0,
            one.interval.1 - ten.interval.1,
        ];
        assert!(
            apart.iter().all(|own| own.abs() < 0.03),
            "{:?} {:?}",
            one.interval,
            ten.interval
        );
        let width = ten.interval.1 - ten.interval.0;
        assert!(width > 0.3, "as if there were fifty runs: {width}");
    }

    /// Ends of the interval of scipy 1.17.1 for the same numbers, with 200,000 resamples:
    /// `scipy.stats.bootstrap((x,), np.mean, n_resamples=200_000, method="BCa", random_state=1)`.
    #[test]
    fn intervals_are_those_of_scipy() {
        let x = vec![
            0.1, 0.4, 0.2, 1.9, 0.7, 0.3, 0.2, 0.6, 3.1, 0.5, 0.1, 0.8, 1.2, 0.4, 0.2,
        ];
        let (low, high) = bootstrap(&x, 1);
        assert!((low - 0.4267).abs() < 0.02, "{low}");
        assert!((high - 1.32).abs() < 0.06, "{high}");
    }

    #[test]
    fn what_two_policies_have_in_common_drops_out() {
        let noise = [0.3, -0.1, 0.2, -0.4, 0.0, 0.1];
        let first: Vec<f64> = noise.iter().map(|noise| 1.0 + noise).collect();
        let second: Vec<f64> = noise.iter().map(|noise| 1.5 + 1.1 * noise).collect();
        let worlds: Vec<World> = vec![(0..6).map(|row| (row, row)).collect()];
        let found = differences(&summary(&first, 6), &summary(&second, 6), &worlds, 1)
            .expect("both have the outcome");
        let own = &found[0];
        assert!((own.mean - 0.501_666_666).abs() < 1e-8, "{own:?}");
        assert_eq!((own.sense, own.probability_better), (Sense::Higher, 1.0));
        // (1 + 1.21) / 0.01
        assert!((own.variance_reduction - 221.0).abs() < 1e-6, "{own:?}");
        assert!(own.interval.0 < own.mean && own.mean < own.interval.1);
    }

    #[test]
    fn a_policy_that_changes_nothing_differs_by_exactly_nothing() {
        let same = [0.3, 0.7, 0.1];
        let worlds: Vec<World> = vec![vec![(0, 0), (1, 1), (2, 2)]];
        let found =
            differences(&summary(&same, 3), &summary(&same, 3), &worlds, 1).expect("they do");
        assert_eq!(found[0].mean, 0.0);
        assert_eq!(found[0].interval, (0.0, 0.0));
        assert_eq!(found[0].probability_better, 0.5);
        assert_eq!(found[0].variance_reduction, f64::INFINITY);
    }

    #[test]
    fn what_one_run_lacks_is_left_out_of_its_pair_and_worlds_of_their_own_are_not_noise() {
        let (first, second) = ([1.0, 1.2, 9.0, 9.4], [2.0, f64::NAN, 10.1, 10.4]);
        let worlds: Vec<World> = vec![vec![(0, 0), (1, 1)], vec![(2, 2), (3, 3)]];
        let found =
            differences(&summary(&first, 2), &summary(&second, 2), &worlds, 1).expect("they do");
        assert_eq!(found[0].pairs, 3);
        assert!((found[0].mean - 3.1 / 3.0).abs() < 1e-12);
        // Of the second world alone: (0.08 + 0.045) / 0.005
        let reduction = found[0].variance_reduction;
        assert!((reduction - 25.0).abs() < 1e-6, "{reduction}");
    }
}

//! Screening: which of many numbers matter, from few runs.
//!
//! Trajectories through the unit cube change one number at a time; the change of the outcome over the
//! step is an elementary effect of that number. Its mean says what the number does, the mean of its size
//! how much it matters, its deviation how far that depends on all others.
//! Source: Morris 1991, Technometrics 33(2); mean of sizes: Campolongo, Cariboni & Saltelli 2007.

use prodos_model::keyed::{Keys, Stream};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// Levels of a number on a trajectory: 0, 1/3, 2/3 and 1.
const LEVELS: u32 = 4;

/// Step of a trajectory.
const STEP: f64 = LEVELS as f64 / (2.0 * (LEVELS - 1) as f64);

/// A walk through the unit cube that moves each number once.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// Its points, one more than there are numbers; each number from 0 to 1.
    pub points: Vec<Vec<f64>>,
    /// Which number moves between a point and the next.
    pub moved: Vec<usize>,
}

/// What a number does to an outcome, over the whole of its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean of elementary effects.
    pub mean: f64,
    /// Mean of their sizes.
    pub size: f64,
    /// Their standard deviation; null with fewer than two.
    pub deviation: f64,
    /// How many there were.
    pub count: usize,
}

impl Effect {
    /// Standard error of the mean; null with fewer than two.
    pub fn error(&self) -> f64 {
        self.deviation / (self.count as f64).sqrt()
    }
}

/// So many trajectories over so many numbers. The same seed gives the same ones, and the first of more.
pub fn trajectories(numbers: usize, count: u32, seed: u64) -> Vec<Trajectory> {
    (0..count)
        .map(|nth| {
            let draw = Keys::new(seed, nth).at(Stream::Design, 0);
            walk(numbers, &mut draw.generator(0))
        })
        .collect()
}

/// So many points of the unit cube, each independent of the others and equally likely anywhere.
pub fn points(numbers: usize, count: u32, seed: u64) -> Vec<Vec<f64>> {
    (0..count)
        .map(|nth| {
            let mut draws = Keys::new(seed, nth).at(Stream::Design, 1).generator(0);
            (0..numbers).map(|_| draws.random()).collect()
        })
        .collect()
}

fn walk(numbers: usize, rng: &mut impl Rng) -> Trajectory {
    let low =
        |rng: &mut dyn Rng| f64::from(rng.random_range(0..LEVELS / 2)) / f64::from(LEVELS - 1);
    let mut point: Vec<f64> = (0..numbers)
        .map(|_| low(rng) + if rng.random() { STEP } else { 0.0 })
        .collect();
    let mut moved: Vec<usize> = (0..numbers).collect();
    moved.shuffle(rng);
    let mut points = vec![point.clone()];
    for &number in &moved {
        point[number] += if point[number] < 0.5 { STEP } else { -STEP };
        points.push(point.clone());
    }
    Trajectory { points, moved }
}

/// Effects of each number, from the outcome at every point of every trajectory; a point without an
/// outcome (null) says nothing of the two steps it is on.
pub fn effects(walks: &[Trajectory], outcomes: &[Vec<f64>]) -> Vec<Effect> {
    let numbers = walks.first().map_or(0, |walk| walk.moved.len());
    let mut found = vec![Vec::new(); numbers];
    for (walk, outcome) in walks.iter().zip(outcomes) {
        for (k, &number) in walk.moved.iter().enumerate() {
            let step = walk.points[k + 1][number] - walk.points[k][number];
            let effect = (outcome[k + 1] - outcome[k]) / step;
            if !effect.is_nan() {
                found[number].push(effect);
            }
        }
    }
    found.iter().map(|found| summed_up(found)).collect()
}

fn summed_up(found: &[f64]) -> Effect {
    let n = found.len() as f64;
    let mean = found.iter().sum::<f64>() / n;
    let squares: f64 = found.iter().map(|one| (one - mean) * (one - mean)).sum();
    Effect {
        mean,
        size: found.iter().map(|one| one.abs()).sum::<f64>() / n,
        deviation: if found.len() < 2 {
            f64::NAN
        } else {
            (squares / (n - 1.0)).sqrt()
        },
        count: found.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::{STEP, effects, points, trajectories};

    fn at_each(walks: &[super::Trajectory], outcome: impl Fn(&[f64]) -> f64) -> Vec<Vec<f64>> {
        let along = |walk: &super::Trajectory| walk.points.iter().map(|p| outcome(p)).collect();
        walks.iter().map(along).collect()
    }

    #[test]
    fn a_trajectory_moves_each_number_once_by_a_step_within_the_cube() {
        let walks = trajectories(7, 50, 3);
        assert_eq!(walks, trajectories(7, 50, 3));
        assert_eq!(walks[..20], trajectories(7, 20, 3)[..]);
        assert_ne!(walks, trajectories(7, 50, 4));
        let mut seen = [false; 4];
        for walk in &walks {
            let mut moved = walk.moved.clone();
            moved.sort_unstable();
            assert_eq!(moved, (0..7).collect::<Vec<_>>());
            for (k, pair) in walk.points.windows(2).enumerate() {
                for (number, (now, next)) in pair[0].iter().zip(&pair[1]).enumerate() {
                    let expected = if number == walk.moved[k] { STEP } else { 0.0 };
                    assert!(((next - now).abs() - expected).abs() < 1e-12);
                    let level = now * 3.0;
                    assert!((level - level.round()).abs() < 1e-12);
                    seen[level.round() as usize] = true;
                }
            }
        }
        assert_eq!(seen, [true; 4]);
    }

    /// y = 2 a - 3 b + 4 c d + e^2: the first two act alone and in a line; c by 4 d, d by 4 c, whose levels
    /// have mean 1/2 and variance 5/36; the sum of both ends of a step in e is 2/3 or 4/3, each half the time.
    #[test]
    fn effects_are_those_of_a_function_that_is_known() {
        let walks = trajectories(5, 4000, 1);
        let outcomes = at_each(&walks, |p| {
            2.0 * p[0] - 3.0 * p[1] + 4.0 * p[2] * p[3] + p[4] * p[4]
        });
        let found = effects(&walks, &outcomes);
        let expected = [
            (2.0, 2.0, 0.0),
            (-3.0, 3.0, 0.0),
            (2.0, 2.0, 4.0 * (5.0f64 / 36.0).sqrt()),
            (2.0, 2.0, 4.0 * (5.0f64 / 36.0).sqrt()),
            (1.0, 1.0, 1.0 / 3.0),
        ];
        for (k, (mean, size, deviation)) in expected.into_iter().enumerate() {
            assert!((found[k].mean - mean).abs() < 0.06, "{k}: {:?}", found[k]);
            assert!((found[k].size - size).abs() < 0.06, "{k}: {:?}", found[k]);
            assert!(
                (found[k].deviation - deviation).abs() < 0.06,
                "{k}: {:?}",
                found[k]
            );
            assert_eq!(found[k].count, 4000);
        }
    }

    #[test]
    fn a_point_without_an_outcome_is_left_out() {
        let walks = trajectories(3, 2, 1);
        let mut outcomes = at_each(&walks, |p| p[0] + p[1] + p[2]);
        outcomes[0][1] = f64::NAN;
        let found = effects(&walks, &outcomes);
        let counts: usize = found.iter().map(|effect| effect.count).sum();
        assert_eq!(counts, 4);
        assert!(found.iter().all(|effect| (effect.mean - 1.0).abs() < 1e-12));
    }

    #[test]
    fn points_are_anywhere_in_the_cube_and_independent() {
        let found = points(3, 4000, 5);
        assert_eq!(found[..10], points(3, 10, 5)[..]);
        let mean = |of: fn(&[f64]) -> f64| {
            let sum: f64 = found.iter().map(|point| of(point)).sum();
            sum / found.len() as f64
        };
        // Means of 4,000 numbers of standard deviations 0.289, 0.298 and 0.083, by four standard errors.
        assert!((mean(|p| p[2]) - 0.5).abs() < 0.019);
        assert!((mean(|p| p[0] * p[0]) - 1.0 / 3.0).abs() < 0.019);
        assert!((mean(|p| (p[0] - 0.5) * (p[1] - 0.5))).abs() < 0.006);
    }
}

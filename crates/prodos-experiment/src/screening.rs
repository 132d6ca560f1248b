//! Screening: which of many numbers matter, from few runs.
//!
//! Trajectories through the unit cube change one number at a time; the change of the outcome over the
//! step is an elementary effect of that number. Its mean says what the number does, the mean of its size
//! how much it matters, its deviation how far that depends on all others.
//! Source: Morris 1991, Technometrics 33(2); mean of sizes: Campolongo, Cariboni & Saltelli 2007.

use crate::design::sample::Trajectory;

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
    use super::effects;
    use crate::design::sample::{Trajectory, trajectories};

    fn at_each(walks: &[Trajectory], outcome: impl Fn(&[f64]) -> f64) -> Vec<Vec<f64>> {
        let along = |walk: &Trajectory| walk.points.iter().map(|p| outcome(p)).collect();
        walks.iter().map(along).collect()
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
}

//! Points of the unit cube: where a design looks.
//!
//! Each sampler is a function of the seed. Where it can be, the first points of more are the points of fewer, so
//! that a design can be topped up.

use super::sobol::Sobol;
use prodos_model::keyed::{Keyed, Keys, Stream};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// A point: a place from 0 to 1 for each number.
pub type Point = Vec<f64>;

/// How a Latin hypercube places its points in their cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latin {
    /// Anywhere in the cell.
    Random,
    /// In its middle.
    Centred,
    /// Anywhere, and of many hypercubes the one whose two nearest points are farthest apart.
    Maximin,
}

/// Hypercubes of which the best is taken, for [`Latin::Maximin`].
const TRIED: u64 = 100;

/// Points of which each is independent of the others and equally likely anywhere; the first of more are those of fewer.
pub fn random(numbers: usize, count: u32, seed: u64) -> Vec<Point> {
    let point = |nth| {
        let mut draws = Keys::new(seed, nth).at(Stream::Design, 1).generator(0);
        (0..numbers).map(|_| draws.random()).collect()
    };
    (0..count).map(point).collect()
}

/// A Latin hypercube: each number cut into as many parts as there are points, and each part used once.
///
/// More points are another hypercube. Source: McKay, Beckman & Conover 1979; maximin: Johnson, Moore & Ylvisaker 1990.
pub fn latin_hypercube(numbers: usize, count: u32, kind: Latin, seed: u64) -> Vec<Point> {
    let draws = Keys::new(seed, 0).at(Stream::Design, 3);
    match kind {
        Latin::Random => hypercube(numbers, count, draws, 0, |rng| rng.random()),
        Latin::Centred => hypercube(numbers, count, draws, 0, |_| 0.5),
        Latin::Maximin => {
            let cubes =
                (0..TRIED).map(|nth| hypercube(numbers, count, draws, nth, |rng| rng.random()));
            let apart = cubes.map(|points| (nearest_two(&points), points));
            let best = apart.max_by(|(one, _), (other, _)| one.total_cmp(other));
            best.map_or_else(Vec::new, |(_, points)| points)
        }
    }
}

fn hypercube(
    numbers: usize,
    count: u32,
    draws: Keyed,
    nth: u64,
    within: impl Fn(&mut dyn Rng) -> f64,
) -> Vec<Point> {
    let mut rng = draws.generator(nth);
    let mut points = vec![Vec::with_capacity(numbers); count as usize];
    let mut cells: Vec<u32> = (0..count).collect();
    for _ in 0..numbers {
        cells.shuffle(&mut rng);
        for (point, &cell) in points.iter_mut().zip(&cells) {
            point.push((f64::from(cell) + within(&mut rng)) / f64::from(count));
        }
    }
    points
}

/// Square of the distance between the two points that are nearest to each other.
///
/// Each point is compared with those that follow it along the first number, as far as that alone keeps them near.
fn nearest_two(points: &[Point]) -> f64 {
    let mut in_order: Vec<&Point> = points.iter().collect();
    in_order.sort_by(|one, other| one[0].total_cmp(&other[0]));
    let mut least = f64::INFINITY;
    for (k, one) in in_order.iter().enumerate() {
        for other in &in_order[k + 1..] {
            let along = other[0] - one[0];
            if along * along >= least {
                break;
            }
            let pairs = one.iter().zip(*other);
            least = least.min(pairs.map(|(a, b)| (a - b) * (a - b)).sum());
        }
    }
    least
}

/// Points of the Sobol' sequence; the first of more are those of fewer.
pub fn sobol(numbers: usize, count: u32, seed: u64) -> Vec<Point> {
    Sobol::new(numbers, seed).take(count as usize).collect()
}

/// Points for Sobol' indices: of each base point a, its twin b, a with each number of b, and for indices of second
/// order b with each number of a.
///
/// count (numbers + 2) points, or count (2 numbers + 2). The first of more are those of fewer.
/// Source: Saltelli 2002; Saltelli et al. 2010.
pub fn saltelli(numbers: usize, count: u32, second_order: bool, seed: u64) -> Vec<Point> {
    let mut points = Vec::new();
    for both in Sobol::new(2 * numbers, seed).take(count as usize) {
        let (a, b) = both.split_at(numbers);
        let swapped = |whole: &[f64], from: &[f64], number: usize| {
            let mut point = whole.to_vec();
            point[number] = from[number];
            point
        };
        points.push(a.to_vec());
        points.extend((0..numbers).map(|number| swapped(a, b, number)));
        if second_order {
            points.extend((0..numbers).map(|number| swapped(b, a, number)));
        }
        points.push(b.to_vec());
    }
    points
}

/// Levels of a number on a trajectory: 0, 1/3, 2/3 and 1.
const LEVELS: u32 = 4;

/// Step of a trajectory.
const STEP: f64 = LEVELS as f64 / (2.0 * (LEVELS - 1) as f64);

/// A walk through the unit cube that moves each number once.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// Its points, one more than there are numbers.
    pub points: Vec<Point>,
    /// Which number moves between a point and the next.
    pub moved: Vec<usize>,
}

/// So many trajectories; the first of more are those of fewer.
///
/// Source: Morris 1991, Technometrics 33(2).
pub fn trajectories(numbers: usize, count: u32, seed: u64) -> Vec<Trajectory> {
    let one = |nth| {
        let draws = Keys::new(seed, nth).at(Stream::Design, 0);
        walk(numbers, &mut draws.generator(0))
    };
    (0..count).map(one).collect()
}

fn walk(numbers: usize, rng: &mut impl Rng) -> Trajectory {
    let low =
        |rng: &mut dyn Rng| f64::from(rng.random_range(0..LEVELS / 2)) / f64::from(LEVELS - 1);
    let mut point: Point = (0..numbers)
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

/// The middle of all numbers, then each of them at its lower and its upper end.
pub fn one_at_a_time(numbers: usize) -> Vec<Point> {
    let middle = vec![0.5; numbers];
    let mut points = vec![middle.clone()];
    for number in 0..numbers {
        for end in [0.0, 1.0] {
            let mut point = middle.clone();
            point[number] = end;
            points.push(point);
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::{
        Latin, STEP, latin_hypercube, nearest_two, one_at_a_time, random, saltelli, sobol,
        trajectories,
    };

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

    #[test]
    fn points_are_anywhere_in_the_cube_and_independent() {
        let found = random(3, 4000, 5);
        assert_eq!(found[..10], random(3, 10, 5)[..]);
        let mean = |of: fn(&[f64]) -> f64| {
            let sum: f64 = found.iter().map(|point| of(point)).sum();
            sum / found.len() as f64
        };
        // Means of 4,000 numbers of standard deviations 0.289, 0.298 and 0.083, by four standard errors.
        assert!((mean(|p| p[2]) - 0.5).abs() < 0.019);
        assert!((mean(|p| p[0] * p[0]) - 1.0 / 3.0).abs() < 0.019);
        assert!((mean(|p| (p[0] - 0.5) * (p[1] - 0.5))).abs() < 0.006);
    }

    #[test]
    fn a_latin_hypercube_uses_each_part_of_each_number_once() {
        for kind in [Latin::Random, Latin::Centred, Latin::Maximin] {
            let points = latin_hypercube(4, 10, kind, 2);
            assert_eq!(points, latin_hypercube(4, 10, kind, 2));
            assert_ne!(points, latin_hypercube(4, 10, kind, 3));
            for number in 0..4 {
                let mut parts: Vec<usize> = points
                    .iter()
                    .map(|point| (point[number] * 10.0) as usize)
                    .collect();
                parts.sort_unstable();
                assert_eq!(parts, (0..10).collect::<Vec<_>>(), "{kind:?}");
            }
            let in_the_middle = points
                .iter()
                .flatten()
                .all(|own| (own * 10.0).fract() - 0.5 < 1e-9 && (own * 10.0).fract() - 0.5 > -1e-9);
            assert_eq!(in_the_middle, kind == Latin::Centred);
        }
        let nearest = |kind| nearest_two(&latin_hypercube(3, 12, kind, 5));
        assert!(nearest(Latin::Maximin) > nearest(Latin::Random));
    }

    /// With f = x1 + 2 x2, of each base point the points that share all but one number tell it apart.
    #[test]
    fn points_for_indices_swap_one_number_at_a_time() {
        for (second, size) in [(false, 5), (true, 8)] {
            let points = saltelli(3, 4, second, 7);
            assert_eq!(points.len(), 4 * size);
            assert_eq!(points[..2 * size], saltelli(3, 2, second, 7)[..]);
            for group in points.chunks(size) {
                let (a, b) = (&group[0], &group[size - 1]);
                for number in 0..3 {
                    for other in 0..3 {
                        let from = if other == number { b } else { a };
                        assert_eq!(group[1 + number][other], from[other]);
                        if second {
                            let from = if other == number { a } else { b };
                            assert_eq!(group[4 + number][other], from[other]);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_first_points_of_more_are_those_of_fewer() {
        assert_eq!(sobol(3, 20, 1)[..7], sobol(3, 7, 1)[..]);
        assert_eq!(random(3, 20, 1)[..7], random(3, 7, 1)[..]);
    }

    #[test]
    fn one_at_a_time_is_the_middle_and_each_end() {
        let expected = [[0.5, 0.5], [0.0, 0.5], [1.0, 0.5], [0.5, 0.0], [0.5, 1.0]];
        assert_eq!(one_at_a_time(2), expected.map(Vec::from));
    }
}

//! The Sobol' sequence: points that fill the unit cube evenly, and go on doing so as more are added.
//!
//! x_{n+1,j} = x_{n,j} xor v_{c(n),j}     c(n) place of the lowest zero bit of n · v direction numbers of dimension j
//! Source: Sobol' 1967; order of points: Antonov & Saleev 1979; direction numbers: Joe & Kuo 2008.

#[cfg(doc)]
use prodos_config::design::MOST_DIMENSIONS;
use prodos_model::keyed::{Keys, Stream};

/// Direction numbers as published, a dimension a line from the second one on.
const DIRECTIONS: &str = include_str!("sobol_directions.txt");

/// Bits of a number: so many points, 2 to this, before the sequence ends.
const BITS: usize = 32;

/// The points of the sequence, shifted by chance so that none lies on the edge of the cube.
#[derive(Clone, Debug)]
pub(super) struct Sobol {
    directions: Vec<[u32; BITS]>,
    shifts: Vec<u32>,
    point: Vec<u32>,
    next: u32,
}

impl Sobol {
    /// The sequence of points of so many numbers, at most [`MOST_DIMENSIONS`]; the seed decides the shift.
    pub(super) fn new(numbers: usize, seed: u64) -> Sobol {
        let shift = Keys::new(seed, 0).at(Stream::Design, 2);
        Sobol {
            shifts: (0..numbers as u64)
                .map(|number| (shift.word(number) >> 32) as u32)
                .collect(),
            ..Sobol::unshifted(numbers)
        }
    }

    /// The sequence as it was published.
    fn unshifted(numbers: usize) -> Sobol {
        let lines = DIRECTIONS.lines().filter(|line| !line.starts_with('#'));
        let later = lines.map(directions);
        // The first dimension halves again and again.
        let first = std::array::from_fn(|bit| 1 << (BITS - 1 - bit));
        Sobol {
            directions: std::iter::once(first).chain(later).take(numbers).collect(),
            shifts: vec![0; numbers],
            point: vec![0; numbers],
            next: 0,
        }
    }
}

impl Iterator for Sobol {
    type Item = Vec<f64>;

    /// The next point, each number above 0 and below 1.
    fn next(&mut self) -> Option<Vec<f64>> {
        let bits = self
            .point
            .iter()
            .zip(&self.shifts)
            .map(|(own, shift)| own ^ shift);
        let middle = |bits: u32| (f64::from(bits) + 0.5) / 4_294_967_296.0;
        let point = bits.map(middle).collect();
        let bit = self.next.trailing_ones() as usize;
        for (own, directions) in self.point.iter_mut().zip(&self.directions) {
            *own ^= directions.get(bit)?;
        }
        self.next = self.next.checked_add(1)?;
        Some(point)
    }
}

/// The direction numbers of a line `dimension degree coefficients m_1 m_2 …`.
///
/// m_i = 2 a_1 m_{i-1} xor 4 a_2 m_{i-2} xor … xor 2^s m_{i-s} xor m_{i-s}     a bits of the polynomial · s its degree
fn directions(line: &str) -> [u32; BITS] {
    let numbers: Vec<u32> = line
        .split(' ')
        .map(|number| number.parse().unwrap_or(0))
        .collect();
    let (degree, coefficients) = (numbers[1] as usize, numbers[2]);
    let mut m = numbers[3..].to_vec();
    for i in degree..BITS {
        let mut own = m[i - degree] ^ (m[i - degree] << degree);
        for k in 1..degree {
            if coefficients >> (degree - 1 - k) & 1 == 1 {
                own ^= m[i - k] << k;
            }
        }
        m.push(own);
    }
    std::array::from_fn(|bit| m[bit] << (BITS - 1 - bit))
}

#[cfg(test)]
mod tests {
    use super::Sobol;
    use prodos_config::design::MOST_DIMENSIONS;

    /// scipy 1.17.1: `qmc.Sobol(5, scramble=False).random(8)`.
    #[test]
    fn the_sequence_is_the_published_one() {
        let expected = [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25, 0.25, 0.75],
            [0.25, 0.75, 0.75, 0.75, 0.25],
            [0.375, 0.375, 0.625, 0.875, 0.375],
            [0.875, 0.875, 0.125, 0.375, 0.875],
            [0.625, 0.125, 0.875, 0.625, 0.625],
            [0.125, 0.625, 0.375, 0.125, 0.125],
        ];
        for (point, expected) in Sobol::unshifted(5).zip(expected) {
            for (own, expected) in point.iter().zip(expected) {
                assert!((own - expected).abs() < 1e-9, "{point:?}");
            }
        }
    }

    /// Of the first 2^m points of each dimension one lies in each 2^m-th part, whatever the shift.
    #[test]
    fn each_part_of_each_dimension_has_its_point() {
        let points: Vec<Vec<f64>> = Sobol::new(MOST_DIMENSIONS, 7).take(64).collect();
        for number in 0..MOST_DIMENSIONS {
            let mut parts: Vec<usize> = points
                .iter()
                .map(|point| (point[number] * 64.0) as usize)
                .collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..64).collect::<Vec<_>>(), "dimension {number}");
        }
    }

    #[test]
    fn a_seed_moves_all_points_and_keeps_them_off_the_edge() {
        let points = |seed| Sobol::new(3, seed).take(100).collect::<Vec<_>>();
        assert_eq!(points(1), points(1));
        assert_ne!(points(1), points(2));
        assert!(
            points(1)
                .iter()
                .flatten()
                .all(|&own| own > 0.0 && own < 1.0)
        );
    }
}

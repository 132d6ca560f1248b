//! Bundles of fibres: what breaks hands its load to what still holds.

use super::numerics::{draws, least};
use prodos_model::keyed::Keys;
use prodos_model::maths;

/// How strong fibres are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strength {
    /// Uniform between 0 and 1.
    Uniform,
    /// Weibull of scale 1: P(strength > x) = e^(-x^rho), rho the shape.
    Weibull(f64),
}

impl Strength {
    /// Uniform where the shape is 0, else Weibull.
    pub fn of_shape(shape: f64) -> Strength {
        if shape == 0.0 {
            Strength::Uniform
        } else {
            Strength::Weibull(shape)
        }
    }

    /// Strengths of so many fibres.
    pub fn draw(self, fibres: usize, keys: Keys) -> Vec<f64> {
        let draw = draws(keys, 0);
        let words = (0..fibres as u64).map(|fibre| draw.word(fibre));
        match self {
            Strength::Uniform => words.map(maths::unit).collect(),
            Strength::Weibull(shape) => words
                .map(|word| maths::pow(maths::exponential(word), 1.0 / shape))
                .collect(),
        }
    }

    /// Share of fibres that are stronger than a load.
    fn holds(self, load: f64) -> f64 {
        match self {
            Strength::Uniform => (1.0 - load).max(0.0),
            Strength::Weibull(shape) => maths::exp(-maths::pow(load, shape)),
        }
    }

    /// Largest load a fibre that a large bundle bears, and the share of fibres that hold just then.
    ///
    /// max over x of x P(strength > x), found by search     x load of a fibre that holds
    /// Known: uniform 1/4, 1/2;  Weibull (rho e)^(-1/rho), e^(-1/rho)
    /// Source: Daniels 1945; Pradhan, Hansen & Chakrabarti 2010.
    pub fn critical(self) -> (f64, f64) {
        let borne = |load: f64| load * self.holds(load);
        let mut most = 1.0;
        while borne(2.0 * most) > borne(most) {
            most *= 2.0;
        }
        let load = least(|load| -borne(load), 0.0, 2.0 * most);
        (borne(load), self.holds(load))
    }

    /// Share of fibres of an endless bundle that hold in the end, and steps until it changes by less than this.
    ///
    /// U' = P(strength > sigma/U), from U = 1     U share that holds · sigma load a fibre of the whole bundle
    /// Beyond the critical load it only lingers where it would rest, so that none holds in the end.
    /// Source: Pradhan, Hansen & Chakrabarti 2010.
    pub fn recursion(self, load: f64, tolerance: f64) -> (f64, u32) {
        const MOST_STEPS: u32 = 20_000_000;
        let rests = load <= self.critical().0 * (1.0 + 1e-12);
        let mut share: f64 = 1.0;
        for step in 1..MOST_STEPS {
            let next = if share > 0.0 {
                self.holds(load / share)
            } else {
                0.0
            };
            let change = share - next;
            share = next;
            if change.abs() < tolerance && (rests || share == 0.0) {
                return (share, step);
            }
        }
        (if rests { share } else { 0.0 }, MOST_STEPS)
    }
}

/// Share of fibres that hold where all that hold share the load alike.
///
/// the least k for which the (k+1)th weakest bears N sigma / (N - k)     N fibres · sigma load a fibre of the bundle
/// Source: Peirce 1926; Daniels 1945 (equal load sharing).
pub fn equal_sharing(mut strengths: Vec<f64>, load: f64) -> f64 {
    strengths.sort_by(f64::total_cmp);
    let n = strengths.len() as f64;
    let holds = |(k, strength): (usize, &f64)| *strength >= load * n / (n - k as f64);
    let broken = strengths.iter().enumerate().position(holds);
    broken.map_or(0.0, |broken| 1.0 - broken as f64 / n)
}

/// Largest load a fibre that a bundle bears where all that hold share it alike.
///
/// max over k of x_k (N - k + 1)/N     x_k the kth weakest of N
/// Source: Daniels 1945.
pub fn strength(mut strengths: Vec<f64>) -> f64 {
    strengths.sort_by(f64::total_cmp);
    let n = strengths.len() as f64;
    let loads = strengths.iter().enumerate();
    loads
        .map(|(k, strength)| strength * (n - k as f64) / n)
        .fold(0.0, f64::max)
}

/// Share of fibres on a ring that hold where a broken one hands its load, in equal parts, to the nearest that hold:
/// so many on each side.
///
/// All that bear more than they can break at once; then their loads go on, and so forth.
/// Source: Harlow & Phoenix 1978 (local load sharing).
pub fn local_sharing(strengths: &[f64], load: f64, neighbours: usize) -> f64 {
    let mut ring = Ring::new(strengths.len(), load);
    let all = 0..strengths.len();
    let mut breaking: Vec<usize> = all.filter(|&fibre| strengths[fibre] < load).collect();
    while !breaking.is_empty() {
        for &fibre in &breaking {
            ring.take_out(fibre);
        }
        for &fibre in &breaking {
            ring.hand_on(fibre, neighbours);
        }
        breaking = ring.pushed();
        breaking.retain(|&fibre| strengths[fibre] < ring.load[fibre]);
    }
    ring.left as f64 / strengths.len() as f64
}

/// Fibres on a ring; each knows its neighbours, those that broke some that may have broken since.
struct Ring {
    sides: [Vec<usize>; 2],
    holds: Vec<bool>,
    load: Vec<f64>,
    is_pushed: Vec<bool>,
    pushed: Vec<usize>,
    left: usize,
}

impl Ring {
    fn new(fibres: usize, load: f64) -> Ring {
        let all = 0..fibres;
        let before = all.clone().map(|fibre| (fibre + fibres - 1) % fibres);
        let after = all.map(|fibre| (fibre + 1) % fibres);
        Ring {
            sides: [before.collect(), after.collect()],
            holds: vec![true; fibres],
            load: vec![load; fibres],
            is_pushed: vec![false; fibres],
            pushed: Vec::new(),
            left: fibres,
        }
    }

    fn take_out(&mut self, fibre: usize) {
        let [before, after] = [0, 1].map(|side| self.sides[side][fibre]);
        self.sides[1][before] = after;
        self.sides[0][after] = before;
        self.holds[fibre] = false;
        self.left -= 1;
    }

    fn hand_on(&mut self, fibre: usize, neighbours: usize) {
        if self.left == 0 {
            return;
        }
        let nearest = self.nearest(fibre, neighbours);
        let part = self.load[fibre] / nearest.len() as f64;
        for other in nearest {
            self.load[other] += part;
            if !self.is_pushed[other] {
                self.is_pushed[other] = true;
                self.pushed.push(other);
            }
        }
    }

    /// Those that were handed a load since this was last asked, in order.
    fn pushed(&mut self) -> Vec<usize> {
        let mut pushed = std::mem::take(&mut self.pushed);
        pushed.sort_unstable();
        for &fibre in &pushed {
            self.is_pushed[fibre] = false;
        }
        pushed
    }

    /// The nearest that hold on each side, each once.
    fn nearest(&mut self, fibre: usize, neighbours: usize) -> Vec<usize> {
        let mut nearest = Vec::with_capacity(2 * neighbours);
        for side in [0, 1] {
            let mut at = fibre;
            for _ in 0..neighbours.min(self.left) {
                at = self.next(side, at);
                nearest.push(at);
            }
        }
        if 2 * neighbours > self.left {
            nearest.sort_unstable();
            nearest.dedup();
        }
        nearest
    }

    /// The next that holds; those between are made to know it, so that the way is short next time.
    fn next(&mut self, side: usize, fibre: usize) -> usize {
        let mut found = self.sides[side][fibre];
        while !self.holds[found] {
            found = self.sides[side][found];
        }
        let mut at = self.sides[side][fibre];
        while !self.holds[at] {
            at = std::mem::replace(&mut self.sides[side][at], found);
        }
        found
    }
}

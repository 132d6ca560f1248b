//! Numerical methods that several families share: roots, least values, integrals, stationary laws.

use prodos_model::keyed::{Keyed, Keys, Stream};
use prodos_model::maths;

/// The most steps that a process may take; more is refused before it starts.
pub(crate) const MOST_STEPS: f64 = 5e7;

/// Refuses more work than [`MOST_STEPS`].
pub(crate) fn within_reach(steps: f64, what: &str) -> Result<(), String> {
    if steps <= MOST_STEPS {
        return Ok(());
    }
    Err(format!(
        "{what} would take about {steps:.1e} steps, but at most {MOST_STEPS:.0e} are taken; try fewer"
    ))
}

/// Keys of the draws of a process: a series of words for each of its members.
pub(crate) fn draws(keys: Keys, member: usize) -> Keyed {
    keys.at(Stream::Reference, member as u64)
}

/// Where a function is 0, by halving: the lower end where it is 0 there, an end where it does not change sign.
pub(crate) fn root(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let first = function(low);
    if first == 0.0 {
        return low;
    }
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        let there = function(middle);
        if there == 0.0 {
            return middle;
        }
        if (there < 0.0) == (first < 0.0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + (high - low) / 2.0
}

/// Where a function with one valley is least, by the golden section.
pub(crate) fn least(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    for _ in 0..200 {
        let (one, two) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if function(one) < function(two) {
            high = two;
        } else {
            low = one;
        }
    }
    low + (high - low) / 2.0
}

/// Integral of a smooth function by the adaptive rule of Simpson.
///
/// I = (b - a) (f(a) + 4 f((a+b)/2) + f(b)) / 6 on parts that are halved until halving changes nothing.
/// Source: McKeeman 1962.
pub(crate) fn integral(function: &dyn Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    // First in equal parts, so that no peak falls between the first few points.
    const PARTS: u32 = 64;
    let step = (high - low) / f64::from(PARTS);
    let mut evaluations = 0;
    let parts = (0..PARTS).map(|part| {
        let from = low + step * f64::from(part);
        let to = if part + 1 == PARTS { high } else { from + step };
        let ends = [
            function(from),
            function(f64::midpoint(from, to)),
            function(to),
        ];
        refine(function, (from, to), ends, 0, &mut evaluations)
    });
    parts.sum()
}

fn refine(
    function: &dyn Fn(f64) -> f64,
    (from, to): (f64, f64),
    [first, middle, last]: [f64; 3],
    depth: u32,
    evaluations: &mut u32,
) -> f64 {
    const MOST_EVALUATIONS: u32 = 400_000;
    let half = f64::midpoint(from, to);
    let left = function(f64::midpoint(from, half));
    let right = function(f64::midpoint(half, to));
    *evaluations += 2;
    let whole = (to - from) / 6.0 * (first + 4.0 * middle + last);
    let halves = (to - from) / 12.0 * (first + 4.0 * left + 2.0 * middle + 4.0 * right + last);
    let gap = halves - whole;
    let enough = gap.abs() <= 1e-12 * halves.abs();
    if enough || depth >= 48 || *evaluations >= MOST_EVALUATIONS || !gap.is_finite() {
        return halves + gap / 15.0;
    }
    refine(
        function,
        (from, half),
        [first, left, middle],
        depth + 1,
        evaluations,
    ) + refine(
        function,
        (half, to),
        [middle, right, last],
        depth + 1,
        evaluations,
    )
}

/// A Markov chain on 0, 1, 2 ... that moves down and up by no more than so many places a step.
pub(crate) struct Chain {
    down: usize,
    up: usize,
    rows: Vec<Vec<f64>>,
}

impl Chain {
    /// A chain of so many states, without any moves as yet.
    pub(crate) fn new(states: usize, down: usize, up: usize) -> Chain {
        let rows = vec![vec![0.0; down + up + 1]; states];
        Chain { down, up, rows }
    }

    /// Steps of work to find its stationary law.
    pub(crate) fn work(states: f64, down: f64, up: f64) -> f64 {
        states * (down * up + down + up)
    }

    /// Adds to the probability of a move.
    pub(crate) fn add(&mut self, from: usize, to: usize, probability: f64) {
        let place = to + self.down - from;
        self.rows[from][place] += probability;
    }

    fn at(&self, from: usize, to: usize) -> f64 {
        self.rows[from][to + self.down - from]
    }

    /// Share of time in each state.
    ///
    /// States are taken out from the top: what came to them goes on to where they led. No subtraction, so
    /// that small probabilities keep their digits.
    /// Source: Grassmann, Taksar & Heyman 1985.
    pub(crate) fn stationary(mut self) -> Vec<f64> {
        // Leaving less often than this counts as never.
        const NEVER: f64 = 1e-250;
        let states = self.rows.len();
        let mut leaves = vec![0.0; states];
        let mut base = 0;
        for n in (1..states).rev() {
            let below = n.saturating_sub(self.down)..n;
            leaves[n] = below.clone().map(|to| self.at(n, to)).sum();
            if leaves[n] < NEVER {
                base = n;
                break;
            }
            for from in n.saturating_sub(self.up)..n {
                let share = self.at(from, n) / leaves[n];
                if share > 0.0 {
                    for to in below.clone() {
                        let moved = share * self.at(n, to);
                        self.add(from, to, moved);
                    }
                }
            }
        }
        self.shares(base, &leaves)
    }

    fn shares(&self, base: usize, leaves: &[f64]) -> Vec<f64> {
        let mut shares = vec![0.0; leaves.len()];
        shares[base] = 1.0;
        for n in base + 1..leaves.len() {
            let from = n.saturating_sub(self.up).max(base)..n;
            let comes: f64 = from.map(|from| shares[from] * self.at(from, n)).sum();
            shares[n] = comes / leaves[n];
            if shares[n] > 1e40 {
                let most = shares[n];
                shares[..=n].iter_mut().for_each(|share| *share /= most);
            }
        }
        let sum: f64 = shares.iter().sum();
        shares.iter().map(|share| share / sum).collect()
    }
}

/// Probabilities of 0, 1, 2 ... events where `mean` are expected, until the rest is below 1e-18.
///
/// p_k = m^k e^-m / k!     m expected number
pub(crate) fn poisson(mean: f64) -> Vec<f64> {
    let mut masses = vec![maths::exp(-mean)];
    let mut mass = masses[0];
    let mut k = 0.0;
    while mass > 1e-18 || k < mean {
        k += 1.0;
        mass *= mean / k;
        masses.push(mass);
    }
    masses
}

/// Probabilities of 0 to `n` successes.
///
/// P(k) = C(n,k) p^k (1-p)^(n-k)     n trials · p probability of success
pub(crate) fn binomial(n: usize, p: f64) -> Vec<f64> {
    if p > 0.5 {
        let mut mirrored = binomial(n, 1.0 - p);
        mirrored.reverse();
        return mirrored;
    }
    let odds = p / (1.0 - p);
    let mut mass = maths::exp(n as f64 * libm::log1p(-p));
    let mut masses = vec![mass];
    for k in 1..=n {
        mass *= odds * (n - k + 1) as f64 / k as f64;
        masses.push(mass);
    }
    masses
}

/// Mean and variance of numbers with their weights, which add up to 1.
pub(crate) fn moments(shares: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let mean: f64 = shares.clone().map(|(value, share)| value * share).sum();
    let variance = shares.map(|(value, share)| (value - mean) * (value - mean) * share);
    (mean, variance.sum())
}

/// Mean, variance and lag-1 correlation of a series.
///
/// r = sum (x_t - m)(x_t+1 - m) / sum (x_t - m)^2     m mean; the variance is that of a sample (n - 1)
pub(crate) fn of_series(values: &[f64]) -> (f64, f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    let pairs = values.windows(2);
    let products: f64 = pairs.map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
    (mean, squares / (n - 1.0), products / squares)
}

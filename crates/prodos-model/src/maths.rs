//! Mathematics and sampling: the same bits on every machine and in every binary.
//!
//! The standard library's transcendental functions may differ between platforms and versions, so all
//! of them pass through here, on top of the pure-Rust `libm`. Samplers are ours for the same reason.

use serde::{Deserialize, Serialize};

/// e^x.
#[inline]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Natural logarithm.
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// x^y.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Logistic function 1 / (1 + e^-x), safe for any finite x.
#[inline]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x.clamp(-40.0, 40.0)))
}

/// x / (1 + x): maps a ratio to an index in which 0.5 is parity.
#[inline]
pub fn parity(ratio: f64) -> f64 {
    if ratio.is_finite() {
        ratio / (1.0 + ratio)
    } else {
        1.0
    }
}

/// A uniform number in [0, 1) with 53 bits, from a random word.
#[inline]
pub fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A uniform number in (0, 1], for logarithms.
#[inline]
pub fn unit_open(word: u64) -> f64 {
    ((word >> 11) + 1) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Exponential number of mean 1.
#[inline]
pub fn exponential(word: u64) -> f64 {
    -ln(unit_open(word))
}

/// Geometric number of trials up to and with the first success, at least 1.
///
/// Pr(N = n) = p (1 - p)^(n-1); by inversion.
pub fn geometric(word: u64, p: f64) -> f64 {
    if p >= 1.0 {
        return 1.0;
    }
    if p <= 0.0 {
        return f64::INFINITY;
    }
    libm::floor(ln(unit_open(word)) / libm::log1p(-p)) + 1.0
}

/// Standard normal number from two words (Box & Muller 1958).
pub fn normal(first: u64, second: u64) -> f64 {
    libm::sqrt(2.0 * exponential(first)) * libm::cos(std::f64::consts::TAU * unit(second))
}

/// The nearest whole number to `x`, halves upward; 0 below and the largest above what it can hold.
#[inline]
pub fn nearest(x: f64) -> u32 {
    let whole = x as u32;
    whole.saturating_add(u32::from(x - f64::from(whole) >= 0.5))
}

/// The least whole number that is not below `x`; 0 below and the largest above what it can hold.
#[inline]
pub fn up(x: f64) -> u32 {
    let whole = x as u32;
    whole.saturating_add(u32::from(f64::from(whole) < x))
}

/// 32 bits as a number in [0, 1), in steps of 2^-24.
#[inline]
pub fn fraction(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// How many of the 2^24 numbers of [`fraction`] are below a share: those whose bits without the last eight are.
#[inline]
pub fn fractions_below(share: f32) -> u32 {
    // A step of 2^-24 is exact in this type, and so is the product.
    up(f64::from(share) * 16_777_216.0)
}

/// Number of successes in `n` trials of probability `p`, by inversion of one uniform number.
///
/// Exact in law up to rounding; the sum runs upward from zero, so it is meant for small `n p`.
pub fn binomial(word: u64, n: u32, p: f64) -> u32 {
    if n == 0 || p <= 0.0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    successes(word, n, p, none_of(n, libm::log1p(-p)))
}

/// Probability that all of `n` trials fail, given the logarithm of that of one: (1 - p)^n.
#[inline]
fn none_of(n: u32, ln_fails: f64) -> f64 {
    exp(f64::from(n) * ln_fails)
}

/// The same number, given the probability of none.
fn successes(word: u64, n: u32, p: f64, none: f64) -> u32 {
    if none < 1e-300 {
        return binomial_by_trials(word, n, p);
    }
    let u = unit(word);
    let odds = p / (1.0 - p);
    let (mut mass, mut sum) = (none, none);
    let mut successes = 0;
    while u >= sum && successes < n {
        mass *= odds * f64::from(n - successes) / f64::from(successes + 1);
        successes += 1;
        sum += mass;
    }
    successes
}

/// A trial that is made again and again with the same probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    p: f64,
    ln_fails: f64,
    /// Probability that none of so many succeeds.
    none: [f64; 16],
}

impl Trial {
    /// A trial of probability `p`.
    pub fn new(p: f64) -> Trial {
        let ln_fails = if p < 1.0 { libm::log1p(-p) } else { 0.0 };
        Trial {
            p,
            ln_fails,
            none: std::array::from_fn(|n| none_of(n as u32, ln_fails)),
        }
    }

    /// As [`binomial`], to the bit.
    pub fn successes(&self, word: u64, n: u32) -> u32 {
        if n == 0 || self.p <= 0.0 {
            return 0;
        }
        if self.p >= 1.0 {
            return n;
        }
        let none = self.none.get(n as usize).copied();
        let none = none.unwrap_or_else(|| none_of(n, self.ln_fails));
        successes(word, n, self.p, none)
    }
}

fn binomial_by_trials(word: u64, n: u32, p: f64) -> u32 {
    (0..n)
        .filter(|&trial| {
            unit(mix(
                word ^ u64::from(trial).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            )) < p
        })
        .count() as u32
}

/// Poisson number of mean `mean`, by inversion; split in halves above 500.
pub fn poisson(word: u64, mean: f64) -> u64 {
    if mean <= 0.0 {
        return 0;
    }
    if mean > 500.0 {
        let half = mean / 2.0;
        return poisson(mix(word ^ 1), half) + poisson(mix(word ^ 2), half);
    }
    let u = unit(word);
    let mut mass = exp(-mean);
    let mut sum = mass;
    let mut n = 0;
    while u >= sum && mass > 0.0 {
        n += 1;
        mass *= mean / n as f64;
        sum += mass;
    }
    n
}

/// SplitMix64 finaliser: every bit of the input moves every bit of the output.
#[inline]
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{
        Trial, binomial, exponential, geometric, logistic, mix, nearest, normal, parity, poisson,
        unit, unit_open, up,
    };
    use crate::keyed::{Keys, Stream};

    const DRAWS: u64 = 200_000;

    /// Mean and variance of keyed draws against theory, within four standard errors.
    ///
    /// The standard error of a variance is sqrt((mu4 - variance^2) / n).
    fn agrees(name: &str, draws: u64, sample: impl Fn(u64) -> f64, theory: [f64; 3]) {
        let [mean, variance, fourth] = theory;
        let keys = Keys::new(7, 3).at(Stream::Reference, 11);
        let n = draws as f64;
        let (mut sum, mut square) = (0.0, 0.0);
        for id in 0..draws {
            let away = sample(keys.word(id)) - mean;
            sum += away;
            square += away * away;
        }
        let off = (sum / n).abs();
        assert!(
            off <= 4.0 * libm::sqrt(variance / n),
            "{name}: mean off by {off}"
        );
        let off = (square / n - variance).abs();
        let error = libm::sqrt((fourth - variance * variance) / n);
        assert!(off <= 4.0 * error, "{name}: variance off by {off}");
    }

    #[test]
    fn a_fraction_is_below_a_share_where_its_bits_say_so() {
        for share in [0.0, 1.0, 0.5, 0.043, 1e-9, 5.26e-4, 0.999_999_9, 1.0 / 3.0] {
            let below = super::fractions_below(share);
            let last = [below.saturating_sub(1), below, below + 1];
            for steps in last.into_iter().chain([0, 1 << 23, (1 << 24) - 1]) {
                let bits = steps.min((1 << 24) - 1) << 8 | 0xA5;
                assert_eq!(
                    bits >> 8 < below,
                    super::fraction(bits) < share,
                    "{share} {bits}"
                );
            }
        }
    }

    #[test]
    fn exponential_and_normal_numbers_have_their_moments() {
        agrees("exponential", DRAWS, exponential, [1.0, 1.0, 9.0]);
        let standard = |word| normal(word, mix(word));
        agrees("normal", DRAWS, standard, [0.0, 1.0, 3.0]);
    }

    #[test]
    fn counts_have_their_moments() {
        for mean in [0.02, 0.7, 12.0, 499.0, 1300.0] {
            let draws = if mean > 100.0 { 20_000 } else { DRAWS };
            let theory = [mean, mean, mean + 3.0 * mean * mean];
            agrees("poisson", draws, |word| poisson(word, mean) as f64, theory);
        }
        for p in [0.9, 0.3, 0.004] {
            let variance = (1.0 - p) / (p * p);
            let fourth = variance * variance * (9.0 + p * p / (1.0 - p));
            agrees(
                "geometric",
                DRAWS,
                |word| geometric(word, p),
                [1.0 / p, variance, fourth],
            );
        }
        for (n, p) in [(1, 0.3), (16, 0.05), (40, 0.9), (900, 0.004), (3000, 0.5)] {
            let draws = if n > 1000 { 4000 } else { DRAWS };
            let variance = f64::from(n) * p * (1.0 - p);
            let fourth = variance * (1.0 + 3.0 * (f64::from(n) - 2.0) * p * (1.0 - p));
            let theory = [f64::from(n) * p, variance, fourth];
            agrees(
                "binomial",
                draws,
                |word| f64::from(binomial(word, n, p)),
                theory,
            );
        }
    }

    /// A word whose uniform number is `u`.
    fn word(u: f64) -> u64 {
        ((u * (1u64 << 53) as f64) as u64) << 11
    }

    #[test]
    fn a_binomial_number_is_the_inverse_of_its_distribution() {
        // Three fair coins: 1/8, 3/8, 3/8, 1/8.
        for (u, successes) in [
            (0.0, 0),
            (0.124, 0),
            (0.126, 1),
            (0.499, 1),
            (0.501, 2),
            (0.876, 3),
        ] {
            assert_eq!(binomial(word(u), 3, 0.5), successes, "at {u}");
        }
        assert_eq!(binomial(u64::MAX, 3, 0.5), 3);
    }

    #[test]
    fn a_trial_made_again_is_a_binomial_number() {
        let keys = Keys::new(3, 0).at(Stream::Reference, 5);
        for p in [0.0, 1e-9, 0.07, 0.5, 0.999, 1.0, 2.0] {
            let trial = Trial::new(p);
            for n in 0..200 {
                let word = keys.word(n.into());
                assert_eq!(trial.successes(word, n), binomial(word, n, p), "{n} of {p}");
            }
        }
    }

    #[test]
    fn whole_numbers_are_those_of_the_standard_library() {
        let hard = [
            0.0,
            0.499_999_999_999_999_94,
            0.5,
            1.0,
            1.5,
            2.5,
            7.000_000_001,
            4e9,
            -0.3,
            -7.0,
        ];
        for x in hard {
            assert_eq!(f64::from(nearest(x)), f64::max(x.round(), 0.0), "{x}");
            assert_eq!(f64::from(up(x)), f64::max(x.ceil(), 0.0), "{x}");
        }
        assert_eq!(
            [nearest(1e300), up(f64::INFINITY), up(f64::NAN)],
            [u32::MAX, u32::MAX, 0]
        );
    }

    #[test]
    fn what_cannot_be_otherwise_is_exact() {
        for word in [0, 1, 1 << 40, u64::MAX] {
            assert_eq!(binomial(word, 0, 0.5), 0);
            assert_eq!(binomial(word, 9, 0.0), 0);
            assert_eq!(binomial(word, 9, -0.1), 0);
            assert_eq!(binomial(word, 9, 1.0), 9);
            assert!(binomial(word, 9, 0.999_999) <= 9);
            assert_eq!(poisson(word, 0.0), 0);
            assert_eq!(geometric(word, 1.0), 1.0);
            assert_eq!(geometric(word, 0.0), f64::INFINITY);
            assert!(geometric(word, 0.5) >= 1.0);
            assert!((0.0..1.0).contains(&unit(word)));
            assert!(unit_open(word) > 0.0 && unit_open(word) <= 1.0);
            assert!(exponential(word) >= 0.0 && exponential(word).is_finite());
        }
    }

    #[test]
    fn indices_have_parity_at_a_half_and_stay_within_bounds() {
        assert_eq!([0.0, 1.0, f64::INFINITY].map(parity), [0.0, 0.5, 1.0]);
        assert_eq!(logistic(0.0), 0.5);
        assert!(logistic(-1e300) > 0.0 && logistic(1e300) <= 1.0);
    }
}

//! Mathematics and sampling: the same bits on every machine and in every binary.
//!
//! The standard library's transcendental functions may differ between platforms and versions, so all
//! of them pass through here, on top of the pure-Rust `libm`. Samplers are ours for the same reason.

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
    let u = unit(word);
    let odds = p / (1.0 - p);
    let mut mass = exp(f64::from(n) * libm::log1p(-p));
    if mass < 1e-300 {
        return binomial_by_trials(word, n, p);
    }
    let mut sum = mass;
    let mut successes = 0;
    while u >= sum && successes < n {
        mass *= odds * f64::from(n - successes) / f64::from(successes + 1);
        successes += 1;
        sum += mass;
    }
    successes
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

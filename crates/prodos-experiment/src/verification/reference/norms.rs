//! Norms: cultures that hold themselves.

use super::numerics::{least, root};
use prodos_model::drift::shortcuts;

/// Norms at rest: what most do, what most leave, and the brink between; NaN where absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norms {
    /// At rest with a negative mean.
    pub low: f64,
    /// The brink between two cultures; 0 where there is only one and nothing favours either side.
    pub middle: f64,
    /// At rest with a positive mean.
    pub high: f64,
    /// Field against a culture beyond which it turns; NaN with a single culture.
    pub turn: f64,
}

/// The mean choice that a mean choice leads to: tanh(bJ m + bh).
///
/// It is the engine's [`shortcuts::inclination`] for x = (1 + m)/2, with b2 = 4 bJ and b0 = 2 (bh - bJ).
fn led_to(pull: f64, field: f64, mean: f64) -> f64 {
    let share = f64::midpoint(1.0, mean);
    2.0 * shortcuts::inclination(2.0 * (field - pull), 0.0, 4.0 * pull, 0.0, 1.0, share, 0.0) - 1.0
}

/// Norms at rest under a pull of peers and a field, found on the engine's curve.
///
/// m = tanh(bJ m + bh)     m mean of choices -1 and 1 · bJ pull · bh field
/// Two cultures only where bJ > 1; known to turn at |bh| = |atanh(ms) - bJ ms|, ms = sqrt(1 - 1/bJ)
/// Source: Brock & Durlauf 2001.
pub fn norms(pull: f64, field: f64) -> Norms {
    let gap = |mean: f64| led_to(pull, field, mean) - mean;
    let mut found = Norms {
        low: f64::NAN,
        middle: f64::NAN,
        high: f64::NAN,
        turn: f64::NAN,
    };
    if pull <= 1.0 {
        let only = root(gap, -1.0, 1.0);
        *match only {
            only if only > 0.0 => &mut found.high,
            only if only < 0.0 => &mut found.low,
            _ => &mut found.middle,
        } = only;
        return found;
    }
    let (left, right) = bends(pull, field);
    let (is_low, is_high) = (gap(left) <= 0.0, gap(right) >= 0.0);
    if is_low {
        found.low = root(gap, -1.0, left);
    }
    if is_high {
        found.high = root(gap, right, 1.0);
    }
    if is_low && is_high {
        found.middle = root(gap, left, right);
    }
    // The low culture is gone where the curve leads up from everywhere left of its bend.
    let leads_up = |field: f64| {
        let left = bends(pull, field).0;
        led_to(pull, field, left) - left
    };
    found.turn = root(leads_up, 0.0, pull);
    found
}

/// Where a mean leads furthest down and furthest up, left and right of where it leads on the steepest.
fn bends(pull: f64, field: f64) -> (f64, f64) {
    let gap = |mean: f64| led_to(pull, field, mean) - mean;
    let reach = 2.0 + field.abs();
    let steepest = root(|mean| led_to(pull, field, mean), -reach, reach);
    (
        least(gap, steepest - reach, steepest),
        least(|mean| -gap(mean), steepest, steepest + reach),
    )
}

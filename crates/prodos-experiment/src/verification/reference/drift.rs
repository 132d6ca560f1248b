//! Drift to the boundary, and what is lost until all is as before.

use super::numerics::{draws, within_reach};
use crate::outcomes;
use prodos_model::keyed::{Keyed, Keys};
use prodos_model::maths;

/// An operating point that drifts to the boundary of safe work.
///
/// y' = y - v h - s sqrt(h) e     y distance · v speed a day · s noise (a day's standard deviation) · h step (days)
/// Known as h goes to 0: mean y/v, variance y s^2 / v^3 (inverse Gaussian law)
/// Source: Rasmussen 1997; Cook & Rasmussen 2005; Schroedinger 1915 for the law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Distance to the boundary.
    pub distance: f64,
    /// Speed towards it, a day.
    pub speed: f64,
    /// Standard deviation of a day's noise.
    pub noise: f64,
    /// Step (days).
    pub step: f64,
}

/// Days until the boundary is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// Mean days of those that reach it.
    pub mean: f64,
    /// Standard deviation of these days.
    pub spread: f64,
    /// Share of paths that reach it in time.
    pub share: f64,
}

impl Drift {
    /// Days until the boundary is reached, over so many paths, none followed beyond the limit.
    pub fn reaches(&self, paths: usize, limit_days: f64, keys: Keys) -> Result<Reached, String> {
        let overshoot = self.noise * libm::sqrt(self.step) + self.speed * self.step;
        let days = if self.speed > 0.0 {
            limit_days.min((self.distance + overshoot) / self.speed)
        } else {
            limit_days
        };
        within_reach(
            paths as f64 * days / self.step,
            "so many `paths` until they reach the boundary",
        )?;
        let most = libm::floor(limit_days / self.step + 1e-9) as u64;
        let all = (0..paths).filter_map(|path| self.path(most, draws(keys, path)));
        let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for days in all {
            count += 1.0;
            sum += days;
            squares += days * days;
        }
        let mean = sum / count;
        // Rounding can leave a little less than nothing.
        let variance = squares / count - mean * mean;
        let spread = if variance < 0.0 {
            0.0
        } else {
            libm::sqrt(variance)
        };
        Ok(Reached {
            mean,
            spread,
            share: count / paths as f64,
        })
    }

    fn path(&self, most: u64, draw: Keyed) -> Option<f64> {
        let mut distance = self.distance;
        let (drift, noise) = (self.speed * self.step, self.noise * libm::sqrt(self.step));
        for k in 0..most {
            if distance <= 0.0 {
                return Some(k as f64 * self.step);
            }
            distance -= drift + noise * maths::normal(draw.word(2 * k), draw.word(2 * k + 1));
        }
        (distance <= 0.0).then_some(most as f64 * self.step)
    }
}

/// What a drop of output costs until it is made good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Days of output lost.
    pub lost: f64,
    /// Days until output is back at a level.
    pub back: f64,
}

/// Loss by a drop of which a share of the gap is closed every day.
///
/// gap_t = d (1 - r)^t,  RL = sum of the gap = d/r     d drop, of output 1 · r share closed a day
/// The first 100,000 days are summed by the engine's own measure of lost output.
/// Source: Bruneau et al. 2003 (resilience triangle).
pub fn closing_loss(drop: f64, share: f64, level: f64) -> Loss {
    const FOLLOWED: usize = 100_000;
    let goal = 1.0 - level + 1e-12;
    let mut gap = drop;
    let mut relative = Vec::new();
    while relative.len() < FOLLOWED && gap > 1e-15 {
        relative.push(1.0 - gap);
        gap -= gap * share;
    }
    let later = if gap > 1e-15 { gap / share } else { 0.0 };
    let found = relative.iter().position(|output| 1.0 - output <= goal);
    let back = match found {
        Some(day) => day as f64,
        None if gap <= goal => relative.len() as f64,
        None => libm::ceil(maths::ln(goal / drop) / libm::log1p(-share)),
    };
    Loss {
        lost: outcomes::area_lost(&relative) + later,
        back,
    }
}

/// Loss by a drop that is made good along a straight line.
///
/// gap(t) = d (1 - t/n);  a day's output is its mean over the day     d drop, of output 1 · n days
/// Source: Bruneau et al. 2003 (resilience triangle).
pub fn linear_loss(drop: f64, days: f64, level: f64) -> Loss {
    let whole = libm::ceil(days) as u32;
    // Integral of the gap from the drop to a moment.
    let so_far = |t: f64| drop * (t.min(days) - t.min(days) * t.min(days) / (2.0 * days));
    let day = |k: u32| so_far(f64::from(k) + 1.0) - so_far(f64::from(k));
    let relative: Vec<f64> = (0..whole).map(|k| 1.0 - day(k)).collect();
    let goal = 1.0 - level;
    let back = if drop <= goal {
        0.0
    } else {
        libm::ceil(days * (1.0 - goal / drop) - 1e-9)
    };
    Loss {
        lost: outcomes::area_lost(&relative),
        back,
    }
}

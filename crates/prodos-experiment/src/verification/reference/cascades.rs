//! Cascades: how far one failure goes.

use super::numerics::{draws, least, root, within_reach};
use prodos_model::keyed::{Keyed, Keys};
use prodos_model::maths;

/// How many fail: whether none does, the mean, and the share of cases with at least so many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Probability that none fails.
    pub none: f64,
    /// Mean number that fails.
    pub mean: f64,
    /// Probability that at least so many fail.
    pub at_least: f64,
}

/// Components that hand a part of their load to all others when they fail.
///
/// Loads are uniform on [0, 1]; each gets the disturbance d, fails above 1, and then adds p to all others.
/// Source: Dobson, Carreras & Newman 2005 (CASCADE).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loading {
    /// Number of components n.
    pub components: usize,
    /// Disturbance d, as a share of the range of loads.
    pub disturbance: f64,
    /// Load p that a failure adds to each other.
    pub step: f64,
}

impl Loading {
    /// Numbers that fail, by trial with drawn loads.
    ///
    /// Known: P(S = r) = C(n,r) d (d + r p)^(r-1) (1 - d - r p)^(n-r) while d + r p < 1; the rest, if any, at r = n
    /// Source: Dobson, Carreras & Newman 2005 (saturating quasi-binomial law).
    pub fn tried(&self, at_least: usize, trials: usize, keys: Keys) -> Result<Size, String> {
        let n = self.components as f64;
        within_reach(
            // A load is drawn and sorted in: about four steps each.
            4.0 * n * trials as f64,
            "so many `components` in so many `trials`",
        )?;
        let (mut none, mut sum, mut many) = (0.0, 0.0, 0.0);
        for trial in 0..trials {
            let failed = self.fails(draws(keys, trial));
            none += f64::from(u8::from(failed == 0));
            sum += failed as f64;
            many += f64::from(u8::from(failed >= at_least));
        }
        let mean = |sum: f64| sum / trials as f64;
        Ok(Size {
            none: mean(none),
            mean: mean(sum),
            at_least: mean(many),
        })
    }

    fn fails(&self, draw: Keyed) -> usize {
        let mut room: Vec<f64> = (0..self.components as u64)
            .map(|k| 1.0 - maths::unit(draw.word(k)))
            .collect();
        room.sort_by(f64::total_cmp);
        let holds = |(k, room): (usize, &f64)| *room >= self.disturbance + k as f64 * self.step;
        let first = room.iter().enumerate().position(holds);
        first.unwrap_or(self.components)
    }
}

/// Families in which everyone has a Poisson number of offspring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Families {
    /// Share of families of one, of two and of three.
    pub small: [f64; 3],
    /// Mean size of those that end.
    pub mean: f64,
    /// Variance of the size of those that end.
    pub variance: f64,
    /// Share of families that end.
    pub extinct: f64,
}

/// Families that a first one starts, by trial; one of the limit or more counts as endless.
///
/// Z' ~ Poisson(m Z),  size = sum of Z over generations     m mean offspring
/// Known: P(size = s) = e^(-m s) (m s)^(s-1) / s!;  mean 1/(1-m) and variance m/(1-m)^3 for m < 1;  extinct q = e^(m(q-1))
/// Source: Borel 1942; Otter 1949.
pub fn branching(mean: f64, trials: usize, limit: usize, keys: Keys) -> Result<Families, String> {
    let most = limit as f64;
    let size = if mean < 1.0 {
        most.min(1.0 / (1.0 - mean))
    } else {
        most * mean
    };
    within_reach(
        trials as f64 * size,
        "families up to so large a `limit` in so many `trials`",
    )?;
    let mut small = [0.0; 3];
    let (mut ended, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for trial in 0..trials {
        let Some(size) = family(mean, limit, draws(keys, trial)) else {
            continue;
        };
        ended += 1.0;
        sum += size as f64;
        squares += size as f64 * size as f64;
        if let Some(count) = small.get_mut(size as usize - 1) {
            *count += 1.0;
        }
    }
    let average = sum / ended;
    Ok(Families {
        small: small.map(|count| count / trials as f64),
        mean: average,
        variance: squares / ended - average * average,
        extinct: ended / trials as f64,
    })
}

/// Size of a family, if it ends below the limit.
fn family(mean: f64, limit: usize, draw: Keyed) -> Option<u64> {
    let (mut living, mut size) = (1, 1);
    for generation in 0.. {
        if size >= limit as u64 {
            return None;
        }
        living = maths::poisson(draw.word(generation), mean * living as f64);
        if living == 0 {
            break;
        }
        size += living;
    }
    Some(size)
}

/// Share of nodes in the giant part that two coupled random networks have in common.
///
/// P = p (1 - e^(-k P))^2, the largest solution     k mean degree of both · p share of nodes that are kept
/// With x = k P it says k p = x / (1 - e^-x)^2, whose least value is where the giant part breaks.
/// Source: Buldyrev et al. 2010.
pub fn mutual_giant(degree: f64, kept: f64) -> f64 {
    let (turn, least_needed) = mutual_turn();
    let given = degree * kept;
    if given < least_needed {
        return 0.0;
    }
    // The share is never above that of the nodes kept: x is between the turn and k p.
    root(|x| needed(x) - given, turn, given.max(turn)) / degree
}

/// Least share kept with a giant part in common; above 1 there is none at all.
pub fn mutual_critical(degree: f64) -> f64 {
    mutual_turn().1 / degree
}

fn needed(x: f64) -> f64 {
    let part = -libm::expm1(-x);
    x / (part * part)
}

fn mutual_turn() -> (f64, f64) {
    let turn = least(needed, 0.1, 10.0);
    (turn, needed(turn))
}

/// The same on two drawn networks of so many nodes: remove, then keep the giant part of each in turn.
///
/// Each network has k N / 2 random links; a node of one needs the node of the same number in the other.
/// Source: Buldyrev et al. 2010.
pub fn mutual_graphs(nodes: usize, degree: f64, kept: f64, keys: Keys) -> Result<f64, String> {
    let links = (degree * nodes as f64 / 2.0).round();
    within_reach(
        20.0 * (links + nodes as f64),
        "networks of so many `nodes` and links",
    )?;
    let networks = [1, 2].map(|network| drawn_links(nodes, links as usize, draws(keys, network)));
    let draw = draws(keys, 0);
    let mut alive: Vec<bool> = (0..nodes as u64)
        .map(|node| maths::unit(draw.word(node)) < kept)
        .collect();
    let mut unchanged = 0;
    for turn in 0.. {
        let before = alive.iter().filter(|alive| **alive).count();
        keep_giant(&mut alive, &networks[turn % 2]);
        let after = alive.iter().filter(|alive| **alive).count();
        unchanged = if after == before { unchanged + 1 } else { 0 };
        if unchanged == 2 || after <= 1 {
            return Ok(after as f64 / nodes as f64);
        }
    }
    Ok(0.0)
}

fn drawn_links(nodes: usize, links: usize, draw: Keyed) -> Vec<[usize; 2]> {
    let end = |word: u64| (maths::unit(draw.word(word)) * nodes as f64) as usize;
    (0..links as u64)
        .map(|link| [end(2 * link), end(2 * link + 1)])
        .collect()
}

/// Leaves alive only the largest part that hangs together; the one of the lowest node among equals.
fn keep_giant(alive: &mut [bool], links: &[[usize; 2]]) {
    let mut parent: Vec<usize> = (0..alive.len()).collect();
    for &[one, other] in links {
        if alive[one] && alive[other] {
            let (one, other) = (top(&mut parent, one), top(&mut parent, other));
            parent[one.max(other)] = one.min(other);
        }
    }
    let mut sizes = vec![0usize; alive.len()];
    let tops: Vec<usize> = (0..alive.len())
        .map(|node| top(&mut parent, node))
        .collect();
    for (node, &top) in tops.iter().enumerate() {
        sizes[top] += usize::from(alive[node]);
    }
    let most = sizes.iter().copied().max().unwrap_or(0);
    let giant = sizes.iter().position(|&size| size == most);
    for (alive, top) in alive.iter_mut().zip(tops) {
        *alive = *alive && Some(top) == giant;
    }
}

/// The node that stands for the part that a node hangs in; the way there is halved as it is gone.
fn top(parent: &mut [usize], mut node: usize) -> usize {
    while parent[node] != node {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    node
}

/// How many neighbours' failures a single failure starts, where nodes give way to a share of their neighbours.
///
/// c = z P(Poisson(z) <= K - 2),  K = floor(1/phi)     z mean degree · phi share of neighbours that is enough
/// Global cascades are possible where c > 1. A node gives way when the share is at least phi.
/// Source: Watts 2002.
pub fn watts_condition(threshold: f64, degree: f64) -> f64 {
    // 1/0.1 and the like are whole, whatever their last digit.
    let most = libm::floor(1.0 / threshold + 1e-9) as i64 - 2;
    if degree <= 0.0 {
        return 0.0;
    }
    let log = maths::ln(degree);
    let mut logs = -degree;
    let mut sum = 0.0;
    for k in 0..=most {
        if k > 0 {
            logs += log - maths::ln(k as f64);
        }
        sum += maths::exp(logs);
    }
    degree * sum
}

/// The mean degrees between which global cascades are possible; NaN where they are not at any.
///
/// Source: Watts 2002 (cascade window).
pub fn watts_window(threshold: f64) -> (f64, f64) {
    let condition = |degree: f64| watts_condition(threshold, degree) - 1.0;
    let most = 2.0 / threshold + 10.0;
    let peak = least(|degree| -condition(degree), 0.0, most);
    if condition(peak) <= 0.0 {
        return (f64::NAN, f64::NAN);
    }
    (root(condition, 0.0, peak), root(condition, peak, most))
}

//! Queues: repair crews, their backlog, and how long it takes to clear.

use super::numerics::{Chain, binomial, moments, poisson, root, within_reach};
use prodos_model::maths;

/// Share of calls that find all servers busy and are lost.
///
/// B_0 = 1,  B_k = a B_(k-1) / (k + a B_(k-1))     a offered load (servers) · k servers
/// Source: Erlang 1917, loss formula.
pub fn erlang_loss(load: f64, servers: usize) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| {
        let offered = load * blocked;
        offered / (k as f64 + offered)
    })
}

/// Calls that are lost, counted by the tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    /// Share of calls that find all servers busy.
    pub calls: f64,
    /// Share of time with all servers busy: half what holds when a tick ends, half what held before its calls.
    pub full: f64,
}

/// Calls lost where calls of a tick find what was free when it began, and servers work all through it.
///
/// n' = n + min(Poi(a), c - n) - Bin(n, 1 - e^-m)     n busy of c servers · a calls a tick · m services of a
/// busy server a tick
/// Source: Erlang's loss system by the tick; stationary law by elimination. Both tend to Erlang's share.
pub fn loss_chain(calls: f64, services: f64, servers: usize) -> Lost {
    let stays = maths::exp(-services);
    let come = poisson(calls);
    let mut chain = Chain::new(servers + 1, servers, servers);
    let mut taken = Vec::new();
    for busy in 0..=servers {
        let ended = binomial(busy, 1.0 - stays);
        let free = servers - busy;
        let (mut left, mut expected) = (1.0, 0.0);
        for taking in 0..=free {
            let share = match come.get(taking) {
                Some(share) if taking < free => *share,
                _ if taking == free => left,
                _ => 0.0,
            };
            left -= share;
            expected += share * taking as f64;
            for (ends, one) in ended.iter().enumerate() {
                chain.add(busy, busy + taking - ends, share * one);
            }
        }
        taken.push(expected);
    }
    let shares = chain.stationary();
    let served: f64 = shares
        .iter()
        .zip(&taken)
        .map(|(share, taken)| share * taken)
        .sum();
    let full = shares[servers];
    Lost {
        calls: 1.0 - served / calls,
        full: f64::midpoint(full, full * maths::pow(stays, servers as f64)),
    }
}

/// A waiting line at rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Share of jobs that have to wait.
    pub delayed: f64,
    /// Mean number that waits.
    pub queue: f64,
    /// Mean days from arrival to completion.
    pub time: f64,
}

/// Waiting line with Poisson arrivals, exponential service and several crews (M/M/c).
///
/// C = B / (1 - rho (1 - B)),  Wq = C / (c mu - lambda),  Lq = lambda Wq,  W = Wq + 1/mu
/// lambda arrivals a day · mu services a crew and day · c crews · rho = lambda/(c mu) · B [`erlang_loss`]
/// Source: Erlang 1917, delay formula. A line that gets more than it can do has no rest: it is endless.
pub fn erlang_delay(arrivals: f64, service_rate: f64, crews: usize) -> Line {
    let capacity = crews as f64 * service_rate;
    if arrivals >= capacity {
        return Line {
            delayed: 1.0,
            queue: f64::INFINITY,
            time: f64::INFINITY,
        };
    }
    let blocked = erlang_loss(arrivals / service_rate, crews);
    let delayed = blocked / (1.0 - arrivals / capacity * (1.0 - blocked));
    let wait = delayed / (capacity - arrivals);
    Line {
        delayed,
        queue: arrivals * wait,
        time: wait + 1.0 / service_rate,
    }
}

/// Machines and their repair crews at rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repair {
    /// Share of machines that are up.
    pub up: f64,
    /// Mean number down.
    pub down: f64,
    /// Mean number down without a crew at work.
    pub queue: f64,
    /// Repairs a day.
    pub throughput: f64,
    /// Mean days from failure to repair.
    pub time: f64,
    /// Share of the crews' capacity that is used.
    pub used: f64,
    /// Share of time in which all machines are up.
    pub all_up: f64,
}

/// Machine repair at rest (M/M/c//N).
///
/// pi_n = pi_0 prod_(k=1..n) (N-k+1) lambda / (min(k,c) mu),  L = sum n pi_n,  A = 1 - L/N,
/// X = lambda (N - L),  Lq = sum (n-c)^+ pi_n,  W = L/X,  u = X / (c mu)
/// N machines · lambda failures an up machine and day · mu repairs a crew and day · c crews
/// Source: Palm 1947; Takacs 1962 (machine interference).
pub fn machine_repair(machines: usize, failure: f64, repair: f64, crews: usize) -> Repair {
    let mut log = 0.0;
    let mut logs = vec![0.0];
    for k in 1..=machines {
        let rate = (machines - k + 1) as f64 * failure / (k.min(crews) as f64 * repair);
        log += maths::ln(rate);
        logs.push(log);
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| maths::exp(log - most)).collect();
    let sum: f64 = weights.iter().sum();
    let mean = |of: &dyn Fn(usize) -> f64| {
        let terms = weights.iter().enumerate();
        terms.map(|(n, weight)| of(n) * weight / sum).sum::<f64>()
    };
    let down = mean(&|n| n as f64);
    let throughput = failure * mean(&|n| (machines - n) as f64);
    Repair {
        up: mean(&|n| (machines - n) as f64) / machines as f64,
        down,
        queue: mean(&|n| n.saturating_sub(crews) as f64),
        throughput,
        time: if throughput > 0.0 {
            down / throughput
        } else {
            1.0 / repair
        },
        used: throughput / (crews as f64 * repair),
        all_up: weights[0] / sum,
    }
}

/// Mean days of waiting for a single crew with any service (M/G/1).
///
/// Wq = lambda s^2 (1 + cs2) / (2 (1 - lambda s))     lambda arrivals a day · s mean days of service · cs2 its
/// squared coefficient of variation
/// Source: Pollaczek 1930; Khinchine 1932. Endless from lambda s = 1 on.
pub fn pollaczek_khinchine(arrivals: f64, service_time: f64, service_cv2: f64) -> f64 {
    let used = arrivals * service_time;
    if used >= 1.0 {
        return f64::INFINITY;
    }
    used * service_time * (1.0 + service_cv2) / (2.0 * (1.0 - used))
}

/// A series: where it is, how far it spreads, how much it remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
    /// Correlation with the next tick.
    pub memory: f64,
}

/// Backlog after so many ticks from empty, or at rest where `ticks` is 0.
///
/// B' = max(B + Poisson(lambda) - c, 0)     lambda jobs that come a tick · c jobs done a tick
/// The distribution itself goes from tick to tick; at rest it is that of the chain without end, cut where
/// the tail e^(-theta B) has e^-45 left, with E e^(theta (Poisson - c)) = 1.
/// Source: Lindley 1952; Kingman 1961 for the tail.
pub fn reflected_walk(arrivals: f64, service: usize, ticks: usize) -> Result<Spread, String> {
    let comes = poisson(arrivals);
    let width = comes.len();
    let has_rest = arrivals < service as f64;
    if arrivals <= 0.0 {
        return Ok(Spread {
            mean: 0.0,
            variance: 0.0,
            memory: f64::NAN,
        });
    }
    if ticks == 0 && !has_rest {
        return Ok(Spread {
            mean: f64::INFINITY,
            variance: f64::INFINITY,
            memory: 1.0,
        });
    }
    let tail = if has_rest {
        45.0 / tail_rate(arrivals, service as f64)
    } else {
        f64::INFINITY
    };
    if ticks == 0 {
        let states = (tail + width as f64).ceil();
        let up = width.saturating_sub(service + 1).max(1);
        let work = Chain::work(states, service as f64, up as f64);
        within_reach(
            work,
            "the backlog at rest, with `arrivals` so near to `service`,",
        )?;
        let shares = backlog_chain(&comes, service, states as usize).stationary();
        return Ok(next_to(&shares, &shares, &comes, service));
    }
    let t = ticks as f64;
    let grown = t * (arrivals - service as f64).max(0.0) + 12.0 * libm::sqrt(t * arrivals) + 60.0;
    let states = grown.min(tail) + width as f64;
    within_reach(t * states * width as f64, "a backlog over so many `ticks`")?;
    let mut shares = vec![1.0];
    for _ in 0..ticks {
        shares = next_day(&shares, &comes, service);
    }
    let after = next_day(&shares, &comes, service);
    Ok(next_to(&shares, &after, &comes, service))
}

/// Rate theta at which the tail of the backlog falls: lambda (e^theta - 1) = theta c.
fn tail_rate(arrivals: f64, service: f64) -> f64 {
    // Below the root the function is negative, from ln(c/lambda) on it rises.
    let from = maths::ln(service / arrivals);
    if from < 1e-5 {
        return 2.0 * from;
    }
    let gap = |theta: f64| arrivals * libm::expm1(theta) - theta * service;
    root(gap, from, 2.0 * from + 2.0)
}

fn backlog_chain(comes: &[f64], service: usize, states: usize) -> Chain {
    let up = comes.len().saturating_sub(service + 1).max(1);
    let mut chain = Chain::new(states, service, up);
    for from in 0..states {
        for (n, probability) in comes.iter().enumerate() {
            let to = (from + n).saturating_sub(service).min(states - 1);
            chain.add(from, to, *probability);
        }
    }
    chain
}

fn next_day(shares: &[f64], comes: &[f64], service: usize) -> Vec<f64> {
    let mut after = vec![0.0; shares.len() + comes.len()];
    for (from, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        for (n, probability) in comes.iter().enumerate() {
            after[(from + n).saturating_sub(service)] += share * probability;
        }
    }
    while after.len() > 1 && after.last().is_some_and(|share| *share < 1e-22) {
        after.pop();
    }
    after
}

/// Moments of a backlog, and its correlation with that of the next tick.
fn next_to(shares: &[f64], after: &[f64], comes: &[f64], service: usize) -> Spread {
    let counted = |(n, share): (usize, &f64)| (n as f64, *share);
    let (mean, variance) = moments(shares.iter().enumerate().map(counted));
    let (mean_after, variance_after) = moments(after.iter().enumerate().map(counted));
    let mut together = 0.0;
    for (from, share) in shares.iter().enumerate() {
        let moves = comes.iter().enumerate();
        let to: f64 = moves
            .map(|(n, probability)| (from + n).saturating_sub(service) as f64 * probability)
            .sum();
        together += share * (from as f64 - mean) * (to - mean_after);
    }
    let memory = together / libm::sqrt(variance * variance_after);
    Spread {
        mean,
        variance,
        memory,
    }
}

/// Machines that fail and are repaired by the tick, at rest: share up, and the number that is down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ticked {
    /// Share of machines that are up.
    pub up: f64,
    /// Mean number down.
    pub down: f64,
    /// Mean number down without a crew at work.
    pub queue: f64,
    /// Standard deviation of the number down.
    pub spread: f64,
    /// Correlation of the number down with that of the next tick.
    pub memory: f64,
}

/// Machine repair by the tick, at rest: the chain is solved exactly.
///
/// n' = n + Bin(N - n, p) - Bin(min(n, c), q)     n machines down of N · c crews · p, q probability of a
/// failure and of a repair in a tick; both are drawn from the state at the start of the tick
/// Source: two binomial thinnings; stationary law by elimination.
pub fn repair_chain(machines: usize, crews: usize, failure: f64, repair: f64) -> Ticked {
    let mut chain = Chain::new(machines + 1, machines, machines);
    for down in 0..=machines {
        let mended = binomial(down.min(crews), repair);
        for (fails, one) in binomial(machines - down, failure).iter().enumerate() {
            for (repairs, other) in mended.iter().enumerate() {
                chain.add(down, down + fails - repairs, one * other);
            }
        }
    }
    let shares = chain.stationary();
    let all = shares
        .iter()
        .enumerate()
        .map(|(n, share)| (n as f64, *share));
    let (down, variance) = moments(all.clone());
    let crews = crews as f64;
    let queue = all
        .clone()
        .map(|(n, share)| (n - crews).max(0.0) * share)
        .sum();
    let together: f64 = all
        .map(|(n, share)| {
            let next = n + (machines as f64 - n) * failure - n.min(crews) * repair;
            share * (n - down) * (next - down)
        })
        .sum();
    Ticked {
        up: 1.0 - down / machines as f64,
        down,
        queue,
        spread: libm::sqrt(variance),
        memory: together / variance,
    }
}

/// Time to clear a backlog by one crew that does one job after the other: mean and standard deviation.
///
/// E = B / (c - lambda),  Var = B rho / (c^2 (1 - rho)^3)     B jobs at the start · lambda jobs that come in a unit
/// of time · c jobs done in it · rho = lambda/c
/// Source: Borel 1942; Tanner 1961 (total of a branching process). Endless from rho = 1 on.
pub fn clear_time(arrivals: f64, service: f64, start: f64) -> (f64, f64) {
    let load = arrivals / service;
    if start <= 0.0 {
        return (0.0, 0.0);
    }
    if load >= 1.0 {
        return (f64::INFINITY, f64::INFINITY);
    }
    let idle = 1.0 - load;
    let variance = start * load / (idle * idle * idle);
    (start / (service * idle), libm::sqrt(variance) / service)
}

/// Machines, and those that repair them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shop {
    /// Number of machines.
    pub machines: usize,
    /// Failures of an up machine a day.
    pub failure: f64,
    /// Repairs of a crew a day.
    pub repair: f64,
    /// Number of crews.
    pub crews: usize,
}

impl Shop {
    /// Mean days from so many machines down to so many.
    ///
    /// T_n = (1 + (N-n) lambda T_(n+1)) / (min(n,c) mu),  sum of T_n over n = to+1 .. from
    /// T_n mean days from n down to n-1
    /// Source: first passage of a birth-and-death chain.
    pub fn clears(&self, from: usize, to: usize) -> f64 {
        let mut longer = 0.0;
        let mut sum = 0.0;
        for n in (to + 1..=self.machines).rev() {
            let fails = (self.machines - n) as f64 * self.failure;
            let again = if fails > 0.0 { fails * longer } else { 0.0 };
            longer = (1.0 + again) / (n.min(self.crews) as f64 * self.repair);
            if n <= from {
                sum += longer;
            }
        }
        sum
    }

    /// Days from so many machines down to so many as a stream without chance; endless if it never gets there.
    ///
    /// D' = lambda (N - D) - mu min(D, c);  above c: D* = N - c mu/lambda, t = ln((D0 - D*) / (D1 - D*)) / lambda;
    /// below: D* = N lambda / (lambda + mu), t = ln((D0 - D*) / (D1 - D*)) / (lambda + mu)
    /// Source: fluid limit of machine repair.
    pub fn clears_as_fluid(&self, from: usize, to: usize) -> f64 {
        let (from, to) = (from as f64, to as f64);
        let (n, crews) = (self.machines as f64, self.crews as f64);
        let turn = crews.clamp(to, from);
        let capacity = crews * self.repair;
        let crowded = if self.failure > 0.0 {
            falls(from, turn, n - capacity / self.failure, self.failure)
        } else {
            (from - turn) / capacity
        };
        let rate = self.failure + self.repair;
        crowded + falls(turn, to, n * self.failure / rate, rate)
    }
}

/// Days from one level down to another on the way to a third that is never reached.
fn falls(from: f64, to: f64, rest: f64, rate: f64) -> f64 {
    if from <= to {
        0.0
    } else if to <= rest {
        f64::INFINITY
    } else {
        libm::log1p((from - to) / (to - rest)) / rate
    }
}

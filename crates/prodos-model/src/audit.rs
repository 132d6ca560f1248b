//! The audit: what is counted twice must agree.
//!
//! Hours, goods, jobs and cash of every sector close each tick. An audit of all teams closes these four
//! ledgers of each team, and two more: posts, by which every post and its hours are counted again, and
//! waits, by which two queues obey Little's law: repair jobs of each team, and final orders of each sector.

use crate::lattice::blocks::Columns;
use crate::lattice::operator::Whereabouts;
use crate::lattice::sector::Sector;
use crate::ledger::{self, Breach, Ledger, Purpose};
use crate::today::Today;
use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};

/// What an audit remembers from tick to tick; nothing where it is not asked for.
#[derive(Resource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    all: bool,
    repairs: Vec<Queue>,
    orders: Vec<Queue>,
    stores: Stores,
}

/// Stocks of every team, and what it had ordered, on the evening before; empty on the first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Stores {
    tick: u64,
    stock: Vec<f64>,
    ordered: Vec<f64>,
}

impl Stores {
    /// Takes in an evening, and closes it against the one before.
    fn close(&mut self, columns: &Columns, today: &Today) -> Result<(), Breach> {
        // An evening that is read again has no evening before it.
        if !self.stock.is_empty() && self.tick < today.tick {
            self.balance(columns, today)?;
        }
        self.tick = today.tick;
        self.stock.clear();
        self.stock.extend_from_slice(columns.stock);
        self.ordered.clear();
        self.ordered.extend_from_slice(columns.ordered);
        Ok(())
    }

    /// Every stock of every team is what it was, less use, plus what was received.
    ///
    /// S' = S - min(a y, S) + f o + i     a input a unit · y output · f fill of what was ordered, o · i imports
    fn balance(&self, columns: &Columns, today: &Today) -> Result<(), Breach> {
        let inputs = columns.stock.len() / columns.place.len();
        for (k, place) in columns.place.iter().enumerate() {
            let news = &today.sectors[usize::from(place.sector)];
            let bought = news.inputs.iter().enumerate();
            for (j, input) in bought.filter(|(_, input)| input.coefficient > 0.0) {
                let at = k * inputs + j;
                let used = (input.coefficient * columns.trade[k].made).min(self.stock[at]);
                let received = self.ordered[at] * news.fill[j] + news.arrivals[j] * place.weight;
                let now = columns.stock[at];
                let gap = now - (self.stock[at] - used + received);
                ledger::close(today.day, Ledger::Goods, gap, now + used, || {
                    format!("input {j} of team {}/{}", place.sector, place.team)
                })?;
            }
        }
        Ok(())
    }
}

/// A queue since the run began, in ticks: how many were in it, summed over ticks, and how long those
/// were in it who left.
///
/// sum over ticks of L(t) = sum over those who left of W + sum over those within of their age
/// Divided by the time, and where ages are small beside it, this is Little's law, L = lambda W. Source: Little 1961; Stidham 1974.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Queue {
    within: f64,
    waited: f64,
}

impl Queue {
    /// Takes in a tick: how many are within, how long those were who left, how old those within are.
    fn close(
        &mut self,
        day: f64,
        [within, waited, ages]: [f64; 3],
        entity: impl Fn() -> String,
    ) -> Result<(), Breach> {
        self.within += within;
        self.waited += waited;
        let gap = self.within - self.waited - ages;
        ledger::close(day, Ledger::Waits, gap, self.within, entity)
    }
}

impl Audit {
    /// An audit of all teams, or of sums over sectors alone.
    pub fn new(all: bool) -> Self {
        Audit {
            all,
            ..Audit::default()
        }
    }

    /// Whether it looks at teams.
    pub fn looks_at_teams(&self) -> bool {
        self.all
    }

    /// Ledgers, posts and repair jobs of every team, where all are asked for.
    pub fn teams(&mut self, columns: &Columns, today: &Today) -> Result<(), Breach> {
        if !self.all {
            return Ok(());
        }
        team_ledgers(columns, today.day)?;
        self.stores.close(columns, today)?;
        posts(columns, today)?;
        self.repairs.resize(columns.place.len(), Queue::default());
        for (queue, (place, upkeep)) in self
            .repairs
            .iter_mut()
            .zip(columns.place.iter().zip(&*columns.upkeep))
        {
            let machines =
                &columns.machine[place.machines.0 as usize..][..place.machines.1 as usize];
            let down = machines.iter().filter(|machine| !machine.up());
            let age = |created: u32| (today.tick + 1 - u64::from(created)) as f64;
            let ages = down.map(|machine| age(machine.created)).sum();
            let counts = [f64::from(upkeep.down), upkeep.ticks_down as f64, ages];
            queue.close(today.day, counts, || {
                format!("repair jobs of team {}/{}", place.sector, place.team)
            })?;
        }
        Ok(())
    }

    /// The ledgers of every sector, and its final orders where all is asked for.
    pub fn sectors(&mut self, sectors: &[Mut<Sector>], today: &Today) -> Result<(), Breach> {
        sector_ledgers(sectors, today)?;
        if !self.all {
            return Ok(());
        }
        self.orders.resize(sectors.len(), Queue::default());
        for (queue, sector) in self.orders.iter_mut().zip(sectors) {
            let ages = sector.open.iter().rev().zip(1..);
            let ages: f64 = ages.map(|(open, ticks)| open * f64::from(ticks)).sum();
            let counts = [sector.open.iter().sum(), sector.waited.iter().sum(), ages];
            queue.close(today.day, counts, || {
                format!("final orders of sector {}", sector.code)
            })?;
        }
        Ok(())
    }
}

/// Every post is in one place: the counts of the morning are those of the posts, whoever is at work has hours
/// for one and his overtime, and the hours that teams lend are those that neighbours receive.
fn posts(columns: &Columns, today: &Today) -> Result<(), Breach> {
    let day = today.day;
    for (place, (crew, work)) in columns
        .place
        .iter()
        .zip(columns.crew.iter().zip(&*columns.work))
    {
        let posts = &columns.post[place.posts.0 as usize..][..place.posts.1 as usize];
        let count = |is: &dyn Fn(Whereabouts) -> bool| {
            posts.iter().filter(|post| is(post.whereabouts)).count() as f64
        };
        let paid = count(&|at| !matches!(at, Whereabouts::LaidOff | Whereabouts::Vacant));
        let vacant = count(&|at| at == Whereabouts::Vacant);
        // Who was hurt today was at work in the morning.
        let present = count(&|at| at == Whereabouts::Present);
        let hurt = f64::from(crew.present) - present;
        let entity = || format!("team {}/{}", place.sector, place.team);
        let news = &today.sectors[usize::from(place.sector)];
        let least = f64::from(crew.present) * f64::from(news.rates.duty);
        let most = least * (1.0 + news.rules.staff.overtime.0) + f64::from(crew.present);
        let seconds = f64::from(crew.seconds);
        for gap in [
            (least - seconds).max(seconds - most).max(0.0),
            paid - f64::from(crew.employed),
            vacant - f64::from(crew.vacant),
            hurt.min(0.0),
            (hurt - f64::from(work.incidents)).max(0.0),
        ] {
            ledger::close(day, Ledger::Posts, gap, 0.0, entity)?;
        }
    }
    let lent = columns
        .hours
        .iter()
        .map(|book| f64::from(book.given[Purpose::Aid as usize]));
    let received = columns.hours.iter().map(|book| f64::from(book.received));
    let gap = lent.sum::<f64>() - received.sum::<f64>();
    ledger::close(day, Ledger::Hours, gap, 0.0, || "aid between teams".into())
}

/// Hours, jobs, cash and stocks of every team.
fn team_ledgers(columns: &Columns, day: f64) -> Result<(), Breach> {
    for (k, place) in columns.place.iter().enumerate() {
        let entity = || format!("team {}/{}", place.sector, place.team);
        let crew = &columns.crew[k];
        let paid = crew.seconds + crew.seconds_absent;
        let given: u32 = columns.hours[k].given.iter().sum();
        ledger::close(
            day,
            Ledger::Hours,
            f64::from(given) - f64::from(paid),
            0.0,
            entity,
        )?;
        let upkeep = &columns.upkeep[k];
        let open = columns.machine[place.machines.0 as usize..][..place.machines.1 as usize]
            .iter()
            .filter(|m| !m.up());
        let gap = upkeep.jobs[0] as f64 - upkeep.jobs[1] as f64 - open.count() as f64;
        ledger::close(day, Ledger::Jobs, gap, 0.0, entity)?;
        let cash = &columns.cash[k];
        let paid: f64 = cash.paid.iter().sum();
        let gap = cash.balance - cash.before - cash.revenue + paid;
        let gross = cash.revenue + paid + cash.balance.abs();
        ledger::close(day, Ledger::Cash, gap, gross, entity)?;
        let inputs = columns.stock.len() / columns.place.len();
        let below = |stock: &&f64| stock.is_nan() || **stock < 0.0;
        let stocks = &columns.stock[k * inputs..(k + 1) * inputs];
        let below = stocks.iter().find(below).copied().unwrap_or(0.0);
        ledger::close(day, Ledger::Goods, below, 0.0, entity)?;
    }
    Ok(())
}

/// Hours, goods, jobs and cash of every sector, and cash of firms among each other.
fn sector_ledgers(sectors: &[Mut<Sector>], today: &Today) -> Result<(), Breach> {
    let day = today.day;
    let (mut paid, mut earned, mut gross) = (0.0, 0.0, 0.0);
    for (k, sector) in sectors.iter().enumerate() {
        let tally = &sector.tally;
        earned += sector.firms[1] * sector.price;
        let entity = || format!("sector {}", sector.code);
        let made = tally.output - tally.scrapped;
        let gone = sector.firms[1] + sector.final_served;
        if sector.staffed {
            ledger::close(day, Ledger::Goods, made - gone, made.max(gone), entity)?;
            let hours: f64 = tally.seconds.iter().sum();
            let absent = (tally.employed - tally.present) * f64::from(today.sectors[k].rates.duty);
            ledger::close(
                day,
                Ledger::Hours,
                hours - tally.at_hand - absent,
                0.0,
                entity,
            )?;
            let jobs = tally.jobs_created - tally.jobs_closed - tally.down;
            ledger::close(day, Ledger::Jobs, jobs, 0.0, entity)?;
        }
        for (input, stock) in sector
            .goods
            .stock
            .iter()
            .enumerate()
            .filter(|_| sector.staffed)
        {
            let (received, used) = (sector.goods.received[input], sector.goods.used[input]);
            let link = || format!("link {input} to {}", sector.code);
            let gap = stock - sector.stock_before[input] - received + used;
            let gross = stock + received + used;
            ledger::close(day, Ledger::Goods, gap, gross, link)?;
            let came = sector.came[input];
            ledger::close(day, Ledger::Goods, received - came, came, link)?;
            let transit: f64 = sector.transit[input].iter().sum();
            let arrived = today.sectors[k].arrivals[input];
            let gap = sector.transit_before[input] + sector.sent[input] - arrived - transit;
            ledger::close(day, Ledger::Goods, gap, transit + arrived, link)?;
        }
        paid += tally.cost - tally.taxes_wages_spares;
        gross += tally.cost;
        let flow = tally.revenue + tally.cost;
        let gap = tally.cash - sector.cash_before - tally.revenue + tally.cost + tally.surplus;
        ledger::close(day, Ledger::Cash, gap, flow + tally.cash.abs(), entity)?;
    }
    ledger::close(day, Ledger::Cash, paid - earned, gross, || {
        "firms among each other".into()
    })
}

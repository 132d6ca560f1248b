//! The gauge: six readings T R B A C D and the margin, one type at all zooms.
//!
//! Every reading is a ratio of flows the model already has, mapped so that parity is 0.5 (or 1 for C
//! and D). The gauge reads and never steers: nothing here is read by the workday or the market.
//!
//! T mean trust of customers, partners, workers. R = psi(repair capacity / repair inflow).
//! B = psi(time to survive / (time to recover + 1 day)). A = protected hours done without shortcuts / needed.
//! C = 2 psi(coordination hours needed / at hand). D = 2 psi(loss a day / what could be restored a
//! day), psi(x) = x/(1+x). M = T + R + B + A - (C + D).

use crate::coordination;
use crate::drift::process;
use crate::lattice::blocks::Team;
use crate::lattice::machine::Machine;
use crate::ledger::Purpose;
use crate::maths::parity;
use crate::modules::{maintenance, training};
use crate::phase::Signs;
use crate::tally::Tally;
use crate::today::{SectorToday, Today};
use bevy_ecs::component::Component;
use prodos_quantity::Days;
use serde::{Deserialize, Serialize};

/// The seven symptoms of a breakdown, in the order of [`Tally::symptoms`].
pub const SYMPTOMS: [&str; 7] = [
    "breakdowns",
    "shortage",
    "defects",
    "incidents",
    "staff",
    "backlog",
    "crisis",
];

/// Capacity to restore one part of capability counts up to this multiple of its loss: plenty of one
/// kind of repair does not make good the lack of another (assumption).
const NO_SUBSTITUTE: f64 = 4.0;

/// Offered load, and days of a backlog, at most: where there is next to no capacity a larger number says no more, and
/// would drown a mean over runs (assumption).
const MOST_LOAD: f64 = 10.0;
const MOST_DAYS: f64 = 365.0;

/// Rolling means behind the readings: exponential filters of mean age 14 days, shock work 90 days.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    /// Orders a day.
    orders: f64,
    /// Output handed over a day.
    delivered: f64,
    /// Protected seconds needed a tick.
    protected_needed: f64,
    /// Protected seconds given a tick.
    protected_given: f64,
    /// Protected seconds given without shortcuts a tick.
    protected_straight: f64,
    /// Repair hours offered a day by routine failures.
    offered: f64,
    /// Rework hours that arose a day.
    rework: f64,
    /// Repair hours from shocks a day, over the longer window.
    shock_work: f64,
    /// Repair capacity in hours a day.
    capacity: f64,
    /// Coordination hours needed a day.
    coordination: f64,
    /// Supervisor hours at hand a day.
    supervision: f64,
    /// Loss of capability a day, by part.
    loss: [f64; 5],
    /// Capacity to restore it a day, by the same parts.
    restore: [f64; 5],
    /// Incidents expected a tick.
    risk: f64,
    /// Incidents expected a tick at rest.
    risk_at_rest: f64,
    /// Errors expected a tick.
    expected: f64,
    /// Errors expected a tick at rest.
    expected_at_rest: f64,
    /// Tasks that left a tick.
    left: f64,
    /// Tasks that left with an error a tick.
    escapes: f64,
    /// Time to survive times output at rest.
    survive: f64,
    /// Repair work open, in hours.
    open_work: f64,
    /// Breakdowns and defects caught a day.
    breakdowns: f64,
    /// People at work.
    present: f64,
    /// Paid posts.
    employed: f64,
    /// People who left a day.
    quits: f64,
    /// Final orders a tick, above a team.
    final_orders: f64,
    /// Final orders served a tick, above a team.
    final_served: f64,
    /// Final orders kept in time a tick, above a team.
    on_time: f64,
    /// Final orders that fell due a tick, above a team.
    final_due: f64,
    /// Whether a first day was taken in.
    started: bool,
}

/// The readings of one entity on one day.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// T: mean trust of customers, partners and workers.
    pub trust: f64,
    /// R: repair capacity against what has to be repaired.
    pub repair: f64,
    /// B: time to survive against time to recover.
    pub buffer: f64,
    /// A: protected work done without shortcuts, of what is needed.
    pub alignment: f64,
    /// C: coordination hours needed against those at hand.
    pub coordination: f64,
    /// D: loss of capability against what could restore it.
    pub drift: f64,
    /// M = T + R + B + A - (C + D).
    pub margin: f64,
    /// Offered repair load rho.
    pub offered_load: f64,
    /// Age of the repair backlog in days.
    pub backlog_age: f64,
    /// Fill, rolling.
    pub fill: f64,
    /// Protected work done, rolling.
    pub protected: f64,
    /// Rolling share of tasks with an error that reached customers.
    pub escapes: f64,
    /// People who left a day, share of paid posts, rolling.
    pub churn: f64,
    /// Five parts of loss a day, per post.
    pub loss: [f64; 5],
    /// Whether the backlog fell today.
    pub backlog_falls: bool,
    /// Expected incidents over those at rest.
    pub risk: f64,
    /// Expected errors a task over those at rest.
    pub errors: f64,
    /// The seven symptoms.
    pub symptoms: [bool; 7],
}

impl Rolling {
    /// Takes in a day.
    pub fn roll(&mut self, tally: &Tally, dt: f64, short: f64, long: f64) {
        let (short, long) = if self.started {
            (short, long)
        } else {
            (1.0, 1.0)
        };
        self.started = true;
        let pairs = [
            (&mut self.orders, tally.orders / dt),
            (&mut self.delivered, (tally.output - tally.scrapped) / dt),
            (&mut self.protected_needed, tally.protected_needed),
            (&mut self.protected_given, tally.protected_given),
            (&mut self.protected_straight, tally.protected_straight),
            (&mut self.offered, tally.offered),
            (&mut self.rework, tally.rework),
            (&mut self.capacity, tally.capacity),
            (&mut self.coordination, tally.coordination),
            (&mut self.supervision, tally.supervision),
            (&mut self.risk, tally.risk),
            (&mut self.risk_at_rest, tally.risk_at_rest),
            (&mut self.expected, tally.expected),
            (&mut self.expected_at_rest, tally.expected_at_rest),
            (&mut self.left, tally.left),
            (&mut self.escapes, tally.escapes),
            (&mut self.survive, tally.survive),
            (&mut self.open_work, tally.open_work),
            (&mut self.breakdowns, (tally.breakdowns + tally.caught) / dt),
            (&mut self.present, tally.present),
            (&mut self.employed, tally.employed),
            (&mut self.quits, tally.quits / dt),
        ];
        for (mean, value) in pairs {
            *mean += (value - *mean) * short;
        }
        self.shock_work += (tally.shock_work - self.shock_work) * long;
        for k in 0..5 {
            self.loss[k] += (tally.loss[k] - self.loss[k]) * short;
            self.restore[k] += (tally.restore[k] - self.restore[k]) * short;
        }
    }

    /// Takes in final orders, served and promised (above a team only).
    pub fn roll_final(&mut self, orders: f64, served: f64, due: f64, on_time: f64, short: f64) {
        let short = if self.final_orders == 0.0 { 1.0 } else { short };
        self.final_orders += (orders - self.final_orders) * short;
        self.final_served += (served - self.final_served) * short;
        self.final_due += (due - self.final_due) * short;
        self.on_time += (on_time - self.on_time) * short;
    }

    /// Final orders kept within the promised time, rolling.
    pub fn schedulability(&self) -> f64 {
        ratio(self.on_time, self.final_due, 1.0).min(1.0)
    }

    /// Final fill, rolling.
    pub fn final_fill(&self) -> f64 {
        ratio(self.final_served, self.final_orders, 1.0).min(1.0)
    }
}

fn ratio(above: f64, below: f64, empty: f64) -> f64 {
    if below > 0.0 { above / below } else { empty }
}

/// The readings that follow from the rolling means over a window of so many days; the same at each zoom.
pub fn read(tally: &Tally, rolling: &Rolling, window: Days) -> Gauge {
    let weight = tally.output_at_rest.max(1e-300);
    let workers = ratio(tally.worker_trust, tally.employed, 0.5);
    let partners = f64::midpoint(tally.suppliers, tally.buyers);
    let trust = (tally.customers / weight + partners / weight + workers) / 3.0;
    let inflow = rolling.offered + rolling.rework + rolling.shock_work + tally.open_work / window.0;
    let repair = parity(ratio(rolling.capacity, inflow, f64::INFINITY));
    let offered = rolling.offered + rolling.rework + rolling.shock_work;
    let offered_load = ratio(
        offered,
        rolling.capacity,
        if offered > 0.0 { MOST_LOAD } else { 0.0 },
    )
    .min(MOST_LOAD);
    let backlog_age = ratio(
        tally.open_work,
        rolling.capacity,
        if tally.open_work > 0.0 {
            MOST_DAYS
        } else {
            0.0
        },
    )
    .min(MOST_DAYS);
    let free = rolling.capacity - offered;
    let latency = if tally.open_work <= 0.0 {
        0.0
    } else {
        ratio(tally.open_work, free, MOST_DAYS).clamp(0.0, MOST_DAYS)
    };
    let buffer = parity(rolling.survive / weight / (latency + 1.0));
    let alignment = ratio(rolling.protected_straight, rolling.protected_needed, 1.0);
    let coordination = 2.0 * parity(ratio(rolling.coordination, rolling.supervision, 10.0));
    let posts = tally.posts.max(1.0);
    let loss: f64 = rolling.loss.iter().sum();
    let restore: f64 = (0..5)
        .map(|k| rolling.restore[k].min(NO_SUBSTITUTE * rolling.loss[k]))
        .sum();
    let hopeless = if loss > 0.0 { f64::INFINITY } else { 0.0 };
    let drift = 2.0 * parity(ratio(loss, restore, hopeless));
    Gauge {
        trust,
        repair,
        buffer,
        alignment,
        coordination,
        drift,
        margin: trust + repair + buffer + alignment - (coordination + drift),
        offered_load,
        backlog_age,
        fill: ratio(rolling.delivered, rolling.orders, 1.0).min(1.0),
        protected: ratio(rolling.protected_given, rolling.protected_needed, 1.0),
        escapes: ratio(rolling.escapes, rolling.left, 0.0),
        churn: ratio(rolling.quits, rolling.employed, 0.0),
        loss: rolling.loss.map(|part| part / posts),
        backlog_falls: tally.open_work <= rolling.open_work,
        risk: ratio(rolling.risk, rolling.risk_at_rest, 1.0),
        errors: ratio(rolling.expected, rolling.expected_at_rest, 1.0),
        symptoms: [false; 7],
    }
}

impl Signs for Gauge {
    fn free(&self) -> f64 {
        1.0 - self.offered_load
    }
    fn backlog_age(&self) -> f64 {
        self.backlog_age
    }
    fn backlog_falls(&self) -> bool {
        self.backlog_falls
    }
    fn fill(&self) -> f64 {
        self.fill
    }
    fn protected(&self) -> f64 {
        self.protected
    }
    fn drift(&self) -> f64 {
        self.drift
    }
    fn buffer(&self) -> f64 {
        self.buffer
    }
    fn margin(&self) -> f64 {
        self.margin
    }
    fn safe(&self) -> bool {
        self.risk < 2.0
    }
}

impl Gauge {
    /// The seven symptoms, each from its own flow.
    pub fn symptoms(&self, tally: &Tally, rolling: &Rolling) -> [bool; 7] {
        [
            self.offered_load > 1.0,
            self.fill < 0.95,
            self.errors > 2.0,
            self.risk > 2.0,
            rolling.present < 0.8 * tally.posts || tally.skill < 0.7 * tally.employed,
            self.backlog_age > 3.0 && !self.backlog_falls,
            tally.seconds[Purpose::Repair as usize] > 0.25 * tally.at_hand && self.protected < 0.85,
        ]
    }
}

/// Days for which the team could go on if nothing came any more: the least of its buffers, at most 365.
///
/// Inputs: stock over use, longer by what comes from abroad in place of what is missing at home if it lasts
/// until that arrives. Spares: parts over use, while any are on order. Redundancy: machines beyond those needed over breakdowns a day. Reserve: free hands over
/// hands lost a day. Cash: cash and credit over payroll.
/// Source: time to survive, Simchi-Levi et al. 2014.
fn time_to_survive(team: &Team, sector: &SectorToday, dt: f64) -> f64 {
    let rules = &sector.rules;
    let (upkeep, crew, place) = (&team.upkeep, &team.crew, team.place);
    let machines = team.machine.len() as f64;
    let lasts = |stock: f64, use_a_day: f64| {
        if use_a_day > 0.0 {
            stock.max(0.0) / use_a_day
        } else {
            365.0
        }
    };
    let replaced = rules.supply.import_replacement.0 * sector.imports.min(1.0);
    let inputs = if team.trade.cover > rules.supply.import_lead.0 {
        team.trade.cover / (1.0 - replaced).max(1e-3)
    } else {
        team.trade.cover
    };
    let spares = if upkeep.spares[1] > 0 {
        lasts(upkeep.spares[0].into(), sector.parts_per_machine * machines)
    } else {
        365.0
    };
    let needed = machines / (1.0 + rules.tools.slack.0) / team.project.machine_factor;
    let redundancy = lasts(
        f64::from(upkeep.up) - needed,
        upkeep.hazard_sum * upkeep.used / dt,
    );
    let free = f64::from(crew.present) * (1.0 - crew.pressure_mean);
    let reserve = lasts(free, crew.leaving / dt);
    let payroll = place.wage * team.post.len() as f64;
    let cash = lasts(
        team.cash.balance + rules.finance.credit.0 * payroll,
        payroll,
    );
    [inputs, spares, redundancy, reserve, cash]
        .into_iter()
        .fold(365.0, f64::min)
}

/// Machines that have been down for more than four weeks.
fn unfinished(team: &Team, today: &Today) -> f64 {
    if team.upkeep.down == 0 {
        return 0.0;
    }
    let since = |created: u32| (today.tick - u64::from(created)) as f64 * today.dt;
    let long = |machine: &&Machine| !machine.up() && since(machine.created) > 28.0;
    team.machine.iter().filter(long).count() as f64
}

/// What was paid today to keep the team able: wages of protected and upgrade hours, spares and machines.
fn upkeep_cost(team: &Team) -> f64 {
    let given = |purpose: Purpose| f64::from(team.hours.given[purpose as usize]);
    let hours: f64 = crate::hours::PROTECTED
        .iter()
        .map(|&purpose| given(purpose))
        .sum();
    let paid = f64::from(team.crew.seconds) + f64::from(team.crew.seconds_absent);
    let share = ratio(hours + given(Purpose::Upgrade), paid, 0.0);
    share * team.cash.paid[3] + team.cash.paid[4]
}

/// The team's day as numbers that add up, and into those of its block.
pub fn sum_up(team: &mut Team, sector: &SectorToday, today: &Today) {
    *team.tally = tally(team, sector, today);
    team.block.tally.add(team.tally);
}

/// Sums up the team's day.
#[allow(
    clippy::too_many_lines,
    reason = "one line an entry of the tally, in its order"
)]
fn tally(team: &Team, sector: &SectorToday, today: &Today) -> Tally {
    let rules = &sector.rules;
    let dt = today.dt;
    let (place, crew, work, upkeep, trade) = (
        team.place,
        &team.crew,
        &team.work,
        &team.upkeep,
        &team.trade,
    );
    let given = |purpose: Purpose| f64::from(team.hours.given[purpose as usize]);
    let asked = |purpose: Purpose| f64::from(team.hours.asked[purpose as usize]);
    let protected: f64 = crate::hours::PROTECTED
        .iter()
        .map(|&purpose| given(purpose))
        .sum();
    let needed: f64 = crate::hours::PROTECTED
        .iter()
        .map(|&purpose| asked(purpose))
        .sum();
    let rest = place.output_at_rest;
    let posts = team.post.len() as f64;
    let machines = team.machine.len() as f64;
    let at_hand = f64::from(crew.seconds);
    // Hours that crews could give; where repair lacks hours, those that it was given.
    let crews = f64::from(maintenance::crews(&rules.maintenance, team.machine.len()));
    let could = (crews * f64::from(sector.rates.duty)).min(at_hand);
    let lacks = given(Purpose::Repair) < asked(Purpose::Repair);
    let crew_hours = if lacks { given(Purpose::Repair) } else { could } / 3600.0 / dt;
    let parts = if upkeep.down > 0 {
        1.0 - f64::from(upkeep.waiting) / f64::from(upkeep.down)
    } else {
        1.0
    };
    let caught = sector.rates.caught * team.hours.protected_done;
    let hours_a_failure = caught * rules.maintenance.planned_hours.0
        + (1.0 - caught) * rules.maintenance.repair_hours.0;
    let per_day = upkeep.used / dt;
    let task_hours = rules.error.task_hours.0;
    let survive = time_to_survive(team, sector, dt);
    // What could be restored with the hours granted: those given, and idle hours that are funded.
    let idle = given(Purpose::Idle) * rules.hours.protected_share.0;
    let reach = |purpose: Purpose| {
        if asked(purpose) > 0.0 {
            (given(purpose) + idle * asked(purpose) / needed.max(1.0)) / asked(purpose)
        } else {
            0.0
        }
    };
    let skill = crew.sums[0] / f64::from(crew.employed.max(1));
    let oldest = team
        .machine
        .get(upkeep.next[1] as usize)
        .map_or(0.0, |machine| f64::from(machine.age));
    let overhauls = if rules.maintenance.preventive_hours.0 > 0.0 && machines > 0.0 {
        (given(Purpose::Preventive) + idle * 0.25)
            / 3600.0
            / rules.maintenance.preventive_hours.0
            / machines
            / dt
    } else {
        0.0
    };
    let loss = [
        if machines > 0.0 {
            per_day * f64::from(upkeep.up) / machines / rules.wear.scale.0 * rules.wear.ageing.0
        } else {
            0.0
        },
        rules.training.decay.0 * skill,
        crew.shortcut_growth,
        rules.process.growth.0 * (1.0 - work.drift),
        crew.leaving / dt / posts,
    ];
    let restore = [
        overhauls * rules.maintenance.preventive_restores.0 * oldest / rules.wear.scale.0,
        (1.0 - skill)
            * (reach(Purpose::Training) * training::full_share(&rules.training)
                / rules.training.train_time.0
                + 1.0 / rules.training.doing_time.0),
        rules.safety.enforcement.0 / rules.shortcuts.inertia.0,
        process::held(team, rules)
            * (work.drift / rules.process.reset_time.0 + rules.process.growth.0),
        (f64::from(crew.vacant) + 1.0) / posts / rules.staff.hiring_time.0 * sector.hiring,
    ];
    let starved = team.phase.starved_days >= 90.0;
    let whole = |due: f64| f64::from((due + 1e-9) as u32);
    let mut tally = Tally {
        teams: 1.0,
        posts,
        employed: f64::from(crew.employed),
        present: f64::from(crew.present),
        quits: f64::from(crew.quits),
        hires: f64::from(crew.hires),
        vacant: f64::from(crew.vacant),
        wages: team.cash.paid[3],
        output: trade.made,
        output_at_rest: rest * dt,
        orders: trade.orders,
        unserved: trade.unserved,
        scrapped: trade.scrapped,
        revenue: team.cash.revenue,
        asked: crew.pressure * at_hand,
        at_hand,
        unused_skill: given(Purpose::Idle) * skill,
        protected_needed: needed,
        protected_given: protected,
        protected_straight: protected * (1.0 - crew.shortcuts),
        overdue: (whole(upkeep.inspections_due) * rules.maintenance.inspection_hours.0
            + whole(upkeep.overhauls_due) * rules.maintenance.preventive_hours.0)
            * 3600.0,
        offered: upkeep.hazard_sum * per_day * hours_a_failure,
        rework: f64::from(work.reworked) * rules.quality.rework_hours.0 * task_hours / dt,
        shock_work: upkeep.shock_work as f64 / 3600.0 / dt,
        capacity: crew_hours * crew.speed * parts,
        open_work: upkeep.work.saturating_sub(upkeep.fresh_work) as f64 / 3600.0,
        machines,
        down: f64::from(upkeep.down),
        waiting: f64::from(upkeep.waiting),
        renewing: f64::from(upkeep.renewing),
        unfinished: unfinished(team, today),
        spares: f64::from(upkeep.spares[0]),
        age: upkeep.age_sum,
        latent: f64::from(upkeep.latent),
        breakdowns: f64::from(upkeep.breakdowns),
        caught: f64::from(upkeep.caught),
        overhauls: f64::from(upkeep.overhauled),
        repairs: f64::from(upkeep.repaired),
        repair_days: upkeep.ticks_down as f64 * dt,
        jobs_created: upkeep.jobs[0] as f64,
        jobs_closed: upkeep.jobs[1] as f64,
        expected: work.expected,
        expected_at_rest: f64::from(work.tasks) * place.errors_at_rest,
        skill: crew.sums[0],
        fatigue: crew.sums[1],
        shortcuts: crew.sums[2],
        worker_trust: crew.sums[3],
        tasks: f64::from(work.tasks),
        defects: f64::from(work.defects),
        left: f64::from(work.left),
        escapes: f64::from(work.escapes),
        incidents: f64::from(work.incidents),
        risk: work.risk,
        risk_at_rest: sector.risk_at_rest * posts,
        customers: team.standing.customers * rest * dt,
        suppliers: team.standing.suppliers * rest * dt,
        buyers: team.standing.buyers * rest * dt,
        cover: trade.cover.min(365.0) * rest * dt,
        survive: survive * rest * dt,
        cash: team.cash.balance,
        payroll: place.wage * posts,
        cost: team.cash.paid[..5].iter().sum(),
        taxes_wages_spares: team.cash.paid[1..5].iter().sum(),
        upkeep_cost: upkeep_cost(team),
        surplus: team.cash.paid[5],
        value_added: trade.made * sector.value_added_rate,
        imports: team.cash.paid[1],
        coordination: coordination::hours_needed(team, rules, dt) / dt,
        supervision: rules.coordination.supervisors.0 * at_hand / 3600.0 / dt,
        drift_is_normal: f64::from(u8::from(starved)),
        seconds: team.hours.given.map(f64::from),
        loss: loss.map(|part| part * posts),
        restore: restore.map(|part| part * posts),
        symptoms: [0.0; 7],
    };
    for (share, holds) in tally.symptoms.iter_mut().zip(team.gauge.symptoms) {
        *share = f64::from(u8::from(holds));
    }
    tally
}

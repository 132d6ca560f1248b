//! The read-out: rows of probes at each zoom, filled from what the day left behind.

use crate::cascade::{Entity, Event};
use crate::gauge::Gauge;
use crate::lattice::blocks::{Blocks, Pantry};
use crate::lattice::operator::{Ability, Habit, OwnWork, Pocket, Post, Strain};
use crate::lattice::sector::{City, Sector};
use crate::lattice::team::{Crew, Place, Standing, TeamPhase};
use crate::ledger::Purpose;
use crate::phase::{Person, Shared};
use crate::reading;
use crate::rows::{CityRow, OperatorRow, SectorRow, TeamRow};
use crate::simulation::Simulation;
use crate::tally::Tally;
use crate::today::Today;

/// Where a team stands: sector index, team within it, cell of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TeamKey {
    /// Index of the sector.
    pub sector: usize,
    /// Team within the sector.
    pub team: u32,
    /// Column and row on the grid.
    pub cell: (u16, u16),
}

/// Where an operator stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorKey {
    /// Index of the sector.
    pub sector: usize,
    /// Team within the sector.
    pub team: u32,
    /// Post within the team.
    pub post: u32,
    /// Index of the role.
    pub role: usize,
}

/// Null where there is nothing to divide by, or so little that no number tells the result.
fn ratio(above: f64, below: f64) -> f64 {
    let ratio = above / below;
    if below > 0.0 && ratio.is_finite() {
        ratio
    } else {
        f64::NAN
    }
}

/// A share of today's orders, however many older ones were served with them.
fn at_most_one(share: f64) -> f64 {
    if share > 1.0 { 1.0 } else { share }
}

/// The fields that rows above Z0 share, from a tally and its readings.
macro_rules! shared {
    ($row:ident, $tally:expr, $gauge:expr, $dt:expr, $phase:expr, $starved:expr, $pressure:expr, $cost_at_rest:expr) => {{
        let (tally, gauge, dt): (&Tally, &Gauge, f64) = ($tally, $gauge, $dt);
        let hours = |purpose: Purpose| tally.seconds[purpose as usize] / 3600.0 / dt;
        let symptom = |k: usize| tally.symptoms[k] / tally.teams.max(1.0);
        $row {
            output: tally.output / dt,
            output_at_rest: tally.output_at_rest / dt,
            orders: tally.orders / dt,
            fill: gauge.fill,
            orders_open: tally.unserved,
            employed: tally.employed,
            present: tally.present,
            quits: tally.quits / dt,
            hires: tally.hires / dt,
            churn: gauge.churn,
            income: tally.wages / dt,
            pressure: $pressure,
            hours_output: hours(Purpose::Output),
            hours_repair: hours(Purpose::Repair),
            hours_preventive: hours(Purpose::Preventive),
            hours_inspection: hours(Purpose::Inspection),
            hours_quality: hours(Purpose::Quality),
            hours_rework: hours(Purpose::Rework),
            hours_training: hours(Purpose::Training),
            hours_upgrade: hours(Purpose::Upgrade),
            hours_coordination: hours(Purpose::Coordination),
            hours_aid: hours(Purpose::Aid),
            hours_drills: hours(Purpose::Drills),
            hours_idle: hours(Purpose::Idle),
            hours_absent: hours(Purpose::Absent),
            hours_unused_skill: tally.unused_skill / 3600.0 / dt,
            protected_done: gauge.protected,
            protected_overdue: ratio(tally.overdue, tally.protected_needed / dt),
            offered_load: gauge.offered_load,
            repair_backlog: tally.open_work,
            backlog_age: gauge.backlog_age,
            machines_down: ratio(tally.down, tally.machines),
            machines_waiting: ratio(tally.waiting, tally.machines),
            machines_renewing: ratio(tally.renewing, tally.machines),
            repairs_unfinished: tally.unfinished,
            spares: tally.spares,
            machine_age: ratio(tally.age, tally.machines),
            latent_defects: ratio(tally.latent, tally.machines),
            breakdowns: tally.breakdowns / dt,
            defects_caught: tally.caught / dt,
            overhauls: tally.overhauls / dt,
            repairs: tally.repairs / dt,
            repair_days: ratio(tally.repair_days, tally.repairs),
            skill: ratio(tally.skill, tally.employed),
            fatigue: ratio(tally.fatigue, tally.employed),
            shortcuts: ratio(tally.shortcuts, tally.employed),
            escapes: ratio(tally.escapes, tally.left),
            defects: ratio(tally.defects, tally.tasks),
            incidents: tally.incidents / dt,
            customer_trust: ratio(tally.customers, tally.output_at_rest),
            partner_trust: ratio(
                f64::midpoint(tally.suppliers, tally.buyers),
                tally.output_at_rest,
            ),
            supplier_trust: ratio(tally.suppliers, tally.output_at_rest),
            buyer_trust: ratio(tally.buyers, tally.output_at_rest),
            worker_trust: ratio(tally.worker_trust, tally.employed),
            stock_cover: ratio(tally.cover, tally.output_at_rest),
            cash_cover: ratio(tally.cash, tally.payroll),
            upkeep_cost: tally.upkeep_cost / dt,
            unit_cost: ratio(ratio(tally.cost, tally.output), $cost_at_rest),
            trust: gauge.trust,
            repair: gauge.repair,
            buffer: gauge.buffer,
            alignment: gauge.alignment,
            coordination: gauge.coordination,
            drift: gauge.drift,
            drift_wear: gauge.loss[0],
            drift_skill: gauge.loss[1],
            drift_shortcuts: gauge.loss[2],
            drift_process: gauge.loss[3],
            drift_hollowing: gauge.loss[4],
            margin: gauge.margin,
            phase: $phase,
            drift_is_normal: $starved,
            symptom_breakdowns: symptom(0),
            symptom_shortage: symptom(1),
            symptom_defects: symptom(2),
            symptom_incidents: symptom(3),
            symptom_staff: symptom(4),
            symptom_backlog: symptom(5),
            symptom_crisis: symptom(6),
            ..$row::default()
        }
    }};
}

impl Simulation {
    /// Codes of the sectors, in order.
    pub fn sector_codes(&mut self) -> Vec<String> {
        self.sectors
            .iter(&self.world)
            .map(|sector| sector.code.clone())
            .collect()
    }

    /// Today's row of the city.
    pub fn city_row(&mut self) -> CityRow {
        let dt = self.tick_length();
        let sums = self
            .sectors
            .iter(&self.world)
            .filter(|s| s.staffed)
            .fold(Sums::default(), Sums::with);
        let teams = &self.world.resource::<Blocks>().sums;
        let mut team_phases = [0u32; 4];
        for sum in teams {
            for (count, more) in team_phases.iter_mut().zip(sum.teams_in_phase) {
                *count += more;
            }
        }
        let city = self.world.resource::<City>();
        let tally = &city.tally;
        let pressure = ratio(tally.asked, tally.at_hand);
        let starved = tally.drift_is_normal / tally.teams.max(1.0);
        let row = shared!(
            CityRow,
            tally,
            &city.gauge,
            dt,
            f64::from(city.phase.phase),
            starved,
            pressure,
            city.cost_at_rest
        );
        let [operators, sectors] = [sums.operators, sums.sectors].map(shares);
        let team_shares = shares(team_phases);
        let lines = city.watch.lines();
        CityRow {
            orders_lost: sums.lost / dt,
            orders_open: sums.open,
            final_orders: sums.final_orders / dt,
            final_fill: at_most_one(ratio(sums.final_served, sums.final_orders)),
            order_days: ratio(sums.waited * dt, sums.final_served),
            firms_fill: ratio(sums.firms[1], sums.firms[0]),
            value_added: tally.value_added / dt,
            imports: tally.imports / dt,
            schedulability: city.rolling.schedulability(),
            discordance: (f64::from(city.phase.phase) - median(team_phases)).abs(),
            operators_phase_0: operators[0],
            operators_phase_1: operators[1],
            operators_phase_2: operators[2],
            operators_phase_3: operators[3],
            teams_phase_0: team_shares[0],
            teams_phase_1: team_shares[1],
            teams_phase_2: team_shares[2],
            teams_phase_3: team_shares[3],
            sectors_phase_0: sectors[0],
            sectors_phase_1: sectors[1],
            sectors_phase_2: sectors[2],
            sectors_phase_3: sectors[3],
            line_defect_rate: lines[0],
            line_downtime: lines[1],
            line_delayed_maintenance: lines[2],
            line_churn: lines[3] / reading::CHURN_DAYS,
            line_shortage: lines[4],
            ..row
        }
    }

    /// Today's rows of the sectors, in order.
    pub fn sector_rows(&mut self) -> impl Iterator<Item = SectorRow> {
        let dt = self.tick_length();
        let sectors = self.sectors.iter(&self.world);
        sectors.map(move |sector| sector_row(sector, dt))
    }

    /// Today's rows of all teams, in id order.
    pub fn team_rows(&mut self) -> Vec<(TeamKey, TeamRow)> {
        let dt = self.tick_length();
        let sectors = self.sectors.iter(&self.world);
        let costs: Vec<f64> = sectors.map(|sector| sector.cost_at_rest).collect();
        let mut query = self
            .world
            .query::<(&Place, &Tally, &Gauge, &TeamPhase, &Crew)>();
        query
            .iter(&self.world)
            .map(|(place, tally, gauge, phase, crew)| {
                let starved = f64::from(u8::from(phase.starved_days >= 90.0));
                let key = TeamKey {
                    sector: place.sector.into(),
                    team: place.team,
                    cell: place.cell,
                };
                let row = shared!(
                    TeamRow,
                    tally,
                    gauge,
                    dt,
                    f64::from(phase.state.phase),
                    starved,
                    crew.pressure,
                    costs[key.sector]
                );
                (key, row)
            })
            .collect()
    }

    /// Today's rows of `count` operators spread evenly over all posts, or of all if there are fewer.
    pub fn operator_rows(&mut self, count: usize) -> Vec<(OperatorKey, OperatorRow)> {
        let mut teams = self.world.query::<(&Place, &Gauge, &Crew, &Standing)>();
        let mut homes = Vec::new();
        let mut operators = self.world.query::<OperatorColumns>();
        let today = self.world.resource::<Today>();
        for (place, gauge, crew, standing) in teams.iter(&self.world) {
            let sector = &today.sectors[usize::from(place.sector)];
            homes.push((place, Shared::of(gauge, crew, standing, sector)));
        }
        let read = |post: usize, (seat, ability, strain, habit, own, pocket): OperatorColumns| {
            let home = homes.partition_point(|(place, ..)| place.posts.0 as usize <= post) - 1;
            let (place, shared) = &homes[home];
            let key = OperatorKey {
                sector: place.sector.into(),
                team: place.team,
                post: post as u32 - place.posts.0,
                role: seat.role.into(),
            };
            let right = if own.tasks < 10.0 {
                f64::NAN
            } else {
                f64::from(own.right / own.tasks)
            };
            let person = Person {
                shared,
                trust: strain.trust,
                owed: own.owed,
                habit: habit.0,
                skill: ability.skill,
            };
            let row = OperatorRow {
                presence: f64::from(seat.whereabouts as u8),
                skill: ability.skill.into(),
                fit: ability.fit.into(),
                fatigue: strain.fatigue.into(),
                shortcuts: habit.0.into(),
                worker_trust: strain.trust.into(),
                owed: own.owed.into(),
                right_first_time: right,
                trust: person.trust(),
                repair: person.repair(),
                buffer: shared.team.buffer,
                alignment: person.alignment(),
                coordination: shared.team.coordination,
                drift: person.drift(),
                margin: person.margin(),
                phase: f64::from(pocket.0.phase),
            };
            (key, row)
        };
        let posts = operators.iter(&self.world).len();
        let count = count.min(posts);
        let mut sample = (0..count).map(|k| k * posts / count).peekable();
        operators
            .iter(&self.world)
            .enumerate()
            .filter(|(post, _)| sample.next_if_eq(post).is_some())
            .map(|(post, columns)| read(post, columns))
            .collect()
    }

    /// An entity as written in tables: `city`, `C`, `C/12`, `C/12/3`.
    pub fn entity_name(codes: &[String], event: &Event) -> String {
        let code = |sector: u16| codes.get(usize::from(sector)).map_or("?", String::as_str);
        match event.entity {
            Entity::City => "city".into(),
            Entity::Sector(sector) => code(sector).into(),
            Entity::Team(sector, team) => format!("{}/{team}", code(sector)),
            Entity::Operator(sector, team, post) => format!("{}/{team}/{post}", code(sector)),
        }
    }

    /// Stocks of one input over all teams, in money: for tests of traces.
    pub fn stock(&self, team: usize, input: usize) -> f64 {
        let pantry = self.world.resource::<Pantry>();
        pantry.stocks[team * pantry.width + input]
    }
}

type OperatorColumns<'a> = (
    &'a Post,
    &'a Ability,
    &'a Strain,
    &'a Habit,
    &'a OwnWork,
    &'a Pocket,
);

#[derive(Default)]
struct Sums {
    lost: f64,
    waited: f64,
    open: f64,
    final_orders: f64,
    final_served: f64,
    firms: [f64; 2],
    operators: [u32; 4],
    sectors: [u32; 4],
}

impl Sums {
    fn with(mut self, sector: &Sector) -> Self {
        self.lost += sector.lost;
        self.waited += sector.waited[0];
        self.open += sector.open.iter().sum::<f64>();
        self.final_orders += sector.final_orders;
        self.final_served += sector.final_served;
        for k in 0..2 {
            self.firms[k] += sector.firms[k];
        }
        for (count, more) in self.operators.iter_mut().zip(sector.operators_in_phase) {
            *count += more;
        }
        self.sectors[usize::from(sector.phase.phase)] += 1;
        self
    }
}

fn shares(counts: [u32; 4]) -> [f64; 4] {
    let total: u32 = counts.iter().sum();
    counts.map(|count| f64::from(count) / f64::from(total.max(1)))
}

fn median(counts: [u32; 4]) -> f64 {
    let total: u32 = counts.iter().sum();
    let mut below = 0;
    for (phase, count) in counts.into_iter().enumerate() {
        below += count;
        if 2 * below >= total {
            return phase as f64;
        }
    }
    3.0
}

/// Readings of a sector without teams: there are none.
const UNREAD: Gauge = Gauge {
    trust: f64::NAN,
    repair: f64::NAN,
    buffer: f64::NAN,
    alignment: f64::NAN,
    coordination: f64::NAN,
    drift: f64::NAN,
    margin: f64::NAN,
    offered_load: f64::NAN,
    backlog_age: f64::NAN,
    fill: f64::NAN,
    protected: f64::NAN,
    escapes: f64::NAN,
    churn: f64::NAN,
    loss: [f64::NAN; 5],
    backlog_falls: false,
    risk: f64::NAN,
    errors: f64::NAN,
    symptoms: [false; 7],
};

fn sector_row(sector: &Sector, dt: f64) -> SectorRow {
    let tally = &sector.tally;
    let (gauge, phase) = if sector.staffed {
        (&sector.gauge, f64::from(sector.phase.phase))
    } else {
        (&UNREAD, f64::NAN)
    };
    let starved = tally.drift_is_normal / tally.teams.max(1.0);
    let pressure = ratio(tally.asked, tally.at_hand);
    let row = shared!(
        SectorRow,
        tally,
        gauge,
        dt,
        phase,
        starved,
        pressure,
        sector.cost_at_rest
    );
    let teams = shares(sector.teams_in_phase);
    let scarcest = (0..sector.goods.stock.len())
        .filter(|&k| sector.stock_before[k] > 0.0 && sector.goods.used[k] > 0.0)
        .min_by(|&a, &b| {
            let cover = |k: usize| sector.goods.stock[k] / sector.goods.used[k];
            cover(a).total_cmp(&cover(b))
        });
    let unstaffed = |value: f64, own: f64| if sector.staffed { value } else { own };
    SectorRow {
        output: unstaffed(row.output, (sector.firms[1] + sector.final_served) / dt),
        output_at_rest: sector.output_at_rest,
        orders_open: sector.open.iter().sum(),
        orders_lost: sector.lost / dt,
        final_orders: sector.final_orders / dt,
        final_fill: at_most_one(ratio(sector.final_served, sector.final_orders)),
        order_days: ratio(sector.waited[0] * dt, sector.final_served),
        firms_fill: ratio(sector.firms[1], sector.firms[0]),
        value_added: tally.value_added / dt,
        imports: tally.imports / dt,
        scarcest_input: scarcest.map_or(f64::NAN, |k| k as f64),
        loss: ratio((tally.orders - tally.output).max(0.0), tally.output_at_rest),
        regeneration: ratio(tally.capacity, tally.open_work.max(tally.offered)),
        teams_phase_0: teams[0],
        teams_phase_1: teams[1],
        teams_phase_2: teams[2],
        teams_phase_3: teams[3],
        ..row
    }
}

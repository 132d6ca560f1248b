//! Maintenance: inspection, preventive work, repair, spares.

use crate::drift::wear;
use crate::error;
use crate::finance;
use crate::keyed::{self, Stream};
use crate::lattice::blocks::Team;
use crate::lattice::machine::{Machine, State};
use crate::lattice::team::Upkeep;
use crate::ledger::Purpose;
use crate::maths;
use crate::today::{SectorToday, Today};
use prodos_quantity::{Hours, choices, params};
use smallvec::SmallVec;

/// Some of the machines of a team, kept in place while they are few.
type Few<T> = SmallVec<[T; 16]>;

choices! {
    /// Law of the work of a repair, given its mean.
    pub enum JobSize {
        /// Always the mean.
        Fixed = "fixed",
        /// Exponential.
        Exponential = "exponential",
        /// Lognormal, with `job_spread` as coefficient of variation.
        Lognormal = "lognormal",
        /// Two exponentials with balanced means, with `job_spread` as coefficient of variation (at least 1).
        Hyperexponential = "hyperexponential",
        /// A whole number of crew-ticks, geometric: each tick of service ends the job with the same probability.
        PerTick = "per_tick",
    }
}

choices! {
    /// Which open job a crew takes next.
    pub enum Discipline {
        /// Oldest first.
        FirstCome = "first_come",
        /// Least work left first.
        ShortestFirst = "shortest_first",
    }
}

choices! {
    /// What a repair does to the virtual age of a machine.
    pub enum RepairKind {
        /// Nothing: as bad as old.
        Minimal = "minimal",
        /// As good as new.
        Perfect = "perfect",
        /// As good as new with probability `repair_restores`, else as bad as old.
        BrownProschan = "brown_proschan",
        /// Takes back that share of the age gained since the last repair (Kijima I).
        KijimaOne = "kijima_one",
        /// Takes back that share of the whole virtual age (Kijima II).
        KijimaTwo = "kijima_two",
    }
}

choices! {
    /// When a machine is overhauled before it fails.
    pub enum Preventive {
        /// All machines in turn, each once an interval, whatever its age; one that is down is passed over until its next turn.
        InTurn = "in_turn",
        /// Each when its virtual age, counted from the last overhaul or renewal, reaches the interval.
        ByAge = "by_age",
    }
}

choices! {
    /// How spare parts are kept.
    pub enum Spares {
        /// Always at hand.
        Unlimited = "unlimited",
        /// A base stock; each part used is ordered again and takes `spare_lead` to come.
        BaseStock = "base_stock",
    }
}

params! {
    /// Inspection, preventive work, repair, spares.
    pub struct Maintenance / MaintenancePatch in "maintenance" {
        /// Days between inspections of a machine; 0 never inspects.
        inspection_interval: Days = 10.0, range 0.0..=3650.0, typical 3.0..=60.0, Lever, "Wang, delay-time modelling";
        /// Hours an inspection takes.
        inspection_hours: Hours = 0.5, range 0.0..=100.0, typical 0.1..=4.0, Uncertain, "assumption";
        /// Probability that an inspection finds a latent defect.
        detection: Share = 0.9, range 0.0..=1.0, typical 0.5..=0.98, Lever, "Wang, delay-time modelling";
        /// Loss of detection by people who take shortcuts.
        shortcut_loss: Share = 0.6, range 0.0..=1.0, typical 0.2..=0.8, Uncertain, "assumption";
        /// Days between preventive overhauls of a machine, or its operating days at an overhaul (`preventive`); 0 never overhauls.
        preventive_interval: Days = 90.0, range 0.0..=36500.0, typical 30.0..=365.0, Lever, "assumption, near the optimum of age replacement at the default wear";
        /// Hours a preventive overhaul takes.
        preventive_hours: Hours = 4.0, range 0.0..=1000.0, typical 1.0..=24.0, Uncertain, "assumption";
        /// Share of virtual age that a preventive overhaul takes away.
        preventive_restores: Share = 0.85, range 0.0..=1.0, typical 0.5..=1.0, Uncertain, "assumption";
        /// Days over which overdue rounds are caught up.
        catch_up: Days = 14.0, range 0.1..=365.0, typical 5.0..=60.0, Lever, "assumption";
        /// Mean repair hours after a breakdown.
        repair_hours: Hours = 24.0, range 0.0..=10000.0, typical 4.0..=100.0, Uncertain, "assumption: three crew-days";
        /// Mean repair hours for a defect that inspection found.
        planned_hours: Hours = 8.0, range 0.0..=10000.0, typical 2.0..=40.0, Uncertain, "assumption: a third of a breakdown";
        /// Coefficient of variation of repair hours, for laws that have one.
        job_spread: Ratio = 1.0, range 0.0..=20.0, typical 0.3..=3.0, Uncertain, "assumption; LANL outages 1995-2005 have 2.5 (LA-UR-05-7318)";
        /// Machines a repair crew; a team has at least one crew.
        machines_per_crew: Count = 10.0, range 0.01..=100000.0, typical 6.0..=50.0, Lever, "16 crew-hours a day for 20 machines (assumption)";
        /// Share used by `repair_kind`.
        repair_restores: Share = 0.0, range 0.0..=1.0, typical 0.0..=1.0, Uncertain, "assumption: minimal repair";
        /// Probability of a bad repair over the error probability of a task.
        bad_repair_gain: Ratio = 5.0, range 0.0..=100.0, typical 0.0..=10.0, Uncertain, "assumption";
        /// Days of use that the base stock of spares covers, beyond the lead time.
        spare_cover: Days = 10.0, range 0.0..=365.0, typical 0.0..=60.0, Lever, "assumption";
        /// Mean days until an ordered spare part comes; a tick at least.
        spare_lead: Days = 14.0, range 0.1..=3650.0, typical 2.0..=90.0, Uncertain, "assumption";
        /// Repair hours from which a machine counts as destroyed, and a new one is bought; 0 repairs all.
        write_off_hours: Hours = 400.0, range 0.0..=1000000.0, typical 100.0..=1000.0, Lever, "assumption: fifty crew-days";
        /// Virtual age, in operating days, from which a machine that goes down is not repaired, and a new one is bought; 0 for none.
        economic_life: Days = 0.0, range 0.0..=1000000.0, typical 200.0..=4000.0, Lever, "convention: none unless a policy sets it";
        /// Mean days until a new machine comes.
        renewal_time: Days = 60.0, range 1.0..=3650.0, typical 10.0..=365.0, Uncertain, "BoARIO, rebuilding time (Hallegatte 2008)";
        /// Base stock of a team in parts; -1 takes cover and lead time times use at rest.
        spare_stock: Count = -1.0, range -1.0..=100000.0, typical -1.0..=20.0, Lever, "convention: -1 computes it";
        choices {
            /// Law of repair work.
            job_size: JobSize = Exponential, Uncertain, "assumption; machine repair models take it so";
            /// Which open job a crew takes next.
            discipline: Discipline = FirstCome, Lever, "assumption";
            /// What a repair does to virtual age.
            repair_kind: RepairKind = Minimal, Uncertain, "Barlow & Hunter 1960, minimal repair";
            /// When a machine is overhauled before it fails.
            preventive: Preventive = InTurn, Lever, "block replacement, Barlow & Hunter 1960";
            /// How spare parts are kept.
            spares: Spares = BaseStock, Lever, "assumption";
        }
    }
}

/// Repair crews of a team: one for so many machines, at least one.
pub fn crews(rules: &Maintenance, machines: usize) -> u32 {
    maths::nearest(machines as f64 / rules.machines_per_crew.0).max(1)
}

/// Parts that a team keeps, on order or at hand, when it uses so many a day.
pub fn base_stock(rules: &Maintenance, parts_a_day: f64) -> u32 {
    if rules.spare_stock.0 >= 0.0 {
        rules.spare_stock.0 as u32
    } else {
        maths::up(parts_a_day * (rules.spare_cover.0 + rules.spare_lead.0))
    }
}

/// Parts that are missing from the base stock of today, counting those on order as there; none can
/// be ordered without credit.
fn parts_missing(team: &Team, sector: &SectorToday) -> u32 {
    if !finance::solvent(team, sector) {
        return 0;
    }
    let parts_a_day = sector.parts_per_machine * team.machine.len() as f64;
    let upkeep = &*team.upkeep;
    (base_stock(&sector.rules.maintenance, parts_a_day) + upkeep.waiting)
        .saturating_sub(upkeep.spares[0] + upkeep.spares[1])
}

/// Seconds that the crews can use on open jobs today.
pub fn repair_seconds_asked(team: &mut Team, sector: &SectorToday) -> u32 {
    if team.upkeep.down == 0 {
        return 0;
    }
    let crew_tick = u64::from(sector.rates.duty);
    let speed = team.crew.speed.max(1e-9);
    let serviceable: u64 = team
        .machine
        .iter()
        .filter(|machine| machine.state == State::Down)
        .map(|machine| u64::from(maths::up(f64::from(machine.work) / speed)).min(crew_tick))
        .sum();
    // Neighbours bring hands of their own: what they serve is off the own crews.
    serviceable
        .saturating_sub(team.hours.received.into())
        .min(u64::from(crews(&sector.rules.maintenance, team.machine.len())) * crew_tick) as u32
}

/// Inspections and overhauls that fall due; seconds needed for those of today and for catching up.
///
/// One person works on a round at a machine, which asks for no more than his duty of the tick.
pub fn rounds_asked(team: &mut Team, sector: &SectorToday) -> [u32; 2] {
    let rules = &sector.rules.maintenance;
    let machines = team.machine.len() as f64;
    let dt = f64::from(sector.rates.duty) / (sector.rules.staff.duty_hours.0 * 3600.0);
    let upkeep = &mut *team.upkeep;
    let more = |due: f64, interval: f64| {
        if interval > 0.0 {
            (due + machines * dt / interval).min(machines)
        } else {
            0.0
        }
    };
    upkeep.inspections_due = more(upkeep.inspections_due, rules.inspection_interval.0);
    upkeep.overhauls_due = match rules.preventive {
        Preventive::InTurn => more(upkeep.overhauls_due, rules.preventive_interval.0),
        // Those that reach the age today wear for another tick before the rounds are made.
        Preventive::ByAge => {
            let reached = |machine: &&Machine| old_enough(rules, machine, dt);
            team.machine.iter().filter(reached).count() as f64
        }
    };
    let Upkeep {
        inspections_due,
        overhauls_due,
        carried,
        next,
        ..
    } = *upkeep;
    let seconds = |which: usize, due: f64, interval: f64, hours: f64| {
        let pace = maths::up(machines * dt / interval.max(1e-9) + due * dt / rules.catch_up.0);
        let rounds = ((due + 1e-9) as u32).min(pace);
        let visits = match rules.preventive {
            Preventive::ByAge if which == 1 => rounds,
            _ => up_in_turn(team.machine, next[which] as usize, rounds),
        };
        let visits = f64::from(visits);
        let left = visits * f64::from(whole_seconds(hours)) - f64::from(carried[which]);
        left.min(visits * f64::from(sector.rates.duty))
            .clamp(0.0, 4e9) as u32
    };
    [
        seconds(
            0,
            inspections_due,
            rules.inspection_interval.0,
            rules.inspection_hours.0,
        ),
        seconds(
            1,
            overhauls_due,
            rules.preventive_interval.0,
            rules.preventive_hours.0,
        ),
    ]
}

/// Of so many machines in turn, how many are up.
fn up_in_turn(machine: &[Machine], next: usize, turns: u32) -> u32 {
    let (before, after) = machine.split_at(next.min(machine.len()));
    let turn = after.iter().chain(before).take(turns as usize);
    turn.filter(|machine| machine.up()).count() as u32
}

/// A machine goes down: a job is opened, and a part taken from the store or awaited.
pub fn open_job(team: &mut Team, sector: &SectorToday, today: &Today, k: usize, mean_hours: f64) {
    let id = team.place.id(k);
    let rules = &sector.rules.maintenance;
    let seconds = job_size(
        rules,
        mean_hours * 3600.0,
        f64::from(sector.rates.duty),
        today.draw(Stream::Work).word(id),
    );
    down(team, sector, today, k, seconds);
}

/// Whether a machine that needs so much repair is given up, if a new one can be paid.
fn given_up(rules: &Maintenance, age: f32, seconds: u32) -> bool {
    let beyond = |limit: f64, value: f64| limit > 0.0 && value >= limit;
    beyond(rules.write_off_hours.0 * 3600.0, seconds.into())
        || beyond(rules.economic_life.0, age.into())
}

/// A machine goes down with a given amount of work, or is given up and a new one ordered.
pub fn down(team: &mut Team, sector: &SectorToday, today: &Today, k: usize, seconds: u32) {
    let rules = &sector.rules.maintenance;
    let state = team.machine[k].state;
    if state == State::Renewing {
        return;
    }
    let breaks = team.machine[k].up();
    let gathered = if breaks { 0 } else { team.machine[k].work };
    let work = gathered.saturating_add(seconds.max(1));
    let renews = given_up(rules, team.machine[k].age, work) && finance::solvent(team, sector);
    let upkeep = &mut *team.upkeep;
    let machine = &mut team.machine[k];
    if renews && !breaks {
        // What was to be repaired is not, and the part it waited for goes to another.
        upkeep.work -= u64::from(gathered);
        upkeep.waiting -= u32::from(state == State::Waiting);
        upkeep.renewing += 1;
        upkeep.renewals += 1;
        machine.work = 0;
        machine.state = State::Renewing;
        return;
    }
    if breaks {
        upkeep.up -= 1;
        upkeep.down += 1;
        upkeep.jobs[0] += 1;
        if machine.state == State::Latent {
            upkeep.latent -= 1;
        }
        machine.work = 0;
        machine.created = today.tick as u32;
        machine.state = State::Down;
        if renews {
            machine.state = State::Renewing;
            upkeep.renewing += 1;
            upkeep.renewals += 1;
            return;
        }
        if rules.spares == Spares::BaseStock {
            if upkeep.spares[0] > 0 {
                upkeep.spares[0] -= 1;
            } else {
                machine.state = State::Waiting;
                upkeep.waiting += 1;
            }
        }
    }
    machine.work = work;
    upkeep.work += u64::from(seconds.max(1));
    upkeep.fresh_work += u64::from(seconds.max(1));
    if breaks && rules.spares == Spares::BaseStock {
        team.upkeep.spares[1] += parts_missing(team, sector).min(1);
    }
}

/// Work of a repair in seconds, at least one.
fn job_size(rules: &Maintenance, mean: f64, crew_tick: f64, word: u64) -> u32 {
    let cv = rules.job_spread.0;
    let seconds = match rules.job_size {
        JobSize::Fixed => mean,
        JobSize::Exponential => mean * maths::exponential(word),
        JobSize::Lognormal => {
            let variance = maths::ln(1.0 + cv * cv);
            mean * maths::exp(
                libm::sqrt(variance) * maths::normal(word, maths::mix(word)) - variance / 2.0,
            )
        }
        JobSize::Hyperexponential => {
            // Balanced means: each branch carries half of the mean (Tijms 1994).
            let spread = libm::sqrt(((cv * cv - 1.0) / (cv * cv + 1.0)).max(0.0));
            let first = f64::midpoint(1.0, spread);
            let share = if maths::unit(maths::mix(word)) < first {
                first
            } else {
                1.0 - first
            };
            mean / (2.0 * share.max(1e-9)) * maths::exponential(word)
        }
        JobSize::PerTick => crew_tick * maths::geometric(word, crew_tick / mean.max(1e-9)),
    };
    maths::nearest(seconds.min(4e9)).max(1)
}

/// Spare parts arrive: each part ordered before today comes with the same chance a tick.
///
/// What is ordered today comes tomorrow at the earliest, so that the mean lead time is exact at any tick.
pub fn receive_spares(team: &mut Team, sector: &SectorToday, today: &Today) {
    if sector.rules.maintenance.spares == Spares::Unlimited {
        hand_out(team, u32::MAX);
        return;
    }
    // Nothing is missing unless a policy has raised the base stock, or credit had run out.
    team.upkeep.spares[1] += parts_missing(team, sector);
    let coming = team.upkeep.spares_coming;
    if coming == 0 {
        return;
    }
    let id = team.place.id(keyed::TEAM);
    let word = today.draw(Stream::Spares).word(id);
    let came = sector.rates.spares.successes(word, coming);
    team.upkeep.spares[1] -= came;
    team.upkeep.spares[0] += came - hand_out(team, came);
}

/// Gives parts to the machines that have waited longest; says how many it gave.
fn hand_out(team: &mut Team, parts: u32) -> u32 {
    if parts == 0 || team.upkeep.waiting == 0 {
        return 0;
    }
    let mut waiting: Few<(u32, usize)> = (0..team.machine.len())
        .filter(|&k| team.machine[k].state == State::Waiting)
        .map(|k| (team.machine[k].created, k))
        .collect();
    waiting.sort_unstable();
    waiting.truncate(parts as usize);
    for &(_, k) in &waiting {
        team.machine[k].state = State::Down;
    }
    team.upkeep.waiting -= waiting.len() as u32;
    waiting.len() as u32
}

/// New machines arrive, each ordered before today with the same chance a tick.
fn receive_machines(team: &mut Team, sector: &SectorToday, today: &Today) {
    if team.upkeep.renewing == 0 {
        return;
    }
    let chance = (today.dt / sector.rules.maintenance.renewal_time.0).min(1.0);
    let draw = today.draw(Stream::Renewal);
    for k in 0..team.machine.len() {
        let machine = &team.machine[k];
        let ordered = machine.state == State::Renewing && u64::from(machine.created) < today.tick;
        let id = team.place.id(k);
        if ordered && maths::unit(draw.word(id)) < chance {
            team.upkeep.renewing -= 1;
            team.machine[k].age = 0.0;
            works_again(team, sector, today, k);
        }
    }
}

/// Crews work on jobs of earlier ticks; a crew serves one job at a time.
pub fn repair(team: &mut Team, sector: &SectorToday, today: &Today) {
    receive_spares(team, sector, today);
    receive_machines(team, sector, today);
    // Hands that find nobody at work are not kept for another day.
    let helped = std::mem::take(&mut team.hours.received);
    if team.crew.present == 0 {
        return;
    }
    let mut seconds = team.hours.given[Purpose::Repair as usize] + helped;
    if team.upkeep.down == 0 || seconds == 0 {
        return;
    }
    let rules = &sector.rules.maintenance;
    let speed = team.crew.speed.max(1e-9);
    let crew_tick = sector.rates.duty;
    let mut queue: Few<(u32, usize)> = (0..team.machine.len())
        .filter(|&k| {
            team.machine[k].state == State::Down && u64::from(team.machine[k].created) < today.tick
        })
        .map(|k| match rules.discipline {
            Discipline::FirstCome => (team.machine[k].created, k),
            Discipline::ShortestFirst => (team.machine[k].work, k),
        })
        .collect();
    queue.sort_unstable();
    for (_, k) in queue {
        if seconds == 0 {
            break;
        }
        let left = team.machine[k].work;
        let spent = maths::up(f64::from(left) / speed)
            .min(crew_tick)
            .min(seconds);
        let done = ((f64::from(spent) * speed) as u32).min(left);
        seconds -= spent;
        team.machine[k].work -= done;
        team.upkeep.work -= u64::from(done);
        if team.machine[k].work == 0 || f64::from(team.machine[k].work) < speed {
            team.upkeep.work -= u64::from(team.machine[k].work);
            team.machine[k].work = 0;
            close_job(team, sector, today, k);
        }
    }
}

/// A repaired machine works again, restored as the repair kind says, or with a new latent defect.
fn close_job(team: &mut Team, sector: &SectorToday, today: &Today, k: usize) {
    let rules = &sector.rules;
    let id = team.place.id(k);
    let word = today.draw(Stream::Repair).word(id);
    let restores = rules.maintenance.repair_restores.0;
    let machine = &mut team.machine[k];
    machine.age = match rules.maintenance.repair_kind {
        RepairKind::Perfect => 0.0,
        RepairKind::BrownProschan if maths::unit(word) < restores => 0.0,
        RepairKind::Minimal | RepairKind::BrownProschan => machine.age,
        RepairKind::KijimaOne => machine.age - restores as f32 * (machine.age - machine.renewed),
        RepairKind::KijimaTwo => machine.age * (1.0 - restores as f32),
    };
    works_again(team, sector, today, k);
    let bad = (rules.maintenance.bad_repair_gain.0 * error::of_team(team, rules)).min(0.5);
    if maths::unit(maths::mix(word)) < bad {
        let machine = &mut team.machine[k];
        machine.state = State::Latent;
        machine.clock =
            (rules.wear.delay.0 * maths::exponential(today.draw(Stream::Delay).word(id))) as f32;
        team.upkeep.latent += 1;
    }
}

/// A machine is up and sound from now on, at the age it has.
fn works_again(team: &mut Team, sector: &SectorToday, today: &Today, k: usize) {
    let id = team.place.id(k);
    let machine = &mut team.machine[k];
    machine.renewed = machine.age;
    machine.state = State::Sound;
    machine.clock = wear::wind_up(
        &sector.rules.wear,
        machine.age,
        today.draw(Stream::Defect).word(id),
        today.dt,
    );
    team.upkeep.repaired += 1;
    team.upkeep.ticks_down += today.tick - u64::from(machine.created);
    team.upkeep.jobs[1] += 1;
    team.upkeep.down -= 1;
    team.upkeep.up += 1;
}

/// Inspection and preventive work: due machines in rounds, as far as the hours given reach.
///
/// What is not done stays due: starving the rounds stretches the interval.
pub fn make_rounds(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.maintenance;
    let machines = team.machine.len();
    team.upkeep.caught = 0;
    if machines == 0 {
        return;
    }
    let detection = rules.detection.0 * (1.0 - rules.shortcut_loss.0 * team.crew.shortcuts);
    let draw = today.draw(Stream::Inspection);
    let inspect = |team: &mut Team, k: usize| {
        let id = team.place.id(k);
        if team.machine[k].state == State::Latent && maths::unit(draw.word(id)) < detection {
            team.upkeep.caught += 1;
            open_job(team, sector, today, k, rules.planned_hours.0);
        }
    };
    paid(
        team,
        0,
        Purpose::Inspection,
        rules.inspection_hours,
        |team, most| in_turn(team, 0, most, inspect),
    );
    let overhaul = |team: &mut Team, k: usize| overhaul(team, sector, today, k);
    team.upkeep.overhauled = paid(
        team,
        1,
        Purpose::Preventive,
        rules.preventive_hours,
        |team, most| match rules.preventive {
            Preventive::InTurn => in_turn(team, 1, most, overhaul),
            Preventive::ByAge => oldest_first(team, rules, most, overhaul),
        },
    );
}

/// An overhaul takes age away, and a sound machine begins a new span.
fn overhaul(team: &mut Team, sector: &SectorToday, today: &Today, k: usize) {
    let id = team.place.id(k);
    let machine = &mut team.machine[k];
    machine.age *= 1.0 - sector.rules.maintenance.preventive_restores.0 as f32;
    machine.renewed = machine.age;
    if machine.state == State::Sound {
        machine.clock = wear::wind_up(
            &sector.rules.wear,
            machine.age,
            today.draw(Stream::Defect).word(id),
            today.dt,
        );
    }
}

/// Whether a machine reaches the age of its overhaul within so many days of use.
fn old_enough(rules: &Maintenance, machine: &Machine, within: f64) -> bool {
    let interval = rules.preventive_interval.0;
    interval > 0.0 && machine.up() && f64::from(machine.age) + within >= interval - 1e-3
}

/// Visits the oldest of the machines that have reached their age, at most so many; says how many.
fn oldest_first(
    team: &mut Team,
    rules: &Maintenance,
    most: u32,
    mut visit: impl FnMut(&mut Team, usize),
) -> u32 {
    let reached = |k: &usize| old_enough(rules, &team.machine[*k], 0.0);
    let mut due: Few<usize> = (0..team.machine.len()).filter(reached).collect();
    due.sort_by(|&a, &b| team.machine[b].age.total_cmp(&team.machine[a].age));
    due.truncate(most as usize);
    let left = &mut team.upkeep.overhauls_due;
    *left = (*left - due.len() as f64).max(0.0);
    for &k in &due {
        visit(team, k);
    }
    due.len() as u32
}

/// Visits the machines whose turn for an inspection (0) or an overhaul (1) is due, at most so many; says how many.
/// One that is down is passed over until its next turn.
fn in_turn(
    team: &mut Team,
    which: usize,
    most: u32,
    mut visit: impl FnMut(&mut Team, usize),
) -> u32 {
    let mut visited = 0;
    let mut due = [team.upkeep.inspections_due, team.upkeep.overhauls_due][which];
    while due > 1.0 - 1e-9 {
        let k = team.upkeep.next[which] as usize;
        if team.machine[k].up() {
            if visited == most {
                break;
            }
            visited += 1;
            visit(team, k);
        }
        team.upkeep.next[which] = if k + 1 == team.machine.len() {
            0
        } else {
            k as u32 + 1
        };
        due -= 1.0;
    }
    let upkeep = &mut *team.upkeep;
    *[&mut upkeep.inspections_due, &mut upkeep.overhauls_due][which] = due;
    visited
}

/// What a round at one machine takes: asked for and paid in the same whole seconds, or the last would never come.
fn whole_seconds(hours: f64) -> u32 {
    maths::nearest(hours * 3600.0)
}

/// Visits the machines that the hours given, with what was carried, pay for: `go` makes at most so many visits and
/// says how many.
fn paid(
    team: &mut Team,
    which: usize,
    purpose: Purpose,
    hours: Hours,
    go: impl FnOnce(&mut Team, u32) -> u32,
) -> u32 {
    let unit = whole_seconds(hours.0);
    let seconds = team.upkeep.carried[which] + team.hours.given[purpose as usize];
    let visits = go(team, seconds.checked_div(unit).unwrap_or(u32::MAX));
    team.upkeep.carried[which] = seconds - visits * unit;
    visits
}

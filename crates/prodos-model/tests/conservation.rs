//! Nothing is lost and nothing comes from nowhere.
//!
//! Hours, goods, jobs and cash close on every day of a storm that uses every way the model has of
//! moving them; every post is in one place, and both queues keep Little's law. The check itself is tried:
//! a number changed behind the model's back is reported with day, entity, ledger and amount.

mod common;

use bevy_ecs::prelude::*;
use bevy_ecs::system::RunSystemOnce;
use common::{AUDIT, harbour, settled, uk};
use prodos_config::Experiment;
use prodos_model::build::{Options, build};
use prodos_model::day::schedule;
use prodos_model::lattice::blocks::Pantry;
use prodos_model::lattice::machine::{Machine, Machines, State};
use prodos_model::lattice::operator::{Post, Whereabouts};
use prodos_model::lattice::sector::{City, Sector};
use prodos_model::lattice::team::{Cash, HoursBook};
use prodos_model::ledger::{Breach, Ledger, Purpose};
use prodos_model::modules::quality::Disposal;
use prodos_model::modules::supply::Rationing;
use prodos_model::parameters::ParametersPatch;
use prodos_model::reading;
use prodos_model::rows::CityRow;
use prodos_model::spec::{Change, DemandPart, Recovery, Shock, ShockKind};
use prodos_model::today::Today;
use prodos_quantity::{Days, Hours, Ratio, Share};

/// All five kinds, overlapping, some returning, some local, some with recovery, and demand that swings.
fn storm(sector: &str) -> Vec<Shock> {
    vec![
        Shock {
            recovery_days: 20.0,
            recovery: Recovery::Convex,
            ..Shock::new("strike", ShockKind::Staff, 0.5, 10.0, 20.0)
        },
        Shock {
            sectors: vec![sector.into()],
            recovery_days: 30.0,
            recovery: Recovery::Concave,
            ..Shock::new("closure", ShockKind::Supply, 0.9, 15.0, 40.0)
        },
        Shock {
            hours: 36.0,
            footprint: 0.6,
            every: 30.0,
            times: 8,
            ..Shock::new("storm", ShockKind::Damage, 0.4, 20.0, 0.0)
        },
        Shock {
            every: 60.0,
            times: 4,
            ..Shock::new("boom", ShockKind::Demand, 0.8, 40.0, 20.0)
        },
        Shock {
            demand: vec![DemandPart::Households, DemandPart::Exports],
            every: 60.0,
            times: 4,
            ..Shock::new("slump", ShockKind::Demand, -1.0, 65.0, 10.0)
        },
        Shock {
            sectors: vec![sector.into()],
            recovery_days: 10.0,
            ..Shock::new("cut", ShockKind::Link, 1.0, 90.0, 30.0)
        },
        Shock::new("lockdown", ShockKind::Staff, 1.0, 200.0, 5.0),
    ]
}

fn change(day: f64, edit: impl FnOnce(&mut ParametersPatch)) -> Change {
    let mut parameters = ParametersPatch::default();
    edit(&mut parameters);
    Change {
        day,
        sectors: Vec::new(),
        parameters,
    }
}

/// Changes that switch on what the defaults leave out, and change what is counted while it is open.
fn upheaval() -> Vec<Change> {
    vec![
        change(5.0, |to| to.aid.share = Some(Share(1.0))),
        change(30.0, |to| {
            to.upgrade.projects_per_year = Some(Ratio(12.0));
            to.upgrade.project_hours = Some(Hours(4.0));
            to.safety.drill_hours = Some(Hours(24.0));
        }),
        change(60.0, |to| to.quality.disposal = Some(Disposal::Scrap)),
        change(100.0, |to| {
            to.supply.rationing = Some(Rationing::Proportional);
        }),
        change(120.0, |to| to.hours.protected_share = Some(Share(0.2))),
        change(150.0, |to| {
            to.supply.order_life = Some(Days(0.0));
            to.supply.stock_scale = Some(Ratio(3.0));
            to.staff.duty_hours = Some(Hours(6.0));
        }),
        change(180.0, |to| {
            to.supply.order_life = Some(Days(20.0));
            to.supply.stock_scale = Some(Ratio(0.2));
            to.quality.disposal = Some(Disposal::Rework);
            to.finance.cash_target = Some(Days(0.0));
        }),
        change(240.0, |to| {
            to.hours.protected_share = Some(Share(1.0));
            to.supply.rationing = Some(Rationing::FirmsFirst);
        }),
    ]
}

/// Sum over the days of what the storm is there to move.
#[derive(Default, Debug)]
struct Moved {
    aid: f64,
    upgrade: f64,
    drills: f64,
    rework: f64,
    breakdowns: f64,
    lost: f64,
    quits: f64,
    hires: f64,
    imports: f64,
}

impl Moved {
    fn with(mut self, row: &CityRow) -> Self {
        self.aid += row.hours_aid;
        self.upgrade += row.hours_upgrade;
        self.drills += row.hours_drills;
        self.rework += row.hours_rework;
        self.breakdowns += row.breakdowns;
        self.lost += row.orders_lost;
        self.quits += row.quits;
        self.hires += row.hires;
        self.imports += row.imports;
        self
    }
}

fn closes_through_the_storm(mut experiment: Experiment, sector: &str) {
    experiment.scenario.shocks = storm(sector);
    experiment.policy.changes = upheaval();
    for seed in 1..=3 {
        let mut city = settled(&experiment.run(), seed, AUDIT);
        let mut moved = Moved::default();
        for _ in 0..300 {
            city.step().unwrap_or_else(|breach| panic!("{breach}"));
            moved = moved.with(&city.city_row());
        }
        let Moved {
            aid,
            upgrade,
            drills,
            rework,
            breakdowns,
            lost,
            quits,
            hires,
            imports,
        } = moved;
        for flow in [
            aid, upgrade, drills, rework, breakdowns, lost, quits, hires, imports,
        ] {
            assert!(flow > 0.0, "the storm leaves something at rest: {moved:?}");
        }
    }
}

#[test]
fn harbour_closes_its_books_through_the_storm() {
    closes_through_the_storm(harbour(), "works");
}

#[test]
fn the_uk_closes_its_books_through_the_storm() {
    closes_through_the_storm(uk(10_000.0), "J");
}

#[test]
fn harbour_closes_its_books_at_any_tick() {
    for tick in [0.5, 0.25] {
        let mut experiment = harbour();
        experiment.city.tick = tick;
        experiment.scenario.shocks = storm("works");
        experiment.policy.changes = upheaval();
        let mut city = settled(&experiment.run(), 1, AUDIT);
        common::advance(&mut city, 300);
    }
}

/// A day of the city, step by step as the simulation does it.
fn live(world: &mut World, day: &mut Schedule, on: f64) -> Option<Breach> {
    world.resource_mut::<Today>().day = on;
    day.run(world);
    world.resource_mut::<Today>().tick += 1;
    world.resource_mut::<City>().breach.take()
}

/// Harbour after five days, on the third of which machines broke, tampered with, and then one day more.
fn tampered(tamper: impl FnOnce(&mut World)) -> Breach {
    tampered_under(AUDIT, tamper)
}

/// The same, with every team audited or sectors alone.
fn tampered_under(options: Options, tamper: impl FnOnce(&mut World)) -> Breach {
    let mut experiment = harbour();
    experiment.city.burn_in = 0;
    experiment.scenario.shocks = vec![Shock {
        hours: 200.0,
        ..Shock::new("storm", ShockKind::Damage, 0.3, 2.0, 0.0)
    }];
    let mut world = build(&experiment.run(), 1, 0, options);
    let mut day = schedule();
    for on in 0..5 {
        assert_eq!(live(&mut world, &mut day, f64::from(on)), None);
    }
    tamper(&mut world);
    live(&mut world, &mut day, 5.0).expect("the breach is seen")
}

#[test]
fn goods_from_nowhere_are_named_with_their_link_and_amount() {
    // Input 1 of the first team, which is of the port, comes from the workshops.
    for (options, entity) in [
        (Options::default(), "link 1 to port"),
        (AUDIT, "input 1 of team 0/0"),
    ] {
        let add = |world: &mut World| world.resource_mut::<Pantry>().stocks[1] += 0.125;
        let breach = tampered_under(options, add);
        assert_eq!((breach.day, breach.ledger), (5.0, Ledger::Goods));
        assert_eq!(breach.entity, entity);
        assert!((breach.amount - 0.125).abs() < 1e-9, "{breach}");
    }
}

#[test]
fn goods_that_change_teams_are_named_with_the_team() {
    let breach = tampered(|world| {
        let inputs = world.resource::<Today>().sectors[0].inputs.len();
        let stocks = &mut world.resource_mut::<Pantry>().stocks;
        stocks[1] -= 0.125;
        stocks[inputs + 1] += 0.125;
    });
    assert_eq!((breach.day, breach.ledger), (5.0, Ledger::Goods));
    assert_eq!(breach.entity, "input 1 of team 0/0");
    assert!((breach.amount + 0.125).abs() < 1e-9, "{breach}");
}

#[test]
fn money_from_nowhere_is_named_with_its_sector_and_amount() {
    let breach = tampered(|world| {
        let mut purses = world.query::<&mut Cash>();
        purses.iter_mut(world).last().expect("a team").balance += 2.5;
    });
    assert_eq!((breach.day, breach.ledger), (5.0, Ledger::Cash));
    assert_eq!(breach.entity, "sector town");
    assert!((breach.amount - 2.5).abs() < 1e-6, "{breach}");
}

#[test]
fn a_machine_that_breaks_without_a_job_is_named_with_its_team() {
    let breach = tampered(|world| {
        let machines = &mut world.resource_mut::<Machines>().0;
        let up = machines.iter().position(Machine::up);
        let machine = &mut machines[up.expect("a machine works")];
        // Waiting for a part that nobody ordered, so that no crew closes it today.
        machine.state = State::Waiting;
    });
    assert_eq!((breach.day, breach.ledger), (5.0, Ledger::Jobs));
    assert_eq!(breach.entity, "team 0/0");
    assert_eq!(breach.amount, -1.0);
}

#[test]
fn a_post_in_two_places_is_named_with_its_team() {
    let breach = read_again(|world| {
        let mut posts = world.query::<&mut Post>();
        let mut at_work = posts.iter_mut(world).filter(|post| post.present());
        at_work.next().expect("somebody works").whereabouts = Whereabouts::LaidOff;
    });
    assert_eq!((breach.day, breach.ledger), (0.0, Ledger::Posts));
    assert_eq!((&*breach.entity, breach.amount), ("team 0/0", -1.0));
}

#[test]
fn a_repair_that_waited_longer_than_counted_is_named_with_its_team() {
    let breach = tampered(|world| {
        let machines = &mut world.resource_mut::<Machines>().0;
        let down = machines.iter_mut().find(|machine| !machine.up());
        down.expect("a machine is down").created -= 1;
    });
    assert_eq!((breach.day, breach.ledger), (5.0, Ledger::Waits));
    assert_eq!(breach.amount, -1.0);
    assert!(
        breach.entity.starts_with("repair jobs of team "),
        "{breach}"
    );
}

#[test]
fn an_order_that_waited_longer_than_counted_is_named_with_its_sector() {
    let mut evenings = 0;
    let breach = tampered(|world| {
        let mut sectors = world.query::<&mut Sector>();
        let mut works = sectors.iter_mut(world).nth(1).expect("a second sector");
        // An order of 3 before all others, which no evening has counted.
        works.open.push_front(3.0);
        works.placed.push_front(3.0);
        evenings = works.open.len();
    });
    assert_eq!((breach.day, breach.ledger), (5.0, Ledger::Waits));
    assert_eq!(breach.entity, "final orders of sector works");
    let missing = 3.0 * evenings as f64;
    assert!((breach.amount + missing).abs() < 1e-9, "{breach}");
}

#[test]
fn a_stock_below_nothing_is_named_with_its_team() {
    let breach = read_again(|world| world.resource_mut::<Pantry>().stocks[1] = -0.25);
    assert_eq!((breach.day, breach.ledger), (0.0, Ledger::Goods));
    assert_eq!((&*breach.entity, breach.amount), ("team 0/0", -0.25));
}

/// What the reading says of a finished day with one number changed.
fn read_again(tamper: impl FnOnce(&mut World)) -> Breach {
    let mut experiment = harbour();
    experiment.city.burn_in = 0;
    let mut world = build(&experiment.run(), 1, 0, AUDIT);
    let mut day = schedule();
    assert_eq!(live(&mut world, &mut day, 0.0), None);
    // The day that was lived is read once more.
    world.resource_mut::<Today>().tick -= 1;
    tamper(&mut world);
    world.run_system_once(reading::look).expect("it can run");
    world
        .resource_mut::<City>()
        .breach
        .take()
        .expect("the breach is seen")
}

#[test]
fn an_hour_given_twice_is_named_with_its_team() {
    let breach = read_again(|world| {
        let mut books = world.query::<&mut HoursBook>();
        let mut second = books.iter_mut(world).nth(1).expect("a second team");
        second.given[Purpose::Idle as usize] += 3600;
    });
    assert_eq!((breach.day, breach.ledger), (0.0, Ledger::Hours));
    assert_eq!(breach.entity, "team 0/1");
    assert_eq!(breach.amount, 3600.0);
}

#[test]
fn a_delivery_that_nobody_made_is_named_with_its_sector() {
    let breach = read_again(|world| {
        let mut sectors = world.query::<&mut Sector>();
        for mut sector in sectors.iter_mut(world) {
            if sector.code == "works" {
                sector.final_served += 0.5;
            }
            // Today's stocks and cash are already last night's: take back what came and went.
            let (stock, goods) = (sector.stock_before.clone(), sector.goods.clone());
            for (k, before) in stock.iter().enumerate() {
                sector.stock_before[k] = before - goods.received[k] + goods.used[k];
            }
            let tally = sector.tally;
            sector.cash_before = tally.cash - tally.revenue + tally.cost + tally.surplus;
        }
    });
    assert_eq!((breach.day, breach.ledger), (0.0, Ledger::Goods));
    assert_eq!(breach.entity, "sector works");
    assert!((breach.amount + 0.5).abs() < 1e-9, "{breach}");
}

#[test]
fn every_hour_that_a_neighbour_gives_is_an_hour_that_arrives() {
    let mut experiment = harbour();
    experiment.scenario.shocks = storm("works");
    experiment.policy.changes = upheaval();
    let mut world = build(&experiment.run(), 1, 0, AUDIT);
    let mut day = schedule();
    let mut sent = 0;
    for on in 0..100 {
        assert_eq!(live(&mut world, &mut day, f64::from(on)), None);
        let mut books = world.query::<&HoursBook>();
        let (mut given, mut arrives) = (0, 0);
        for book in books.iter(&world) {
            given += book.given[Purpose::Aid as usize];
            arrives += book.received;
        }
        assert_eq!(given, arrives, "day {on}");
        sent += given;
    }
    assert!(sent > 0, "nobody helped");
}

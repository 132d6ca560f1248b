//! Building the world: sectors from their figures, teams on the grid, people and machines at rest.
//!
//! Every trait is drawn from the stationary distribution of its own law, so that the city starts at
//! rest; the burn-in named in the city file then settles what no closed form covers.

use crate::audit::Audit;
use crate::cascade::{Blame, Events};
use crate::drift::{process, wear};
use crate::gauge::{Gauge, Rolling};
use crate::keyed::{Keys, Stream};
use crate::lattice::blocks::{BLOCK, Block, BlockSum, Blocks, Pantry};
use crate::lattice::grid;
use crate::lattice::machine::{Machine, Machines, State};
use crate::lattice::operator::{Ability, Habit, OwnWork, Pocket, Post, Strain, Whereabouts};
use crate::lattice::sector::{City, Sector};
use crate::lattice::team::{
    Cash, Causes, Crew, HoursBook, Place, Project, Standing, TeamPhase, Trade, Upkeep, Work,
};
use crate::market::Market;
use crate::maths;
use crate::modules::{assignment, maintenance, training};
use crate::morning::Agenda;
use crate::parameters::Parameters;
use crate::phase::PhaseState;
use crate::rest::{AtRest, at_rest, cost_rate, output_hours, ratio, stationary_defects};
use crate::spec::{self, Run};
use crate::tally::{Goods, Tally};
use crate::today::{SectorToday, Today};
use bevy_ecs::world::World;
use rand::Rng;
use std::collections::VecDeque;

/// Switches for tests of the model itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Check every team's ledgers, posts and waits among them, not only sector sums.
    pub audit: bool,
    /// Replace all readings by zeros: they must never steer.
    pub readings_off: bool,
    /// Make a draw for each operator that nothing uses: draws must be independent.
    pub extra_draw: bool,
}

/// Builds the world of a run.
#[allow(clippy::too_many_lines, reason = "one list of all that a world holds")]
pub fn build(run: &Run, seed: u64, replicate: u32, options: Options) -> World {
    let keys = Keys::new(seed, replicate);
    let city = &run.city;
    let dt = city.tick;
    let rest: Vec<AtRest> = (0..city.sectors.len())
        .map(|k| at_rest(city, k, keys))
        .collect();
    let n = rest.len();
    let teams_per_sector: Vec<usize> = rest.iter().map(|sector| sector.sizes.len()).collect();
    let (cells, patches) = grid::tile(&teams_per_sector);

    let mut world = World::new();
    let mut machines = Machines::default();
    let mut pantry = Pantry {
        width: n + 1,
        ..Pantry::default()
    };
    let mut places = Vec::new();
    let mut norms = Vec::new();
    for (k, sector) in rest.iter().enumerate() {
        let centrality = grid::centrality(&cells[k], patches[k]);
        place_teams(&mut places, city, k, sector, &cells[k], &centrality);
    }
    for place in &places {
        let sector = &rest[usize::from(place.sector)];
        let teams = cells[usize::from(place.sector)].len();
        let people = people(place, city, sector, keys, teams);
        norms.push(norm(&people));
        world.spawn_batch(people);
        machines.0.extend(equipment(place, sector, keys, dt));
        for input in &sector.inputs {
            let daily = input.coefficient * place.output_at_rest;
            pantry
                .stocks
                .push(daily * input.stock_days * sector.rules.supply.stock_scale.0);
            pantry.ordered.push(daily * dt);
        }
    }
    let all_cells: Vec<_> = places
        .iter()
        .map(|place| grid::Cell {
            x: place.cell.0,
            y: place.cell.1,
        })
        .collect();
    let all_sectors: Vec<u16> = places.iter().map(|place| place.sector).collect();
    let neighbours = grid::neighbours(city.lattice, &all_cells, &all_sectors, keys);
    let blocks = cut_blocks(&places);
    world.spawn_batch(
        places
            .into_iter()
            .map(|place| {
                let sector = &rest[usize::from(place.sector)];
                let own = &machines.0[place.machines.0 as usize..][..place.machines.1 as usize];
                let latent = own
                    .iter()
                    .filter(|machine| machine.state == State::Latent)
                    .count();
                team(place, sector, latent as u32)
            })
            .collect::<Vec<_>>(),
    );

    let mut market = Market::new(n);
    for (user, sector) in rest.iter().enumerate() {
        for supplier in 0..n {
            market.firm_orders[supplier * n + user] =
                sector.inputs[supplier].coefficient * sector.output * dt;
        }
        market.import_orders[user] = sector.inputs[n].coefficient * sector.output * dt;
    }
    world.spawn_batch(
        (0..n)
            .map(|k| sector_entity(city, k, &rest[k], n, dt))
            .collect::<Vec<_>>(),
    );
    world.insert_resource(Today {
        keys,
        tick: 0,
        dt,
        day: -f64::from(city.burn_in),
        sectors: rest.iter().map(|sector| news(sector, n, dt)).collect(),
        norms,
        neighbours,
        roles: city.roles.values().copied().collect(),
        readings_off: options.readings_off,
        extra_draw: options.extra_draw,
    });
    let rules = rest.iter().map(|sector| sector.rules).collect();
    world.insert_resource(Agenda::of(run, rules, keys));
    let Parameters {
        phases, warnings, ..
    } = city.parameters;
    world.insert_resource(City {
        tally: Tally::default(),
        rolling: Rolling::default(),
        gauge: Gauge::default(),
        phase: PhaseState::settled(3),
        phases,
        warnings,
        cost_at_rest: rest
            .iter()
            .filter(|s| s.posts > 0)
            .map(|s| s.output * cost_rate(s))
            .sum::<f64>()
            / rest
                .iter()
                .filter(|s| s.posts > 0)
                .map(|s| s.output)
                .sum::<f64>()
                .max(1e-300),
        watch: crate::warning::Watch::default(),
        breach: None,
    });
    world.insert_resource(market);
    world.insert_resource(machines);
    world.insert_resource(pantry);
    world.insert_resource(blocks);
    world.insert_resource(Events::default());
    world.insert_resource(Audit::new(options.audit));
    world
}

/// Places the teams of a sector on the grid, with their share of its output and hours.
fn place_teams(
    places: &mut Vec<Place>,
    city: &spec::City,
    k: usize,
    sector: &AtRest,
    cells: &[grid::Cell],
    centrality: &[f32],
) {
    let rules = &sector.rules;
    let (_, figures) = city.sectors.get_index(k).expect("k counts sectors");
    let roles: Vec<(usize, f64)> = figures
        .roles
        .iter()
        .filter_map(|(name, share)| {
            city.roles
                .get_index_of(name)
                .map(|index| (index.min(7), *share))
        })
        .collect();
    let links = sector
        .inputs
        .iter()
        .filter(|input| input.coefficient > 0.001)
        .count() as u32;
    for (t, &size) in sector.sizes.iter().enumerate() {
        let (posts, machine_start) = places.last().map_or((0, 0), |last| {
            (
                last.posts.0 + last.posts.1,
                last.machines.0 + last.machines.1,
            )
        });
        let machines = (size as f64 * rules.tools.machines_per_operator.0).round() as u32;
        let weight = size as f64 / sector.posts as f64;
        let output = sector.output * weight;
        let hours = output_hours(sector, size, machines, links);
        let counts = role_counts(&roles, size);
        places.push(Place {
            sector: k as u16,
            team: t as u32,
            cell: (cells[t].x, cells[t].y),
            centrality: centrality[t],
            posts: (posts, size as u32),
            machines: (machine_start, machines),
            roles: counts,
            output_at_rest: output,
            weight,
            labour: if output > 0.0 {
                hours
                    * training::speed(sector.skill as f32, rules.training.untrained_speed.0 as f32)
                        as f64
                    / (output * (1.0 - rules.shortcuts.labour_saving.0 * sector.shortcut))
            } else {
                0.0
            },
            output_hours_at_rest: hours,
            errors_at_rest: sector.errors * role_error(city, counts, size) / sector.role_error,
            wage: sector.wage,
            links,
        });
    }
}

/// Mean error of a team's roles over that of the base task.
fn role_error(city: &spec::City, counts: [u8; 8], size: usize) -> f64 {
    if city.roles.is_empty() {
        return 1.0;
    }
    let roles = city.roles.values().zip(counts);
    let sum: f64 = roles
        .map(|(role, posts)| role.error * f64::from(posts))
        .sum();
    sum / size as f64
}

/// Posts a role in a team: the mix of the sector by largest fractions, the rest to the first role.
fn role_counts(roles: &[(usize, f64)], size: usize) -> [u8; 8] {
    let mut counts = [0u8; 8];
    let total: f64 = roles.iter().map(|(_, share)| share).sum();
    if total <= 0.0 {
        counts[0] = size.min(255) as u8;
        return counts;
    }
    let exact: Vec<(usize, f64)> = roles
        .iter()
        .map(|(role, share)| (*role, share / total * size as f64))
        .collect();
    for (role, posts) in &exact {
        counts[*role] += posts.floor().min(255.0) as u8;
    }
    let mut order: Vec<&(usize, f64)> = exact.iter().collect();
    order.sort_by(|a, b| {
        (b.1 - b.1.floor())
            .total_cmp(&(a.1 - a.1.floor()))
            .then(a.0.cmp(&b.0))
    });
    let mut missing = size.saturating_sub(counts.iter().map(|&count| usize::from(count)).sum());
    for (role, _) in order.into_iter().cycle().take(roles.len() * (missing + 1)) {
        if missing == 0 {
            break;
        }
        counts[*role] = counts[*role].saturating_add(1);
        missing -= 1;
    }
    counts
}

/// A person as built.
type Person = (Post, Ability, Strain, Habit, OwnWork, Pocket);

/// Share of shortcut takers among those present: the example that neighbours saw yesterday.
fn norm(people: &[Person]) -> f32 {
    let present = people.iter().filter(|(post, ..)| post.present());
    let (count, habits) = present.fold((0.0, 0.0), |(count, habits), person| {
        (count + 1.0, habits + person.3.0)
    });
    if count > 0.0 { habits / count } else { 0.0 }
}

/// The people of a team, each from the stationary law of tenure, absence and certificates.
fn people(
    place: &Place,
    city: &spec::City,
    sector: &AtRest,
    keys: Keys,
    teams: usize,
) -> Vec<Person> {
    let rules = &sector.rules;
    let draw = keys.at(Stream::World, 1);
    let regard = ((rules.trust.worker_breaking.0 - rules.hours.rest_pressure.0)
        * rules.trust.worker_slope.0)
        .clamp(0.0, 1.0);
    let seeded = in_seed_block(place, teams, rules.shortcuts.seed_block.0);
    let roles: Vec<u8> = place
        .roles
        .iter()
        .enumerate()
        .flat_map(|(role, &count)| std::iter::repeat_n(role as u8, count.into()))
        .collect();
    (0..place.posts.1 as usize)
        .map(|k| {
            let id = place.id(k);
            let mut generator = draw.generator(id);
            let [vacant, absent, tenure, paper, habit] =
                std::array::from_fn(|_| generator.next_u64());
            let fit = assignment::draw_fit(&rules.staff, &mut generator);
            let whereabouts = if maths::unit(vacant) >= sector.filled {
                Whereabouts::Vacant
            } else if maths::unit(absent) < rules.staff.absence.0 {
                Whereabouts::Absent
            } else {
                Whereabouts::Present
            };
            let role = roles.get(k).copied().unwrap_or(0);
            let days = ratio(maths::exponential(tenure), rules.staff.quit_rate.0);
            let skill = skill_after_tenure(city, rules, role, days);
            let shortcut = seeded
                || maths::unit(habit)
                    < if rules.shortcuts.seed_block.0 > 0.0 {
                        0.0
                    } else {
                        sector.shortcut
                    };
            (
                Post {
                    whereabouts,
                    role,
                    hires: 0,
                    certificate: (maths::unit(paper) * rules.training.certificate_life.0) as f32,
                },
                Ability {
                    skill: skill as f32,
                    fit,
                },
                Strain {
                    fatigue: rules.hours.rest_pressure.0 as f32,
                    trust: regard as f32,
                },
                Habit(if shortcut { 1.0 } else { 0.0 }),
                OwnWork {
                    load: (rules.hours.rest_pressure.0 / (1.0 + rules.staff.overtime.0)) as f32,
                    ..OwnWork::default()
                },
                Pocket(PhaseState::settled(3)),
            )
        })
        .collect()
}

/// Skill of a person who came as a newcomer so many days ago; of those who never leave, their last.
fn skill_after_tenure(city: &spec::City, rules: &Parameters, role: u8, days: f64) -> f64 {
    let slow = city
        .roles
        .get_index(role.into())
        .map_or(1.0, |(_, role)| role.training);
    let (learning, fading) = training::rates_at_rest(rules, slow);
    let rate = learning + fading;
    let mastery = ratio(learning, rate);
    if rules.staff.quit_rate.0 > 0.0 {
        mastery - (mastery - rules.training.newcomer_skill.0) * maths::exp(-rate * days)
    } else if rate > 0.0 {
        mastery
    } else {
        rules.training.newcomer_skill.0
    }
}

/// Whether a team lies in the square of seeds in the middle of its patch.
fn in_seed_block(place: &Place, teams: usize, side: f64) -> bool {
    if side <= 0.0 {
        return false;
    }
    let width = libm::ceil(libm::sqrt(teams as f64));
    let height = libm::ceil(teams as f64 / width);
    let (x, y) = (
        f64::from(place.team) % width,
        libm::floor(f64::from(place.team) / width),
    );
    let inside = |v: f64, span: f64| {
        let low = libm::floor((span - side) / 2.0);
        v >= low && v < low + side
    };
    inside(x, width) && inside(y, height)
}

/// The machines of a team, spread evenly over the overhaul cycle.
fn equipment(place: &Place, sector: &AtRest, keys: Keys, dt: f64) -> Vec<Machine> {
    let rules = &sector.rules;
    let ((young, old), _) = stationary_defects(rules);
    let latent_share = sector.defect_rate * rules.wear.delay.0 * (1.0 - sector.rates.caught);
    let (draw, spans) = (keys.at(Stream::World, 2), keys.at(Stream::World, 3));
    let count = place.machines.1;
    (0..count as usize)
        .map(|k| {
            let id = place.id(k);
            let word = draw.word(id);
            // The round reaches machine 0 next, so it is the oldest.
            let since = 1.0 - (k as f64 + 0.5) / f64::from(count);
            let age = (young + (old - young) * since) as f32;
            let latent = maths::unit(word) < latent_share;
            let span = spans.word(id);
            let clock = if latent {
                (rules.wear.delay.0 * maths::exponential(span)) as f32
            } else {
                wear::wind_up(&rules.wear, age, span, dt)
            };
            let state = if latent { State::Latent } else { State::Sound };
            Machine {
                age,
                clock,
                renewed: age,
                work: 0,
                created: 0,
                state,
            }
        })
        .collect()
}

type TeamBundle = (
    (Place, Crew, HoursBook, Trade, Upkeep, Work, Standing),
    (Cash, Project, Rolling, Gauge, TeamPhase, Causes, Tally),
);

fn team(place: Place, sector: &AtRest, latent: u32) -> TeamBundle {
    let rules = &sector.rules;
    let posts = f64::from(place.posts.1);
    let crew = Crew {
        pressure: rules.hours.rest_pressure.0,
        pressure_mean: rules.hours.rest_pressure.0,
        speed: 1.0,
        ..Crew::default()
    };
    let parts = sector.defect_rate * f64::from(place.machines.1);
    let upkeep = Upkeep {
        up: place.machines.1,
        latent,
        spares: [maintenance::base_stock(&rules.maintenance, parts), 0],
        ..Upkeep::default()
    };
    let standing = Standing {
        customers: sector.customers,
        suppliers: 1.0,
        buyers: 1.0,
    };
    let cash = Cash {
        balance: rules.finance.cash_target.0 * place.wage * posts,
        ..Cash::default()
    };
    let project = Project {
        left: 0,
        due: 0.0,
        machine_factor: 1.0,
        labour_factor: 1.0,
        links: 0,
        mastery: 1.0,
    };
    let trade = Trade {
        made: place.output_at_rest,
        ..Trade::default()
    };
    let work = Work {
        drift: process::at_rest(rules),
        ..Work::default()
    };
    let phase = TeamPhase {
        state: PhaseState::settled(3),
        starved_days: 0.0,
    };
    (
        (
            place,
            crew,
            HoursBook::default(),
            trade,
            upkeep,
            work,
            standing,
        ),
        (
            cash,
            project,
            Rolling::default(),
            Gauge::default(),
            phase,
            Causes::default(),
            Tally::default(),
        ),
    )
}

/// Cuts the teams into blocks that do not cross sector borders.
fn cut_blocks(places: &[Place]) -> Blocks {
    let mut starts: Vec<Block> = Vec::new();
    let mut in_block = 0;
    for (k, place) in places.iter().enumerate() {
        let new = starts.last().is_none_or(|last| last.sector != place.sector) || in_block == BLOCK;
        if new {
            in_block = 0;
            starts.push(Block {
                sector: place.sector,
                team: k as u32,
                post: place.posts.0,
                machine: place.machines.0,
            });
        }
        in_block += 1;
    }
    let sums = vec![BlockSum::default(); starts.len()];
    let end = places.last().map_or((0, 0), |last| {
        (
            last.posts.0 + last.posts.1,
            last.machines.0 + last.machines.1,
        )
    });
    starts.push(Block {
        sector: u16::MAX,
        team: places.len() as u32,
        post: end.0,
        machine: end.1,
    });
    Blocks { starts, sums }
}

fn news(sector: &AtRest, n: usize, dt: f64) -> SectorToday {
    let rules = &sector.rules;
    let tasks = sector.filled
        * (1.0 - rules.staff.absence.0)
        * rules.hours.rest_pressure.0
        * rules.staff.duty_hours.0
        / rules.error.task_hours.0;
    let mut fill = vec![1.0; n];
    fill.push(0.0);
    SectorToday {
        rules: *rules,
        rates: sector.rates,
        hazard: wear::HazardTable::new(&rules.wear),
        inputs: sector.inputs.clone(),
        orders: 0.0,
        forecast: sector.output,
        pull: sector.customers,
        kept: 0.0,
        hiring: 1.0,
        hits: Vec::new(),
        fill,
        arrivals: vec![0.0; n + 1],
        on_way: vec![0.0; n + 1],
        price: vec![1.0; n + 1],
        imports: 1.0,
        trust_at_rest: sector.customers,
        tax_rate: sector.tax_rate,
        spare_price: sector.wage * rules.finance.spare_price.0,
        machine_price: sector.wage * rules.finance.machine_price.0,
        supplier_event: vec![0; n + 1],
        policy_event: 0,
        demand: Blame::default(),
        risk_at_rest: rules.safety.per_shortcut_tasks.0 / 1000.0
            * sector.shortcut.max(0.005)
            * tasks
            * dt,
        parts_per_machine: sector.defect_rate,
        value_added_rate: sector.value_added_rate,
    }
}

fn sector_entity(city: &spec::City, k: usize, sector: &AtRest, n: usize, dt: f64) -> Sector {
    let (code, figures) = city.sectors.get_index(k).expect("k counts sectors");
    let slots = (sector.rules.supply.import_lead.0 / dt).round().max(1.0) as usize - 1;
    let daily_imports = sector.inputs[n].coefficient * sector.output * dt;
    let mut transit = vec![VecDeque::from(vec![0.0; slots]); n];
    transit.push(VecDeque::from(vec![daily_imports; slots]));
    let mut transit_at_rest = vec![0.0; n];
    transit_at_rest.push(daily_imports * slots as f64);
    let pool = sector.rules.staff.labour_pool.0 * sector.posts as f64;
    let stocks: Vec<f64> = sector
        .inputs
        .iter()
        .map(|input| {
            input.coefficient * sector.output * input.stock_days * sector.rules.supply.stock_scale.0
        })
        .collect();
    let mut goods = Goods::default();
    goods.clear(n + 1);
    Sector {
        code: code.clone(),
        name: figures.name.clone(),
        rules: sector.rules,
        output_at_rest: sector.output,
        final_at_rest: sector.finals,
        staffed: sector.posts > 0,
        final_orders: 0.0,
        wave: 0.0,
        recent: VecDeque::new(),
        open: VecDeque::new(),
        placed: VecDeque::new(),
        lost: 0.0,
        waited: [0.0; 2],
        final_served: 0.0,
        due: [0.0; 2],
        firms: [0.0; 2],
        transit,
        transit_at_rest,
        pool,
        pool_at_rest: pool,
        goods,
        stock_before: stocks,
        cash_before: sector.rules.finance.cash_target.0 * sector.wage * sector.posts as f64,
        tally: Tally::default(),
        rolling: Rolling::default(),
        gauge: Gauge::default(),
        phase: PhaseState::settled(3),
        teams_in_phase: [0; 4],
        operators_in_phase: [0; 4],
        hurt: Blame::default(),
        price: 1.0,
        came: vec![0.0; n + 1],
        sent: vec![0.0; n + 1],
        transit_before: vec![0.0; n + 1],
        cost_at_rest: cost_rate(sector),
    }
}

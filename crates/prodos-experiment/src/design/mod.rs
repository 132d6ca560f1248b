//! The points of a design: which values each has, and the experiment that it is.
//!
//! Points are a function of the experiment alone. They come block by block; of a block point by point, and of a
//! point scenario by scenario and policy by policy, so that more points come behind those that there are.

mod law;
pub mod sample;
mod sobol;

use indexmap::IndexMap;
use law::value;
use prodos_config::design::{Block, Points, Setting, Variable};
use prodos_config::formula::{self, Formula};
use prodos_config::{Diagnostics, Experiment, Override, with_overrides};
use sample::Latin;

/// One point of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Which block it is of.
    pub block: usize,
    /// Its scenario among those of the block; none where the block has none.
    pub scenario: Option<usize>,
    /// Its policy among those of the block; none where the block has none.
    pub policy: Option<usize>,
    /// The value of each path of the block, in their order.
    pub values: Vec<Setting>,
}

/// The points of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Every point, by its number.
    pub points: Vec<Point>,
    /// Points of each block that are left out, since something that must hold does not.
    pub left_out: Vec<usize>,
}

/// The points of an experiment; one without a design has one, and no values.
pub fn plan(experiment: &Experiment) -> Plan {
    let mut plan = Plan {
        points: Vec::new(),
        left_out: Vec::new(),
    };
    if experiment.design.is_empty() {
        plan.points.push(Point {
            block: 0,
            scenario: None,
            policy: None,
            values: Vec::new(),
        });
    }
    for (index, block) in experiment.design.iter().enumerate() {
        let conditions: Vec<Formula> = block
            .such_that
            .iter()
            .filter_map(|text| formula::parse(text).ok())
            .collect();
        let mut left_out = 0;
        for values in settings(block, experiment.seed) {
            if conditions.iter().all(|own| holds(own, block, &values)) {
                variants(index, block, &values, &mut plan.points);
            } else {
                left_out += 1;
            }
        }
        plan.left_out.push(left_out);
    }
    plan
}

/// A point with each scenario and each policy of its block.
fn variants(index: usize, block: &Block, values: &[Setting], points: &mut Vec<Point>) {
    let each = |count: usize| -> Vec<Option<usize>> {
        match count {
            0 => vec![None],
            _ => (0..count).map(Some).collect(),
        }
    };
    for scenario in each(block.scenarios.len()) {
        for policy in each(block.policies.len()) {
            points.push(Point {
                block: index,
                scenario,
                policy,
                values: values.to_vec(),
            });
        }
    }
}

/// The experiment at a point, without a design. Fails where it cannot be run with these values.
pub fn at_point(experiment: &Experiment, point: &Point) -> Result<Experiment, Diagnostics> {
    let own = variant(experiment, point);
    let Some(block) = experiment.design.get(point.block) else {
        return Ok(own);
    };
    let paths = block.paths().zip(&point.values);
    let overrides: Vec<Override> = paths
        .map(|(path, value)| Override::new(path, value))
        .collect();
    if overrides.is_empty() {
        return Ok(own);
    }
    with_overrides(&own, &overrides)
}

/// The experiment with scenario and policy of a point, without a design.
pub(crate) fn variant(experiment: &Experiment, point: &Point) -> Experiment {
    let mut own = Experiment {
        design: Vec::new(),
        branch_at: 0,
        ..experiment.clone()
    };
    let Some(block) = experiment.design.get(point.block) else {
        return own;
    };
    let named = |index: Option<usize>| index.unwrap_or(usize::MAX);
    if let Some((_, scenario)) = block.scenarios.get_index(named(point.scenario)) {
        own.scenario = scenario.clone();
    }
    if let Some((_, policy)) = block.policies.get_index(named(point.policy)) {
        own.policy = policy.clone();
    }
    own
}

/// The experiment of a run that begins as one says and goes on from a day under the scenario and policy of another:
/// a design of these alone.
pub(crate) fn parted(before: &Experiment, after: &Experiment, day: u32) -> Experiment {
    let (scenario, policy) = (&after.scenario, &after.policy);
    Experiment {
        scenario: before.scenario.clone(),
        policy: before.policy.clone(),
        until: None,
        branch_at: day,
        design: vec![Block {
            name: String::new(),
            vary: IndexMap::new(),
            points: Points::Factorial,
            count: 0,
            levels: 0,
            list: Vec::new(),
            such_that: Vec::new(),
            scenarios: [(scenario.name.clone(), scenario.clone())].into(),
            policies: [(policy.name.clone(), policy.clone())].into(),
        }],
        ..after.clone()
    }
}

/// The values of every point of a block.
fn settings(block: &Block, seed: u64) -> Vec<Vec<Setting>> {
    let numbers = block.vary.len();
    let count = block.count;
    let cube = match block.points {
        Points::Factorial => return factorial(block),
        Points::Zip => return zip(block),
        Points::List => return listed(block),
        Points::Random => sample::random(numbers, count, seed),
        Points::LatinHypercube => sample::latin_hypercube(numbers, count, Latin::Random, seed),
        Points::LatinCentred => sample::latin_hypercube(numbers, count, Latin::Centred, seed),
        Points::LatinMaximin => sample::latin_hypercube(numbers, count, Latin::Maximin, seed),
        Points::Sobol => sample::sobol(numbers, count, seed),
        Points::Saltelli => sample::saltelli(numbers, count, false, seed),
        Points::SaltelliSecond => sample::saltelli(numbers, count, true, seed),
        Points::Morris => sample::trajectories(numbers, count, seed)
            .into_iter()
            .flat_map(|walk| walk.points)
            .collect(),
        Points::OneAtATime => sample::one_at_a_time(numbers),
    };
    let point = |place: Vec<f64>| {
        let pairs = block.vary.values().zip(place);
        pairs
            .map(|(variable, place)| value(variable, place))
            .collect()
    };
    cube.into_iter().map(point).collect()
}

/// Each combination, the last path fastest.
fn factorial(block: &Block) -> Vec<Vec<Setting>> {
    let levels = |own: &Variable| match own {
        Variable::Values { values } => values.clone(),
        Variable::Range(_) => {
            let last = f64::from(block.levels.max(2) - 1);
            let places = (0..=last as u32).map(|level| f64::from(level) / last);
            places.map(|place| value(own, place)).collect()
        }
    };
    let mut points: Vec<Vec<Setting>> = vec![Vec::new()];
    for own in block.vary.values() {
        let values = levels(own);
        let longer = |point: &Vec<Setting>| {
            let point = point.clone();
            let with = move |value: &Setting| [&point, std::slice::from_ref(value)].concat();
            values.iter().map(with).collect::<Vec<_>>()
        };
        points = points.iter().flat_map(longer).collect();
    }
    points
}

/// The first values of all paths, then the second ones.
fn zip(block: &Block) -> Vec<Vec<Setting>> {
    let values = |own: &Variable| match own {
        Variable::Values { values } => values.clone(),
        Variable::Range(_) => Vec::new(),
    };
    let columns: Vec<Vec<Setting>> = block.vary.values().map(values).collect();
    let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
    let row = |row: usize| columns.iter().map(|column| column[row].clone()).collect();
    (0..rows).map(row).collect()
}

/// The points that are listed, each in the order of the first.
fn listed(block: &Block) -> Vec<Vec<Setting>> {
    let paths = block.paths();
    let point = |own: &indexmap::IndexMap<String, Setting>| {
        let values = paths.clone().filter_map(|path| own.get(path).cloned());
        values.collect()
    };
    block.list.iter().map(point).collect()
}

/// Whether a formula of varied numbers holds: it is not 0.
fn holds(formula: &Formula, block: &Block, values: &[Setting]) -> bool {
    let number = |name: &str| {
        let place = block.paths().position(|path| path == name);
        let value = place.and_then(|place| values.get(place));
        value.and_then(Setting::number).unwrap_or(f64::NAN)
    };
    amount(formula, &number) != 0.0
}

fn amount(formula: &Formula, number: &dyn Fn(&str) -> f64) -> f64 {
    match formula {
        Formula::Number(value) => *value,
        Formula::Name(name) => number(name),
        Formula::Minus(inside) => -amount(inside, number),
        Formula::Pair(operator, left, right) => {
            operator.apply(amount(left, number), amount(right, number))
        }
        // Refused where the design is read.
        Formula::Call(..) => f64::NAN,
    }
}

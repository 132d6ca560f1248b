//! From files to a complete experiment: the defaults of everything that was not said, and the
//! parameters of all layers folded into the city.
//!
//! Parameters fold in the order defaults, city, scenario, policy, experiment, command line: later
//! wins. A policy's levers are not folded into the city: they take hold on day 0, so that the city at
//! rest is the same under every policy and what a policy costs is not calibrated away. A value for one sector is more specific than a value for the city and wins over it from
//! whatever layer; `--set sectors.C.wear.shape=2` reaches it.

use crate::design::{Block, Law, Points, Range, Variable};
use crate::diagnostics::Problem;
use crate::experiment::{Experiment, Record, Rows};
use crate::files::{
    BlockFile, BySector, CityFile, ExperimentFile, PolicyFile, RecordFile, ScenarioFile,
    SectorFile, VariableFile,
};
use crate::nearest;
use crate::node::Node;
use crate::typed::LeftOut;
use indexmap::IndexMap;
use prodos_model::parameters::{Parameters, ParametersPatch};
use prodos_model::spec::{Change, City, Lattice, Neighbourhood, Policy, Role, Scenario, Sector};

/// The role of everybody where a city file names no roles.
const GENERAL: &str = "general";

/// Fills in what was not said; notes what cannot be left unsaid.
pub(crate) fn fill(
    file: ExperimentFile,
    tree: &Node,
    left_out: &LeftOut,
    problems: &mut Vec<Problem>,
) -> Experiment {
    let layers = [
        (
            &file.scenario.parameters,
            &file.scenario.sectors,
            "scenario",
        ),
        (&file.parameters, &file.sectors, ""),
    ];
    if file.city.is_none() && !left_out.contains("city") {
        problems.push(
            Problem::new("missing", "the experiment names no city")
                .at(tree.locate_key(&["name"]), "this needs `city`")
                .note("example", "city: \"../cities/harbour.ron\""),
        );
    }
    let has_city = file.city.is_some();
    let (mut city, mut patch) = city(file.city.unwrap_or_default(), tree, left_out, problems);
    for (parameters, sectors, layer) in layers {
        patch.merge(parameters);
        if has_city {
            fold_sectors(&mut city, sectors, layer, tree, problems);
        }
    }
    city.parameters.apply(&patch);
    if has_city {
        known_sectors(&city, &file.policy.sectors, "policy", tree, problems);
    }
    for (index, own) in file.design.iter().enumerate() {
        refuse_numbers_of_scenarios(&index.to_string(), own, tree, problems);
    }
    let fold = |own| policy(own, &city, &file.parameters, &file.sectors);
    let design = file.design.into_iter().map(|own| block(own, fold));
    let design: Vec<Block> = design.collect();
    let policy = fold(file.policy);
    let replicates = file.replicates.unwrap_or(1);
    let rows = if design.is_empty() && replicates <= 1 && file.until.is_none() {
        Rows::Series
    } else {
        Rows::Summary
    };
    Experiment {
        name: file.name.unwrap_or_else(|| "experiment".to_owned()),
        question: file.question.unwrap_or_default(),
        headline: file.headline.unwrap_or_else(|| "output_mean".to_owned()),
        city,
        scenario: scenario(file.scenario),
        policy,
        seed: file.seed.unwrap_or(1),
        replicates,
        first_replicate: file.first_replicate.unwrap_or(0),
        days: file.days.unwrap_or(365),
        branch_at: file.branch_at.unwrap_or(0),
        until: file.until,
        stop: file.stop,
        record: record(file.record, rows),
        design,
    }
}

/// A block with the defaults of what its file leaves out; `fold` makes a policy of a file of one.
fn block(file: BlockFile, fold: impl Fn(PolicyFile) -> Policy) -> Block {
    let vary: IndexMap<String, Variable> = file
        .vary
        .into_iter()
        .map(|(path, own)| (path, variable(own)))
        .collect();
    let points = if file.list.is_empty() {
        Points::Factorial
    } else {
        Points::List
    };
    let policies = file.policies.into_iter();
    let scenarios = file.scenarios.into_iter();
    Block {
        name: file.name.unwrap_or_default(),
        vary,
        points: file.points.unwrap_or(points),
        count: file.count.unwrap_or(0),
        levels: file.levels.unwrap_or(0),
        list: file.list,
        such_that: file.such_that,
        scenarios: scenarios.map(|(name, own)| (name, scenario(own))).collect(),
        policies: policies.map(|(name, own)| (name, fold(own))).collect(),
    }
}

/// Notes scenarios of a block that bring numbers: runs of one world share their past, in which these would be others.
fn refuse_numbers_of_scenarios(
    index: &str,
    block: &BlockFile,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    for (name, own) in &block.scenarios {
        let parts = [
            ("parameters", own.parameters == ParametersPatch::default()),
            ("sectors", own.sectors.is_empty()),
        ];
        for (part, _) in parts.into_iter().filter(|(_, empty)| !empty) {
            problems.push(
                Problem::new(
                    "wrong-value",
                    format!("a scenario of a design brings shocks and connectors, and `{name}` brings `{part}`"),
                )
                .at(tree.locate(&["design", index, "scenarios", name]), String::new())
                .note("help", "vary these numbers with `vary`, or give each such scenario an experiment of its own"),
            );
        }
    }
}

/// A range, where it has ends; else values.
fn variable(file: VariableFile) -> Variable {
    let (Some(from), Some(to)) = (file.from, file.to) else {
        return Variable::Values {
            values: file.values.unwrap_or_default(),
        };
    };
    let law = file.law.unwrap_or(Law::Uniform);
    let middle = matches!(law, Law::Triangular | Law::Normal).then_some(f64::midpoint(from, to));
    let deviation = (law == Law::Normal).then_some((to - from) / 4.0);
    Variable::Range(Range {
        from,
        to,
        law,
        middle: file.middle.or(middle),
        deviation: file.deviation.or(deviation),
        step: file.step.unwrap_or(0.0),
    })
}

fn fold_sectors(
    city: &mut City,
    sectors: &BySector,
    layer: &str,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    known_sectors(city, sectors, layer, tree, problems);
    for (code, patch) in sectors {
        if let Some(sector) = city.sectors.get_mut(code) {
            sector.parameters.merge(patch);
        }
    }
}

/// Notes codes in a layer's map of sectors that the city does not have.
fn known_sectors(
    city: &City,
    sectors: &BySector,
    layer: &str,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    for code in sectors
        .keys()
        .filter(|code| !city.sectors.contains_key(*code))
    {
        let path: Vec<&str> = [layer, "sectors", code]
            .into_iter()
            .filter(|step| !step.is_empty())
            .collect();
        problems.push(unknown_sector(code, tree.locate_key(&path), &city.sectors));
    }
}

/// A sector code that the city does not have.
pub(crate) fn unknown_sector(
    code: &str,
    place: crate::node::Span,
    sectors: &IndexMap<String, Sector>,
) -> Problem {
    let codes = || sectors.keys().map(String::as_str);
    Problem::new("unknown-sector", format!("there is no sector `{code}`"))
        .at(
            place,
            nearest::question(code, codes()).unwrap_or_else(|| "no such code".to_owned()),
        )
        .note("allowed", nearest::list(codes()))
}

/// A city with the defaults of what its file leaves out, and its parameters still as a patch.
fn city(
    file: CityFile,
    tree: &Node,
    left_out: &LeftOut,
    problems: &mut Vec<Problem>,
) -> (City, ParametersPatch) {
    let mut roles = file.roles;
    if roles.is_empty() {
        roles.insert(
            GENERAL.to_owned(),
            Role {
                error: 1.0,
                training: 1.0,
            },
        );
    }
    let mut sectors = IndexMap::new();
    for (code, sector_file) in file.sectors {
        let filled = sector(&code, sector_file, &roles, tree, left_out, problems);
        sectors.insert(code, filled);
    }
    let city = City {
        name: file.name.unwrap_or_else(|| "city".to_owned()),
        start: file.start.unwrap_or_else(|| "2019-01-01".to_owned()),
        currency: file.currency.unwrap_or_else(|| "units".to_owned()),
        scale: file.scale.unwrap_or(1.0),
        tick: file.tick.unwrap_or(1.0),
        burn_in: file.burn_in.unwrap_or(365),
        lattice: Lattice {
            neighbourhood: file.lattice.neighbourhood.unwrap_or(Neighbourhood::Moore),
            across_sectors: file.lattice.across_sectors.unwrap_or(false),
            degree: file.lattice.degree.unwrap_or(4.0),
        },
        roles,
        sectors,
        organs: file.organs,
        necessities: file.necessities,
        parameters: Parameters::default(),
    };
    (city, file.parameters)
}

fn sector(
    code: &str,
    file: SectorFile,
    roles: &IndexMap<String, Role>,
    tree: &Node,
    left_out: &LeftOut,
    problems: &mut Vec<Problem>,
) -> Sector {
    let mut needed = |name: &str, value: Option<f64>| {
        value.unwrap_or_else(|| {
            if !left_out.contains(&format!("city.sectors.{code}.{name}")) {
                problems.push(
                    Problem::new(
                        "missing",
                        format!("sector `{code}` does not say its `{name}`"),
                    )
                    .at(
                        tree.locate_key(&["city", "sectors", code]),
                        format!("this needs `{name}`"),
                    ),
                );
            }
            1.0
        })
    };
    let jobs = needed("jobs", file.jobs);
    let output = needed("output", file.output);
    let no_shares = [
        file.households,
        file.government,
        file.investment,
        file.exports,
    ]
    .iter()
    .all(Option::is_none);
    let mut posts = file.roles;
    if posts.is_empty()
        && let Some(only) = roles
            .keys()
            .find(|name| roles.len() == 1 || *name == GENERAL)
    {
        posts.insert(only.clone(), 1.0);
    }
    Sector {
        name: file.name.unwrap_or_else(|| code.to_owned()),
        jobs,
        output,
        inputs: file.inputs,
        critical: file.critical,
        imported_inputs: file.imported_inputs.unwrap_or(0.0),
        taxes: file.taxes.unwrap_or(0.0),
        wages: file.wages.unwrap_or(0.5 * output),
        households: file.households.unwrap_or(if no_shares { 1.0 } else { 0.0 }),
        government: file.government.unwrap_or(0.0),
        investment: file.investment.unwrap_or(0.0),
        exports: file.exports.unwrap_or(0.0),
        input_stock_days: file.input_stock_days.unwrap_or(10.0),
        team_size: file.team_size.unwrap_or((8, 12)),
        roles: posts,
        parameters: file.parameters,
    }
}

fn scenario(file: ScenarioFile) -> Scenario {
    Scenario {
        name: file.name.unwrap_or_else(|| "undisturbed".to_owned()),
        shocks: file.shocks,
        connectors: file.connectors,
    }
}

/// A policy: its undated levers take hold on day 0, in a city that was at rest without them.
///
/// What the experiment or the command line says of the same lever is said later, and wins on every day.
fn policy(
    file: PolicyFile,
    city: &City,
    later: &ParametersPatch,
    later_by_sector: &BySector,
) -> Policy {
    let mut everywhere = file.parameters;
    everywhere.forget(later);
    let from_day_0 = |sectors: Vec<String>, parameters| Change {
        day: 0.0,
        sectors,
        parameters,
    };
    // Behind the dated ones, which keep the numbers they have in the file.
    let mut changes = file.changes;
    for change in &mut changes {
        change.parameters.forget(later);
        if let [code] = change.sectors.as_slice()
            && let Some(later) = later_by_sector.get(code)
        {
            change.parameters.forget(later);
        }
    }
    let mut undated = vec![from_day_0(Vec::new(), everywhere)];
    for (code, mut parameters) in file.sectors {
        if let Some(later) = later_by_sector.get(&code) {
            parameters.forget(later);
        }
        if city.sectors.contains_key(&code) {
            undated.push(from_day_0(vec![code], parameters));
        }
    }
    changes.extend(
        undated
            .into_iter()
            .filter(|change| !change.parameters.is_empty()),
    );
    let unnamed = if changes.is_empty() {
        "as it is"
    } else {
        "unnamed policy"
    };
    Policy {
        name: file.name.unwrap_or_else(|| unnamed.to_owned()),
        changes,
    }
}

/// What is written down: what the file says, else the rows it names, else those that are usual.
fn record(file: RecordFile, usual: Rows) -> Record {
    let default = Record::from(file.rows.unwrap_or(usual));
    Record {
        city_every: file.city_every.unwrap_or(default.city_every),
        sectors_every: file.sectors_every.unwrap_or(default.sectors_every),
        teams_every: file.teams_every.unwrap_or(default.teams_every),
        operators: file.operators.unwrap_or(default.operators),
        operators_every: file.operators_every.unwrap_or(default.operators_every),
        events: file.events.unwrap_or(default.events),
    }
}

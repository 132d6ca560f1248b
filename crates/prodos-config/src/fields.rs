//! Everything that may stand in a file: what users write, in one table.
//!
//! The table feeds the JSON schema, the reference and `prodos explain`; a test holds it against the
//! types that files are read into.

use crate::case::{Across, Side};
use crate::design::{Law, Points};
use crate::experiment::Rows;
use prodos_model::spec::{Comes, DemandPart, Neighbourhood, Recovery, ShockKind};
use prodos_quantity::Choice;

/// A group of named values: a file, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its word.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// What may stand in it.
    pub fields: &'static [Field],
}

/// One named value.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What may stand there.
    pub holds: Holds,
    /// Meaning, with unit and default where there is one.
    pub doc: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

/// What a value can be.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A text in quotes.
    Text,
    /// `true` or `false`.
    Truth,
    /// A whole number from and to.
    Whole(u64, u64),
    /// A number from and to.
    Number(f64, f64),
    /// One of some words, each with its meaning.
    Word(&'static [(&'static str, &'static str)]),
    /// A list of words, each with its meaning.
    Words(&'static [(&'static str, &'static str)]),
    /// A list of texts.
    Texts,
    /// Two whole numbers, the smaller first.
    Pair(u64, u64),
    /// A group of this name.
    One(&'static str),
    /// One of some words, each with its meaning, or a group of this name.
    WordOr(&'static [(&'static str, &'static str)], &'static str),
    /// A path to a file, or a group of this name in place.
    FileOr(&'static str),
    /// A list of groups of this name.
    ListOf(&'static str),
    /// A group of this name, or a list of them.
    OneOrListOf(&'static str),
    /// Paths to files, or groups of this name in place, by key.
    FilesOr(&'static str),
    /// Lists of numbers and words, or groups of this name, by key.
    Varied(&'static str),
    /// A list of numbers and words.
    Settings,
    /// A list of numbers and words by key.
    ListOfSettings,
    /// Groups of this name by key.
    MapOf(&'static str),
    /// Numbers by key, from and to.
    Numbers(f64, f64),
    /// Lists of texts by key.
    Lists,
    /// Lists of (day, level) by key.
    Levels,
    /// Numbers, lists of numbers or tables by key.
    Given,
    /// Parameters, room by room.
    Parameters,
    /// Parameters by sector.
    BySector,
}

/// Most points of a block.
pub(crate) const MOST_POINTS: u64 = 10_000_000;
pub(crate) const LONGEST: f64 = 36_500.0;
const ANY: f64 = 1e18;
/// Posts of a team are counted by role in single bytes.
const LARGEST_TEAM: u64 = 255;
/// The least a number can be that must be above 0.
pub(crate) const LEAST: f64 = 1e-9;

/// Least and largest value of a numeric field; no limits where the field is none.
pub(crate) fn limits(group: &str, name: &str) -> (f64, f64) {
    let group = GROUPS.iter().find(|own| own.name == group);
    let field = group.and_then(|group| group.fields.iter().find(|own| own.name == name));
    match field.map(|field| field.holds) {
        Some(Holds::Number(low, high) | Holds::Numbers(low, high)) => (low, high),
        Some(Holds::Whole(low, high) | Holds::Pair(low, high)) => (low as f64, high as f64),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

const fn field(name: &'static str, holds: Holds, doc: &'static str) -> Field {
    Field {
        name,
        holds,
        doc,
        required: false,
    }
}

const fn required(name: &'static str, holds: Holds, doc: &'static str) -> Field {
    Field {
        name,
        holds,
        doc,
        required: true,
    }
}

const EXTENDS: Field = field(
    "extends",
    Holds::Text,
    "Another file of this kind, as a path from this one; this file then says only what differs.",
);
const NAME: Field = field(
    "name",
    Holds::Text,
    "Name, for titles and folders; the name of the file where none is given.",
);

/// Every group, the files first.
pub const GROUPS: &[Group] = &[
    Group {
        name: "experiment",
        doc: "Which city, what the world does, what we do, for how long, how often, and what is recorded.",
        fields: &[
            EXTENDS,
            NAME,
            field(
                "question",
                Holds::Text,
                "The question it answers; the title of the page.",
            ),
            field(
                "headline",
                Holds::Text,
                "Outcome that the question is about, a column of the summary; `output_mean` unless said.",
            ),
            required("city", Holds::FileOr("city"), "What is."),
            field(
                "scenario",
                Holds::FileOr("scenario"),
                "What the world does; nothing unless said.",
            ),
            field(
                "policy",
                Holds::FileOr("policy"),
                "What we do; as it is unless said.",
            ),
            field(
                "seed",
                Holds::Whole(0, u64::MAX),
                "Root seed of all draws; 1 unless said.",
            ),
            field(
                "replicates",
                Holds::Whole(1, 1_000_000),
                "How often it is run, with other draws each time; 1 unless said.",
            ),
            field(
                "first_replicate",
                Holds::Whole(0, 999_999),
                "Number of the first of these, which decides its draws: one run of many can be had alone; 0 unless said.",
            ),
            field(
                "days",
                Holds::Whole(1, 36_500),
                "Days recorded, after the burn-in; 365 unless said.",
            ),
            field(
                "branch_at",
                Holds::Whole(0, 36_500),
                "Day from which the scenarios and policies of the design take the place of those of the experiment, with which \
                 all runs that share everything else have one past; 0 unless said.",
            ),
            field(
                "until",
                Holds::One("until"),
                "How long replicates are added to a point; `replicates` is how many there are at least. Exactly so many unless said.",
            ),
            field(
                "stop",
                Holds::One("stop"),
                "What ends a run before its last day; nothing unless said.",
            ),
            field(
                "record",
                Holds::WordOr(Rows::NAMES, "record"),
                "What is written down; `summary` where there are several runs and `series` of a single one unless said.",
            ),
            field(
                "design",
                Holds::OneOrListOf("design"),
                "Points at which it is run: one block, or several; as it stands unless said.",
            ),
            field(
                "parameters",
                Holds::Parameters,
                "Parameters of the city, as it has always been.",
            ),
            field(
                "sectors",
                Holds::BySector,
                "Parameters of single sectors, by code.",
            ),
        ],
    },
    Group {
        name: "city",
        doc: "What is: sectors that feed each other, on a lattice, with their people and machines.",
        fields: &[
            EXTENDS,
            NAME,
            field(
                "start",
                Holds::Text,
                "Calendar date of day 0, as `2019-01-31`; 2020-01-01 unless said.",
            ),
            field(
                "currency",
                Holds::Text,
                "Currency and its multiple, as `GBP million`.",
            ),
            field(
                "scale",
                Holds::Number(0.001, 1e9),
                "People that one operator stands for; 1 unless said.",
            ),
            field(
                "tick",
                Holds::Number(0.0001, 1.0),
                "Length of a tick in days: 1 or a divisor of 1; 1 unless said.",
            ),
            field(
                "burn_in",
                Holds::Whole(0, 36_500),
                "Days run before day 0 and not recorded; 365 unless said.",
            ),
            field("lattice", Holds::One("lattice"), "The grid of team cells."),
            field(
                "roles",
                Holds::MapOf("role"),
                "Role archetypes by name, at most eight.",
            ),
            field(
                "sectors",
                Holds::MapOf("sector"),
                "Sectors by code, in the order of their patches on the grid.",
            ),
            field(
                "organs",
                Holds::Lists,
                "Which sectors serve each of the city's other systems.",
            ),
            field(
                "necessities",
                Holds::Lists,
                "Which sectors supply each necessity of daily life.",
            ),
            field(
                "parameters",
                Holds::Parameters,
                "Parameters of all sectors.",
            ),
        ],
    },
    Group {
        name: "scenario",
        doc: "What the world does: shocks, and levels of the city's other systems.",
        fields: &[
            EXTENDS,
            NAME,
            field(
                "shocks",
                Holds::ListOf("shock"),
                "What arrives from outside, in any order.",
            ),
            field(
                "connectors",
                Holds::Levels,
                "Level of each connector from a day on, 0 to 1, as `[(day, level)]`; 1 where nothing is said.",
            ),
            field(
                "parameters",
                Holds::Parameters,
                "Parameters that the world sets.",
            ),
            field(
                "sectors",
                Holds::BySector,
                "The same for single sectors, by code.",
            ),
        ],
    },
    Group {
        name: "policy",
        doc: "What we do: levers, from day 0 or from a day on.",
        fields: &[
            EXTENDS,
            NAME,
            field("changes", Holds::ListOf("change"), "Levers from a day on."),
            field("parameters", Holds::Parameters, "Levers from day 0 on."),
            field(
                "sectors",
                Holds::BySector,
                "The same for single sectors, by code.",
            ),
        ],
    },
    Group {
        name: "record",
        doc: "What is written down, in days between rows; 0 for never. Rows of several days hold means.",
        fields: &[
            field(
                "rows",
                Holds::Word(Rows::NAMES),
                "What the others are unless said; `record: summary` is short for this alone.",
            ),
            field(
                "city_every",
                Holds::Whole(0, u32::MAX as u64),
                "Days between rows of the city.",
            ),
            field(
                "sectors_every",
                Holds::Whole(0, u32::MAX as u64),
                "Days between rows of the sectors.",
            ),
            field(
                "teams_every",
                Holds::Whole(0, u32::MAX as u64),
                "Days between rows of the teams, which are also recorded when something happens to the city.",
            ),
            field(
                "operators",
                Holds::Whole(0, u32::MAX as u64),
                "Number of operators in the recorded sample.",
            ),
            field(
                "operators_every",
                Holds::Whole(0, u32::MAX as u64),
                "Days between rows of these operators.",
            ),
            field("events", Holds::Truth, "Whether events are recorded."),
        ],
    },
    Group {
        name: "until",
        doc: "How long replicates are added to a point of the design.",
        fields: &[
            required(
                "half_width",
                Holds::Numbers(LEAST, ANY),
                "Half-width that the 95 % confidence interval of the mean of an outcome is to have at most, by column of the summary.",
            ),
            required(
                "most",
                Holds::Whole(1, 1_000_000),
                "Replicates at most; a point that needs more is named in the column `precision` of the summary.",
            ),
        ],
    },
    Group {
        name: "stop",
        doc: "What ends a run before its last day: a probe of the city on one side of a value. Outcomes are then those of the days until there.",
        fields: &[
            required(
                "probe",
                Holds::Text,
                "A probe of the city, as in series/city.parquet.",
            ),
            field(
                "below",
                Holds::Number(-ANY, ANY),
                "The run ends when the probe is below this.",
            ),
            field(
                "above",
                Holds::Number(-ANY, ANY),
                "The run ends when the probe is above this.",
            ),
            field(
                "days",
                Holds::Whole(1, 36_500),
                "For so many days on end; 1 unless said.",
            ),
        ],
    },
    Group {
        name: "design",
        doc: "Points at which an experiment is run: paths that are varied, and scenarios and policies that are tried at each of them.",
        fields: &[
            field(
                "name",
                Holds::Text,
                "What tells it from other blocks; where there are several each needs one.",
            ),
            field(
                "vary",
                Holds::Varied("variable"),
                "What is varied, by path as `--set` names it: a list of values, or a range.",
            ),
            field(
                "points",
                Holds::Word(Points::NAMES),
                "How points are chosen; `factorial` unless said, `list` where there is a `list`.",
            ),
            field(
                "count",
                Holds::Whole(0, MOST_POINTS),
                "Points of a sample; base points of `saltelli`, walks of `morris`; 0, as unless said, where values say how many.",
            ),
            field(
                "levels",
                Holds::Whole(0, MOST_POINTS),
                "Values that `factorial` takes of each range, both ends among them; 0, as unless said, where there is no range.",
            ),
            field(
                "list",
                Holds::ListOfSettings,
                "Points one by one, each with values by path.",
            ),
            field(
                "file",
                Holds::Text,
                "In place of `list`: a CSV file with a path at the head of each column, as a path from this file.",
            ),
            field(
                "such_that",
                Holds::Texts,
                "Formulas of varied numbers that must hold of a point, such as `wear.shape > 2`.",
            ),
            field(
                "scenarios",
                Holds::FilesOr("scenario"),
                "Scenarios tried at each point in place of that of the experiment, by a name of your own.",
            ),
            field(
                "policies",
                Holds::FilesOr("policy"),
                "Policies tried at each point in place of that of the experiment, by a name of your own.",
            ),
        ],
    },
    Group {
        name: "variable",
        doc: "What a varied path can be: one of some values, or a number of a range.",
        fields: &[
            field(
                "values",
                Holds::Settings,
                "Its values; a bare list is short for this.",
            ),
            field("from", Holds::Number(-ANY, ANY), "Low end of a range."),
            field("to", Holds::Number(-ANY, ANY), "High end of a range."),
            field(
                "law",
                Holds::Word(Law::NAMES),
                "How likely each part of a range is; `uniform` unless said.",
            ),
            field(
                "middle",
                Holds::Number(-ANY, ANY),
                "Likeliest number of `triangular`, mean of `normal`; half-way between the ends unless said.",
            ),
            field(
                "deviation",
                Holds::Number(LEAST, ANY),
                "Standard deviation of `normal`; a quarter of the range unless said.",
            ),
            field(
                "step",
                Holds::Number(0.0, ANY),
                "Numbers are whole multiples of this above `from`; 0, any number, unless said.",
            ),
        ],
    },
    Group {
        name: "lattice",
        doc: "The grid: each sector a patch, each team a cell.",
        fields: &[
            field(
                "neighbourhood",
                Holds::Word(Neighbourhood::NAMES),
                "Which cells around a team are its neighbours; none unless said.",
            ),
            field(
                "across_sectors",
                Holds::Truth,
                "Whether teams of different sectors can be neighbours; false unless said.",
            ),
            field(
                "degree",
                Holds::Number(0.0, 1000.0),
                "Mean number of neighbours on a random graph; 4 unless said.",
            ),
        ],
    },
    Group {
        name: "role",
        doc: "A kind of post.",
        fields: &[
            required(
                "error",
                Holds::Number(0.0, 1000.0),
                "Error probability of a task of this role over that of the base task.",
            ),
            required(
                "training",
                Holds::Number(0.001, 1000.0),
                "Time to learn this role over that of the base role.",
            ),
        ],
    },
    Group {
        name: "sector",
        doc: "An industry with its teams; values are a year's, in the city's currency.",
        fields: &[
            field("name", Holds::Text, "Name in words."),
            required(
                "jobs",
                Holds::Number(0.0, ANY),
                "Jobs, in people; 0 for a sector whose output is its demand and that takes no inputs.",
            ),
            required("output", Holds::Number(LEAST, ANY), "Output a year."),
            field(
                "inputs",
                Holds::Numbers(0.0, 1.0),
                "Technical coefficients: input from each supplying sector per unit of output. They sum to less than 1.",
            ),
            field(
                "critical",
                Holds::Numbers(0.0, 1.0),
                "Which inputs stop work (1), slow it (0.5) or do neither (0).",
            ),
            field(
                "imported_inputs",
                Holds::Number(0.0, ANY),
                "Imported inputs a year.",
            ),
            field(
                "taxes",
                Holds::Number(-ANY, ANY),
                "Taxes less subsidies on products used, a year.",
            ),
            required(
                "wages",
                Holds::Number(0.0, ANY),
                "Compensation of employees a year.",
            ),
            field(
                "households",
                Holds::Number(0.0, ANY),
                "Final demand of households, as a part of the four.",
            ),
            field(
                "government",
                Holds::Number(0.0, ANY),
                "Final demand of government.",
            ),
            field(
                "investment",
                Holds::Number(0.0, ANY),
                "Final demand for investment.",
            ),
            field("exports", Holds::Number(0.0, ANY), "Exports."),
            field(
                "input_stock_days",
                Holds::Number(0.0, 3650.0),
                "Input stocks at rest, in days of use; 10 unless said.",
            ),
            field(
                "team_size",
                Holds::Pair(1, LARGEST_TEAM),
                "Smallest and largest team; (8, 12) unless said.",
            ),
            field("roles", Holds::Numbers(0.0, 1.0), "Share of posts by role."),
            field(
                "parameters",
                Holds::Parameters,
                "Parameters of this sector that differ from the city's.",
            ),
        ],
    },
    Group {
        name: "shock",
        doc: "Something that arrives from outside.",
        fields: &[
            required(
                "name",
                Holds::Text,
                "Its name, which no other shock of the scenario has; it decides whom the shock hits.",
            ),
            required("kind", Holds::Word(ShockKind::NAMES), "What it does."),
            field(
                "sectors",
                Holds::Texts,
                "Codes of the sectors it hits; all unless said.",
            ),
            required(
                "size",
                Holds::Number(-1.0, 1.0),
                "How much, as the kind says; below 0 for less demand.",
            ),
            required("day", Holds::Number(0.0, LONGEST), "First day."),
            field(
                "days",
                Holds::Number(0.0, LONGEST),
                "Days at full size; 0 for a blow.",
            ),
            field(
                "recovery_days",
                Holds::Number(0.0, LONGEST),
                "Days of recovery after that; 0 unless said.",
            ),
            field(
                "recovery",
                Holds::Word(Recovery::NAMES),
                "Shape of the recovery; linear unless said.",
            ),
            field(
                "footprint",
                Holds::Number(0.0, 1.0),
                "Share of each sector's patch that is hit, as a disc around its centre; 1 unless said.",
            ),
            field(
                "hours",
                Holds::Number(0.0, 1e6),
                "Repair hours that each machine needs (damage).",
            ),
            field(
                "demand",
                Holds::Words(DemandPart::NAMES),
                "Parts of final demand (demand); all unless said.",
            ),
            field(
                "users",
                Holds::Texts,
                "Codes of the users cut off (link); all unless said.",
            ),
            field(
                "operator",
                Holds::Text,
                "One operator, as `sector/team/post` (staff).",
            ),
            field(
                "every",
                Holds::Number(0.0, LONGEST),
                "Days between repetitions, or their mean.",
            ),
            field(
                "comes",
                Holds::Word(Comes::NAMES),
                "When its repetitions come; regularly unless said.",
            ),
            field(
                "times",
                Holds::Whole(1, 1_000_000),
                "How often it comes in all; 1 unless said.",
            ),
        ],
    },
    Group {
        name: "change",
        doc: "Levers from a day on.",
        fields: &[
            field(
                "day",
                Holds::Number(0.0, LONGEST),
                "Day from which it holds; 0 unless said.",
            ),
            field(
                "sectors",
                Holds::Texts,
                "Codes of the sectors it holds for; all unless said.",
            ),
            field(
                "parameters",
                Holds::Parameters,
                "The levers and their values.",
            ),
        ],
    },
    Group {
        name: "case",
        doc: "A published result, and what of the program must meet it: an experiment or a kernel.",
        fields: &[
            EXTENDS,
            NAME,
            required(
                "family",
                Holds::Text,
                "What it belongs to; a figure a family.",
            ),
            required("claim", Holds::Text, "What holds if it is met."),
            required("source", Holds::Text, "Where the result was published."),
            field(
                "experiment",
                Holds::FileOr("experiment"),
                "What the engine runs; a case has this or a kernel.",
            ),
            field(
                "kernel",
                Holds::Text,
                "Name of the function or reference process that is called.",
            ),
            field(
                "values",
                Holds::Given,
                "What the kernel is given in all arms.",
            ),
            required("arms", Holds::ListOf("arm"), "What is tried."),
        ],
    },
    Group {
        name: "arm",
        doc: "One thing that a case tries.",
        fields: &[
            field("name", Holds::Text, "What is other than in the other arms."),
            field(
                "quick",
                Holds::Truth,
                "Whether it is tried without `--full`; true unless said.",
            ),
            field(
                "set",
                Holds::Texts,
                "Values of the experiment that are other, as on the command line: `\"wear.scale=130\"`.",
            ),
            field(
                "values",
                Holds::Given,
                "What the kernel is given in this arm.",
            ),
            required("measures", Holds::ListOf("measure"), "What is measured."),
        ],
    },
    Group {
        name: "measure",
        doc: "One number that is measured, and what it must be.",
        fields: &[
            required("what", Holds::Text, "What it is, with its unit."),
            required("of", Holds::Text, "The formula that measures it."),
            field(
                "over",
                Holds::Text,
                "What it is divided by: the mean over runs of `of` over the mean of this; 1 unless said.",
            ),
            required("reference", Holds::Number(-ANY, ANY), "What is published."),
            field(
                "across",
                Holds::Word(Across::NAMES),
                "What is taken of all runs; mean unless said.",
            ),
            field(
                "tolerance",
                Holds::Number(0.0, ANY),
                "How far from the reference it may be, twice its standard error included.",
            ),
            field(
                "share",
                Holds::Number(0.0, 1.0),
                "The same as a share of the reference; 0.01 of a mean and 0.03 of a spread unless said.",
            ),
            field(
                "side",
                Holds::Word(Side::NAMES),
                "In place of a tolerance: on which side of the reference it must be.",
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::{GROUPS, Group};
    use crate::case::{ArmFile, CaseFile, MeasureFile};
    use crate::files::{
        BlockFile, CityFile, ExperimentFile, LatticeFile, PolicyFile, RecordFile, ScenarioFile,
        SectorFile, VariableFile,
    };
    use prodos_model::spec::{Change, Role, Shock};
    use serde::de::DeserializeOwned;
    use serde::de::value::{Error, MapDeserializer};

    /// Names that a type reads, as serde tells them when a field is unknown.
    fn names<T: DeserializeOwned>() -> Vec<String> {
        let map: MapDeserializer<'_, _, Error> = MapDeserializer::new([("qqq", 0u8)].into_iter());
        let error = T::deserialize(map).err().expect("no type has such a field");
        let said = error.to_string();
        let mut names: Vec<String> = said
            .split('`')
            .skip(3)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        names.sort();
        names
    }

    fn written(name: &str) -> Vec<String> {
        let group: &Group = GROUPS
            .iter()
            .find(|group| group.name == name)
            .expect("it is there");
        let fields = group.fields.iter().map(|field| field.name.to_owned());
        let mut names: Vec<String> = fields.filter(|field| field != "extends").collect();
        names.sort();
        names
    }

    #[test]
    fn the_table_names_what_files_are_read_into() {
        assert_eq!(written("experiment"), names::<ExperimentFile>());
        assert_eq!(written("city"), names::<CityFile>());
        assert_eq!(written("scenario"), names::<ScenarioFile>());
        assert_eq!(written("policy"), names::<PolicyFile>());
        assert_eq!(written("record"), names::<RecordFile>());
        let mut block = names::<BlockFile>();
        block.push("file".to_owned());
        block.sort();
        assert_eq!(written("design"), block);
        assert_eq!(written("variable"), names::<VariableFile>());
        assert_eq!(written("lattice"), names::<LatticeFile>());
        assert_eq!(written("sector"), names::<SectorFile>());
        assert_eq!(written("role"), names::<Role>());
        assert_eq!(written("shock"), names::<Shock>());
        assert_eq!(written("change"), names::<Change>());
        let mut case = names::<CaseFile>();
        case.push("experiment".to_owned());
        case.sort();
        assert_eq!(written("case"), case);
        assert_eq!(written("arm"), names::<ArmFile>());
        assert_eq!(written("measure"), names::<MeasureFile>());
    }
}

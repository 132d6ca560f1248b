//! What is measured of a run: formulas over statistics of its probes.
//!
//! Inside a statistic stand the probes of one tick: `city.fill`, `works.breakdowns` of the sector
//! `works`, `sector.fill` of every sector, `team.spares` of every team, and `day`, on which the tick
//! began. `mean(team.spares > 0)` is the share of ticks on which a team has a part in store. Outside
//! stand numbers, `teams`, and functions of statistics. A formula over teams or sectors has a value for
//! each of them.

use super::kernels::{self, Kernel};
use super::series::{Kind, SAME_DAY, Series};
use prodos_config::formula::{Formula, Operator};
use prodos_config::{Experiment, Instruments, Values, Wrong, nearest_words};
use prodos_model::maths;
use prodos_model::rows::{CityRow, SectorRow, TeamRow};
use prodos_model::simulation::Simulation;
use prodos_quantity::Probe;

/// Statistics of a series that a formula may ask for: how it is written, and what it is, as a sentence.
pub const STATISTICS: [(&str, &str); 11] = [
    ("sum(x)", "Sum over all ticks."),
    ("mean(x)", "Mean over all ticks."),
    ("sd(x)", "Standard deviation over all ticks."),
    ("memory(x)", "Correlation of a tick with the one before."),
    ("least(x)", "Smallest value."),
    ("most(x)", "Largest value."),
    ("last(x)", "Last value that there is."),
    ("first(x)", "Day of the first tick on which it is not 0."),
    ("at(DAY, x)", "Value of the tick that begins on that day."),
    (
        "variance_trend(TICKS, x)",
        "Kendall's tau of the variance in windows of so many ticks, each around its straight line.",
    ),
    (
        "memory_trend(TICKS, x)",
        "Kendall's tau of the correlation with the tick before, in such windows.",
    ),
];

type Function = fn(f64) -> f64;

fn missing(number: f64) -> f64 {
    f64::from(u8::from(number.is_nan()))
}

/// Functions of numbers: how they are written, what they are, as a sentence, and themselves.
pub const FUNCTIONS: [(&str, &str, Function); 6] = [
    ("abs(x)", "The number without its sign.", f64::abs),
    ("sqrt(x)", "Square root.", f64::sqrt),
    ("exp(x)", "Exponential.", maths::exp),
    ("ln(x)", "Natural logarithm.", maths::ln),
    ("round(x)", "Nearest whole number.", f64::round),
    (
        "missing(x)",
        "1 where the number does not exist, such as the day of what never happens; else 0.",
        missing,
    ),
];

/// The name of a statistic or function in the form in which it is written, such as `mean(x)`.
pub fn named(form: &str) -> &str {
    form.split_once('(').map_or(form, |(name, _)| name)
}

/// The city whose probes are asked for.
pub(crate) struct Place {
    /// Codes of its sectors.
    pub(crate) codes: Vec<String>,
    /// Number of its teams.
    pub(crate) teams: usize,
    /// Length of a tick in days.
    pub(crate) tick: f64,
    /// Ticks that are looked at.
    pub(crate) ticks: u64,
}

impl Place {
    /// The city of an experiment, with so many teams.
    pub(crate) fn of(experiment: &Experiment, teams: usize) -> Place {
        let tick = experiment.city.tick;
        Place {
            codes: experiment.city.sectors.keys().cloned().collect(),
            teams,
            tick,
            ticks: (f64::from(experiment.days) / tick).round() as u64,
        }
    }

    /// A day on which a tick begins.
    fn day(&self, day: f64) -> Result<Kind, String> {
        let ticks = (day / self.tick).round();
        let is_there = (0.0..self.ticks as f64).contains(&ticks);
        if is_there && (ticks * self.tick - day).abs() < SAME_DAY {
            return Ok(Kind::At(day));
        }
        Err(format!(
            "no tick begins on day {day}: they begin every {} d from day 0 to day {}",
            self.tick,
            (self.ticks as f64 - 1.0) * self.tick
        ))
    }

    /// Windows of so many ticks, of which there are two at least.
    fn window(&self, ticks: f64, kind: fn(usize) -> Kind) -> Result<Kind, String> {
        let most = self.ticks / 2;
        if ticks.floor() == ticks && (3.0..=most as f64).contains(&ticks) {
            return Ok(kind(ticks as usize));
        }
        Err(format!(
            "windows of {ticks} ticks: they are of a whole number, from 3 to half of the run, {most}"
        ))
    }
}

/// Says that there is no such word, and which are like it; if none is, all that there are, where they are few.
pub(crate) fn unknown<'a>(
    what: &str,
    word: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    const FEW: usize = 12;
    let quoted = |words: &[&str], between: &str| {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        words.join(between)
    };
    let near = nearest_words(word, known.clone(), 3);
    let known: Vec<&str> = known.collect();
    let advice = match (near.is_empty(), known.len()) {
        (false, _) => format!("; did you mean {}?", quoted(&near, " or ")),
        (true, 1..=FEW) => format!("; there is {}", quoted(&known, ", ")),
        _ => String::new(),
    };
    format!("there is no {what} `{word}`{advice}")
}

/// Of what a formula has values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Whole,
    Sectors,
    Teams,
}

impl Unit {
    fn with(self, other: Unit) -> Result<Unit, String> {
        match (self, other) {
            (Unit::Whole, unit) | (unit, Unit::Whole) => Ok(unit),
            (one, other) if one == other => Ok(one),
            _ => Err("it is over teams and over sectors at once".to_owned()),
        }
    }
}

/// What stands for a number: in statistics probes of a tick, outside statistics, for kernels results.
#[derive(Clone, Debug)]
enum Term<L> {
    Number(f64),
    Leaf(L),
    Minus(Box<Term<L>>),
    Pair(Operator, Box<Term<L>>, Box<Term<L>>),
    Call(Function, Box<Term<L>>),
}

/// What a name or a call means where it stands; a call that it does not know is a function.
trait Names {
    type Leaf;
    fn name(&mut self, name: &str) -> Result<Term<Self::Leaf>, String>;
    fn call(&mut self, _name: &str, _given: &[Formula]) -> Result<Option<Self::Leaf>, String> {
        Ok(None)
    }
}

impl<L> Term<L> {
    fn of<N: Names<Leaf = L>>(formula: &Formula, names: &mut N) -> Result<Term<L>, String> {
        Ok(match formula {
            Formula::Number(number) => Term::Number(*number),
            Formula::Name(name) => names.name(name)?,
            Formula::Minus(inside) => Term::Minus(Box::new(Term::of(inside, names)?)),
            Formula::Pair(operator, left, right) => {
                let left = Box::new(Term::of(left, names)?);
                Term::Pair(*operator, left, Box::new(Term::of(right, names)?))
            }
            Formula::Call(name, given) => {
                if let Some(leaf) = names.call(name, given)? {
                    return Ok(Term::Leaf(leaf));
                }
                let function = function(name)?;
                let inside = Term::of(only(name, given)?, names)?;
                Term::Call(function, Box::new(inside))
            }
        })
    }

    fn value(&self, leaf: &impl Fn(&L) -> f64) -> f64 {
        match self {
            Term::Number(number) => *number,
            Term::Leaf(own) => leaf(own),
            Term::Minus(inside) => -inside.value(leaf),
            Term::Pair(operator, left, right) => {
                operator.apply(left.value(leaf), right.value(leaf))
            }
            Term::Call(function, inside) => function(inside.value(leaf)),
        }
    }

    fn each_leaf(&self, look: &mut impl FnMut(&L)) {
        match self {
            Term::Number(_) => {}
            Term::Leaf(own) => look(own),
            Term::Minus(inside) | Term::Call(_, inside) => inside.each_leaf(look),
            Term::Pair(_, left, right) => {
                left.each_leaf(look);
                right.each_leaf(look);
            }
        }
    }

    /// Of what it has values, given that of its leaves.
    fn unit(&self, of: impl Fn(&L) -> Unit) -> Result<Unit, String> {
        let mut unit = Ok(Unit::Whole);
        self.each_leaf(&mut |leaf| {
            let other = of(leaf);
            unit = unit.clone().and_then(|unit: Unit| unit.with(other));
        });
        unit
    }
}

fn function(name: &str) -> Result<Function, String> {
    let found = FUNCTIONS.iter().find(|(form, ..)| named(form) == name);
    let statistics = STATISTICS.iter().map(|(form, _)| named(form));
    if statistics.clone().any(|own| own == name) {
        return Err(format!(
            "`{name}` is a statistic: it stands outside all others, of a run and not of what a kernel gives"
        ));
    }
    let known = FUNCTIONS
        .iter()
        .map(|(form, ..)| named(form))
        .chain(statistics);
    found
        .map(|(.., function)| *function)
        .ok_or_else(|| unknown("function", name, known))
}

fn only<'a>(name: &str, given: &'a [Formula]) -> Result<&'a Formula, String> {
    match given {
        [only] => Ok(only),
        _ => Err(format!("`{name}` takes one formula, not {}", given.len())),
    }
}

/// A probe of a tick.
#[derive(Clone, Copy, Debug)]
enum Seen {
    Day,
    City(usize),
    Sector(usize, usize),
    EachSector(usize),
    EachTeam(usize),
}

impl Seen {
    fn unit(&self) -> Unit {
        match self {
            Seen::Day | Seen::City(_) | Seen::Sector(..) => Unit::Whole,
            Seen::EachSector(_) => Unit::Sectors,
            Seen::EachTeam(_) => Unit::Teams,
        }
    }
}

struct InStatistic<'a>(&'a Place);

impl Names for InStatistic<'_> {
    type Leaf = Seen;

    fn name(&mut self, name: &str) -> Result<Term<Seen>, String> {
        if name == "day" {
            return Ok(Term::Leaf(Seen::Day));
        }
        let (whose, probe) = name.rsplit_once('.').ok_or_else(|| of_whom(name))?;
        let column = |probes: &[Probe]| {
            let found = probes.iter().position(|own| own.name == probe);
            found.ok_or_else(|| unknown("probe", probe, probes.iter().map(|own| own.name)))
        };
        let codes = &self.0.codes;
        Ok(Term::Leaf(match whose {
            "city" => Seen::City(column(CityRow::PROBES)?),
            "team" => Seen::EachTeam(column(TeamRow::PROBES)?),
            "sector" => Seen::EachSector(column(SectorRow::PROBES)?),
            code => {
                let sector = codes.iter().position(|own| own == code).ok_or_else(|| {
                    let known = ["city", "team", "sector"].into_iter();
                    unknown(
                        "sector",
                        code,
                        known.chain(codes.iter().map(String::as_str)),
                    )
                })?;
                Seen::Sector(sector, column(SectorRow::PROBES)?)
            }
        }))
    }
}

/// What to say of a probe that does not say whose it is.
fn of_whom(name: &str) -> String {
    if name == "teams" {
        return "`teams`, the number of teams, stands outside statistics".to_owned();
    }
    let rows = [
        ("city", CityRow::PROBES),
        ("sector", SectorRow::PROBES),
        ("team", TeamRow::PROBES),
    ];
    let has = |probes: &[Probe]| probes.iter().any(|probe| probe.name == name);
    let whose: Vec<String> = rows
        .iter()
        .filter(|(_, probes)| has(probes))
        .map(|(whose, _)| format!("`{whose}.{name}`"))
        .collect();
    if whose.is_empty() {
        let all = rows.iter().flat_map(|(_, probes)| *probes);
        return unknown("probe", name, all.map(|probe| probe.name));
    }
    format!(
        "`{name}` does not say whose it is: {}; one sector is named by its code",
        whose.join(" or ")
    )
}

/// A number that is written as one, with a sign or without.
fn constant(formula: &Formula) -> Option<f64> {
    match formula {
        Formula::Number(number) => Some(*number),
        Formula::Minus(inside) => constant(inside).map(|number| -number),
        _ => None,
    }
}

/// The probes of one tick.
#[derive(Default)]
struct Tick {
    day: f64,
    city: Vec<f64>,
    sectors: Vec<Vec<f64>>,
    teams: Vec<Vec<f64>>,
}

impl Tick {
    fn value(&self, seen: Seen, unit: usize) -> f64 {
        match seen {
            Seen::Day => self.day,
            Seen::City(column) => self.city[column],
            Seen::Sector(sector, column) => self.sectors[sector][column],
            Seen::EachSector(column) => self.sectors[unit][column],
            Seen::EachTeam(column) => self.teams[unit][column],
        }
    }
}

#[derive(Clone, Debug)]
struct Statistic {
    kind: Kind,
    of: Term<Seen>,
    unit: Unit,
    series: Vec<Series>,
}

struct OfStatistics<'a> {
    place: &'a Place,
    statistics: Vec<Statistic>,
}

impl Names for OfStatistics<'_> {
    type Leaf = usize;

    fn name(&mut self, name: &str) -> Result<Term<usize>, String> {
        if name == "teams" {
            return Ok(Term::Number(self.place.teams as f64));
        }
        let forms = STATISTICS.map(|(form, _)| form).join(", ");
        Err(format!(
            "`{name}` changes from tick to tick: say which statistic of it, one of {forms}"
        ))
    }

    fn call(&mut self, name: &str, given: &[Formula]) -> Result<Option<usize>, String> {
        let place = self.place;
        let (kind, of) = match (name, given) {
            ("sum", given) => (Kind::Sum, only(name, given)?),
            ("mean", given) => (Kind::Mean, only(name, given)?),
            ("sd", given) => (Kind::Deviation, only(name, given)?),
            ("memory", given) => (Kind::Memory, only(name, given)?),
            ("least", given) => (Kind::Least, only(name, given)?),
            ("most", given) => (Kind::Most, only(name, given)?),
            ("last", given) => (Kind::Last, only(name, given)?),
            ("first", given) => (Kind::First, only(name, given)?),
            ("at" | "variance_trend" | "memory_trend", given) => {
                let [first, of] = given else {
                    return Err(format!("`{name}` takes a number and a formula"));
                };
                let number = constant(first).ok_or_else(|| {
                    format!("`{name}` takes a number and a formula; its first is no plain number")
                })?;
                let kind = match name {
                    "at" => place.day(number)?,
                    "variance_trend" => place.window(number, Kind::VarianceTrend)?,
                    _ => place.window(number, Kind::MemoryTrend)?,
                };
                (kind, of)
            }
            _ => return Ok(None),
        };
        let of = Term::of(of, &mut InStatistic(self.place))?;
        let unit = of.unit(Seen::unit)?;
        let units = match unit {
            Unit::Whole => 1,
            Unit::Sectors => self.place.codes.len(),
            Unit::Teams => self.place.teams,
        };
        self.statistics.push(Statistic {
            kind,
            of,
            unit,
            series: vec![Series::EMPTY; units],
        });
        Ok(Some(self.statistics.len() - 1))
    }
}

/// The measures of one run.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    statistics: Vec<Statistic>,
    measures: Vec<Term<usize>>,
    /// Whether rows of the city, of sectors and of teams are asked for.
    wants: [bool; 3],
    ticks: u64,
}

impl Meter {
    /// A meter of these formulas, for a city.
    pub(crate) fn new<'a>(
        formulas: impl Iterator<Item = &'a Formula>,
        place: &Place,
    ) -> Result<Meter, String> {
        let statistics = Vec::new();
        let mut names = OfStatistics { place, statistics };
        let (mut measures, mut asking) = (Vec::new(), Vec::new());
        for formula in formulas {
            measures.push(Term::of(formula, &mut names)?);
            asking.push(formula.asks());
        }
        let statistics = names.statistics;
        for (measure, asks) in measures.iter().zip(asking) {
            measure.unit(|&index| statistics[index].unit)?;
            let mut of_the_city = false;
            measure.each_leaf(&mut |&index| {
                let mut looks = |seen: &Seen| of_the_city |= !matches!(seen, Seen::Day);
                statistics[index].of.each_leaf(&mut looks);
            });
            // A plain number may stand where it divides.
            if asks && !of_the_city {
                return Err("this measures nothing of the city: it asks for no probe".to_owned());
            }
        }
        let mut wants = [false; 3];
        for statistic in &statistics {
            statistic.of.each_leaf(&mut |seen| match seen {
                Seen::Day => {}
                Seen::City(_) => wants[0] = true,
                Seen::Sector(..) | Seen::EachSector(_) => wants[1] = true,
                Seen::EachTeam(_) => wants[2] = true,
            });
        }
        Ok(Meter {
            statistics,
            measures,
            wants,
            ticks: place.ticks,
        })
    }

    /// Ticks that it looks at.
    pub(crate) fn ticks(&self) -> u64 {
        self.ticks
    }

    /// Takes in the tick that has just been made.
    pub(crate) fn look(&mut self, city: &mut Simulation) {
        // Rows belong to the tick that began then.
        let mut tick = Tick {
            day: ((city.day() - city.tick_length()) * 1e9).round() / 1e9,
            ..Tick::default()
        };
        let [whole, sectors, teams] = self.wants;
        if whole {
            tick.city = city.city_row().values().collect();
        }
        if sectors {
            let rows = city.sector_rows();
            tick.sectors = rows.map(|row| row.values().collect()).collect();
        }
        if teams {
            let rows = city.team_rows();
            tick.teams = rows.iter().map(|(_, row)| row.values().collect()).collect();
        }
        for statistic in &mut self.statistics {
            for (unit, series) in statistic.series.iter_mut().enumerate() {
                let value = statistic.of.value(&|&seen| tick.value(seen, unit));
                series.take(value, tick.day, statistic.kind);
            }
        }
    }

    /// Each measure, of each team or sector that it is over.
    pub(crate) fn values(&self) -> Vec<Vec<f64>> {
        let units = |measure: &Term<usize>| {
            let mut units = 1;
            measure.each_leaf(&mut |&index| units = units.max(self.statistics[index].series.len()));
            units
        };
        let value = |measure: &Term<usize>, unit: usize| {
            measure.value(&|&index: &usize| {
                let Statistic { kind, series, .. } = &self.statistics[index];
                series[unit.min(series.len() - 1)].value(*kind)
            })
        };
        let of = |measure| {
            (0..units(measure))
                .map(|unit| value(measure, unit))
                .collect()
        };
        self.measures.iter().map(of).collect()
    }
}

struct OfResults<'a>(&'a [(String, f64)]);

impl Names for OfResults<'_> {
    type Leaf = f64;

    fn name(&mut self, name: &str) -> Result<Term<f64>, String> {
        let found = self.0.iter().find(|(own, _)| own == name);
        let known = self.0.iter().map(|(own, _)| own.as_str());
        found
            .map(|(_, value)| Term::Number(*value))
            .ok_or_else(|| unknown("result", name, known))
    }
}

/// The value of a formula over the numbers that a kernel gave.
pub(crate) fn of_results(formula: &Formula, results: &[(String, f64)]) -> Result<f64, String> {
    Ok(Term::of(formula, &mut OfResults(results))?.value(&|&value: &f64| value))
}

struct OfKernel(&'static Kernel);

impl Names for OfKernel {
    type Leaf = f64;

    fn name(&mut self, name: &str) -> Result<Term<f64>, String> {
        if self.0.gives(name) {
            return Ok(Term::Number(f64::NAN));
        }
        let known = self.0.gives.iter().map(|(own, _)| *own);
        if let Some(stem) = name
            .strip_suffix('N')
            .filter(|_| known.clone().any(|own| own == name))
        {
            return Err(format!(
                "`{name}` stands for several: write `{stem}1`, `{stem}2` and so on"
            ));
        }
        Err(unknown("result", name, known))
    }
}

/// What cases can name: every kernel, and every probe of a run.
pub struct Laboratory;

impl Instruments for Laboratory {
    fn kernel(&self, name: &str) -> Result<(), String> {
        kernels::called(name).map(|_| ())
    }

    fn values(&self, kernel: &str, values: &Values) -> Result<(), Vec<Wrong>> {
        // Of a kernel that there is not has been told.
        kernels::find(kernel).map_or(Ok(()), |kernel| kernel.values(values).map(|_| ()))
    }

    fn result(&self, kernel: &str, formula: &Formula) -> Result<(), String> {
        let kernel = kernels::called(kernel)?;
        Term::of(formula, &mut OfKernel(kernel)).map(|_| ())
    }

    fn probe(&self, experiment: &Experiment, formula: &Formula) -> Result<(), String> {
        Meter::new([formula].into_iter(), &Place::of(experiment, 1)).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, Place, of_results};
    use prodos_config::formula::parse;

    fn refused(formula: &str) -> String {
        let place = Place {
            codes: vec!["works".into(), "town".into()],
            teams: 3,
            tick: 0.25,
            ticks: 40,
        };
        let formula = parse(formula).expect("it is a formula");
        let meter = Meter::new([&formula].into_iter(), &place);
        meter.err().unwrap_or_default()
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is_near() {
        for (formula, told) in [
            ("mean(works.fil)", "no probe `fil`; did you mean `fill`"),
            (
                "mean(workz.fill)",
                "no sector `workz`; did you mean `works`",
            ),
            (
                "mean(fill)",
                "whose it is: `city.fill` or `sector.fill` or `team.fill`",
            ),
            ("mean(teams)", "stands outside statistics"),
            ("mean(filll)", "no probe `filll`; did you mean `fill`"),
            ("at(-1, works.fill)", "no tick begins on day -1"),
            (
                "maen(works.fill)",
                "no function `maen`; did you mean `mean`",
            ),
            ("works.fill", "changes from tick to tick"),
            ("mean(1, 2)", "`mean` takes one formula, not 2"),
            ("at(works.fill)", "`at` takes a number and a formula"),
            (
                "mean(team.fill + sector.fill)",
                "over teams and over sectors at once",
            ),
            (
                "mean(team.fill) + last(sector.fill)",
                "over teams and over sectors at once",
            ),
            ("mean(mean(works.fill))", "`mean` is a statistic"),
            (
                "memory_trend(4.5, works.fill)",
                "from 3 to half of the run, 20",
            ),
            ("variance_trend(2, works.fill)", "from 3 to half of the run"),
            (
                "variance_trend(21, works.fill)",
                "from 3 to half of the run",
            ),
            ("at(9.8, works.fill)", "every 0.25 d from day 0 to day 9.75"),
            ("at(10, works.fill)", "no tick begins on day 10"),
            ("at(0.1, works.fill)", "no tick begins on day 0.1"),
            ("2 * teams", "it asks for no probe"),
            ("mean(day) + sum(day > 3)", "it asks for no probe"),
        ] {
            let found = refused(formula);
            assert!(found.contains(told), "{formula}: {found}");
        }
        assert_eq!(
            refused("mean(team.spares > 0) * teams + last(city.fill) + at(9.75, city.fill)"),
            ""
        );
        assert_eq!(refused("variance_trend(20, city.fill)"), "");
    }

    #[test]
    fn results_of_a_kernel_have_names() {
        let results = [("up".to_owned(), 0.5), ("queue_1".to_owned(), 3.0)];
        let value = |text: &str| of_results(&parse(text).expect("it is a formula"), &results);
        assert_eq!(value("abs(up - queue_1)"), Ok(2.5));
        let told = value("queue").expect_err("there is none");
        assert!(told.contains("`queue_1`"), "{told}");
    }
}

//! What a folder tells: its recorded tables, sorted by run, day and sector.
//!
//! Several runs of one design share their days. A figure then shows the median run day by day and the
//! band from the 5th to the 95th percentile; what cannot be averaged (a map, a chain of causes) is
//! shown for one run, the one whose output over all days is the median.

use crate::calendar::Calendar;
use crate::explore::{OF_SECTORS, PROBES};
use crate::{Error, Options};
use prodos_record::{Folder, Manifest, Sector, Table};
use std::collections::HashMap;

pub(crate) const CITY: &str = "series/city.parquet";
const SECTORS: &str = "series/sectors.parquet";
const TEAMS: &str = "series/teams.parquet";
const EVENTS: &str = "events.parquet";
const SUMMARY: &str = "summary.parquet";
/// Days from the start that a row may speak of: more than any run has, and few enough for a calendar.
const MOST_DAYS: f64 = 100_000.0;

/// Everything the figures draw from.
pub(crate) struct Story {
    pub(crate) manifest: Manifest,
    pub(crate) calendar: Option<Calendar>,
    /// The runs that are drawn.
    pub(crate) runs: Vec<i64>,
    /// Runs that failed and are left out.
    pub(crate) failed: Vec<i64>,
    /// The run shown where only one can be.
    pub(crate) chosen: i64,
    /// Recorded days, rising.
    pub(crate) days: Vec<f64>,
    pub(crate) city: Series,
    pub(crate) sectors: Vec<SectorStory>,
    pub(crate) lattice: Option<Lattice>,
    /// Events of the chosen run; none if they were not recorded.
    pub(crate) events: Option<Vec<Event>>,
    /// One row a run, if there is a summary.
    pub(crate) summary: Option<Table>,
    /// The row of each run there.
    row_of: HashMap<i64, usize>,
    /// The experiment as text, if it lies in the folder.
    pub(crate) experiment: Option<String>,
    /// Unit and meaning of the recorded columns of the city.
    pub(crate) meanings: HashMap<String, (String, String)>,
}

/// One sector: how it is called, its place in the city file, its series.
pub(crate) struct SectorStory {
    pub(crate) place: usize,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) series: Series,
}

/// Recorded columns of one entity, run by run, on the story's days.
#[derive(Default)]
pub(crate) struct Series {
    runs: usize,
    days: usize,
    /// Cells of each column, the days of the first run first.
    columns: HashMap<String, Vec<f64>>,
}

/// One recorded event.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) id: i64,
    pub(crate) day: f64,
    pub(crate) kind: String,
    pub(crate) entity: String,
    pub(crate) cause: Option<i64>,
    pub(crate) size: f64,
    pub(crate) detail: String,
}

/// The city grid and the phase of every team on every recorded day.
pub(crate) struct Lattice {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Place of the sector whose team stands in a cell.
    pub(crate) sector: Vec<Option<usize>>,
    /// Recorded days with the phase of each cell, [`Lattice::EMPTY`] where no team stands.
    pub(crate) frames: Vec<(f64, Vec<u8>)>,
}

impl Story {
    /// Unit and meaning of a probe, as recorded.
    pub(crate) fn meaning(&self, probe: &str) -> (&str, &str) {
        if probe == "output_relative" {
            return ("share", "Output over output at rest.");
        }
        let found = self.meanings.get(probe);
        found.map_or(("", ""), |(unit, doc)| (unit, doc))
    }

    /// An outcome of the chosen run, from the summary.
    pub(crate) fn outcome(&self, name: &str) -> Option<f64> {
        self.outcome_of(self.chosen, name)
    }

    /// An outcome of the drawn runs that have it; none if the summary has no such column.
    pub(crate) fn outcomes(&self, name: &str) -> Option<Vec<f64>> {
        let all = self.summary.as_ref()?.floats(name).ok()?;
        let rows = self.runs.iter().filter_map(|run| self.row_of.get(run));
        let values = rows.filter_map(|&row| all.get(row).copied());
        Some(values.filter(|value| value.is_finite()).collect())
    }

    /// An outcome of a run, from the summary.
    pub(crate) fn outcome_of(&self, run: i64, name: &str) -> Option<f64> {
        let all = self.summary.as_ref()?.floats(name).ok()?;
        let value = *all.get(*self.row_of.get(&run)?)?;
        value.is_finite().then_some(value)
    }

    /// Whether there is a row for every day, so that rows can date what happens.
    pub(crate) fn is_daily(&self) -> bool {
        self.days.windows(2).all(|pair| pair[1] - pair[0] <= 1.0)
    }

    /// Which run is spoken of and why, where there are several.
    pub(crate) fn which(&self) -> String {
        if self.runs.len() > 1 {
            format!(" (run\u{a0}{}, whose output is the median)", self.chosen)
        } else {
            String::new()
        }
    }
}

/// Runs that ended before their last day, since something went wrong.
fn failed_runs(summary: &Table) -> Vec<i64> {
    let (Ok(runs), Ok(status)) = (summary.integers("run_id"), summary.words("status")) else {
        return Vec::new();
    };
    let failed = runs
        .iter()
        .zip(status.iter())
        .filter(|(_, status)| *status == "failed");
    failed.map(|(&run, _)| run).collect()
}

/// The row of each run in the summary.
fn rows_of(summary: Option<&Table>) -> HashMap<i64, usize> {
    let runs = summary.and_then(|own| own.integers("run_id").ok());
    let runs = runs.unwrap_or_default().iter().copied();
    runs.zip(0..).collect()
}

impl Lattice {
    /// No team, or a team whose phase is not known.
    pub(crate) const EMPTY: u8 = 4;
}

impl Series {
    fn new(runs: usize, days: usize) -> Series {
        Series {
            runs,
            days,
            columns: HashMap::new(),
        }
    }

    /// A column, made of nothing if it is not there yet.
    fn column(&mut self, name: &str) -> &mut [f64] {
        let cells = self.runs * self.days;
        let new = || vec![f64::NAN; cells];
        self.columns.entry(name.to_owned()).or_insert_with(new)
    }

    /// One column of one run.
    pub(crate) fn run(&self, run: usize, column: &str) -> Option<&[f64]> {
        let cells = self.columns.get(column)?;
        let values = cells.get(run * self.days..(run + 1) * self.days)?;
        values
            .iter()
            .any(|value| value.is_finite())
            .then_some(values)
    }

    /// The median over runs, day by day.
    pub(crate) fn median(&self, column: &str) -> Option<Vec<f64>> {
        self.over_runs(column, |values| quantile(values, 0.5))
    }

    /// The mean over runs, day by day, for shares that must sum to one.
    pub(crate) fn mean(&self, column: &str) -> Option<Vec<f64>> {
        self.over_runs(column, |values| {
            values.iter().sum::<f64>() / values.len() as f64
        })
    }

    /// The 5th and 95th percentile over runs, day by day; none for one run.
    pub(crate) fn band(&self, column: &str) -> Option<(Vec<f64>, Vec<f64>)> {
        if self.runs < 2 {
            return None;
        }
        let low = self.over_runs(column, |values| quantile(values, 0.05))?;
        Some((
            low,
            self.over_runs(column, |values| quantile(values, 0.95))?,
        ))
    }

    /// Adds a column made from others, such as output over output at rest.
    pub(crate) fn derive(&mut self, name: &str, from: [&str; 2], make: impl Fn(f64, f64) -> f64) {
        let [first, second] = from.map(|column| self.columns.get(column));
        if let (Some(first), Some(second)) = (first, second) {
            let both = first.iter().zip(second);
            let made = both.map(|(&a, &b)| make(a, b)).collect();
            self.columns.insert(name.into(), made);
        }
    }

    fn over_runs(&self, column: &str, fold: impl Fn(&mut Vec<f64>) -> f64) -> Option<Vec<f64>> {
        let columns: Vec<&[f64]> = (0..self.runs)
            .filter_map(|run| self.run(run, column))
            .collect();
        let days = columns.first()?.len();
        let mut values = Vec::with_capacity(columns.len());
        let folded = (0..days).map(|day| {
            values.clear();
            values.extend(
                columns
                    .iter()
                    .map(|column| column[day])
                    .filter(|value| value.is_finite()),
            );
            if values.is_empty() {
                f64::NAN
            } else {
                fold(&mut values)
            }
        });
        Some(folded.collect())
    }
}

/// A quantile by linear interpolation; the values are sorted on the way.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = share * (values.len() - 1) as f64;
    let (below, above) = (
        values[place.floor() as usize],
        values[place.ceil() as usize],
    );
    below + (above - below) * place.fract()
}

/// Reads what the figures need, and no more columns than that.
pub(crate) fn read(folder: &Folder, options: &Options) -> Result<Story, Error> {
    if !folder.has(CITY) {
        return Err(Error::NoTable {
            folder: folder.path().to_owned(),
            table: CITY,
        });
    }
    let manifest = folder.manifest().clone();
    let meanings = folder.columns_of(CITY)?.into_iter();
    let meanings = meanings
        .map(|column| (column.name, (column.unit, column.doc)))
        .collect();
    let rows = folder.columns(CITY, |name| ["run_id", "day"].contains(&name))?;
    let mut recorded = rows
        .integers("run_id")
        .map_err(Error::table(CITY))?
        .to_vec();
    recorded.sort_unstable();
    recorded.dedup();
    let summary = if folder.has(SUMMARY) {
        Some(folder.table(SUMMARY)?)
    } else {
        None
    };
    let (runs, failed) = drawn_runs(recorded, summary.as_ref(), options, folder)?;
    check_days(&rows, CITY)?;
    let mut days = rows.floats("day").map_err(Error::table(CITY))?.to_vec();
    drop(rows);
    days.retain(|day| day.is_finite());
    days.sort_by(f64::total_cmp);
    days.dedup();

    let mut city = series(folder, CITY, None, is_drawn, &runs, &days)?
        .remove("")
        .unwrap_or_default();
    derive_ratios(&mut city);
    let row_of = rows_of(summary.as_ref());
    let chosen = median_run(summary.as_ref(), &row_of, &city, &runs);
    let sectors = read_sectors(folder, &manifest.sectors, &runs, &days)?;
    let lattice = if folder.has(TEAMS) {
        let teams = folder.columns(TEAMS, |name| TEAM_COLUMNS.contains(&name))?;
        check_days(&teams, TEAMS)?;
        lattice(&teams, &sectors, chosen)?
    } else {
        None
    };
    let events = if folder.has(EVENTS) {
        let table = folder.table(EVENTS)?;
        check_days(&table, EVENTS)?;
        Some(events(&table, chosen).map_err(Error::table(EVENTS))?)
    } else {
        None
    };
    let experiment = if folder.has("experiment.ron") {
        Some(folder.text("experiment.ron")?)
    } else {
        None
    };
    let calendar = Calendar::parse(&manifest.start_date);
    Ok(Story {
        manifest,
        calendar,
        runs,
        failed,
        chosen,
        days,
        city,
        sectors,
        lattice,
        events,
        summary,
        row_of,
        experiment,
        meanings,
    })
}

/// Refuses days that no run can have; where a row has none, nothing is drawn of it.
fn check_days(table: &Table, name: &'static str) -> Result<(), Error> {
    let days = table.floats("day").unwrap_or_default();
    let far = days
        .iter()
        .find(|day| day.is_finite() && day.abs() > MOST_DAYS);
    far.map_or(Ok(()), |&day| {
        Err(Error::Day {
            table: name,
            day,
            most: MOST_DAYS,
        })
    })
}

/// The runs that are drawn, and those left out since they failed: one that is asked for is drawn in any
/// case, and so are all where all failed.
fn drawn_runs(
    recorded: Vec<i64>,
    summary: Option<&Table>,
    options: &Options,
    folder: &Folder,
) -> Result<(Vec<i64>, Vec<i64>), Error> {
    if let Some(run) = options.run {
        if recorded.contains(&run) {
            return Ok((vec![run], Vec::new()));
        }
        let recorded: Vec<String> = recorded.iter().map(i64::to_string).collect();
        return Err(Error::NoRun {
            folder: folder.path().to_owned(),
            run,
            recorded: recorded.join(", "),
        });
    }
    let broken = summary.map_or(Vec::new(), failed_runs);
    let (failed, whole): (Vec<i64>, Vec<i64>) =
        recorded.into_iter().partition(|run| broken.contains(run));
    Ok(if whole.is_empty() {
        (failed, whole)
    } else {
        (whole, failed)
    })
}

/// Ratios that several figures draw.
fn derive_ratios(series: &mut Series) {
    series.derive(
        "output_relative",
        ["output", "output_at_rest"],
        |made, rest| if rest > 0.0 { made / rest } else { f64::NAN },
    );
}

/// The run whose output is the median, the lower one of an even number; runs without output come last.
fn median_run(
    summary: Option<&Table>,
    row_of: &HashMap<i64, usize>,
    city: &Series,
    runs: &[i64],
) -> i64 {
    let means = summary.and_then(|own| own.floats("output_mean").ok());
    let recorded = |run: i64| {
        let value = *means?.get(*row_of.get(&run)?)?;
        value.is_finite().then_some(value)
    };
    let from_rows = |at: usize| {
        let values = city.run(at, "output")?;
        Some(values.iter().filter(|value| value.is_finite()).sum::<f64>())
    };
    let all_recorded = runs.iter().all(|&run| recorded(run).is_some());
    let mut means: Vec<(f64, i64)> = runs
        .iter()
        .enumerate()
        .filter_map(|(at, &run)| {
            let mean = if all_recorded {
                recorded(run)
            } else {
                from_rows(at)
            };
            Some((mean?, run))
        })
        .collect();
    means.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let middle = means.get((means.len().max(1) - 1) / 2);
    middle.map_or(runs.first().copied().unwrap_or(0), |&(_, run)| run)
}

/// Sorts the wanted columns of a table into series: by word of the key column (the empty word without one), run and
/// day. The table is read batch by batch: it may be too long to hold.
fn series(
    folder: &Folder,
    table: &'static str,
    key: Option<&str>,
    wanted: impl Fn(&str) -> bool,
    runs: &[i64],
    days: &[f64],
) -> Result<HashMap<String, Series>, Error> {
    let keys = ["run_id", "day"].into_iter().chain(key);
    let keys: Vec<&str> = keys.collect();
    let path = folder.path().join(table);
    let mut found: HashMap<String, Series> = HashMap::new();
    for batch in Table::batches(&path, |name| keys.contains(&name) || wanted(name))? {
        let batch = batch?;
        check_days(&batch, table)?;
        let recorded = batch.integers("run_id").map_err(Error::table(table))?;
        let day = batch.floats("day").map_err(Error::table(table))?;
        let place = |row: usize| {
            let run = runs.binary_search(&recorded[row]).ok()?;
            let by_day = |other: &f64| other.total_cmp(&day[row]);
            Some(run * days.len() + days.binary_search_by(by_day).ok()?)
        };
        let places: Vec<Option<usize>> = (0..batch.rows()).map(place).collect();
        let words = match key {
            Some(key) => Some(batch.words(key).map_err(Error::table(table))?.codes()),
            None => None,
        };
        let all = [String::new()];
        let entities = words.map_or(&all[..], |(words, _)| words);
        for (code, entity) in entities.iter().enumerate() {
            let new = || Series::new(runs.len(), days.len());
            let entity = found.entry(entity.clone()).or_insert_with(new);
            for column in batch.columns() {
                let prodos_record::Data::Float(cells) = &column.data else {
                    continue;
                };
                let target = entity.column(&column.name);
                for (row, cell) in cells.iter().enumerate() {
                    let own = words.is_none_or(|(_, codes)| codes[row] as usize == code);
                    if let Some(place) = places[row].filter(|_| own) {
                        target[place] = *cell;
                    }
                }
            }
        }
    }
    Ok(found)
}

/// Columns of the city that figures draw, beside those that are offered for the reader to look into.
fn is_drawn(name: &str) -> bool {
    PROBES.contains(&name)
        || ["phase", "output", "output_at_rest", "churn"].contains(&name)
        || name.starts_with("hours_")
        || name.starts_with("line_")
        || name.contains("_phase_")
}

const SECTOR_COLUMNS: [&str; 4] = ["output", "output_at_rest", "fill", "phase"];

/// Sectors in the order of the manifest, then any it does not name in the order of their code.
fn read_sectors(
    folder: &Folder,
    named: &[Sector],
    runs: &[i64],
    days: &[f64],
) -> Result<Vec<SectorStory>, Error> {
    if !folder.has(SECTORS) {
        return Ok(Vec::new());
    }
    let wanted = |name: &str| SECTOR_COLUMNS.contains(&name) || OF_SECTORS.contains(&name);
    let mut found = series(folder, SECTORS, Some("sector"), wanted, runs, days)?;
    let mut codes: Vec<String> = named.iter().map(|sector| sector.code.clone()).collect();
    let mut others: Vec<String> = found
        .keys()
        .filter(|code| !codes.contains(code))
        .cloned()
        .collect();
    others.sort();
    codes.extend(others);
    let mut sectors = Vec::new();
    for (place, code) in codes.into_iter().enumerate() {
        if let Some(mut series) = found.remove(&code) {
            derive_ratios(&mut series);
            let name = named
                .get(place)
                .map_or_else(String::new, |sector| sector.name.clone());
            sectors.push(SectorStory {
                place,
                code,
                name,
                series,
            });
        }
    }
    Ok(sectors)
}

/// Cells of a grid that may be empty, in all and for each team.
const CELLS_A_GRID: usize = 4096;
const CELLS_A_TEAM: usize = 64;
/// Most columns or rows of a grid.
const MOST_CELLS: i64 = 4096;

const TEAM_COLUMNS: [&str; 6] = ["run_id", "day", "sector", "x", "y", "phase"];

/// The lattice of one run; none if places or phases of teams were not recorded.
fn lattice(table: &Table, sectors: &[SectorStory], chosen: i64) -> Result<Option<Lattice>, Error> {
    if TEAM_COLUMNS.iter().any(|name| table.column(name).is_none()) {
        return Ok(None);
    }
    let integers = |name| table.integers(name).map_err(Error::table(TEAMS));
    let floats = |name| table.floats(name).map_err(Error::table(TEAMS));
    let (runs, xs, ys) = (integers("run_id")?, integers("x")?, integers("y")?);
    let (days, phases) = (floats("day")?, floats("phase")?);
    let words = table.words("sector").map_err(Error::table(TEAMS))?;
    let (words, codes) = words.codes();
    let place_of: Vec<Option<usize>> = words
        .iter()
        .map(|word| {
            sectors
                .iter()
                .find(|sector| sector.code == *word)
                .map(|sector| sector.place)
        })
        .collect();
    let mut order: Vec<usize> = (0..table.rows())
        .filter(|&row| runs[row] == chosen && days[row].is_finite())
        .collect();
    order.sort_by(|&a, &b| days[a].total_cmp(&days[b]));
    if order.is_empty() {
        return Ok(None);
    }
    let pairs = order.windows(2);
    let frames = 1 + pairs.filter(|pair| days[pair[0]] != days[pair[1]]).count();
    let cells: Vec<(i64, i64)> = order.iter().map(|&row| (xs[row], ys[row])).collect();
    let (width, height) = extent(&cells, cells.len().div_ceil(frames))?;
    let mut lattice = Lattice {
        width,
        height,
        sector: vec![None; width * height],
        frames: Vec::new(),
    };
    for row in order {
        let cell = ys[row] as usize * width + xs[row] as usize;
        if lattice
            .frames
            .last()
            .is_none_or(|(day, _)| *day != days[row])
        {
            lattice
                .frames
                .push((days[row], vec![Lattice::EMPTY; width * height]));
        }
        if let Some((_, cells)) = lattice.frames.last_mut() {
            lattice.sector[cell] = place_of[codes[row] as usize];
            cells[cell] = if phases[row].is_nan() {
                Lattice::EMPTY
            } else {
                phases[row].round().clamp(0.0, 3.0) as u8
            };
        }
    }
    Ok(Some(lattice))
}

/// Columns and rows of the grid of so many teams on these cells.
///
/// A grid is little larger than its teams; one that is empty but for a far corner takes more memory than it
/// shows, and is refused.
fn extent(cells: &[(i64, i64)], teams: usize) -> Result<(usize, usize), Error> {
    let refused = |(x, y)| Error::Cell {
        table: TEAMS,
        x,
        y,
        teams,
    };
    let inside = |side| (0..MOST_CELLS).contains(&side);
    if let Some(&cell) = cells.iter().find(|(x, y)| !inside(*x) || !inside(*y)) {
        return Err(refused(cell));
    }
    let (mut width, mut height) = (0, 0);
    for &(x, y) in cells {
        (width, height) = (width.max(x as usize + 1), height.max(y as usize + 1));
        if width * height > CELLS_A_GRID + CELLS_A_TEAM * teams {
            return Err(refused((x, y)));
        }
    }
    Ok((width, height))
}

fn events(table: &Table, chosen: i64) -> Result<Vec<Event>, prodos_record::Error> {
    let (runs, ids, days) = (
        table.integers("run_id")?,
        table.integers("event")?,
        table.floats("day")?,
    );
    let (kinds, entities) = (table.words("kind")?, table.words("entity")?);
    let (causes, sizes) = (
        table.optional_integers("cause_event")?,
        table.floats("size")?,
    );
    let details = table.words("detail").ok();
    let mut events: Vec<Event> = (0..table.rows())
        .filter(|&row| runs[row] == chosen && days[row].is_finite())
        .map(|row| Event {
            id: ids[row],
            day: days[row],
            kind: kinds.get(row).into(),
            entity: entities.get(row).into(),
            cause: causes[row],
            size: sizes[row],
            detail: details.map_or("", |words| words.get(row)).into(),
        })
        .collect();
    events.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.id.cmp(&b.id)));
    Ok(events)
}

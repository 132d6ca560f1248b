//! Sweeps: every run of a design, in chunks that are whole or not there, so that nothing done is lost.
//!
//! A sweep works inside its result folder, in `work/`: a note with the experiment and how it was begun, and chunks of
//! finished runs. Which runs a chunk has depends on experiment and note alone, so that any number of programs can
//! share the work, and any of them can be killed. When all chunks are there, tables are put together in `next/`
//! and take their places, the manifest last; then `work/` goes.

mod against;
mod finish;
mod place;
mod replay;
mod status;
pub(crate) mod tables;
mod work;

pub use finish::{finish, to_try_again};
pub use place::{Task, at_rest, finished, remove};
pub use replay::{Replay, replay};
pub use status::{State, Status, status};
pub use work::{Limits, Part, Tell, Worked};

use crate::conduct::folder_name;
use crate::design::{Plan, plan};
use place::{ALL, Note, Workplace, settle};
use prodos_config::design::{Block, Points};
use prodos_config::{Diagnostics, Experiment, to_ron};
use prodos_record::{Chunks, Folder, Manifest, Spreadsheets, Stretch};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Replicates a point has at most: numbers of runs leave room for so many.
pub const MOST_REPLICATES: i64 = 1_000_000;

/// Work a chunk holds at most, in operator-days: a few seconds of it are lost to whoever is killed.
const WORK_A_CHUNK: f64 = 5e6;
/// Runs a chunk holds at most.
const RUNS_A_CHUNK: usize = 128;
/// Chunks there are at least, while there are runs for them, so that all threads have work.
const CHUNKS_AT_LEAST: usize = 64;

/// One run of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Number of its point.
    pub point: usize,
    /// Which repetition of it, with other draws.
    pub replicate: u32,
}

impl Row {
    /// Its number in tables: points far apart, so that more replicates leave it as it is.
    pub fn run_id(self) -> i64 {
        (self.point as u64).cast_signed() * MOST_REPLICATES + i64::from(self.replicate)
    }

    /// The run of this number.
    pub fn of(run_id: i64) -> Row {
        Row {
            point: (run_id / MOST_REPLICATES) as usize,
            replicate: (run_id % MOST_REPLICATES) as u32,
        }
    }
}

/// What can be wrong with a sweep.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written, or has changed.
    #[error("{0}")]
    Record(#[from] prodos_record::Error),
    /// The experiment in the folder is none.
    #[error("{}: {problems}", path.display())]
    Experiment {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        problems: Diagnostics,
    },
    /// No sweep was begun here.
    #[error("{} holds no sweep: give the folder that `prodos run` printed", path.display())]
    None {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing is left to do.
    #[error("{} is finished: all {runs} runs are in its tables", path.display())]
    Finished {
        /// The folder.
        path: PathBuf,
        /// Runs it has.
        runs: u64,
    },
    /// Another program works on the same.
    #[error(
        "{} is being worked on by another program; `prodos sweep status` says how far it is, and `--shard I/N` shares the work",
        path.display()
    )]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A sweep that is not finished, where one is needed that is.
    #[error(
        "{} is in the middle of a sweep: `prodos sweep resume {}` ends it first",
        path.display(),
        path.display()
    )]
    Unfinished {
        /// The folder.
        path: PathBuf,
    },
    /// A sweep whose ledgers nobody checks was begun in the same folder.
    #[error("{} was begun without --audit: go on without it, or begin anew with --force", path.display())]
    Unaudited {
        /// The folder.
        path: PathBuf,
    },
    /// A sweep of other points or replicates was begun in the same folder.
    #[error(
        "{} is in the middle of a sweep with another number of points or replicates: `prodos sweep resume {}` ends that first, and \
         `prodos sweep top-up` adds more then; or begin anew with --force",
        path.display(), path.display()
    )]
    Begun {
        /// The folder.
        path: PathBuf,
    },
    /// Another build of the program would mix its numbers with those there are.
    #[error(
        "{} was made by another build of the program ({theirs}; this is {own}): go on with that one, or begin anew with --force. \
         Threads, shards, time limits and the place of the folder may change",
        path.display()
    )]
    Build {
        /// The folder.
        path: PathBuf,
        /// The build that began it.
        theirs: String,
        /// This one.
        own: String,
    },
    /// A row that there is not.
    #[error("{} has no run {number}: its table has {rows} rows, which are counted from 0, and the last is run {last}", path.display())]
    NoRow {
        /// The folder.
        path: PathBuf,
        /// The number that was asked for.
        number: i64,
        /// Rows there are.
        rows: usize,
        /// Number of the last run.
        last: i64,
    },
    /// Two folders of different sweeps.
    #[error("{} is another sweep than {}", path.display(), of.display())]
    Another {
        /// The folder.
        path: PathBuf,
        /// The other one.
        of: PathBuf,
    },
    /// The points of the larger design do not begin with those there are.
    #[error(
        "the design with more points has other points from number {point} on, so those there are would not be part of it; \
         `random`, `sobol`, `saltelli` and `morris` grow at their end"
    )]
    Points {
        /// First point that differs.
        point: usize,
    },
    /// Fewer points or replicates than there are.
    #[error(
        "there are {there} {what}, and {asked} are asked for: a sweep that is there only grows"
    )]
    Fewer {
        /// Of what there are fewer.
        what: &'static str,
        /// How many are there.
        there: usize,
        /// How many are asked for.
        asked: usize,
    },
    /// Other replicates, where the design finds how many are needed.
    #[error(
        "how many replicates a point has is decided by `until` of this design; --points adds to it"
    )]
    Until,
    /// Some runs are not there yet.
    #[error(
        "{} lacks {missing} of {of} runs, the first of them {first}; `prodos sweep resume {}` runs them",
        path.display(),
        path.display()
    )]
    Missing {
        /// The folder.
        path: PathBuf,
        /// Runs not there.
        missing: usize,
        /// Runs in all.
        of: usize,
        /// The first that is not there.
        first: i64,
    },
}

/// A sweep that is at work.
#[derive(Debug)]
pub struct Sweep {
    folder: PathBuf,
    experiment: Experiment,
    plan: Plan,
    /// Which world each point is of.
    worlds: Vec<usize>,
    note: Note,
    /// What was finished before and is added to.
    base: Option<Folder>,
    rows: Vec<Row>,
    /// Worlds of which every run is done again.
    anew: BTreeSet<usize>,
}

const EXPERIMENT: &str = "experiment.ron";

impl Sweep {
    /// Begins a sweep in its result folder, or goes on with it where it was begun. A finished folder is added to.
    ///
    /// Nothing is written where the folder cannot become what is asked for.
    pub fn begin(
        experiment: &Experiment,
        folder: &Path,
        build: &str,
        audit: bool,
        task: Task,
    ) -> Result<Sweep, Error> {
        settle(folder)?;
        let path = || folder.to_owned();
        let place = Workplace::of(folder);
        let text = to_ron(experiment);
        if place.note()?.is_none() {
            let base = base(folder)?;
            if let Some(base) = &base {
                is_of(folder, &base.manifest().build, build)?;
                base.verify()?;
                grows(&read(&folder.join(EXPERIMENT))?, experiment)?;
            }
            let base = base.map_or_else(String::new, |base| base.manifest().manifest.clone());
            place.begin(&Note {
                experiment: text.clone(),
                build: build.to_owned(),
                audit,
                task,
                base,
            })?;
        }
        let sweep = Sweep::open(folder, build)?;
        if sweep.note.experiment != text {
            return Err(Error::Begun { path: path() });
        }
        if audit && !sweep.note.audit {
            return Err(Error::Unaudited { path: path() });
        }
        Ok(sweep)
    }

    /// A sweep that was begun, to go on with.
    pub fn open(folder: &Path, build: &str) -> Result<Sweep, Error> {
        settle(folder)?;
        let sweep = Sweep::look(folder)?;
        is_of(folder, &sweep.note.build, build)?;
        Ok(sweep)
    }

    /// A sweep that was begun, to look at.
    fn look(folder: &Path) -> Result<Sweep, Error> {
        let place = Workplace::of(folder);
        let Some(note) = place.note()? else {
            let path = folder.to_owned();
            return Err(match base(folder)? {
                Some(base) => Error::Finished {
                    path,
                    runs: base.manifest().runs,
                },
                None => Error::None { path },
            });
        };
        let name = folder.join(EXPERIMENT).display().to_string();
        let options = prodos_config::Options::default();
        let experiment = prodos_config::load_text(&name, &note.experiment, &[], &options);
        let experiment = experiment.map_err(|problems| Error::Experiment {
            path: folder.to_owned(),
            problems,
        })?;
        let plan = plan(&experiment);
        let worlds = worlds(&plan);
        let base = note.base_in(folder)?;
        let whole = all(&plan, &experiment);
        let mut anew = BTreeSet::new();
        let rows = match &note.task {
            Task::Missing => {
                let before = base.as_ref().map(Folder::manifest);
                let (points, replicates) =
                    before.map_or((0, 0), |own| (own.points, own.replicates));
                let end = u64::from(experiment.first_replicate) + replicates;
                let had = |row: &Row| (row.point as u64) < points && u64::from(row.replicate) < end;
                whole.filter(|row| !had(row)).collect()
            }
            Task::Again(runs) if experiment.until.is_none() => {
                runs.iter().copied().map(Row::of).collect()
            }
            Task::Again(runs) => {
                // How many replicates a world needs is decided anew, from all of them.
                anew = runs.iter().map(|run| worlds[Row::of(*run).point]).collect();
                whole
                    .filter(|row| anew.contains(&worlds[row.point]))
                    .collect()
            }
        };
        Ok(Sweep {
            folder: folder.to_owned(),
            experiment,
            worlds,
            plan,
            note,
            base,
            rows,
            anew,
        })
    }

    /// Its result folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The experiment.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Its points.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Which tables what is added to has as CSV as well; nothing where nothing is there.
    pub fn spreadsheets(&self) -> Option<Spreadsheets> {
        self.base.as_ref().map(Spreadsheets::of)
    }

    /// Runs there will be in the tables, at least where replicates are added as they are needed.
    pub fn runs(&self) -> usize {
        self.plan.points.len() * self.experiment.replicates as usize
    }

    /// Whether a run that was finished before is done again.
    fn does_again(&self, run: i64) -> bool {
        match &self.note.task {
            Task::Missing => false,
            Task::Again(runs) => {
                runs.contains(&run) || self.anew.contains(&self.worlds[Row::of(run).point])
            }
        }
    }

    /// Those of what was finished before that stay as they are.
    fn kept(&self, of: impl Fn(&Manifest) -> &BTreeMap<i64, String>) -> BTreeMap<i64, String> {
        let told = self.base.iter().flat_map(|base| of(base.manifest()));
        let kept = told.filter(|(run, _)| !self.does_again(**run));
        kept.map(|(run, why)| (*run, why.clone())).collect()
    }

    /// Takes in the chunks of the same sweep in another folder, and its diary.
    pub fn adopt(&self, other: &Sweep) -> Result<(), Error> {
        let _alone = self.place().lock(ALL, false)?;
        self.is_still()?;
        if self.note != other.note {
            return Err(Error::Another {
                path: other.folder.clone(),
                of: self.folder.clone(),
            });
        }
        let (own, there) = (self.chunks(), other.chunks());
        let names = there.names()?;
        let wanted = other.layout().into_iter();
        for chunk in wanted.filter(|chunk| names.contains(&chunk.name)) {
            own.adopt(&there, &chunk.name)?;
        }
        work::adopt_stretches(self, other)
    }

    fn place(&self) -> Workplace {
        Workplace::of(&self.folder)
    }

    fn chunks(&self) -> Chunks {
        Chunks::of(&self.place().chunks(&self.note))
    }

    /// The chunks of this sweep; a world to which replicates are added as long as they are needed is one.
    fn layout(&self) -> Vec<Chunk> {
        if self.experiment.until.is_some() {
            let worlds = self
                .rows
                .chunk_by(|one, other| self.worlds[one.point] == self.worlds[other.point]);
            let each = worlds.enumerate();
            return each
                .map(|(span, rows)| Chunk {
                    name: format!("{span:07}"),
                    rows: rows.to_vec(),
                    span,
                })
                .collect();
        }
        let most = runs_a_chunk(&self.experiment, self.rows.len());
        cut(&self.rows, &self.worlds, most)
    }
}

/// Runs that are done and committed together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chunk {
    name: String,
    /// Its runs, in the order of their numbers.
    rows: Vec<Row>,
    /// Chunks with the same span have runs whose numbers lie between each other.
    span: usize,
}

/// Which world each point is of: points of one world differ in scenario and policy alone.
fn worlds(plan: &Plan) -> Vec<usize> {
    let mut worlds: Vec<usize> = Vec::with_capacity(plan.points.len());
    for (k, point) in plan.points.iter().enumerate() {
        let same = k > 0 && {
            let before = &plan.points[k - 1];
            before.block == point.block && before.values == point.values
        };
        let last = worlds.last().copied();
        worlds.push(last.map_or(0, |last| if same { last } else { last + 1 }));
    }
    worlds
}

/// Cuts runs into chunks of so many at most, or of one replicate of one world where that has more.
fn cut(rows: &[Row], worlds: &[usize], most: usize) -> Vec<Chunk> {
    let mut spans: Vec<Vec<Vec<Row>>> = Vec::new();
    let mut open: Vec<Row> = Vec::new();
    for world in rows.chunk_by(|one, other| worlds[one.point] == worlds[other.point]) {
        if !open.is_empty() && open.len() + world.len() > most {
            spans.push(vec![std::mem::take(&mut open)]);
        }
        if world.len() <= most {
            open.extend(world);
        } else {
            spans.push(by_replicate(world, most));
        }
    }
    if !open.is_empty() {
        spans.push(vec![open]);
    }
    let spans = spans.into_iter().enumerate();
    let each = spans.flat_map(|(span, parts)| parts.into_iter().map(move |rows| (span, rows)));
    each.enumerate()
        .map(|(index, (span, rows))| Chunk {
            name: format!("{index:07}"),
            rows,
            span,
        })
        .collect()
}

/// Parts of a world, each with whole replicates of it.
fn by_replicate(world: &[Row], most: usize) -> Vec<Vec<Row>> {
    let mut rows = world.to_vec();
    rows.sort_by_key(|row| (row.replicate, row.point));
    let mut parts: Vec<Vec<Row>> = Vec::new();
    for together in rows.chunk_by(|one, other| one.replicate == other.replicate) {
        match parts.last_mut() {
            Some(part) if part.len() + together.len() <= most => part.extend(together),
            _ => parts.push(together.to_vec()),
        }
    }
    for part in &mut parts {
        part.sort();
    }
    parts
}

/// Runs a whole sweep without a word, audited where the manifest says so.
pub fn whole(experiment: &Experiment, outputs: &Path, manifest: Manifest) -> Result<Folder, Error> {
    struct Silent;
    impl Tell for Silent {
        fn committed(&self, _: usize, _: usize) {}
    }
    let folder = outputs.join(folder_name(experiment));
    let audit = manifest.audited;
    let sweep = Sweep::begin(experiment, &folder, &manifest.build, audit, Task::Missing)?;
    let (limits, stretch) = (Limits::default(), Stretch::default());
    sweep.work(Part::WHOLE, limits, stretch, &String::new, &Silent)?;
    finish(&sweep, Spreadsheets::default(), manifest)
}

/// How large a design is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Runs, at least.
    pub runs: usize,
    /// Chunks that are brought to the disk.
    pub chunks: usize,
    /// Days that are stepped through, those that several runs have in common once.
    pub stepped: f64,
}

/// How large the design of an experiment is.
pub fn extent(experiment: &Experiment) -> Extent {
    let plan = plan(experiment);
    let worlds = worlds(&plan);
    let rows: Vec<Row> = all(&plan, experiment).collect();
    let count = worlds.last().map_or(0, |last| last + 1);
    let pasts = count as f64 * f64::from(experiment.replicates);
    let before = f64::from(experiment.branch_at);
    let after = f64::from(experiment.days) - before;
    Extent {
        runs: rows.len(),
        chunks: match &experiment.until {
            Some(_) => count,
            None => cut(&rows, &worlds, runs_a_chunk(experiment, rows.len())).len(),
        },
        stepped: pasts * (f64::from(experiment.city.burn_in) + before) + rows.len() as f64 * after,
    }
}

/// A design of about so many runs of it: points of each block evenly from first to last, and fewer replicates.
pub fn sample(experiment: &Experiment, runs: usize) -> Experiment {
    let mut part = experiment.clone();
    let plan = plan(experiment);
    let variants = experiment
        .design
        .iter()
        .map(Block::variants)
        .max()
        .unwrap_or(1);
    let points = runs
        .div_ceil(variants)
        .min(plan.points.len() / variants)
        .max(1);
    let replicates = (runs / (points * variants)).max(1) as u32;
    part.replicates = replicates.min(experiment.replicates);
    for (index, block) in part.design.iter_mut().enumerate() {
        let paths: Vec<String> = block.paths().map(str::to_owned).collect();
        if paths.is_empty() {
            continue;
        }
        let own = plan.points.iter().filter(|point| point.block == index);
        let own: Vec<_> = own.step_by(block.variants()).collect();
        let wanted = points.min(own.len()).max(2.min(own.len()));
        let row = |nth: usize| {
            let values = own[nth * own.len() / wanted].values.iter().cloned();
            paths.iter().cloned().zip(values).collect()
        };
        block.list = (0..wanted).map(row).collect();
        block.points = Points::List;
        block.vary.clear();
        block.such_that.clear();
        (block.count, block.levels) = (0, 0);
    }
    part
}

/// Every run of a design, in the order of its number.
fn all(plan: &Plan, experiment: &Experiment) -> impl Iterator<Item = Row> + use<> {
    let points = 0..plan.points.len();
    let first = experiment.first_replicate;
    let replicates = first..first + experiment.replicates;
    points.flat_map(move |point| {
        let own = replicates.clone();
        own.map(move |replicate| Row { point, replicate })
    })
}

/// Runs of which rows are in memory at most: a chunk a thread, and as many that wait for the disk.
pub(crate) fn runs_at_once(experiment: &Experiment) -> usize {
    let points = plan(experiment).points.len();
    let runs = points * experiment.replicates as usize;
    if let Some(until) = &experiment.until {
        let variants = experiment.design.iter().map(Block::variants).max();
        let world = variants.unwrap_or(1) * until.most as usize;
        return world * (2 * rayon::current_num_threads() + 1).min(points);
    }
    let chunks = 2 * rayon::current_num_threads() + 1;
    (chunks * runs_a_chunk(experiment, runs)).min(runs)
}

/// Runs of a chunk: a few seconds of work, and no more than leave work for many threads.
fn runs_a_chunk(experiment: &Experiment, runs: usize) -> usize {
    let days = f64::from(experiment.days + experiment.city.burn_in);
    let work = (crate::conduct::operators(experiment) * days).max(1.0);
    let by_work = (WORK_A_CHUNK / work) as usize;
    let by_threads = runs / CHUNKS_AT_LEAST;
    by_work.min(by_threads).clamp(1, RUNS_A_CHUNK)
}

/// The experiment of a folder.
fn read(path: &Path) -> Result<Experiment, Error> {
    prodos_config::load(path, &[], &prodos_config::Options::default()).map_err(|problems| {
        Error::Experiment {
            path: path.to_owned(),
            problems,
        }
    })
}

/// That results come from one build of the program.
fn is_of(folder: &Path, theirs: &str, own: &str) -> Result<(), Error> {
    if theirs == own {
        return Ok(());
    }
    Err(Error::Build {
        path: folder.to_owned(),
        theirs: theirs.to_owned(),
        own: own.to_owned(),
    })
}

/// What is finished in a folder, if anything is. Fails where that cannot be read.
fn base(folder: &Path) -> Result<Option<Folder>, Error> {
    match Folder::open(folder) {
        Err(prodos_record::Error::NotAFolder { .. }) => Ok(None),
        base => Ok(Some(base?)),
    }
}

/// That a design has all points and replicates of an earlier one, so that it can grow to it.
pub fn grows(before: &Experiment, after: &Experiment) -> Result<(), Error> {
    if after.until.is_some() && after.replicates != before.replicates {
        return Err(Error::Until);
    }
    if after.replicates < before.replicates {
        return Err(Error::Fewer {
            what: "replicates a point",
            there: before.replicates as usize,
            asked: after.replicates as usize,
        });
    }
    let [before, after] = [before, after].map(|own| plan(own).points);
    if after.len() < before.len() {
        return Err(Error::Fewer {
            what: "points",
            there: before.len(),
            asked: after.len(),
        });
    }
    let mut pairs = before.iter().zip(&after);
    match pairs.position(|(one, other)| one != other) {
        Some(point) => Err(Error::Points { point }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, cut};

    fn rows(points: usize, replicates: u32) -> Vec<Row> {
        let points = 0..points;
        let each = |point| (0..replicates).map(move |replicate| Row { point, replicate });
        points.flat_map(each).collect()
    }

    #[test]
    fn what_shares_a_past_is_in_one_chunk_and_small_worlds_share_chunks() {
        // Three worlds of two points each, with two replicates.
        let worlds = [0, 0, 1, 1, 2, 2];
        let all = rows(6, 2);
        let sizes = |most: usize| -> Vec<(usize, usize)> {
            let chunks = cut(&all, &worlds, most);
            let told = chunks.iter().map(|chunk| (chunk.rows.len(), chunk.span));
            told.collect()
        };
        assert_eq!(sizes(100), [(12, 0)]);
        assert_eq!(sizes(8), [(8, 0), (4, 1)]);
        assert_eq!(sizes(5), [(4, 0), (4, 1), (4, 2)]);
        let halves = [(2, 0), (2, 0), (2, 1), (2, 1), (2, 2), (2, 2)];
        assert_eq!(sizes(3), halves);
        assert_eq!(sizes(1), halves, "one replicate of a world stays together");
        let first = &cut(&all, &worlds, 2)[0];
        assert_eq!(
            first.rows,
            [(0, 0), (1, 0)].map(|(point, replicate)| Row { point, replicate })
        );
        let mut cut_again: Vec<Row> = cut(&all, &worlds, 3)
            .into_iter()
            .flat_map(|chunk| chunk.rows)
            .collect();
        cut_again.sort();
        assert_eq!(cut_again, all);
    }
}

//! The program `prodos`.
//!
//! A thin door: it reads the command line, hands over to the crates that do the work, and tells a
//! person what happened. Results go to files, a short summary to standard output, progress and
//! errors to standard error.

mod begin;
mod compare;
mod estimate;
mod explain;
mod memory;
mod progress;
mod run;
mod say;
mod sweep;
mod verify;

use clap::{Args, CommandFactory, Parser, Subcommand};
use prodos_config::Override;
use prodos_record::Spreadsheets;
use std::path::PathBuf;
use std::process::ExitCode;

/// Will this city keep itself running, what breaks it, and how early would we know?
#[derive(Parser)]
#[command(name = "prodos", version, arg_required_else_help = false)]
#[command(after_help = "Example:\n  prodos run configs/experiments/harbour.ron")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run an experiment and draw its figures and report.
    #[command(after_help = "Examples:
  prodos run configs/experiments/uk-baseline.ron
  prodos run configs/experiments/harbour.ron --days 365 --set wear.scale=200 --seed 7")]
    Run(Run),
    /// Check files without running them; all problems at once.
    #[command(after_help = "Example:\n  prodos check configs/experiments/*.ron")]
    Check(Check),
    /// Redraw figures and report of a result folder from its recorded tables alone.
    #[command(after_help = "Example:\n  prodos report outputs/harbour-b91b2546")]
    Report(Report),
    /// Say what a word means: a parameter, a probe, a step, a room, a phase, an idea, or `tick`.
    #[command(after_help = "Examples:
  prodos explain wear.scale
  prodos explain offered_load
  prodos explain tick")]
    Explain(Explain),
    /// Plan, run, resume, share, add to and replay the runs of a design.
    #[command(
        subcommand,
        after_help = "Examples:
  prodos sweep plan my-sweep.ron
  prodos sweep resume outputs/my-sweep-1a2b3c4d"
    )]
    Sweep(Life),
    /// Run two policies under the same draws, and say by how much each outcome differs.
    #[command(after_help = "Examples:
  prodos compare as-it-is.ron more-inspection.ron
  prodos compare outputs/as-it-is-1a2b3c4d outputs/more-inspection-5e6f7a8b --outcome output_min")]
    Compare(Compare),
    /// Compare the program with published results.
    #[command(after_help = "Examples:
  prodos verify
  prodos verify --full
  prodos verify v01 my-case.ron")]
    Verify(Verify),
    /// Write a commented experiment to start from, with a small city beside it.
    #[command(after_help = "Example:\n  prodos init my-question && prodos run my-question.ron")]
    Init(Init),
    /// Print completions for a shell.
    #[command(
        after_help = "Example:\n  prodos completions bash > ~/.local/share/bash-completion/completions/prodos"
    )]
    Completions(Completions),
    /// Print the JSON schema of all files, for editors and checks.
    #[command(after_help = "Example:\n  prodos schema > prodos.schema.json")]
    Schema,
    /// Print the manual page.
    #[command(after_help = "Example:\n  prodos man > prodos.1 && man ./prodos.1")]
    Man,
}

#[derive(Subcommand)]
enum Life {
    /// Say what would be run; nothing is written.
    #[command(after_help = "Example:\n  prodos sweep plan my-sweep.ron")]
    Plan(PlanSweep),
    /// Run a design, the same as `prodos run`.
    #[command(after_help = "Examples:
  prodos sweep run my-sweep.ron
  prodos sweep run my-sweep.ron --shard 1/4 --timeout 60")]
    Run(Run),
    /// Go on with a sweep that was interrupted.
    #[command(after_help = "Example:\n  prodos sweep resume outputs/my-sweep-1a2b3c4d")]
    Resume(Resume),
    /// Say how far a sweep is.
    #[command(after_help = "Example:\n  prodos sweep status outputs/my-sweep-1a2b3c4d")]
    Status(OfFolder),
    /// Add points or replicates to a finished sweep; runs that are there stay as they are.
    #[command(
        after_help = "Example:\n  prodos sweep top-up outputs/my-sweep-1a2b3c4d --replicates 40"
    )]
    TopUp(TopUp),
    /// Run again what failed or took too long.
    #[command(
        after_help = "Example:\n  prodos sweep retry outputs/my-sweep-1a2b3c4d --timeout 600"
    )]
    Retry(Resume),
    /// Put the tables together that shards have left, in one folder or in several.
    #[command(
        after_help = "Example:\n  prodos sweep merge outputs/my-sweep-1a2b3c4d /elsewhere/my-sweep-1a2b3c4d"
    )]
    Merge(Merge),
    /// Run one row of a finished sweep again, recorded in full, and compare it with the table.
    #[command(after_help = "Example:\n  prodos sweep replay outputs/my-sweep-1a2b3c4d --row 17")]
    Replay(Replay),
}

#[derive(Args)]
struct PlanSweep {
    /// Experiment file.
    experiment: PathBuf,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Args)]
struct Compare {
    /// Experiment file or result folder that the other is compared with.
    first: PathBuf,
    /// Experiment file or result folder.
    second: PathBuf,
    /// Outcome that is told first; that of the first experiment's `headline` unless said.
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    #[command(flatten)]
    changes: Changes,
    /// Folder for the result folders.
    #[arg(long, value_name = "DIR", default_value = "outputs")]
    out: PathBuf,
    /// Run experiments again that have results.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    working: Working,
}

#[derive(Args)]
struct OfFolder {
    /// Result folder.
    folder: PathBuf,
}

#[derive(Args)]
struct Resume {
    /// Result folder.
    folder: PathBuf,
    #[command(flatten)]
    working: Working,
}

#[derive(Args)]
struct TopUp {
    /// Result folder.
    folder: PathBuf,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    working: Working,
}

/// How large a design is.
#[derive(Args)]
struct Shape {
    /// Replicates of each point.
    #[arg(long, value_name = "N")]
    replicates: Option<u32>,
    /// `count` of its last block.
    #[arg(long, value_name = "N")]
    points: Option<u32>,
}

#[derive(Args)]
struct Merge {
    /// Result folders; tables go to the first.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    form: Form,
}

#[derive(Args)]
struct Replay {
    /// Result folder.
    folder: PathBuf,
    /// Which run: its `run_id`, or else its place in the table from 0 on.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<i64>)]
    row: i64,
    /// Folder for the result folder of the run; beside that of the sweep unless said.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// No progress.
    #[arg(long)]
    quiet: bool,
}

/// How work is done; it does not change results.
#[derive(Args)]
struct Working {
    /// Do this part of N alone; `merge` joins them.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<prodos_experiment::sweep::Part>,
    /// Seconds that a run may take, its burn-in with it; one that takes longer is left out.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<f64>,
    /// Begin nothing new after so long, and stop: 90s, 45m, 11h.
    #[arg(long, value_name = "TIME", value_parser = span)]
    deadline: Option<f64>,
    #[command(flatten)]
    form: Form,
    /// Threads to use; results do not depend on it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    threads: Option<u16>,
    /// No progress.
    #[arg(long)]
    quiet: bool,
}

/// In which forms tables are written.
#[derive(Args)]
struct Form {
    /// Which tables there are as CSV beside Parquet: none, or all; summaries and differences unless said.
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
}

/// Forms of tables.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Parquet alone.
    Parquet,
    /// CSV as well, of every table.
    #[value(alias = "both")]
    Csv,
}

impl Form {
    /// The tables that are asked for as CSV, if any are named.
    fn asked(&self) -> Option<Spreadsheets> {
        Some(match self.format? {
            Format::Parquet => Spreadsheets::None,
            Format::Csv => Spreadsheets::All,
        })
    }

    /// What a finished folder lacks that is asked for.
    fn lacks(&self, folder: &prodos_record::Folder) -> Option<String> {
        self.asked()
            .filter(|wanted| !wanted.are_in(folder))
            .map(|_| {
                format!(
                    "error: {} has not all tables as CSV; `prodos run FILE --force` runs it again",
                    folder.path().display()
                )
            })
    }
}

#[derive(Args)]
struct Explain {
    /// The word.
    #[arg(required = true)]
    word: Vec<String>,
}

#[derive(Args)]
struct Init {
    /// Name of the experiment; `NAME.ron` is written.
    name: String,
}

#[derive(Args)]
struct Completions {
    /// For which shell.
    shell: clap_complete::Shell,
}

#[derive(Args)]
struct Run {
    /// Experiment file.
    experiment: Option<PathBuf>,
    #[command(flatten)]
    changes: Changes,
    /// Folder for result folders.
    #[arg(long, default_value = "outputs", value_name = "DIR")]
    out: PathBuf,
    /// Check the ledgers of every team on every day: hours, goods, jobs, cash, posts and waits.
    #[arg(long)]
    audit: bool,
    /// Replace an existing result folder.
    #[arg(long)]
    force: bool,
    /// Save a single run every so many days, beside its result folder, so that `--from` can go on from there.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    save_every: Option<u32>,
    /// Go on from a saved run, or from the newest of a `.saved` folder: the same run, or one whose scenario and policy are
    /// others from that day on.
    #[arg(long, value_name = "SAVED")]
    from: Option<PathBuf>,
    #[command(flatten)]
    working: Working,
}

#[derive(Args)]
struct Check {
    /// Files of any kind: experiments, cities, scenarios, policies, cases.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Args)]
struct Report {
    /// Result folder.
    folder: PathBuf,
    /// Figures of this run of a design alone.
    #[arg(long, value_name = "ID", allow_negative_numbers = true, value_parser = whole::<i64>)]
    run: Option<i64>,
}

#[derive(Args)]
struct Verify {
    /// Case files, folders of them, or names of shipped cases; all quick ones of `configs/verification` unless said.
    cases: Vec<PathBuf>,
    /// Also what takes long; of cases that are named all is tried.
    #[arg(long)]
    full: bool,
    /// Folder for the folder with table and page.
    #[arg(long, default_value = "outputs", value_name = "DIR")]
    out: PathBuf,
    /// Threads to use; results do not depend on it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    threads: Option<u16>,
}

/// Changes to the experiment from the command line.
#[derive(Args, Default)]
struct Changes {
    /// Root seed of all draws.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<i128>)]
    seed: Option<i128>,
    /// Days to record.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<i64>)]
    days: Option<i64>,
    /// People that one operator stands for.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number)]
    scale: Option<f64>,
    /// Set any value, for example `wear.scale=300` or `scenario.shocks.0.size=0.5`.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<Override>,
}

/// A whole number of the command line; the range is checked with that of the files.
fn whole<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    let expected = |_| "expected a whole number in digits alone, for example 7".to_owned();
    text.parse().map_err(expected)
}

/// A number of the command line.
fn number(text: &str) -> Result<f64, String> {
    let expected = |_| "expected a number, for example 500".to_owned();
    text.parse().map_err(expected)
}

/// A part of some, from 1 on.
fn shard(text: &str) -> Result<prodos_experiment::sweep::Part, String> {
    let parts = text.split_once('/');
    let parts =
        parts.and_then(|(one, of)| Some((one.parse::<usize>().ok()?, of.parse::<usize>().ok()?)));
    match parts {
        Some((one, of)) if (1..=of).contains(&one) && of <= 100_000 => {
            Ok(prodos_experiment::sweep::Part { index: one - 1, of })
        }
        _ => Err("expected a part and how many there are, for example 1/4 to 4/4".to_owned()),
    }
}

/// A number of seconds above 0.
fn seconds(text: &str) -> Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|own: &f64| own.is_finite() && *own > 0.0);
    number.ok_or_else(|| "expected a number of seconds above 0, for example 60".to_owned())
}

/// A span of time in seconds.
fn span(text: &str) -> Result<f64, String> {
    let units = [("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let parsed = units
        .iter()
        .find_map(|(unit, size)| Some(size * text.strip_suffix(unit)?.parse::<f64>().ok()?));
    let parsed = parsed.or_else(|| text.parse().ok());
    let parsed = parsed.filter(|own| (0.0..=1e9).contains(own));
    parsed.ok_or_else(|| "expected a span of time, for example 90s, 45m or 11h".to_owned())
}

/// A number of threads.
fn threads(text: &str) -> Result<u16, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=256).contains(number));
    number.ok_or_else(|| "expected a whole number from 1 to 256".to_owned())
}

impl Changes {
    fn options(&self) -> prodos_config::Options {
        prodos_config::Options {
            seed: self.seed,
            days: self.days,
            scale: self.scale,
            replicates: None,
        }
    }
}

/// The command line, for pages that describe it.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Does what the command line says, and gives the exit code.
pub fn main() -> ExitCode {
    // Exit code 2 is clap's own for usage.
    match Cli::parse().command {
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Check(arguments)) => run::check(&arguments),
        Some(Command::Sweep(life)) => sweep::live(&life),
        Some(Command::Report(arguments)) => run::report(&arguments),
        Some(Command::Compare(arguments)) => compare::compare(&arguments),
        Some(Command::Verify(arguments)) => verify::verify_cases(&arguments),
        Some(Command::Explain(arguments)) => explain::explain(&arguments.word.join(" ")),
        Some(Command::Init(arguments)) => begin::init(&arguments.name),
        Some(Command::Completions(arguments)) => {
            begin::completions(arguments.shell, Cli::command())
        }
        Some(Command::Schema) => begin::schema(),
        Some(Command::Man) => begin::manual(Cli::command()),
        None => say::usage("say what to do"),
    }
}

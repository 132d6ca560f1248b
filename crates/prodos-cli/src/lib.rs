//! The program `prodos`.
//!
//! A thin door: it reads the command line, hands over to the crates that do the work, and tells a
//! person what happened. Results go to files, a short summary to standard output, progress and
//! errors to standard error.

mod begin;
mod estimate;
mod explain;
mod memory;
mod progress;
mod run;
mod say;
mod verify;

use clap::{Args, CommandFactory, Parser, Subcommand};
use prodos_config::Override;
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
    #[command(after_help = "Example:\n  prodos report outputs/harbour-6348fc7f")]
    Report(Report),
    /// Say what a word means: a parameter, a probe, a step, a room, a phase, an idea, or `tick`.
    #[command(after_help = "Examples:
  prodos explain wear.scale
  prodos explain offered_load
  prodos explain tick")]
    Explain(Explain),
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
    /// Threads to use; results do not depend on it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    threads: Option<u16>,
    /// Check the ledgers of every team on every day: hours, goods, jobs, cash, posts and waits.
    #[arg(long)]
    audit: bool,
    /// Replace an existing result folder.
    #[arg(long)]
    force: bool,
    /// No progress.
    #[arg(long)]
    quiet: bool,
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
#[derive(Args)]
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
        Some(Command::Report(arguments)) => run::report(&arguments),
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

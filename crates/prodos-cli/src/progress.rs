//! Progress: a bar or a line that changes on a terminal, a plain line every ten seconds elsewhere.

use crate::say::{Exit, complain};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use prodos_config::Experiment;
use prodos_experiment::sweep::Tell;
use prodos_experiment::{Progress, verification};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(10);
/// Between two changes of a line on a terminal.
const BLINK: Duration = Duration::from_millis(100);

/// When something was last said.
struct Said(Mutex<Instant>);

impl Said {
    fn now() -> Self {
        Said(Mutex::new(Instant::now()))
    }

    /// Whether it is time to say something again; then it counts as said.
    fn is_long_ago(&self, pause: Duration) -> bool {
        let Ok(mut said) = self.0.lock() else {
            return false;
        };
        let is = said.elapsed() >= pause;
        if is {
            *said = Instant::now();
        }
        is
    }
}

/// A bar that counts so many of something, where there is a terminal to show it.
fn bar(what: &str, of: u64, quiet: bool) -> Option<ProgressBar> {
    let on_terminal = std::io::stderr().is_terminal() && !quiet;
    on_terminal.then(|| {
        let style = format!("{{bar:32}} {what} {{pos}} of {{len}}, {{eta}} left");
        let style = ProgressStyle::with_template(&style);
        let bar = ProgressBar::with_draw_target(Some(of), ProgressDrawTarget::stderr());
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    })
}

/// Tells how far a single run has come.
pub(crate) struct Teller {
    bar: Option<ProgressBar>,
    burn_in: f64,
    of: f64,
    began: Instant,
    said: Said,
    quiet: bool,
}

impl Teller {
    /// A teller for a run of an experiment; its burn-in is not counted.
    pub(crate) fn new(experiment: &Experiment, quiet: bool) -> Self {
        let (burn_in, of) = (experiment.city.burn_in.into(), f64::from(experiment.days));
        let bar = bar("day", of as u64, quiet);
        let began = Instant::now();
        Teller {
            bar,
            burn_in,
            of,
            began,
            said: Said::now(),
            quiet,
        }
    }

    /// Takes in how far the run has come.
    pub(crate) fn tell(&self, progress: Progress) {
        let recorded = (progress.done - self.burn_in).max(0.0);
        if let Some(bar) = &self.bar {
            bar.set_position(recorded as u64);
            return;
        }
        if self.quiet || !self.said.is_long_ago(PAUSE) {
            return;
        }
        let left = progress.of / progress.done.max(1.0) - 1.0;
        let left = self.began.elapsed().as_secs_f64() * left;
        complain!("day {recorded:.0} of {:.0}, {left:.0} s left", self.of);
    }

    /// Ends the bar.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Tells how far a sweep has come, and at Ctrl-C what is done and how to go on.
pub(crate) struct RunsTeller {
    bar: Option<ProgressBar>,
    committed: Arc<AtomicUsize>,
    /// Runs that were there when it began to hear.
    before: OnceLock<usize>,
    of: usize,
    began: Instant,
    said: Said,
    quiet: bool,
}

/// What is said at Ctrl-C, of whatever is at work then.
static SAYS: Mutex<Option<Box<dyn Fn() -> String + Send>>> = Mutex::new(None);

/// From now on this is said at Ctrl-C, and the program ends as one whose work is not done.
///
/// Whoever cannot listen for Ctrl-C ends at once, as programs do; what is on the disk is whole in either case.
pub(crate) fn at_interrupt(says: impl Fn() -> String + Send + 'static) {
    if let Ok(mut own) = SAYS.lock() {
        *own = Some(Box::new(says));
    }
    // Who listens already goes on listening.
    let _ = ctrlc::set_handler(|| {
        if let Ok(says) = SAYS.lock()
            && let Some(says) = &*says
        {
            complain!("\ninterrupted: {}", says());
        }
        std::process::exit(i32::from(Exit::Incomplete as u8));
    });
}

impl RunsTeller {
    /// A teller for so many runs, some of which may be there already.
    pub(crate) fn new(of: usize, how_on: &str, quiet: bool) -> Self {
        let bar = bar("run", of as u64, quiet);
        let committed = Arc::new(AtomicUsize::new(0));
        let (done, how_on) = (Arc::clone(&committed), how_on.to_owned());
        at_interrupt(move || {
            let done = done.load(Ordering::Relaxed);
            let of = of.max(done);
            format!("{done} of {of} runs are on the disk. Go on with: {how_on}")
        });
        RunsTeller {
            bar,
            committed,
            before: OnceLock::new(),
            of,
            began: Instant::now(),
            said: Said::now(),
            quiet,
        }
    }

    /// Ends the bar.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Tell for RunsTeller {
    fn committed(&self, runs: usize, left: usize) {
        let before = *self.before.get_or_init(|| runs);
        self.committed.store(runs, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            // Where replicates are added as they are needed, there are more than were counted on.
            bar.set_length((runs + left) as u64);
            bar.set_position(runs as u64);
            return;
        }
        if self.quiet || !self.said.is_long_ago(PAUSE) {
            return;
        }
        let done = runs.saturating_sub(before).max(1) as f64;
        let seconds = self.began.elapsed().as_secs_f64() * left as f64 / done;
        complain!("run {runs} of {}, {seconds:.0} s left", self.of.max(runs));
    }
}

/// Tells how far the trial of cases has come.
pub(crate) struct TrialTeller {
    line: Option<ProgressBar>,
    said: Said,
}

impl TrialTeller {
    /// A teller for all cases.
    pub(crate) fn new() -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let line = on_terminal.then(|| {
            let style = ProgressStyle::with_template("{msg}");
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            line.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        TrialTeller {
            line,
            said: Said::now(),
        }
    }

    /// Takes in how far an arm of a case has come.
    pub(crate) fn tell(&self, case: &str, progress: verification::Progress) {
        let pause = if self.line.is_some() { BLINK } else { PAUSE };
        if !self.said.is_long_ago(pause) {
            return;
        }
        let verification::Progress { arm, runs, of } = progress;
        let arm = match arm {
            "" => String::new(),
            arm => format!(", {arm}"),
        };
        let words = format!("{case}{arm}: {runs} of {of} runs; more if these do not decide");
        if let Some(line) = &self.line {
            line.set_message(words);
        } else {
            complain!("{words}");
        }
    }

    /// Takes the line away, for what stays on the screen.
    pub(crate) fn clear(&self) {
        if let Some(line) = &self.line {
            line.set_message("");
            line.tick();
        }
    }
}

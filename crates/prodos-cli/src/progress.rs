//! Progress: a bar or a line that changes on a terminal, a plain line every ten seconds elsewhere.

use crate::say::complain;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use prodos_experiment::{Progress, verification};
use std::io::IsTerminal;
use std::sync::Mutex;
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

/// Tells how far an experiment has come.
pub(crate) struct Teller {
    bar: Option<ProgressBar>,
    done: Mutex<Vec<f64>>,
    burn_in: f64,
    of: f64,
    began: Instant,
    said: Said,
    quiet: bool,
}

impl Teller {
    /// A teller for `runs` runs of `days` days each after their burn-in, which is not counted.
    pub(crate) fn new(runs: u32, burn_in: f64, days: f64, quiet: bool) -> Self {
        let of = f64::from(runs) * days;
        let on_terminal = std::io::stderr().is_terminal() && !quiet;
        let bar = on_terminal.then(|| {
            let style = ProgressStyle::with_template("{bar:32} day {pos} of {len}, {eta} left");
            let bar = ProgressBar::with_draw_target(Some(of as u64), ProgressDrawTarget::stderr());
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let began = Instant::now();
        Teller {
            bar,
            done: Mutex::new(vec![0.0; runs as usize]),
            burn_in,
            of,
            began,
            said: Said::now(),
            quiet,
        }
    }

    /// Takes in how far one run has come.
    pub(crate) fn tell(&self, progress: Progress) {
        let Ok(mut all) = self.done.lock() else {
            return;
        };
        all[progress.replicate as usize] = progress.done;
        let done: f64 = all.iter().sum();
        let recorded: f64 = all.iter().map(|done| (done - self.burn_in).max(0.0)).sum();
        let in_all = self.of + self.burn_in * all.len() as f64;
        drop(all);
        if let Some(bar) = &self.bar {
            bar.set_position(recorded as u64);
            return;
        }
        if self.quiet || !self.said.is_long_ago(PAUSE) {
            return;
        }
        let left = self.began.elapsed().as_secs_f64() * (in_all / done.max(1.0) - 1.0);
        complain!("day {recorded:.0} of {:.0}, {left:.0} s left", self.of);
    }

    /// Ends the bar.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
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

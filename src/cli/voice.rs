//! How the verbs that talk to an environment report what happens: a moving bar on a terminal, lines elsewhere, and
//! there one every 15 seconds while there is no other output, since a pipeline takes a silent step for a hanging one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use crate::cli::shell::Shell;
use crate::cli::sign_in::variable;
use crate::clock::{self, Moment};
use crate::deploy::progress::{Event, Progress, Ran};

/// Reports what happens: a moving bar on a terminal, lines elsewhere.
pub struct Voice {
    shell: Shell,
    state: Mutex<State>,
}

/// What the server does for this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Running {
    /// Nothing.
    #[default]
    Nothing,
    /// The start of a job was sent, and its answer has not arrived.
    Perhaps,
    /// The same, and this job runs on the server: it may be that one.
    PerhapsJob(Uuid),
    /// This job.
    Job(Uuid),
    /// Nothing for this run, which waits for an earlier job.
    Before(Uuid),
}

/// How long there may be no output.
const SILENCE: Duration = Duration::from_secs(15);
/// The same in milliseconds. For tests only.
const TEST_SILENCE: &str = "DVPACK_TEST_SILENCE";

struct State {
    running: Running,
    bar: Option<ProgressBar>,
    last: String,
    /// What the run is doing, since when, and how far it is, in percent.
    doing: String,
    since: Moment,
    percent: Option<f64>,
    /// When something was last printed.
    said: Moment,
    /// The steps that have ended.
    ran: Vec<Ran>,
    /// The step that is under way.
    step: Option<String>,
}

impl Default for State {
    fn default() -> Self {
        let (running, bar, last, percent, ran, step) = Default::default();
        let now = clock::now();
        Self {
            running,
            bar,
            last,
            doing: "reading the environment".to_owned(),
            since: now,
            percent,
            said: now,
            ran,
            step,
        }
    }
}

impl State {
    fn begin(&mut self, doing: String) {
        self.doing = doing;
        self.percent = None;
        self.since = clock::now();
        self.said = self.since;
    }

    /// The line that is printed after a silence.
    fn still(&self, now: Moment) -> String {
        let seconds = now.saturating_duration_since(self.since).as_secs();
        let so_far = match (seconds / 60, seconds % 60) {
            (0, seconds) => format!("{seconds} s"),
            (minutes, seconds) => format!("{minutes} min {seconds} s"),
        };
        let percent = self.percent.map(|percent| format!("{percent:.0} %, ")).unwrap_or_default();
        format!("{}: {percent}{so_far} so far", self.doing)
    }
}

impl Voice {
    /// Reports through this shell.
    #[must_use]
    pub fn new(shell: &Shell) -> Arc<Self> {
        Arc::new(Self { shell: shell.clone(), state: Mutex::default() })
    }

    /// From now on prints every 15 seconds what the run is doing, unless there is other output or a moving bar. Needs a
    /// runtime, and ends with it.
    pub fn keep_telling(self: &Arc<Self>) {
        if self.shell.can_animate() {
            return;
        }
        let for_test = variable(TEST_SILENCE).and_then(|text| text.parse().ok()).map(Duration::from_millis);
        let silence = for_test.unwrap_or(SILENCE);
        let voice = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                clock::sleep(silence).await;
                let Some(voice) = voice.upgrade() else { return };
                let mut state = voice.state.lock().unwrap_or_else(PoisonError::into_inner);
                let now = clock::now();
                if now.saturating_duration_since(state.said) >= silence {
                    voice.shell.status("waiting", &state.still(now));
                    state.said = now;
                }
            }
        });
    }

    /// The steps that were carried out or tried.
    #[must_use]
    pub fn ran(&self) -> Vec<Ran> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).ran.clone()
    }

    /// The steps that were carried out, and the one that is under way.
    #[must_use]
    pub fn steps(&self) -> (Vec<String>, Option<String>) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let done = state.ran.iter().filter(|ran| ran.done).map(|ran| ran.what.clone());
        (done.collect(), state.step.clone())
    }

    /// What the server is doing.
    #[must_use]
    pub fn running(&self) -> Running {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).running
    }
}

impl Progress for Voice {
    fn event(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Step { number, of, what } => {
                self.shell.status(&format!("{number}/{of}"), &what);
                state.step = Some(what.clone());
                state.begin(what);
            }
            Event::StepEnded(ran) => {
                state.step = None;
                state.ran.push(ran);
            }
            Event::Note(text) => {
                // The same wait again and again is one line.
                if state.last != text {
                    match &state.bar {
                        Some(bar) => bar.suspend(|| self.shell.status("note", &text)),
                        None => self.shell.status("note", &text),
                    }
                    state.last = text;
                    state.said = clock::now();
                }
            }
            Event::Watching(job) => {
                state.running = match state.running {
                    Running::Perhaps | Running::PerhapsJob(_) => Running::PerhapsJob(job),
                    _ => Running::Before(job),
                };
            }
            Event::JobStarting => state.running = Running::Perhaps,
            Event::JobStarted(job) => {
                state.running = Running::Job(job);
                self.shell.detail(1, &format!("job {job} runs on the server"));
                if self.shell.can_animate() {
                    let bar = ProgressBar::new(100);
                    if let Ok(style) =
                        ProgressStyle::with_template("{spinner} importing [{bar:40}] {percent}% {elapsed}")
                    {
                        bar.set_style(style.progress_chars("=> "));
                    }
                    bar.enable_steady_tick(Duration::from_millis(120));
                    state.bar = Some(bar);
                }
            }
            Event::Importing(percent) => {
                state.percent = Some(percent);
                match &state.bar {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 100")]
                    Some(bar) => bar.set_position(percent as u64),
                    None => self.shell.detail(1, &format!("importing: {percent:.0} %")),
                }
            }
            Event::JobEnded => {
                state.running = Running::Nothing;
                state.percent = None;
                if let Some(bar) = state.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_names_the_step_how_far_it_is_and_how_long_it_takes() {
        let mut state = State::default();
        let begun = state.since;
        assert_eq!(state.still(begun + Duration::from_secs(15)), "reading the environment: 15 s so far");
        state.begin("install solution `A` 1.0".into());
        state.percent = Some(41.6);
        assert_eq!(
            state.still(state.since + Duration::from_secs(135)),
            "install solution `A` 1.0: 42 %, 2 min 15 s so far"
        );
    }
}

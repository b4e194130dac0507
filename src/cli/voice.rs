//! How the verbs that talk to an environment tell what happens: a moving bar on a terminal, lines elsewhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use crate::cli::shell::Shell;
use crate::deploy::progress::{Event, Progress};

/// Tells what happens: a moving bar on a terminal, lines elsewhere.
pub struct Voice {
    shell: Shell,
    state: Mutex<State>,
}

/// What of this run works on the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Running {
    /// Nothing.
    #[default]
    Nothing,
    /// The start of a job was sent, and its answer is not here.
    Perhaps,
    /// This job.
    Job(Uuid),
    /// Nothing of this run, which waits for a job that was there before.
    Before(Uuid),
}

#[derive(Default)]
struct State {
    running: Running,
    bar: Option<ProgressBar>,
    last: String,
}

impl Voice {
    /// Tells through this shell.
    #[must_use]
    pub fn new(shell: &Shell) -> Arc<Self> {
        Arc::new(Self { shell: shell.clone(), state: Mutex::default() })
    }

    /// What works on the server.
    #[must_use]
    pub fn running(&self) -> Running {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).running
    }
}

impl Progress for Voice {
    fn event(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Step { number, of, what } => self.shell.status(&format!("{number}/{of}"), &what),
            Event::Note(text) => {
                // The same wait again and again is one line.
                if state.last != text {
                    match &state.bar {
                        Some(bar) => bar.suspend(|| self.shell.status("note", &text)),
                        None => self.shell.status("note", &text),
                    }
                    state.last = text;
                }
            }
            Event::Watching(job) => state.running = Running::Before(job),
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
            Event::Importing(percent) => match &state.bar {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 100")]
                Some(bar) => bar.set_position(percent as u64),
                None => self.shell.detail(1, &format!("importing: {percent:.0} %")),
            },
            Event::JobEnded => {
                state.running = Running::Nothing;
                if let Some(bar) = state.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

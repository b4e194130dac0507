//! The table: cases and outcomes.
#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use std::time::Duration;

/// The outcomes of one fault.
pub struct Row {
    pub name: String,
    /// The run got over the fault by itself.
    pub same: usize,
    /// The run failed, and the next plain one finished the work; or the case has but one way to be right.
    pub next: usize,
    pub violations: Vec<String>,
    /// The time of the slowest case.
    pub slowest: Duration,
}

impl Row {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), same: 0, next: 0, violations: Vec::new(), slowest: Duration::ZERO }
    }

    /// Counts a case that is right or wrong.
    pub fn judge(&mut self, right: Result<(), String>) {
        match right {
            Ok(()) => self.same += 1,
            Err(why) => self.violations.push(why),
        }
    }

    fn cases(&self) -> usize {
        self.same + self.next + self.violations.len()
    }
}

pub struct Table {
    pub title: String,
    pub rows: Vec<Row>,
}

impl Table {
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), rows: Vec::new() }
    }

    pub fn print(&self) {
        println!("\n{}", self.title);
        println!("  {:<58} {:>6} {:>9} {:>9} {:>9} {:>9}", "", "cases", "same run", "next run", "violated", "slowest");
        for row in &self.rows {
            println!(
                "  {:<58} {:>6} {:>9} {:>9} {:>9} {:>7.1} s",
                row.name,
                row.cases(),
                row.same,
                row.next,
                row.violations.len(),
                row.slowest.as_secs_f64()
            );
        }
        for row in &self.rows {
            for why in row.violations.iter().take(3) {
                println!("  ! {}: {why}", row.name);
            }
        }
    }

    pub fn cases(&self) -> usize {
        self.rows.iter().map(Row::cases).sum()
    }

    pub fn violations(&self) -> usize {
        self.rows.iter().map(|row| row.violations.len()).sum()
    }
}

//! What fills a section, loaded a few pieces at a time: the model keeps all of it, and who only compares drops each batch.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::piece::{Loaded, Piece};
use super::plan::{Plan, SORTED};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::solution::xml::Node;

/// What was noticed while a section was filled.
#[derive(Default)]
pub struct Filling {
    /// Files beside the pieces, and the parts that they are in the zip.
    pub payloads: BTreeMap<String, String>,
    /// What is said of the pieces; with an error, the folder cannot be read.
    pub findings: Vec<Diagnostic>,
    /// What forbids a package of the folder.
    pub faults: Vec<Diagnostic>,
}

/// Loads the pieces of a section, about `most` bytes at a time, and gives away their elements in order.
pub fn fill(plan: &Plan, section: &str, pieces: &[Piece], most: usize, mut give: impl FnMut(Vec<Node>)) -> Filling {
    let mut filling = Filling::default();
    // Those that are put in order are all needed for it.
    let is_sorted = section == SORTED;
    let mut rest = pieces;
    loop {
        let count = if is_sorted { rest.len() } else { Piece::batch(rest, &plan.tree, most) };
        let (batch, later) = rest.split_at(count);
        rest = later;
        let loaded: Vec<_> = batch.par_iter().map(|piece| piece.load(&plan.tree, &plan.origin)).collect();
        let mut nodes = Vec::new();
        for (piece, loaded) in batch.iter().zip(loaded) {
            match loaded {
                Ok(Loaded { nodes: found, warnings }) => {
                    filling.payloads.extend(piece.payload(&found));
                    filling.findings.extend(warnings);
                    nodes.extend(found);
                }
                Err(findings) => filling.findings.extend(findings),
            }
        }
        if is_sorted {
            plan.relationships.sort(&mut nodes);
            if !has_errors(&filling.findings) {
                filling.faults.extend(plan.relationships.compare(&nodes, &plan.origin));
            }
        }
        give(nodes);
        if rest.is_empty() {
            return filling;
        }
    }
}

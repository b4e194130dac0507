//! The manifest language: text → what is written → overlays → what is meant.

pub mod meant;

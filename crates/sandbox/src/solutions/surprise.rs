//! Scenarios in which a solution turns out to be installed already.

use crate::options::{Options, Scenario};
use crate::package::Package;
use crate::world::World;

/// An incoming package whose solution may already be installed.
pub(super) fn surprise(world: &mut World, options: &Options, package: &Package) {
    there_already(world, options, &package.unique_name);
}

/// The same for a solution that somebody asks for. Where several are asked for it is the one whose staged upgrade is
/// asked for, too: the others are what it needs.
pub(crate) fn surprise_asked(world: &mut World, options: &Options, filter: &str) {
    let asked: Vec<&str> = filter.split("uniquename eq '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    let held = |name: &str| asked.iter().any(|other| other.eq_ignore_ascii_case(&format!("{name}_Upgrade")));
    for name in asked.iter().filter(|name| asked.len() == 1 || held(name)) {
        there_already(world, options, name);
    }
}

fn there_already(world: &mut World, options: &Options, name: &str) {
    for (scenario, version, managed) in [
        (Scenario::LowerVersionInstalled, "0.0.0.1", true),
        (Scenario::HigherVersionInstalled, "9999.0.0.0", true),
        (Scenario::UnmanagedInstalled, "0.0.0.1", false),
    ] {
        if options.scenarios.contains(&scenario)
            && world.solution(name).is_none()
            && world.count(&format!("surprise {}", name.to_lowercase())) == 1
        {
            world.pretend_installed(name, version, managed);
        }
    }
}

//! Makes the plan: a pure function of what shall be and what is.

mod settings;
mod user;

use crate::bundle::descriptor::SettingKind;
use crate::dataverse::system_user::SystemUser;
use crate::deploy::desired::{Desired, Package};
use crate::deploy::failure::Failure;
use crate::deploy::observed::{Observed, holding};
use crate::deploy::plan::{Action, Mode, Need, Options, Step};
use crate::deploy::shipped::Process;
use crate::deploy::{refused, verify};

/// What the planner made.
pub(super) struct Made {
    pub(super) steps: Vec<Step>,
    pub(super) needs: Vec<Need>,
    pub(super) warnings: Vec<String>,
    pub(super) differences: Vec<String>,
}

/// Makes the steps, or says everything that is in the way.
pub(super) fn make(desired: &Desired, observed: &Observed, options: Options) -> Result<Made, Failure> {
    let mut maker = Maker {
        desired,
        observed,
        steps: Vec::new(),
        needs: Vec::new(),
        warnings: Vec::new(),
        differences: Vec::new(),
        problems: Vec::new(),
    };
    maker.requirements();
    for package in &desired.packages {
        maker.solution(package, options);
    }
    maker.settings();
    maker.user();
    maker.privileges_beyond();
    maker.processes();
    if let Some(first) = maker.problems.first() {
        let mut failure = first.clone();
        for other in &maker.problems[1..] {
            failure.details.push(other.message.clone());
            failure.details.extend(other.details.iter().cloned());
            failure.help.extend(other.help.iter().cloned());
        }
        return Err(failure);
    }
    Ok(Made { steps: maker.steps, needs: maker.needs, warnings: maker.warnings, differences: maker.differences })
}

/// The connection reference for want of which a cloud flow cannot be turned on.
pub(super) fn blocked<'a>(process: &'a Process, desired: &Desired, observed: &Observed) -> Option<&'a str> {
    let has_none = |name: &str| {
        let unset = desired
            .unset
            .iter()
            .any(|(kind, unset)| *kind == SettingKind::ConnectionReference && unset.eq_ignore_ascii_case(name));
        let reference = observed.connections.iter().find(|reference| reference.name.eq_ignore_ascii_case(name));
        unset && reference.is_none_or(|reference| reference.connection.is_none())
    };
    process.connections.iter().map(String::as_str).find(|name| has_none(name))
}

struct Maker<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    steps: Vec<Step>,
    needs: Vec<Need>,
    warnings: Vec<String>,
    differences: Vec<String>,
    problems: Vec<Failure>,
}

impl Maker<'_> {
    fn step(&mut self, action: Action, what: impl Into<String>, why: impl Into<String>) {
        self.steps.push(Step { action, what: what.into(), why: why.into(), privileges: Vec::new() });
    }

    fn requirements(&mut self) {
        let requires = &self.desired.descriptor.requires;
        if let (Some(wanted), Some(have)) = (requires.server_version, self.observed.server_version)
            && have < wanted
        {
            self.problems.push(
                Failure::not_ready(format!("the server has version {have}, and the bundle needs {wanted}"))
                    .help("update the environment in the Power Platform admin center"),
            );
        }
        for required in &requires.solutions {
            let installed = self.observed.solution(&required.name);
            let have = installed.and_then(|installed| installed.version);
            self.needs.push(Need {
                solution: required.name.clone(),
                version: required.version,
                installed: have,
                components: Vec::new(),
            });
            let problem = match (installed, required.version, have) {
                (None, _, _) => format!("solution `{}` must be installed first", required.name),
                (Some(_), Some(wanted), Some(have)) if have < wanted => {
                    format!("solution `{}` is installed in version {have}, and {wanted} is needed", required.name)
                }
                _ => continue,
            };
            self.problems.push(Failure::not_ready(problem));
        }
    }

    fn solution(&mut self, package: &Package, options: Options) {
        let solution = &package.solution;
        let (name, version) = (&solution.name, solution.version);
        let held = self.observed.solution(&holding(name)).and_then(|held| held.version);
        let installed = self.observed.solution(name);
        let from = installed.and_then(|installed| installed.version);
        let mode = match installed {
            None => Mode::Install,
            Some(installed) if installed.managed != solution.managed => {
                let word = |managed| if managed { "managed" } else { "unmanaged" };
                let failure = Failure::not_ready(format!(
                    "solution `{name}` is installed {}, and the bundle holds it {}",
                    word(installed.managed),
                    word(solution.managed)
                ));
                self.problems.push(if solution.managed {
                    failure.help("it looks like the environment that the solution is developed in: apply to another one, or remove the unmanaged solution first")
                } else {
                    failure.help("build a managed solution")
                });
                return;
            }
            Some(_) if from == Some(version) => return,
            Some(_) if from.is_some_and(|from| from > version) => {
                let from = from.map_or_else(String::new, |from| from.to_string());
                self.problems.push(
                    Failure::not_ready(format!(
                        "solution `{name}` is installed in version {from}, which is higher than {version} in the bundle"
                    ))
                    .help("dvpack never downgrades; apply a bundle of a higher version"),
                );
                return;
            }
            Some(_) if held == Some(version) => {
                if options.mode == Some(Mode::Stage) {
                    return;
                }
                Mode::Promote
            }
            Some(_) if held.is_some() => {
                self.problems.push(
                    Failure::not_ready(format!("an upgrade of solution `{name}` to another version is staged"))
                        .help("apply or delete the staged upgrade first"),
                );
                return;
            }
            // Only managed solutions can be upgraded; an unmanaged one is updated in place.
            Some(_) if !solution.managed => Mode::Update,
            Some(_) => options.mode.unwrap_or(Mode::Upgrade),
        };
        let why = match (mode, from) {
            (Mode::Install, _) => "it is not installed".to_owned(),
            (_, Some(from)) => format!("version {from} is installed"),
            (_, None) => "the installed version is not known".to_owned(),
        };
        let what = match mode {
            Mode::Install => format!("install solution `{name}` {version}"),
            Mode::Upgrade => format!("upgrade solution `{name}` to {version}"),
            Mode::Update => {
                format!("update solution `{name}` to {version}, keeping what the new version no longer has")
            }
            Mode::Stage => format!("stage solution `{name}` {version} for upgrade"),
            Mode::Promote => format!("finish the staged upgrade of solution `{name}` to {version}"),
        };
        self.problems.extend(refused::roles(package));
        let settings = if mode == Mode::Promote { Vec::new() } else { self.settings_for_import() };
        self.dependencies(package);
        self.steps.push(Step {
            action: Action::ImportSolution { solution: name.clone(), version, from, mode, settings },
            what,
            why,
            // A staged upgrade changes no role yet.
            privileges: if mode == Mode::Stage { Vec::new() } else { self.gained_by_import() },
        });
    }

    /// The other solutions whose components a package needs. That one is missing is no proof that the import fails:
    /// the components may have come with another solution. So it is told, and `doctor` asks the environment.
    fn dependencies(&mut self, package: &Package) {
        for dependency in &package.shipped.dependencies {
            let installed = self.observed.solution(&dependency.solution);
            if installed.is_none() {
                let shown: Vec<String> = dependency.components.iter().take(3).map(|name| format!("`{name}`")).collect();
                let more = dependency.components.len().saturating_sub(shown.len());
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                self.warnings.push(format!(
                    "solution `{}` is not installed, and `{}` needs {}{more} of it: the import will probably be refused (`dvpack doctor` asks the environment)",
                    dependency.solution,
                    package.solution.name,
                    shown.join(", "),
                ));
            }
            self.needs.push(Need {
                solution: dependency.solution.clone(),
                version: dependency.version,
                installed: installed.and_then(|installed| installed.version),
                components: dependency.components.clone(),
            });
        }
    }

    /// What roles that the user has already will allow more once they are upgraded.
    fn gained_by_import(&self) -> Vec<String> {
        let active: Vec<&SystemUser> = self.observed.active().collect();
        let [user] = active.as_slice() else { return Vec::new() };
        let roles: Vec<_> = self
            .desired
            .roles()
            .filter(|role| user.roles.iter().any(|assigned| assigned.root == Some(role.id)))
            .collect();
        let mut gained: Vec<String> = Vec::new();
        for role in roles {
            let lacking = verify::missing_privileges(role, self.observed);
            gained.extend(lacking.iter().map(|l| format!("{} ({})", l.name, l.wanted)));
        }
        gained.sort();
        gained.dedup();
        gained
    }

    /// Turns on what is shipped turned on.
    fn processes(&mut self) {
        let import = self
            .steps
            .iter()
            .any(|step| matches!(step.action, Action::ImportSolution { mode, .. } if mode != Mode::Stage));
        let mut after_import = 0;
        for process in self.desired.processes() {
            if let Some(name) = blocked(process, self.desired, self.observed) {
                self.warnings.push(format!(
                    "{} `{}` stays off until connection reference `{name}` has a connection",
                    process.kind.word(),
                    process.name
                ));
                continue;
            }
            if import {
                after_import += 1;
                continue;
            }
            let seen = self.observed.processes.iter().find(|state| state.id == process.id);
            if seen.is_some_and(|state| !state.on) {
                self.step(
                    Action::TurnOn { kind: process.kind, id: process.id, name: process.name.clone() },
                    format!("turn on {} `{}`", process.kind.word(), process.name),
                    "it is off, and the solution ships it turned on",
                );
            }
        }
        if after_import > 0 {
            let what = if after_import == 1 {
                "flow or plug-in step".into()
            } else {
                format!("{after_import} flows and plug-in steps")
            };
            self.step(
                Action::TurnOnShipped,
                format!("turn on what the import leaves off of the {what} that the solution ships turned on"),
                "an import can leave them off",
            );
        }
    }
}

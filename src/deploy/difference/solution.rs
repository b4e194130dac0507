//! Which version of each solution is installed, and what must be installed before it.

use super::{Code, Comparer, Difference, Mender, explain, step};
use crate::dataverse::solution::Installed;
use crate::deploy::desired::Package;
use crate::deploy::failure::Failure;
use crate::deploy::observed::holding;
use crate::deploy::refused;
use crate::deploy::step::{Action, Mode, Need};

/// What is installed, in words.
fn found(installed: Option<&Installed>) -> String {
    let managed = |installed: &Installed| if installed.managed { "managed" } else { "unmanaged" };
    match installed.map(|installed| (installed, installed.version)) {
        None => "not installed".to_owned(),
        Some((_, None)) => "in a version that is not understood".to_owned(),
        Some((installed, Some(version))) => format!("version {version}, {}", managed(installed)),
    }
}

impl Comparer<'_> {
    pub(super) fn requirements(&mut self) {
        let requires = &self.desired.descriptor.requires;
        if let (Some(wanted), Some(have)) = (requires.server_version, self.observed.server_version)
            && have < wanted
        {
            let failure = Failure::not_ready(format!("the server has version {have}, and the bundle needs {wanted}"))
                .help("update the environment in the Power Platform admin center");
            let (wanted, have) = (wanted.to_string(), have.to_string());
            self.hinder_writes(Code::ServerVersion, "server", "version", (&wanted, &have), failure);
        }
        for required in &requires.solutions {
            let installed = self.observed.solution(&required.name);
            let have = installed.and_then(|installed| installed.version);
            self.result.needs.push(Need {
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
            let wanted = required.version.map_or_else(|| "installed".to_owned(), |wanted| wanted.to_string());
            let place = format!("solution `{}`", required.name);
            let found = found(installed);
            let failure = Failure::not_ready(problem).help(format!("install or update solution `{}`", required.name));
            self.hinder_writes(Code::RequiredSolution, &place, "version", (&wanted, &found), failure);
        }
    }

    pub(super) fn solution(&mut self, package: &Package) {
        let solution = &package.solution;
        let (name, version) = (&solution.name, solution.version);
        let staged = self.observed.solution(&holding(name));
        let held = staged.and_then(|held| held.version);
        let installed = self.observed.solution(name);
        let from = installed.and_then(|installed| installed.version);
        let word = if solution.managed { "managed" } else { "unmanaged" };
        let (place, wanted) = (format!("solution `{name}`"), format!("version {version}, {word}"));
        let here = found(installed);
        self.look(&place, &here);
        let mode = match installed {
            None => Mode::Install,
            Some(installed) if installed.managed != solution.managed => {
                let here = if installed.managed { "managed" } else { "unmanaged" };
                let failure = Failure::not_ready(format!(
                    "solution `{name}` is installed {here}, and the bundle contains it {word}"
                ));
                let failure = if solution.managed {
                    failure.help("apply to another environment, or remove the unmanaged solution first: this looks like the one that the solution is developed in")
                } else {
                    failure.help("apply a bundle with a managed solution")
                };
                return self.hindered(Code::SolutionManaged, &place, (&wanted, &found(Some(installed))), failure);
            }
            Some(_) if from == Some(version) => return,
            Some(_) if from.is_some_and(|from| from > version) => {
                let from = from.map_or_else(String::new, |from| from.to_string());
                let failure = Failure::not_ready(format!(
                    "solution `{name}` is installed in version {from}, which is higher than {version} in the bundle"
                ))
                .help(format!("apply a bundle of version {from} or higher: dvpack does not downgrade a solution"));
                return self.hindered(Code::SolutionVersion, &place, (&wanted, &here), failure);
            }
            Some(_) if held == Some(version) => {
                if self.options.mode == Some(Mode::Stage) {
                    self.waits = true;
                    self.result.checks.pop();
                    self.look(format!("solution `{}`", holding(name)), found(staged));
                    return;
                }
                Mode::Promote
            }
            Some(_) if held.is_some() => {
                let failure =
                    Failure::not_ready(format!("an upgrade of solution `{name}` to another version is staged"))
                        .help("apply or delete the staged upgrade first");
                let here = found(staged);
                return self.hindered(
                    Code::SolutionStaged,
                    &format!("solution `{}`", holding(name)),
                    (&wanted, &here),
                    failure,
                );
            }
            // Only managed solutions can be upgraded; an unmanaged one is updated in place.
            Some(_) if !solution.managed => Mode::Update,
            Some(_) => self.options.mode.unwrap_or(Mode::Upgrade),
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
        self.differ_in_last(Difference {
            code: if installed.is_none() { Code::SolutionMissing } else { Code::SolutionVersion },
            place: place.clone(),
            what: "version".into(),
            wanted: wanted.clone(),
            found: here.clone(),
            mended_by: Mender::step(&what),
        });
        if let Some(failure) = refused::roles(package) {
            self.hinder(
                Code::SolutionRoles,
                &place,
                "security roles",
                ("roles that Dataverse accepts", "others"),
                failure,
            );
        }
        self.dependencies(package);
        self.finishes |= mode == Mode::Promote;
        let settings = if mode == Mode::Promote { Vec::new() } else { self.settings_for_import() };
        if mode == Mode::Stage {
            self.waits = true;
        } else {
            self.import.get_or_insert_with(|| what.clone());
        }
        let action = Action::ImportSolution { solution: name.clone(), version, from, mode, settings };
        let mut step = step(action, what, why);
        // A staged upgrade changes no role yet.
        step.privileges = if mode == Mode::Stage { Vec::new() } else { self.gained_by_import() };
        step.brings.clone_from(&package.shipped.brings);
        self.result.notes.extend(package.shipped.lookalikes.iter().cloned());
        self.result.steps.push(step);
    }

    /// Who can fix what is missing or different in the solutions, if one of them is not installed as in the bundle.
    pub(super) fn other_version(&self) -> Option<Mender> {
        self.desired.packages.iter().map(|package| &package.solution).find_map(|wanted| {
            let installed = self.observed.solution(&wanted.name)?;
            let same = installed.version == Some(wanted.version) && installed.managed == wanted.managed;
            (!same).then(|| explain::other_version(&wanted.name, &found(Some(installed))))
        })
    }

    fn hindered(&mut self, code: Code, place: &str, values: (&str, &str), failure: Failure) {
        if let Some(check) = self.result.checks.last_mut() {
            check.ok = false;
        }
        self.hinder(code, place, "version", values, failure);
    }

    /// The other solutions whose components a package needs. A missing one does not prove that the import fails:
    /// the components may have come with another solution. So it is a note, and `doctor` asks the environment.
    fn dependencies(&mut self, package: &Package) {
        for dependency in &package.shipped.dependencies {
            let installed = self.observed.solution(&dependency.solution);
            if installed.is_none() {
                let shown: Vec<String> = dependency.components.iter().take(3).map(|name| format!("`{name}`")).collect();
                let more = dependency.components.len().saturating_sub(shown.len());
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                self.result.notes.push(format!(
                    "solution `{}` is not installed, and `{}` needs {}{more} of it: the import will probably be refused (`dvpack doctor` asks the environment)",
                    dependency.solution,
                    package.solution.name,
                    shown.join(", "),
                ));
            }
            self.result.needs.push(Need {
                solution: dependency.solution.clone(),
                version: dependency.version,
                installed: installed.and_then(|installed| installed.version),
                components: dependency.components.clone(),
            });
        }
    }
}

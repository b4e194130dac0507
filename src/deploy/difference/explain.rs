//! Who can fix the differences that `apply` does not fix, and how.

use super::code::{Code, Mender};
use crate::dataverse::environment_variable::ONE_VALUE;
use crate::deploy::failure::{Failure, FailureKind};

/// Whoever administers the environment.
const ADMINISTRATOR: &str = "an administrator of the environment";
/// Whoever builds the bundle.
const PUBLISHER: &str = "the publisher of the bundle";
/// One of them.
const EITHER: &str = "an administrator of the environment, or the publisher of the bundle,";

/// Something that must be different before an apply can begin.
pub(super) fn before_an_apply(code: Code, failure: &Failure) -> Mender {
    of_failure(code, failure, "no apply can begin until it is mended")
}

/// Something that the bundle needs, when nothing has to be written.
pub(super) fn not_brought(code: Code, failure: &Failure) -> Mender {
    of_failure(code, failure, "the bundle needs it and does not bring it")
}

fn of_failure(code: Code, failure: &Failure, why: &str) -> Mender {
    let who = match (code, failure.kind) {
        (Code::BusinessUnit, _) => EITHER,
        // The environment is as it is; the bundle has to fit.
        (Code::PrivilegeLevel | Code::SettingWithoutValue, _) => PUBLISHER,
        (_, FailureKind::NotReady) => ADMINISTRATOR,
        _ => PUBLISHER,
    };
    let how = if failure.help.is_empty() { failure.message.clone() } else { failure.help.join("; ") };
    Mender::person(who, why, how)
}

/// A role was changed here.
pub(super) fn role_changed(role: &str, layered: bool, imports: bool) -> Mender {
    let why = if imports && layered {
        "the role has an unmanaged layer here, which stays above what an import brings"
    } else {
        "the role differs here, and dvpack changes a role only by importing its solution"
    };
    let how = if layered {
        format!("open the solution layers of security role `{role}` in Power Apps and remove its unmanaged layer")
    } else {
        format!("give security role `{role}` in the Power Platform admin center what the bundle says")
    };
    Mender::person(ADMINISTRATOR, why, how)
}

/// A role allows more than the bundle says.
pub(super) fn role_extended(role: &str, layered: bool) -> Mender {
    let layer = if layered { ", or remove its unmanaged layer in Power Apps" } else { "" };
    Mender::person(
        ADMINISTRATOR,
        "dvpack does not remove privileges from a role",
        format!("take the privilege away from security role `{role}`{layer}; or ship it in the bundle"),
    )
}

/// A privilege does not exist here.
pub(super) fn privilege_unknown() -> Mender {
    Mender::person(
        format!("{ADMINISTRATOR}, then {PUBLISHER}"),
        "the environment does not have this privilege, and an import leaves it out",
        "the administrator installs the app or solution that brings it; the publisher then releases a higher version, whose import adds it, or takes it out of the role",
    )
}

/// A privilege exists, but not at this level.
pub(super) fn privilege_level() -> Mender {
    Mender::person(
        PUBLISHER,
        "the environment does not grant this privilege at that level",
        "give the role a level that the environment has, and build again",
    )
}

/// The user has another role.
pub(super) fn role_not_declared() -> Mender {
    Mender::person(
        ADMINISTRATOR,
        "dvpack removes a role from the user only when it is asked to",
        "run `dvpack apply --only-declared-roles`, or take the role away in the Power Platform admin center",
    )
}

/// A different version of the solution is installed: it is not known why something of it is missing or different.
pub(super) fn other_version(solution: &str, found: &str) -> Mender {
    Mender::person(
        ADMINISTRATOR,
        format!("solution `{solution}` is not installed as in the bundle ({found}), which can be the cause"),
        format!("mend the difference of solution `{solution}` first; the next run then shows what is left"),
    )
}

/// The solution is installed, but its role is missing.
pub(super) fn role_missing(name: &str) -> Mender {
    component_missing("role", "security role", name)
}

/// The solution is installed, but its column security profile is missing.
pub(super) fn profile_missing(name: &str) -> Mender {
    component_missing("profile", "column security profile", name)
}

fn component_missing(short: &str, kind: &str, name: &str) -> Mender {
    Mender::person(
        PUBLISHER,
        format!("the solution is installed without this {short}, and dvpack does not import a version twice"),
        format!("release a higher version that contains {kind} `{name}`, or import the solution again by hand"),
    )
}

/// The solution is installed, but the variable or reference is missing.
pub(super) fn setting_missing(name: &str) -> Mender {
    Mender::person(
        PUBLISHER,
        "the solution is installed without it, and dvpack does not import a version twice",
        format!("release a higher version that contains `{name}`, or take its setting out of the bundle"),
    )
}

/// A variable has several values.
pub(super) fn several_values(name: &str) -> Mender {
    Mender::person(
        ADMINISTRATOR,
        format!("dvpack deletes no value, and only one of `{name}` can be the right one"),
        ONE_VALUE,
    )
}

/// The import was to set a variable, and it has another value.
pub(super) fn not_set_by_the_import(name: &str) -> Mender {
    Mender::person(
        ADMINISTRATOR,
        "the import sets it, and the environment did not keep that; the bundle itself gives it no value",
        format!(
            "look at the current value of `{name}` in Power Apps; later runs take another value for the environment's own"
        ),
    )
}

/// The solution is there, the process is not.
pub(super) fn process_missing(name: &str) -> Mender {
    Mender::person(
        ADMINISTRATOR,
        "the solution is installed without it, and dvpack does not import a version twice",
        format!("import the solution again by hand, or leave it out with `--leave-off \"{name}\"`"),
    )
}

/// The step was carried out, but the difference is still there.
pub(in crate::deploy) fn carried_out_in_vain(step: &str) -> Mender {
    Mender::person(
        ADMINISTRATOR,
        format!("this run did it ({step}), and the environment did not keep it"),
        "see the warnings of this run, and what else changes the environment; then run again",
    )
}

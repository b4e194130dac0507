//! The state of the environment: only what the bundle is about, read past the caches, with as few requests as possible.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::bundle::descriptor::{BusinessUnit as WantedUnit, SettingKind};
use crate::dataverse::business_unit::{self, BusinessUnit, Wanted};
use crate::dataverse::column_security_profile;
use crate::dataverse::connection_reference::{self, Reference};
use crate::dataverse::environment_variable::{self, Variable};
use crate::dataverse::layer;
use crate::dataverse::process::{self, State};
use crate::dataverse::role::{self, Held, Known};
use crate::dataverse::solution::{self, Installed};
use crate::dataverse::system_user::{self, SystemUser};
use crate::dataverse::{ApiError, Client, organization};
use crate::deploy::desired::Desired;
use crate::deploy::lacking::{beyond, lacking};
use crate::deploy::rights;
use crate::guid;
use crate::version::Version;

/// The observed state.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The server's version, if the bundle asks for one.
    pub server_version: Option<Version>,
    /// Solutions of the bundle and those that it requires, if installed.
    pub solutions: Vec<Installed>,
    /// All users of the application.
    pub users: Vec<SystemUser>,
    /// Business units that fit the wanted one.
    pub business_units: Vec<BusinessUnit>,
    /// Role copies of the business unit, by the root copy's id.
    pub copies: BTreeMap<Uuid, role::Copy>,
    /// Column security profiles that the environment has, of those that the bundle assigns or the user has.
    pub profiles: BTreeSet<Uuid>,
    /// Privileges of these copies, by the root copy's id.
    pub held: BTreeMap<Uuid, Vec<Held>>,
    /// Roles with the bundle's ids that come from Dataverse itself or an app of Microsoft.
    pub built_in: Vec<role::Copy>,
    /// Names of the privileges that these copies have.
    pub privilege_names: BTreeMap<Uuid, String>,
    /// Privilege ids by lower-case name.
    pub privilege_ids: BTreeMap<String, Uuid>,
    /// What the environment knows of the privileges of the roles, by name in lower case, and of those that the steps of
    /// an apply need; asked only where something will be imported or a role lacks something.
    pub known_privileges: Option<BTreeMap<String, Known>>,
    /// Whether a role has an unmanaged layer, by the root copy's id; asked only where that explains something.
    pub layered: BTreeMap<Uuid, bool>,
    /// Environment variables of the bundle.
    pub variables: Vec<Variable>,
    /// Connection references of the bundle.
    pub connections: Vec<Reference>,
    /// Processes and steps that should be on.
    pub processes: Vec<State>,
}

impl Observed {
    /// An installed solution.
    #[must_use]
    pub fn solution(&self, name: &str) -> Option<&Installed> {
        self.solutions.iter().find(|installed| installed.name.eq_ignore_ascii_case(name))
    }

    /// Whether all solutions of the bundle have its version, or a later one.
    #[must_use]
    pub fn is_imported(&self, desired: &Desired) -> bool {
        desired.packages.iter().all(|package| {
            self.solution(&package.solution.name)
                .and_then(|installed| installed.version)
                .is_some_and(|version| version >= package.solution.version)
        })
    }

    /// The users that are not soft-deleted.
    pub fn active(&self) -> impl Iterator<Item = &SystemUser> {
        self.users.iter().filter(|user| !user.deleted)
    }
}

/// Reads the environment.
///
/// # Errors
/// If something cannot be read.
pub async fn observe(client: &Client, desired: &Desired) -> Result<Observed, ApiError> {
    let descriptor = &desired.descriptor;
    let mut observed = Observed::default();

    let mut names: Vec<String> = Vec::new();
    for package in &desired.packages {
        names.push(package.solution.name.clone());
        names.push(holding(&package.solution.name));
    }
    names.extend(descriptor.requires.solutions.iter().map(|required| required.name.clone()));
    // Owners of components that the solutions say they need.
    let owners = desired.packages.iter().flat_map(|package| &package.shipped.dependencies);
    names.extend(owners.map(|dependency| dependency.solution.clone()));
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    if !names.is_empty() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        observed.solutions = solution::find(client, &names, true).await?;
    }
    if descriptor.requires.server_version.is_some() {
        observed.server_version = organization::version(client).await?;
    }
    let wants_profiles = desired.profiles().next().is_some();
    if let Some((application, user)) = desired.user() {
        observed.users = system_user::of_application(client, application.client_id, wants_profiles).await?;
        observed.business_units = business_units(client, &user.business_unit, &observed).await?;
    }
    profiles(client, desired, &mut observed).await?;
    roles(client, desired, &mut observed).await?;
    doubts(client, desired, &mut observed).await?;
    // Settings of a solution that is not installed yet need not be read.
    let any_installed = desired.packages.iter().any(|package| observed.solution(&package.solution.name).is_some());
    if any_installed || desired.packages.is_empty() {
        let unset = |kind| desired.unset.iter().filter(move |(k, _)| *k == kind).map(|(_, name)| name.as_str());
        let names =
            |kind| desired.settings_of(kind).iter().map(|s| s.name.as_str()).chain(unset(kind)).collect::<Vec<_>>();
        let mut variables = names(SettingKind::EnvironmentVariable);
        variables.extend(desired.left_variables().map(|setting| setting.name.as_str()));
        if !variables.is_empty() {
            observed.variables = environment_variable::find(client, &variables).await?;
        }
        let references = names(SettingKind::ConnectionReference);
        if !references.is_empty() {
            observed.connections = connection_reference::find(client, &references).await?;
        }
        let processes: Vec<_> = desired.processes().map(|process| (process.kind, process.id)).collect();
        if !processes.is_empty() {
            observed.processes = process::states(client, &processes).await?;
        }
    }
    Ok(observed)
}

/// The name of the solution that a staged upgrade waits in.
#[must_use]
pub fn holding(name: &str) -> String {
    format!("{name}_Upgrade")
}

/// Whether a user is in the wanted business unit, if its row says so.
#[must_use]
pub fn is_in(user: &SystemUser, wanted: &WantedUnit) -> bool {
    match wanted {
        WantedUnit::Root => user.in_root == Some(true),
        WantedUnit::Id(id) => user.business_unit == Some(*id),
        WantedUnit::Name(name) => user.business_unit_name.as_ref().is_some_and(|n| n.eq_ignore_ascii_case(name)),
    }
}

async fn business_units(
    client: &Client,
    wanted: &WantedUnit,
    observed: &Observed,
) -> Result<Vec<BusinessUnit>, ApiError> {
    let mut active = observed.active();
    // The one user's own row says where it is, which saves a request when there is nothing to do.
    if let (Some(user), None) = (active.next(), active.next())
        && is_in(user, wanted)
        && let Some(id) = user.business_unit
    {
        return Ok(vec![BusinessUnit { id, name: user.business_unit_name.clone().unwrap_or_default() }]);
    }
    let wanted = match wanted {
        WantedUnit::Root => Wanted::Root,
        WantedUnit::Id(id) => Wanted::Id(*id),
        WantedUnit::Name(name) => Wanted::Name(name),
    };
    business_unit::find(client, wanted).await
}

/// The column security profiles. One that the user has need not be read, nor one that no import has added yet.
async fn profiles(client: &Client, desired: &Desired, observed: &mut Observed) -> Result<(), ApiError> {
    observed.profiles = observed.active().flat_map(|user| user.profiles.iter().flatten().map(|it| it.id)).collect();
    let unseen = desired.profiles().map(|profile| profile.id).filter(|id| !observed.profiles.contains(id));
    let unseen: Vec<Uuid> = unseen.collect();
    let installed = desired.packages.iter().any(|package| observed.solution(&package.solution.name).is_some());
    if !unseen.is_empty() && installed {
        observed.profiles.extend(column_security_profile::existing(client, &unseen).await?);
    }
    Ok(())
}

/// The role copies, and their privileges.
async fn roles(client: &Client, desired: &Desired, observed: &mut Observed) -> Result<(), ApiError> {
    let wanted: Vec<Uuid> = desired.roles().map(|role| role.id).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let of_user = observed.active().flat_map(|user| &user.roles);
    let held: BTreeSet<Uuid> = of_user.filter_map(|role| role.root).collect();
    // An id that is computed from publisher and role name cannot be that of another role.
    let publisher = &desired.descriptor.publisher.name;
    let given = desired.roles().filter(|role| role.id != guid::role(publisher, &role.name)).map(|role| role.id);
    let new: Vec<Uuid> = given.filter(|id| !held.contains(id)).collect();
    // What the environment has under other ids is looked at before anything is written. After an import, and for roles
    // that the user has, the copies tell it.
    if !new.is_empty() && !observed.is_imported(desired) {
        let there = role::roots(client, &new).await?;
        observed.built_in = there.into_iter().filter(role::Copy::is_built_in).collect();
    }
    let [unit] = observed.business_units.as_slice() else { return Ok(()) };
    let unit = unit.id;
    // A role that the user has is a copy of its own business unit: no need to ask for it.
    for user in observed.users.iter().filter(|user| !user.deleted && user.business_unit == Some(unit)) {
        for role in &user.roles {
            if let Some(root) = role.root.filter(|root| wanted.contains(root)) {
                let copy = role::Copy { id: role.id, root, name: role.name.clone(), template: role.template };
                observed.copies.insert(root, copy);
            }
        }
    }
    let missing: Vec<Uuid> = wanted.iter().copied().filter(|id| !observed.copies.contains_key(id)).collect();
    let installed = desired.packages.iter().any(|package| observed.solution(&package.solution.name).is_some());
    if !missing.is_empty() && (installed || observed.is_imported(desired)) {
        for copy in role::copies(client, &missing, unit).await? {
            observed.copies.insert(copy.root, copy);
        }
    }
    for (root, copy) in &observed.copies {
        observed.held.insert(*root, role::privileges(client, copy.id).await?);
    }
    // Newer servers name the privileges themselves.
    let all = || observed.held.values().flatten();
    let unnamed: BTreeSet<Uuid> = all().filter(|held| held.name.is_none()).map(|held| held.id).collect();
    let mut names: BTreeMap<Uuid, String> = all().filter_map(|held| Some((held.id, held.name.clone()?))).collect();
    names.extend(role::privilege_names(client, &unnamed.into_iter().collect::<Vec<_>>()).await?);
    observed.privilege_ids = names.iter().map(|(id, name)| (name.to_lowercase(), *id)).collect();
    observed.privilege_names = names;
    Ok(())
}

/// What only matters where something will be imported, or a role is not as it should be.
async fn doubts(client: &Client, desired: &Desired, observed: &mut Observed) -> Result<(), ApiError> {
    let imports = !observed.is_imported(desired);
    let mut names: BTreeSet<&str> = BTreeSet::new();
    if imports {
        let all = desired.descriptor.roles.iter().flat_map(|role| &role.privileges);
        names.extend(all.map(|privilege| privilege.name.as_str()));
        // Whoever imports needs these: one request for both.
        names.extend(rights::names(desired));
    }
    let mut doubted = Vec::new();
    for role in desired.roles().filter(|role| observed.held.contains_key(&role.id)) {
        let wanted = || role.privileges.iter().map(|privilege| (privilege.name.as_str(), privilege.level));
        let held = observed.held.get(&role.id).map_or(&[][..], Vec::as_slice);
        let missing = lacking(wanted(), held, &observed.privilege_ids);
        names.extend(missing.iter().map(|lacking| lacking.name));
        let more = beyond(wanted(), held, &observed.privilege_names).iter().any(|beyond| beyond.differs);
        if !missing.is_empty() || more {
            doubted.push(role.id);
        }
    }
    if !names.is_empty() {
        let names: Vec<&str> = names.into_iter().collect();
        observed.known_privileges = match role::known_privileges(client, &names).await {
            Ok(known) => Some(known),
            // A caller who may not read them learns less.
            Err(ApiError::Server { .. }) => None,
            Err(other) => return Err(other),
        };
    }
    for role in doubted {
        if let Some(layered) = layer::role_is_layered(client, role).await? {
            observed.layered.insert(role, layered);
        }
    }
    Ok(())
}

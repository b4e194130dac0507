//! The state of the made-up tenant and environment: rows, roles, privileges, jobs. It is plain data,
//! so it can be kept in a file, compared and shown.

mod layers;
mod privileges;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::depth::{DEPTHS, allows};
use super::job::Job;
use super::options::{Options, Scenario};
use super::package::Package;
use super::row::{Row, id, named, now, row, text};
use super::schema::{self, Table};
use super::shared::Shared;
use super::user_row::platform_columns;

/// Made-up identities. They mean nothing outside of the sandbox.
pub(super) const TENANT: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0001);
pub(super) const ORGANIZATION: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0002);
pub(super) const ADMIN_CLIENT: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0003);
pub(super) const ADMIN_USER: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0004);
pub(super) const PERSON: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0005);
pub(super) const ROOT_UNIT: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0006);
pub(super) const CHILD_UNIT: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0007);
pub(super) const SYSTEM_ADMINISTRATOR: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0008);
const BASIC_USER: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_0009);
const SYSTEM_CUSTOMIZER: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_000a);
const LIMITED: Uuid = Uuid::from_u128(0x5a4d_b0c5_0000_4000_8000_0000_0000_000b);

/// Privileges that every role has and that cannot be removed. Which ones is an assumption; that
/// there are some is reported by users of the platform.
pub(super) const BASELINE: &[&str] = &["prvReadSharePointData", "prvReadSharePointDocument"];

/// Tenant and environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct World {
    pub version: u64,
    pub rows: BTreeMap<String, BTreeMap<Uuid, Shared<Row>>>,
    pub user_roles: BTreeSet<(Uuid, Uuid)>,
    /// Users and their column security profiles.
    #[serde(default)]
    pub user_profiles: BTreeSet<(Uuid, Uuid)>,
    /// By root role: privilege name and depth.
    pub role_privileges: BTreeMap<Uuid, Shared<BTreeMap<String, String>>>,
    /// What people changed in managed roles, above what imports bring: by root role and privilege, the depth or
    /// nothing.
    #[serde(default)]
    pub layers: BTreeMap<Uuid, BTreeMap<String, Option<String>>>,
    /// Lower-case privilege name to identifier.
    pub privileges: Shared<BTreeMap<String, Uuid>>,
    /// Tables that solutions brought.
    pub tables: Vec<Shared<Table>>,
    pub jobs: BTreeMap<Uuid, Job>,
    pub uploads: BTreeMap<Uuid, Package>,
    pub installed: BTreeMap<String, Package>,
    pub pending: BTreeMap<String, Package>,
    /// Applications with a service principal, beyond those that the options grant.
    pub principals: BTreeSet<Uuid>,
    /// How often a scenario has struck.
    pub counters: BTreeMap<String, u32>,
}

/// What the environment limits, and whom it lets in.
fn organization(options: &Options) -> Value {
    let has = |scenario| options.scenarios.contains(&scenario);
    let mode = match (has(Scenario::AccessControl), has(Scenario::AccessAudit)) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    };
    json!({
        "name": "sandbox", "languagecode": if has(Scenario::OtherLanguage) { 1031 } else { 1033 },
        "maxuploadfilesize": if has(Scenario::SmallUploads) { 1024 } else { 5_242_880 },
        "applicationbasedaccesscontrolmode": mode, "allowedapplicationsfordvaccess": null,
        "blockedapplicationsfordvaccess": null, "enableipbasedfirewallrule": false, "allowapplicationuseraccess": true,
    })
}

impl World {
    /// Nothing but the privileges that every environment has, and who has them.
    fn with_privileges() -> Self {
        let mut world = Self { version: 1_000_000, ..Self::default() };
        for line in include_str!("data/privileges.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            let published = words.next().and_then(|ids| ids.split('|').next()).and_then(|id| Uuid::try_parse(id).ok());
            let depths = words.next().filter(|text| *text != "-").unwrap_or("BLDG");
            world.add_privilege(name, published, depths);
        }
        let every: Shared<BTreeMap<String, String>> =
            world.table_rows("privilege").map(|(_, row)| (text(row, "name").to_owned(), "Global".to_owned())).collect();
        let shallowest = |row: &Row| DEPTHS.into_iter().find(|depth| allows(row, depth)).unwrap_or("Global");
        let basic = world
            .table_rows("privilege")
            .map(|(_, row)| (text(row, "name"), shallowest(row)))
            .filter(|(name, _)| name.starts_with("prvRead"))
            .map(|(name, depth)| (name.to_owned(), depth.to_owned()));
        let basic = basic.collect();
        world.built_in_roles();
        world.role_privileges.insert(BASIC_USER, basic);
        world.role_privileges.insert(SYSTEM_CUSTOMIZER, every);
        world
    }

    /// The roles that Dataverse and Microsoft's apps bring.
    fn built_in_roles(&mut self) {
        for line in include_str!("data/roles.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let name = fields.next().unwrap_or_default();
            let mut given = || fields.next().filter(|text| *text != "-");
            let (template, published) = (given(), given());
            let made = match name {
                "System Administrator" => SYSTEM_ADMINISTRATOR,
                "System Customizer" => SYSTEM_CUSTOMIZER,
                "Basic User" => BASIC_USER,
                _ => named(&format!("role {name}")),
            };
            let role = published.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or(made);
            self.add_role(role, name, true, 1, template);
        }
    }

    /// A new environment.
    pub fn new(options: &Options) -> Self {
        static PRIVILEGES: LazyLock<World> = LazyLock::new(World::with_privileges);
        let mut world = PRIVILEGES.clone();
        world.insert("organization", ORGANIZATION, row(organization(options)));
        let unit = json!({"name": "sandbox", "isdisabled": false, "_parentbusinessunitid_value": null, "_organizationid_value": ORGANIZATION});
        world.insert("businessunit", ROOT_UNIT, row(unit));
        for name in ["Active", "Default", "System", "Basic"] {
            let solution = json!({"uniquename": name, "friendlyname": name, "version": "1.0", "ismanaged": name == "System" || name == "Basic", "isvisible": name == "Default"});
            world.insert("solution", named(&format!("solution {name}")), row(solution));
        }
        for (solution, version, managed) in &options.installed {
            world.pretend_installed(solution, version, *managed);
        }
        let mut lacks = options.caller_lacks.clone();
        if options.scenarios.contains(&Scenario::CallerLacksPrivilege) {
            lacks.push(("prvCreateUser".into(), None));
        }
        let person = json!({"fullname": "Sandbox Admin", "firstname": "Sandbox", "lastname": "Admin", "domainname": "admin@sandbox.example", "internalemailaddress": "admin@sandbox.example", "accessmode": 0, "isdisabled": false, "deletedstate": 0, "_businessunitid_value": ROOT_UNIT, "ownerid": PERSON, "azureactivedirectoryobjectid": named("object admin@sandbox.example")});
        world.insert("systemuser", PERSON, row(person));
        world.user_roles.insert((PERSON, SYSTEM_ADMINISTRATOR));
        if !options.scenarios.contains(&Scenario::CallerNotMember) {
            let user = platform_columns(ADMIN_USER, ADMIN_CLIENT, "dvpack sandbox administration");
            world.insert("systemuser", ADMIN_USER, user);
            world.update("systemuser", ADMIN_USER, row(json!({"_businessunitid_value": ROOT_UNIT, "accessmode": 4})));
            if lacks.is_empty() {
                world.user_roles.insert((ADMIN_USER, SYSTEM_ADMINISTRATOR));
            } else {
                world.add_role(LIMITED, "Sandbox limited administrator", false, 0, None);
                // Everything that a customizer has, which is every privilege except these.
                let mut held = world.role_privileges.get(&SYSTEM_CUSTOMIZER).cloned().unwrap_or_default();
                held.retain(|name, depth| match lacks.iter().find(|(lack, _)| lack.eq_ignore_ascii_case(name)) {
                    None => true,
                    Some((_, None)) => false,
                    Some((_, Some(left))) => {
                        depth.clone_from(left);
                        true
                    }
                });
                world.role_privileges.insert(LIMITED, held);
                world.user_roles.insert((ADMIN_USER, LIMITED));
            }
        }
        if options.scenarios.contains(&Scenario::FewerPrivileges) {
            world.forget_privileges(&["Note", "Contact"]);
        }
        if options.scenarios.contains(&Scenario::FewerLevels) {
            let of_accounts = |row: &Row| text(row, "name").ends_with("Account");
            let ids: Vec<Uuid> =
                world.table_rows("privilege").filter(|(_, row)| of_accounts(row)).map(|(id, _)| *id).collect();
            for id in ids {
                let columns = json!({"canbebasic": false, "canbelocal": false, "canbedeep": false});
                world.update("privilege", id, row(columns));
            }
        }
        if options.scenarios.contains(&Scenario::ChildBusinessUnit) {
            let unit = json!({"name": "sandbox-child", "isdisabled": false, "_parentbusinessunitid_value": ROOT_UNIT, "_organizationid_value": ORGANIZATION});
            world.insert("businessunit", CHILD_UNIT, row(unit));
            world.copy_roles();
        }
        world
    }

    /// A solution row without components, as another team's solution would look.
    pub fn pretend_installed(&mut self, name: &str, version: &str, managed: bool) {
        let publisher = named("publisher sandboxpublisher");
        let columns = json!({"uniquename": "sandboxpublisher", "friendlyname": "Sandbox publisher", "customizationprefix": "sbx", "customizationoptionvalueprefix": 10000});
        self.insert("publisher", publisher, row(columns));
        let columns = json!({"uniquename": name, "friendlyname": name, "version": version, "ismanaged": managed, "isvisible": true, "_publisherid_value": publisher, "installedon": now(), "_organizationid_value": ORGANIZATION});
        self.insert("solution", named(&format!("solution {name}")), row(columns));
    }

    /// A table by its logical name.
    pub fn table(&self, logical: &str) -> Option<&Shared<Table>> {
        self.all_tables().find(|table| table.logical == logical)
    }

    /// A table by its entity set.
    pub fn table_of_set(&self, set: &str) -> Option<&Shared<Table>> {
        self.all_tables().find(|table| table.set == set)
    }

    pub fn all_tables(&self) -> impl Iterator<Item = &Shared<Table>> {
        schema::SYSTEM.iter().chain(&self.tables)
    }

    pub fn table_rows(&self, table: &str) -> impl Iterator<Item = (&Uuid, &Row)> {
        self.rows.get(table).into_iter().flatten().map(|(id, row)| (id, &**row))
    }

    pub fn get(&self, table: &str, id: Uuid) -> Option<&Row> {
        self.rows.get(table)?.get(&id).map(|row| &**row)
    }

    pub fn find(&self, table: &str, matches: impl Fn(&Row) -> bool) -> Option<(Uuid, &Row)> {
        self.table_rows(table).find(|(_, row)| matches(row)).map(|(id, row)| (*id, row))
    }

    pub fn solution(&self, name: &str) -> Option<(Uuid, &Row)> {
        self.find("solution", |row| text(row, "uniquename").eq_ignore_ascii_case(name))
    }

    /// Adds a row, or replaces the given columns of one that is there.
    pub fn insert(&mut self, table: &str, id: Uuid, columns: Row) {
        let key = self.table(table).map(|table| table.key.clone()).unwrap_or_default();
        let time = now();
        let rows = self.rows.entry(table.to_owned()).or_default();
        let new = !rows.contains_key(&id);
        let target = rows.entry(id).or_default();
        if new {
            target.insert(key, json!(id));
            target.insert("createdon".into(), json!(time));
        }
        self.update(table, id, columns);
    }

    /// Changes columns of a row that is there.
    pub fn update(&mut self, table: &str, id: Uuid, columns: Row) {
        self.version += 1;
        let version = self.version;
        if let Some(row) = self.rows.get_mut(table).and_then(|rows| rows.get_mut(&id)) {
            row.extend(columns);
            row.insert("modifiedon".into(), json!(now()));
            row.insert("versionnumber".into(), json!(version));
        }
    }

    pub fn remove(&mut self, table: &str, id: Uuid) -> bool {
        self.version += 1;
        match table {
            "role" => self.user_roles.retain(|(_, role)| *role != id),
            "fieldsecurityprofile" => self.user_profiles.retain(|(_, profile)| *profile != id),
            "systemuser" => {
                self.user_roles.retain(|(user, _)| *user != id);
                self.user_profiles.retain(|(user, _)| *user != id);
            }
            _ => {}
        }
        self.rows.get_mut(table).is_some_and(|rows| rows.remove(&id).is_some())
    }

    /// Counts one strike of a scenario and gives the number so far, this one included.
    pub fn count(&mut self, what: &str) -> u32 {
        let counter = self.counters.entry(what.to_owned()).or_default();
        *counter += 1;
        *counter
    }

    /// Adds or renames a role; each business unit gets its copy.
    pub fn add_role(&mut self, id: Uuid, name: &str, managed: bool, inherited: u8, template: Option<&str>) {
        let columns = json!({"name": name, "ismanaged": managed, "componentstate": 0, "isinherited": inherited, "_businessunitid_value": ROOT_UNIT, "_parentrootroleid_value": id, "_parentroleid_value": null, "_roletemplateid_value": template, "organizationid": ORGANIZATION});
        self.insert("role", id, row(columns));
        self.role_privileges.entry(id).or_default();
        self.copy_roles();
    }

    /// Gives each business unit below the root its copy of every role.
    pub fn copy_roles(&mut self) {
        let below: Vec<(Uuid, Uuid)> = self
            .table_rows("businessunit")
            .filter_map(|(unit, row)| Some((*unit, id(row, "_parentbusinessunitid_value")?)))
            .collect();
        if below.is_empty() {
            return;
        }
        let roots: Vec<(Uuid, Row)> = self
            .table_rows("role")
            .filter(|(role, row)| id(row, "_parentrootroleid_value") == Some(**role))
            .map(|(role, row)| (*role, row.clone()))
            .collect();
        for (unit, parent) in below {
            for (root, columns) in &roots {
                let copy = Self::role_copy(*root, unit);
                let mut columns = columns.clone();
                for gone in ["roleid", "createdon"] {
                    columns.remove(gone);
                }
                columns.insert("_businessunitid_value".into(), json!(unit));
                columns.insert("_parentroleid_value".into(), json!(Self::role_copy(*root, parent)));
                self.insert("role", copy, columns);
            }
        }
    }

    /// The identifier of a role's copy in a business unit.
    pub fn role_copy(root: Uuid, unit: Uuid) -> Uuid {
        if unit == ROOT_UNIT { root } else { named(&format!("role {root} in {unit}")) }
    }

    /// The root copy of a role.
    pub fn root_role(&self, role: Uuid) -> Uuid {
        self.get("role", role).and_then(|row| id(row, "_parentrootroleid_value")).unwrap_or(role)
    }
}

//! Where data may go: hosts in addresses, and connectors, each with what names it. Every text is searched as it is and
//! in each decoded form.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::Addresses;
use super::item::Item;
use crate::solution::components::Parts;
use crate::text::shortened;

const CUSTOMIZATIONS: &str = "customizations.xml";

/// How much of a name is kept of what names a host.
const LONGEST_NAME: usize = 300;

/// Hosts and connectors, each with what names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Hosts, such as `api.contoso.com`.
    pub hosts: BTreeMap<String, BTreeSet<String>>,
    /// Connectors, such as `shared_sharepointonline`.
    pub connectors: BTreeMap<String, BTreeSet<String>>,
    /// Parts that could not be searched, or not completely.
    pub unseen: BTreeSet<String>,
}

impl Hosts {
    /// Those of a solution.
    pub(super) fn of(items: &[Item], parts: &Parts, owners: &BTreeMap<String, String>) -> Self {
        let mut found = Self::default();
        for item in items {
            let who = match item.components.first() {
                Some(component) => format!("{} {}", component.kind, component.name),
                None => item.label.clone(),
            };
            found.add(&item.addresses, &who);
            found.unseen.extend(item.addresses.has_unseen.then(|| CUSTOMIZATIONS.to_owned()));
        }
        for (name, bytes) in parts {
            let who = owners.get(name).cloned().unwrap_or_else(|| format!("File {name}"));
            let addresses = Addresses::of_part(name, bytes);
            found.unseen.extend(addresses.has_unseen.then(|| name.clone()));
            found.add(&addresses, &who);
        }
        // A custom connector's id means nothing to people, so it is shown by the name of its component.
        for item in items {
            let own = item.own_connector.as_ref().and_then(|id| found.connectors.get_mut(&id.to_lowercase()));
            if let (Some(users), Some(component)) = (own, item.components.first()) {
                let who = format!("{} {}", component.kind, component.name);
                users.insert(shortened(&who, LONGEST_NAME).into_owned());
            }
        }
        found
    }

    pub(super) fn add(&mut self, addresses: &Addresses, who: &str) {
        // It is repeated for each host, so a long one would fill the memory.
        let who = shortened(who, LONGEST_NAME).into_owned();
        for host in &addresses.hosts {
            self.hosts.entry(host.clone()).or_default().insert(who.clone());
        }
        for connector in &addresses.connectors {
            self.connectors.entry(connector.clone()).or_default().insert(who.clone());
        }
    }
}

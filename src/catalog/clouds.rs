//! The Microsoft clouds: which Entra authority belongs to which Dataverse hosts.
//!
//! Source: Microsoft's service client and Terraform provider. China has two authorities: documents and code differ.

/// A cloud, by one of its Entra authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// Such as `public`.
    pub name: &'static str,
    /// Host of the Entra authority.
    pub authority: &'static str,
    /// What the host names of its environments end in.
    pub host: &'static str,
}

/// All known clouds; a cloud with two authorities stands here twice.
pub fn clouds() -> impl Iterator<Item = Cloud> {
    include_str!("../../manifests/catalog/clouds.tsv").lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Cloud { name: cells.next()?, authority: cells.next()?, host: cells.next()? })
    })
}

/// The cloud that an environment's host belongs to: the one with the longest matching ending.
#[must_use]
pub fn cloud_of_host(host: &str) -> Option<Cloud> {
    let host = host.to_ascii_lowercase();
    clouds()
        .filter(|cloud| host.strip_suffix(cloud.host).is_some_and(|rest| rest.ends_with('.')))
        .max_by_key(|cloud| cloud.host.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_its_cloud() {
        let name = |host| cloud_of_host(host).map(|cloud| cloud.name);
        assert_eq!(name("contoso.crm4.dynamics.com"), Some("public"));
        assert_eq!(name("contoso.api.crm9.dynamics.com"), Some("gcc"));
        assert_eq!(name("contoso.crm.microsoftdynamics.us"), Some("gccHigh"));
        assert_eq!(name("notdynamics.com"), None);
    }
}

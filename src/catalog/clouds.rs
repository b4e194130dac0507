//! The Microsoft clouds: which Entra authority belongs to which Dataverse hosts.
//!
//! Source: Microsoft's service client and Terraform provider. China has two authorities: documents and code differ.

/// A cloud, by one of its Entra authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// Its name, for example `public`.
    pub name: &'static str,
    /// Host of the Entra authority.
    pub authority: &'static str,
    /// What the host names of its environments end in.
    pub host: &'static str,
}

/// All known clouds; a cloud with two authorities is listed twice.
pub fn clouds() -> impl Iterator<Item = Cloud> {
    include_str!("../../manifests/catalog/clouds.tsv").lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Cloud { name: cells.next()?, authority: cells.next()?, host: cells.next()? })
    })
}

/// The cloud that an environment's host belongs to: the one with the longest matching ending; of two authorities, the
/// first of the table.
#[must_use]
pub fn cloud_of_host(host: &str) -> Option<Cloud> {
    let host = host.to_ascii_lowercase();
    clouds()
        .filter(|cloud| host.strip_suffix(cloud.host).is_some_and(|rest| rest.ends_with('.')))
        .min_by_key(|cloud| std::cmp::Reverse(cloud.host.len()))
}

/// The Entra authority of the cloud that a host belongs to; the public one where it is not known.
#[must_use]
pub fn authority_of_host(host: Option<&str>) -> &'static str {
    host.and_then(cloud_of_host).map_or("login.microsoftonline.com", |cloud| cloud.authority)
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
        let authority = |host| cloud_of_host(host).map(|cloud| cloud.authority);
        assert_eq!(authority("contoso.crm.appsplatform.us"), Some("login.microsoftonline.us"));
        assert_eq!(authority("CONTOSO.crm.dynamics.cn"), Some("login.partner.microsoftonline.cn"));
    }
}

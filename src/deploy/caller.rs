//! Who the run is signed in as, and what an administrator needs to know to change that user's rights.

use uuid::Uuid;

use crate::dataverse::system_user::Described;

/// The signed-in user.
#[derive(Clone, Debug)]
pub(super) struct Who {
    /// Its row.
    pub(super) user: Uuid,
    /// The contents of its row; absent if it cannot be read.
    pub(super) described: Option<Described>,
}

impl Who {
    /// Its application, where it is one.
    pub(super) fn application(&self) -> Option<Uuid> {
        self.described.as_ref()?.application
    }

    /// How an administrator finds it.
    pub(super) fn name(&self) -> String {
        let name = self.described.as_ref().map(|described| described.name.as_str()).filter(|name| !name.is_empty());
        match (name, self.application()) {
            (Some(name), Some(application)) => format!("`{name}` (application {application})"),
            (Some(name), None) => match self.described.as_ref().and_then(|described| described.login.as_deref()) {
                Some(login) => format!("`{name}` ({login})"),
                None => format!("`{name}`"),
            },
            (None, Some(application)) => format!("the user of application {application}"),
            (None, None) => format!("user {}", self.user),
        }
    }

    /// Where its roles are assigned.
    pub(super) fn place(&self) -> String {
        let list = match (&self.described, self.application()) {
            (_, Some(_)) => "Application users",
            (Some(_), None) => "Users",
            (None, None) => "Users or Application users",
        };
        format!("Power Platform admin center > the environment > Settings > Users + permissions > {list}")
    }
}

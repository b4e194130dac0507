//! What a lookup refers to, and what happens to the rows that refer.

use serde_json::{Value, json};

use crate::manifest::components::extra::Extra;
use crate::manifest::components::names::Named;
use crate::manifest::leaf::{Flag, SchemaName, TableName};
use crate::yaml::leaf::choice;
use crate::yaml::node::Scalar;
use crate::yaml::record::record;
use crate::yaml::shape::{At, Leaf, OneOrMany};

record! {
    /// What happens to the rows that refer to a row.
    pub struct WrittenCascades => {
        /// When the row is assigned.
        "assign" optional assign: At<Cascade>,
        /// When it is deleted.
        "delete" optional delete: At<Cascade>,
        /// When it is archived: none, removeLink or restrict.
        "archive" optional archive: At<ArchiveRule>,
        /// When it gets another parent.
        "reparent" optional reparent: At<Cascade>,
        /// When it is shared.
        "share" optional share: At<Cascade>,
        /// When it is no longer shared.
        "unshare" optional unshare: At<Cascade>,
        /// For the view of related rows.
        "rollupView" optional rollup_view: At<Cascade>,
    }
}

record! {
    /// What a lookup refers to.
    pub struct WrittenLookup => {
        /// For lookup: the table that it refers to, or a list of tables.
        "to" optional to: OneOrMany<TableName>,
        /// For lookup: name of the relationship. Default: derived from both tables' names.
        "relationship" optional relationship: At<SchemaName> => "contoso_widget_account",
        /// For lookup: referential (default), restrictDelete or parental.
        "relationshipType" optional relation: At<Relation>,
        /// For lookup: what happens when the row that it refers to is deleted: removeLink, restrict or cascade.
        "onDelete" optional on_delete: At<Cascade>,
        /// For lookup: rules one by one.
        "cascade" optional cascade: WrittenCascades,
        /// For lookup to the same table: whether it makes a hierarchy.
        "hierarchical" optional hierarchical: At<Flag>,
    }
}

choice!(
    /// What happens to the rows that refer to a row.
    Cascade(CascadeRule), "cascade", "a cascade rule",
    [
        ("none", CascadeRule::NoCascade),
        ("cascade", CascadeRule::Cascade),
        ("active", CascadeRule::Active),
        ("userOwned", CascadeRule::UserOwned),
        ("removeLink", CascadeRule::RemoveLink),
        ("restrict", CascadeRule::Restrict),
    ]
);
/// What happens to the rows that refer to a row that is archived. All 638 rules in the corpus are one of these three:
/// 30 relationships that delete with the row have `NoCascade` (27) or `RemoveLink` (3).
#[derive(Clone, Copy, Debug)]
pub struct ArchiveRule(pub CascadeRule);

impl ArchiveRule {
    const ALL: [(&str, CascadeRule); 3] = [
        ("none", CascadeRule::NoCascade),
        ("removeLink", CascadeRule::RemoveLink),
        ("restrict", CascadeRule::Restrict),
    ];
}

impl Leaf for ArchiveRule {
    const NOUN: &'static str = "a rule for archiving";
    const EXAMPLE: &'static str = "";
    const CODE: &'static str = "cascade-archive";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(word, _)| *word == scalar.text);
        found.map(|(_, rule)| Self(rule)).ok_or_else(|| {
            if Cascade::words().contains(&scalar.text.as_str()) {
                "no known relationship archives the rows that refer to an archived row".into()
            } else {
                "it is not one of the known words".into()
            }
        })
    }
    fn schema() -> Value {
        json!({ "enum": Self::words() })
    }
    fn words() -> Vec<&'static str> {
        Self::ALL.map(|(word, _)| word).to_vec()
    }
}

choice!(
    /// What a relationship is like on the whole.
    for Relation, "relationship-type", "a type of relationship",
    [
        ("referential", Relation::Referential),
        ("restrictDelete", Relation::RestrictDelete),
        ("parental", Relation::Parental),
    ]
);

/// The many side of relationships.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The tables that it refers to.
    pub to: Vec<Named>,
    /// The relationship's name, where it is given.
    pub relationship: Option<String>,
    /// Rules.
    pub cascades: Cascades,
    /// Whether it makes a hierarchy.
    pub hierarchical: bool,
    /// What is merged into the relationship's XML.
    pub extra: Extra,
}

/// What a relationship is like on the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relation {
    /// Deleting removes the link.
    #[default]
    Referential,
    /// Deleting is refused while there are rows that refer to it.
    RestrictDelete,
    /// What happens to the row happens to those that refer to it.
    Parental,
}

/// What happens to the rows that refer to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CascadeRule {
    /// Nothing.
    NoCascade,
    /// The same.
    Cascade,
    /// The same, to active rows.
    Active,
    /// The same, to rows of the same owner.
    UserOwned,
    /// The link is removed.
    RemoveLink,
    /// It is refused.
    Restrict,
}

impl CascadeRule {
    /// Dataverse's word.
    #[must_use]
    pub fn word(self) -> String {
        format!("{self:?}")
    }

    /// What happens on archiving where this happens on deleting: rows are never archived with another.
    #[must_use]
    pub const fn on_archive(self) -> Self {
        match self {
            Self::RemoveLink | Self::Restrict => self,
            Self::NoCascade | Self::Cascade | Self::Active | Self::UserOwned => Self::NoCascade,
        }
    }
}

/// A rule for each thing that can happen.
#[derive(Clone, Copy, Debug)]
pub struct Cascades {
    /// Assign.
    pub assign: CascadeRule,
    /// Delete.
    pub delete: CascadeRule,
    /// Archive.
    pub archive: CascadeRule,
    /// Another parent.
    pub reparent: CascadeRule,
    /// Share.
    pub share: CascadeRule,
    /// Unshare.
    pub unshare: CascadeRule,
    /// The view of related rows.
    pub rollup_view: CascadeRule,
}

impl Cascades {
    /// The rules of a kind of relationship.
    #[must_use]
    pub const fn of(relation: Relation) -> Self {
        let (all, delete) = match relation {
            Relation::Referential => (CascadeRule::NoCascade, CascadeRule::RemoveLink),
            Relation::RestrictDelete => (CascadeRule::NoCascade, CascadeRule::Restrict),
            Relation::Parental => (CascadeRule::Cascade, CascadeRule::Cascade),
        };
        Self {
            assign: all,
            delete,
            archive: delete.on_archive(),
            reparent: all,
            share: all,
            unshare: all,
            rollup_view: CascadeRule::NoCascade,
        }
    }
}

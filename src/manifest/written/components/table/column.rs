//! A column of a table; a lookup is the many side of a relationship.

use serde_json::{Value, json};

use crate::manifest::written::components::choice::ChoiceOption;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::table::leaf::{
    Amount, Cascade, ColumnType, Count, DateBehavior, Relation, Requirement,
};
use crate::manifest::written::leaf::{Flag, Paragraph, RelativePath, SchemaName, Stored, TableName, Title};
use crate::yaml::leaf::Words;
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape};

record! {
    /// A column.
    pub struct Column => {
        /// Schema name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// Type. Left out: text.
        "type" optional kind: At<ColumnType>,
        /// Name that people see, in one language or by language code. Left out: the name without prefix.
        "displayName" optional display_name: Labels<Title>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Requirement: none (default), recommended or required.
        "required" optional required: At<Requirement>,
        /// Whether advanced find and views can use it (default: yes).
        "searchable" optional searchable: At<Flag>,
        /// Whether its changes are kept in the audit log (default: yes, but for lookups).
        "auditing" optional auditing: At<Flag>,
        /// Whether column security profiles guard it.
        "secured" optional secured: At<Flag>,
        /// For text: the most characters it holds.
        "maxLength" optional max_length: At<Count>,
        /// For numbers: the least value.
        "min" optional min: At<Amount>,
        /// For numbers: the greatest value.
        "max" optional max: At<Amount>,
        /// For decimal, float and money: digits behind the point.
        "precision" optional precision: At<Count>,
        /// Format, as Dataverse calls it, such as `duration` for a whole number or `tickersymbol` for text.
        "format" optional format: At<Words>,
        /// For dates: userLocal (default), dateOnly or timeZoneIndependent.
        "behavior" optional behavior: At<DateBehavior>,
        /// For choice and multiSelect: own options, in order.
        "choices" optional choices: List<ChoiceOption>,
        /// For choice and multiSelect: the name of a global choice.
        "choice" optional choice: At<SchemaName>,
        /// Default: the number or label of an option, or true or false.
        "default" optional default: At<Stored>,
        /// For boolean: what people see for true (default: Yes).
        "trueLabel" optional true_label: Labels<Title>,
        /// For boolean: what people see for false (default: No).
        "falseLabel" optional false_label: Labels<Title>,
        /// For lookup: the table that it leads to, or a list of them.
        "to" optional to: OneOrMany<TableName>,
        /// For lookup: name of the relationship. Left out: made from both tables' names.
        "relationship" optional relationship: At<SchemaName>,
        /// For lookup: referential (default), restrictDelete or parental.
        "relationshipType" optional relation: At<Relation>,
        /// For lookup: what happens when the row that it leads to is deleted: removeLink, restrict or cascade.
        "onDelete" optional on_delete: At<Cascade>,
        /// For lookup: rules one by one.
        "cascade" optional cascade: Cascades,
        /// For lookup to the same table: whether it makes a hierarchy.
        "hierarchical" optional hierarchical: At<Flag>,
        /// For text: the form of automatic numbers, such as `W-{SEQNUM:5}`.
        "autoNumber" optional auto_number: At<Words>,
        /// Power Fx formula that gives the value.
        "formula" optional formula: At<Words>,
        /// XAML file that calculates the value.
        "calculation" optional calculation: At<RelativePath>,
        /// XAML file that rolls the value up.
        "rollup" optional rollup: At<RelativePath>,
        /// For file and image: the greatest size in KB.
        "maxSizeKb" optional max_size: At<Count>,
        /// For image: whether the whole image is kept (default: yes).
        "fullImage" optional full_image: At<Flag>,
        /// For image: whether it stands for the row.
        "primaryImage" optional primary_image: At<Flag>,
        /// For a virtual table: its name in the source.
        "externalName" optional external_name: At<Words>,
        /// Parts of its `attribute` element that have no key here.
        "xml" optional xml: Extra,
        /// For lookup: parts of its `EntityRelationship` element that have no key here.
        "relationshipXml" optional relationship_xml: Extra,
    }
}

record! {
    /// What happens to the rows that refer to a row.
    pub struct Cascades => {
        /// When the row is assigned.
        "assign" optional assign: At<Cascade>,
        /// When it is deleted.
        "delete" optional delete: At<Cascade>,
        /// When it is archived.
        "archive" optional archive: At<Cascade>,
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

/// A single value or a list of them.
#[derive(Clone, Debug)]
pub struct OneOrMany<T> {
    /// The values.
    pub items: Vec<At<T>>,
}

impl<T> Shape for OneOrMany<T>
where
    At<T>: Shape,
{
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.content {
            Content::Sequence(_) => List::<At<T>>::read(node, reader).map(|list| Self { items: list.items }),
            _ => At::<T>::read(node, reader).map(|one| Self { items: vec![one] }),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<T>::schema(definitions), List::<At<T>>::schema(definitions)] })
    }
}

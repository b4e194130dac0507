//! Which values a column of some types can have.

use crate::manifest::components::choice::WrittenChoiceOption;
use crate::manifest::components::labels::WrittenLabels;
use crate::manifest::components::table::leaf::{Amount, Count, DateBehavior};
use crate::manifest::leaf::{SchemaName, Stored, Title};
use crate::yaml::leaf::Words;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// The values of a column: how long, how large, which.
    pub struct WrittenColumnValue => {
        /// For text: the maximum number of characters.
        "maxLength" optional max_length: At<Count>,
        /// For numbers: the smallest value.
        "min" optional min: At<Amount>,
        /// For numbers: the largest value.
        "max" optional max: At<Amount>,
        /// For decimal, float and money: digits after the decimal point.
        "precision" optional precision: At<Count> => "2",
        /// Format, as Dataverse calls it, such as `duration` for a whole number or `tickersymbol` for text.
        "format" optional format: At<Words> => "duration",
        /// For dates: userLocal (default), dateOnly or timeZoneIndependent.
        "behavior" optional behavior: At<DateBehavior>,
        /// For choice and multiSelect: the column's own options, in order.
        "choices" optional choices: List<WrittenChoiceOption>,
        /// For choice and multiSelect: the name of a global choice.
        "choice" optional choice: At<SchemaName> => "contoso_Colour",
        /// Default: the number or label of an option, or true or false.
        "default" optional default: At<Stored> => "100000000",
        /// For boolean: what people see for true (default: Yes).
        "trueLabel" optional true_label: WrittenLabels<Title>,
        /// For boolean: what people see for false (default: No).
        "falseLabel" optional false_label: WrittenLabels<Title>,
    }
}

//! `components.codeComponents`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::leaf::RelativePath;
use crate::yaml::leaf::{length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// A code component (PCF control), as its build leaves it under `out/controls`.
    pub struct CodeComponent => {
        /// The folder with ControlManifest.xml, such as `rating/out/controls/Rating`.
        "path" required path: At<RelativePath>,
        /// Name, with the publisher's prefix. Left out: prefix, namespace and constructor of the control's manifest.
        "name" optional name: At<ControlName>,
        /// Parts of the control's XML without a key here.
        "xml" optional xml: Extra,
    }
}

text!(
    /// A code component's name.
    ControlName, "control-name", "the name of a code component", "contoso_Contoso.Rating",
    |text| {
        length(text, 256)?;
        let good = text.split_once('_').is_some_and(|(prefix, rest)| {
            prefix.bytes().all(|b| b.is_ascii_alphanumeric()) && rest.contains('.')
                && rest.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        });
        if good { Ok(()) } else { Err("the form is `prefix_Namespace.Control`".into()) }
    },
    pattern("^[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)+$")
);

//! `components.webResources`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::leaf::{
    Guid, Language, Paragraph, RelativePath, Title, WebResourceKind, WebResourceName,
};
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// A web resource, or many: with a wildcard in `path`, `name` holds `{path}` or `{file}`.
    pub struct WebResource => {
        /// File below the manifest's folder; `*`, `?` and `**` make it a pattern, such as `web/**/*.js`.
        "path" required path: At<RelativePath>,
        /// Unique name with the publisher's prefix. `{path}` is the file's path below the folder before the first wildcard, `{file}` its last part.
        "name" required name: At<WebResourceName>,
        /// GUID. Left out: derived from publisher and name, the same for ever. Not for a pattern.
        "id" optional id: At<Guid>,
        /// Name that people see. Left out: the unique name.
        "displayName" optional display_name: At<Title>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Type, as a file name's extension. Left out: the file's own extension.
        "type" optional kind: At<WebResourceKind>,
        /// Language code (LCID), for resources that have one.
        "language" optional language: At<Language>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

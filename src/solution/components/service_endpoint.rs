//! Service endpoints and webhooks. Facts: two real webhooks; the elements of Service Bus endpoints are
//! those of the public schema, the numbers those of the table reference.

use super::extra::{self, Order};
use super::kind::{Component, Kind};
use crate::guid;
use crate::manifest::components::service_endpoint;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub struct ServiceEndpoint;

const ORDER: Order = Order {
    attributes: &["ServiceEndpointId", "Name", "Description"],
    children: &[
        "ConnectionMode",
        "Contract",
        "Description",
        "Path",
        "SolutionNamespace",
        "UserClaim",
        "IsCustomizable",
        "AuthType",
        "MessageFormat",
        "MessageCharset",
        "NamespaceAddress",
        "NamespaceFormat",
        "SASKeyName",
        "SchemaType",
        "Url",
        "UseKeyVaultConfiguration",
    ],
    inner: &[],
};

const NAMESPACE_NAME: &str = "1";
const NAMESPACE_ADDRESS: &str = "2";

fn element(endpoint: &service_endpoint::ServiceEndpoint, id: &str, draft: &mut Draft) -> Element {
    let mut root = Element::new("ServiceEndpoint").with("ServiceEndpointId", id).with("Name", endpoint.name.as_str());
    let mut text = |name: &str, value: &str| root.push(Element::text(name, value));
    text("ConnectionMode", "1");
    text("Contract", &(endpoint.contract as u32).to_string());
    if let Some(description) = &endpoint.description {
        text("Description", description);
    }
    text("Path", endpoint.path.as_deref().unwrap_or_default());
    text("SolutionNamespace", "");
    text("UserClaim", &endpoint.user_claim.to_string());
    text("IsCustomizable", if endpoint.customizable { "1" } else { "0" });
    text("AuthType", &endpoint.auth.to_string());
    text("MessageFormat", &endpoint.format.to_string());
    if let Some(namespace) = &endpoint.namespace {
        text("NamespaceAddress", namespace);
    }
    text("NamespaceFormat", if endpoint.namespace.is_some() { NAMESPACE_ADDRESS } else { NAMESPACE_NAME });
    if let Some(key) = &endpoint.sas_key_name {
        text("SASKeyName", key);
    }
    if let Some(url) = &endpoint.url {
        text("Url", url);
    }
    extra::merge(&mut root, &endpoint.extra, &ORDER, &mut draft.findings);
    root
}

impl Kind for ServiceEndpoint {
    fn label(&self) -> &'static str {
        "Service endpoint"
    }
    fn place(&self) -> &'static str {
        "ServiceEndpoints"
    }
    fn root_type(&self) -> Option<u32> {
        Some(95)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.serviceEndpoints")
    }
    fn folder(&self) -> &'static str {
        "PluginAssemblies/ServiceEndpoints.xml"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        if item.name != "ServiceEndpoint" {
            return Vec::new();
        }
        let value = |name| item.attribute(name).unwrap_or_default().to_owned();
        vec![Component { kind: self.label(), name: value("Name"), id: value("ServiceEndpointId") }]
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for endpoint in &package.components.service_endpoints {
            let derived = || guid::stable("serviceendpoint", &package.publisher.name, &endpoint.name);
            let id = guid::braced(endpoint.id.unwrap_or_else(derived));
            let root = element(endpoint, &id, draft);
            if draft.add_element("ServiceEndpoints", root, &endpoint.span) {
                draft.add_root("95", "id", &id);
            }
        }
    }
}

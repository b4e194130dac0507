//! What a cloud flow says of its connections, whoever asks: the one reader of a flow's definition.
//! Facts: 92 flows of real packages; `connectionReferences` stands below `properties`, `host` in inputs of actions and
//! triggers. Both are looked for everywhere and without case, so that none can hide.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// What a flow says of its connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// The connection references that it names, as they are written.
    pub references: BTreeSet<String>,
    /// The connections that actions and triggers use, each with its connector where the action names it.
    pub used: BTreeSet<(String, Option<String>)>,
    /// The ids and names of connectors, as they are written.
    pub connectors: BTreeSet<String>,
}

impl Flow {
    /// Reads the JSON of a flow, or its definition alone.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let mut flow = Self::default();
        let mut defined = BTreeMap::new();
        flow.collect(value, &mut defined);
        flow.connectors.extend(defined.values().flatten().cloned());
        // What uses a connection that nothing defines says no more of the connector than its name.
        let unknown = flow.used.iter().filter(|(key, api)| api.is_none() && defined.get(key).is_none_or(Vec::is_empty));
        let unknown: Vec<String> = unknown.map(|(key, _)| key.clone()).collect();
        flow.connectors.extend(unknown);
        // One entry for each connection: the one that names its connector.
        let named: BTreeSet<String> =
            flow.used.iter().filter(|(_, api)| api.is_some()).map(|(key, _)| key.clone()).collect();
        flow.connectors.extend(flow.used.iter().filter_map(|(_, api)| api.clone()));
        flow.used.retain(|(key, api)| api.is_some() || !named.contains(key));
        flow
    }

    /// `defined`: the keys of connection references, each with the connectors that it names.
    fn collect(&mut self, value: &Value, defined: &mut BTreeMap<String, Vec<String>>) {
        match value {
            Value::Object(map) => {
                for (name, member) in map {
                    if name.eq_ignore_ascii_case("connectionReferences") {
                        self.references(member, defined);
                    } else if name.eq_ignore_ascii_case("host")
                        && let Value::Object(host) = member
                    {
                        self.host(host);
                    }
                    self.collect(member, defined);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.collect(value, defined)),
            _ => {}
        }
    }

    fn references(&mut self, value: &Value, defined: &mut BTreeMap<String, Vec<String>>) {
        for (key, reference) in value.as_object().into_iter().flatten() {
            let Value::Object(reference) = reference else { continue };
            let connection = member(reference, "connection").and_then(Value::as_object);
            let name = connection.and_then(|it| text(it, "connectionReferenceLogicalName"));
            self.references.extend(name.map(str::to_owned));
            let api = member(reference, "api").and_then(Value::as_object);
            let of_api = ["id", "name"].into_iter().filter_map(|name| text(api?, name));
            // Older flows have the connector's id right there.
            let connectors = of_api.chain(["id", "apiId"].into_iter().filter_map(|name| text(reference, name)));
            defined.entry(key.clone()).or_default().extend(connectors.map(str::to_owned));
        }
    }

    fn host(&mut self, host: &Map<String, Value>) {
        let of_api = || text(member(host, "api")?.as_object()?, "id");
        // Which of the two counts is the business of who reads it.
        let apis: Vec<String> = text(host, "apiId").into_iter().chain(of_api()).map(str::to_owned).collect();
        let older = || {
            let name = text(member(host, "connection")?.as_object()?, "name")?;
            // `@parameters('$connections')['shared_teams']['connectionId']`
            let rest = name.split_once("('$connections')['")?.1;
            Some(rest.split_once('\'')?.0)
        };
        let names: Vec<&str> = text(host, "connectionName").into_iter().chain(older()).collect();
        for name in &names {
            let all = apis.iter().cloned().map(Some).chain(apis.is_empty().then_some(None));
            self.used.extend(all.map(|api| ((*name).to_owned(), api)));
        }
        if names.is_empty() {
            self.connectors.extend(apis);
        }
    }
}

/// A member by its name, whatever its case.
fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn text<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    member(map, name)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connectors(value: &Value) -> Vec<String> {
        Flow::of(value).connectors.into_iter().collect()
    }

    #[test]
    fn a_connector_is_found_wherever_a_flow_names_it() {
        let api = |api: Value| json!({ "properties": { "connectionReferences": { "k": { "api": api } } } });
        assert_eq!(connectors(&api(json!({ "name": "shared_sql" }))), ["shared_sql"]);
        assert_eq!(connectors(&api(json!({ "id": "/apis/shared_sql" }))), ["/apis/shared_sql"]);
        assert_eq!(connectors(&api(json!({ "name": "shared_a", "id": "shared_b" }))), ["shared_a", "shared_b"]);
        let second = json!({ "properties": { "connectionReferences": {}, "definition": {
            "connectionReferences": { "k": { "api": { "name": "shared_second" } } } } } });
        assert_eq!(connectors(&second), ["shared_second"]);
        let host = |host: Value| json!({ "properties": { "definition": { "actions": { "a": { "inputs": { "host": host } } } } } });
        assert_eq!(connectors(&host(json!({ "apiId": "shared_x" }))), ["shared_x"]);
        assert_eq!(connectors(&host(json!({ "apiId": "shared_x", "connectionName": "k" }))), ["shared_x"]);
        assert_eq!(connectors(&host(json!({ "connectionName": "shared_mail" }))), ["shared_mail"]);
        let older = "@parameters('$connections')['shared_teams']['connectionId']";
        assert_eq!(connectors(&host(json!({ "connection": { "name": older } }))), ["shared_teams"]);
        assert_eq!(
            connectors(&json!({ "ConnectionReferences": { "k": { "Api": { "NAME": "shared_c" } } } })),
            ["shared_c"]
        );
    }

    #[test]
    fn a_connection_that_is_defined_is_no_connector() {
        let flow = json!({ "properties": {
            "connectionReferences": { "shared_sql_1": { "api": { "name": "shared_sql" },
                "connection": { "connectionReferenceLogicalName": "contoso_Sql" } } },
            "definition": { "actions": { "a": { "inputs": { "host": { "connectionName": "shared_sql_1" } } } } } } });
        let read = Flow::of(&flow);
        assert_eq!(read.connectors, BTreeSet::from(["shared_sql".to_owned()]));
        assert_eq!(read.references, BTreeSet::from(["contoso_Sql".to_owned()]));
        assert_eq!(read.used, BTreeSet::from([("shared_sql_1".to_owned(), None)]));
    }
}

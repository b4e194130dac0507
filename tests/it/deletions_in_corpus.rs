//! What upgrades of real solutions delete.

use std::fs;

use dvpack::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::verdict::stage::Stage;

/// An upgrade to a version with the same components deletes nothing, whatever these are.
#[test]
fn the_same_components_again_delete_nothing_in_real_solutions() {
    let Some(corpus) = crate::support::corpus() else { return };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let mut paths: Vec<_> =
        fs::read_dir(corpus.join("exported")).expect("a folder").flatten().map(|it| it.path()).collect();
    paths.sort();
    let (mut tried, mut pieces) = (0, 0);
    for path in paths {
        if !crate::support::by_day(&path) {
            continue;
        }
        let zip = fs::read(&path).expect("readable");
        let Ok(contents) = dvpack::solution::Contents::read(&zip, "a.zip") else { continue };
        if !contents.identity.managed || zip.len() > 1_000_000 {
            continue;
        }
        let name = contents.identity.name.clone();
        let found = runtime.block_on(async {
            // What it needs is there.
            let owner = |it: &dvpack::solution::contents::Dependency| {
                (it.solution.clone(), it.version.map_or("1.0".to_owned(), |version| version.to_string()), true)
            };
            let installed = contents.dependencies.iter().map(owner).collect();
            let stage = Stage::new(Options { installed, ..Options::default() }).await;
            let file = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &zip);
            let body =
                json!({"CustomizationFile": file, "PublishWorkflows": true, "OverwriteUnmanagedCustomizations": false});
            let (_, started) = stage.send(Method::POST, "ImportSolutionAsync", &body).await;
            let job = format!("asyncoperations({})", started["AsyncOperationId"].as_str().unwrap_or_default());
            stage.send(Method::GET, &job, &Value::Null).await;
            let installed = dvpack::dataverse::solution::find(&stage.client, &[&name], true).await.expect("read");
            // Some are refused, as they are no solutions that Dataverse would take.
            installed.first()?;
            let solution = json!({"file": "a.zip", "sha256": "00", "size": 1, "name": name, "displayName": name,
                "version": "99.0.0.0", "managed": true});
            let package = dvpack::deploy::desired::Package {
                solution: serde_json::from_value(solution).expect("a solution"),
                shipped: dvpack::deploy::shipped::read(&zip).expect("read"),
                zip: zip.into(),
            };
            let packages = std::iter::once(&package);
            let found = dvpack::deploy::deletions::of_upgrades(&stage.client, packages, &installed).await;
            Some(found.expect("read"))
        });
        let Some(found) = found else { continue };
        tried += 1;
        pieces += contents.pieces.len();
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{}: {told:#?}", path.display());
    }
    println!("{tried} real solutions with {pieces} pieces");
    assert!(tried >= 20, "{tried}");
}

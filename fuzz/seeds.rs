//! Writes the seeds of every target below `corpus/`, where cargo-fuzz looks for them.

#[allow(dead_code)]
mod documents;
#[allow(dead_code)]
mod harness;

fn main() -> std::io::Result<()> {
    for (number, (target, bytes)) in harness::seeds().into_iter().chain(documents::seeds()).enumerate() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("seed-{number}")), bytes)?;
    }
    Ok(())
}

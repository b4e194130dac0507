//! The file of `--log-file`. If it cannot be written, that is reported once and does not stop the work.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bundle;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::voice::Voice;
use crate::dataverse::log::Log;
use crate::deploy::progress::{Event, Progress as _};
use crate::files;

/// Starts the log and replaces an earlier one; any other file is left alone.
pub fn open(path: &Path, voice: &Arc<Voice>) -> Result<Log, Failure> {
    let is_log = |bytes: &[u8]| bytes.starts_with(b"{\"");
    if files::is_file(path) && !files::replaceable(path, bundle::LIMIT, is_log)? {
        let message = format!("`{}` already exists and is not a request log", path.display());
        return Err(Failure::new(Exit::Failed, message).help("move it away, or name another file"));
    }
    let file = files::begin(path)?;
    Ok(Log::new(Watched { file, path: path.to_owned(), voice: Arc::clone(voice), silent: false }))
}

/// A file, and whom to tell that it cannot be written.
struct Watched {
    file: File,
    path: PathBuf,
    voice: Arc<Voice>,
    silent: bool,
}

impl Watched {
    fn hear<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && !self.silent
        {
            self.silent = true;
            let path = self.path.display();
            self.voice.event(Event::Note(format!("requests are missing from `{path}`: {error}")));
        }
        result
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.file.write(bytes);
        self.hear(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.file.flush();
        self.hear(result)
    }
}

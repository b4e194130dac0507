//! How much of an archive from outside is read before it is refused.

/// Budgets of the reader. They are counted while inflating, not taken from headers alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Number of entries.
    pub entries: usize,
    /// Bytes of one entry, uncompressed.
    pub entry_bytes: u64,
    /// Bytes of all entries together, uncompressed.
    pub total_bytes: u64,
    /// Bytes of one name.
    pub name_bytes: usize,
    /// Whether sizes and checksum may stand behind the data of a deflated entry (a data descriptor), as programs write
    /// that cannot go back. Solutions from outside have them; a bundle has none.
    pub descriptors: bool,
}

/// Whatever its size, an archive may hold this many bytes uncompressed…
const FREE_BYTES: u64 = 64 << 20;
/// …and beyond it this many for each byte that it has. In no real solution is it over 15.
const FREE_RATIO: u64 = 16;

impl Limits {
    /// The default, for solutions that any program may have packed.
    #[must_use]
    pub fn of_solutions() -> Self {
        Self { descriptors: true, ..Self::default() }
    }

    /// Bytes of all entries together in an archive of `size` bytes.
    pub(super) fn total(&self, size: usize) -> u64 {
        (size as u64).saturating_mul(FREE_RATIO).saturating_add(FREE_BYTES).min(self.total_bytes)
    }
}

impl Default for Limits {
    /// Room for anything that Dataverse itself imports. There is no limit on the ratio of one entry: real solutions
    /// hold entries over 1 MB that shrink to less than a five-hundredth.
    fn default() -> Self {
        Self { entries: 20_000, entry_bytes: 512 << 20, total_bytes: 1 << 30, name_bytes: 1024, descriptors: false }
    }
}

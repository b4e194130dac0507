//! The tables of the metadata: how wide a row of each is, and what is in a cell.

use super::image::{Metadata, u16_at, u32_at};
use super::refusal::Refusal;

/// A table, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table(usize);

impl Table {
    pub const TYPE_REF: Self = Self(0x01);
    pub const TYPE_DEF: Self = Self(0x02);
    pub const INTERFACE_IMPL: Self = Self(0x09);
    pub const TYPE_SPEC: Self = Self(0x1B);
    pub const ASSEMBLY: Self = Self(0x20);
}

/// What a column contains; this decides its width.
#[derive(Clone, Copy)]
enum Column {
    Two,
    Four,
    String,
    Guid,
    Blob,
    /// A row of one table.
    Row(usize),
    /// A row of one of these tables; so many bits tell which.
    Coded(u32, &'static [usize]),
}

use Column::{Blob, Coded, Four, Guid, Row, String, Two};

const TYPE_DEF_OR_REF: Column = Coded(2, &[0x02, 0x01, 0x1B]);
const HAS_CONSTANT: Column = Coded(2, &[0x04, 0x08, 0x17]);
const HAS_ATTRIBUTE: Column = Coded(
    5,
    &[
        0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x00, 0x0E, 0x17, 0x14, 0x11, 0x1A, 0x1B, 0x20, 0x23, 0x26, 0x27,
        0x28, 0x2A, 0x2C, 0x2B,
    ],
);
const HAS_MARSHAL: Column = Coded(1, &[0x04, 0x08]);
const HAS_SECURITY: Column = Coded(2, &[0x02, 0x06, 0x20]);
const MEMBER_PARENT: Column = Coded(3, &[0x02, 0x01, 0x1A, 0x06, 0x1B]);
const HAS_SEMANTICS: Column = Coded(1, &[0x14, 0x17]);
const METHOD_DEF_OR_REF: Column = Coded(1, &[0x06, 0x0A]);
const MEMBER_FORWARDED: Column = Coded(1, &[0x04, 0x06]);
const ATTRIBUTE_TYPE: Column = Coded(3, &[0x06, 0x0A]);
const RESOLUTION_SCOPE: Column = Coded(2, &[0x00, 0x1A, 0x23, 0x01]);

/// The columns of each table up to `Assembly`, in their order.
const SCHEMA: [&[Column]; 0x21] = [
    &[Two, String, Guid, Guid, Guid],                               // Module
    &[RESOLUTION_SCOPE, String, String],                            // TypeRef
    &[Four, String, String, TYPE_DEF_OR_REF, Row(0x04), Row(0x06)], // TypeDef
    &[Row(0x04)],                                                   // FieldPtr
    &[Two, String, Blob],                                           // Field
    &[Row(0x06)],                                                   // MethodPtr
    &[Four, Two, Two, String, Blob, Row(0x08)],                     // MethodDef
    &[Row(0x08)],                                                   // ParamPtr
    &[Two, Two, String],                                            // Param
    &[Row(0x02), TYPE_DEF_OR_REF],                                  // InterfaceImpl
    &[MEMBER_PARENT, String, Blob],                                 // MemberRef
    &[Two, HAS_CONSTANT, Blob],                                     // Constant
    &[HAS_ATTRIBUTE, ATTRIBUTE_TYPE, Blob],                         // CustomAttribute
    &[HAS_MARSHAL, Blob],                                           // FieldMarshal
    &[Two, HAS_SECURITY, Blob],                                     // DeclSecurity
    &[Two, Four, Row(0x02)],                                        // ClassLayout
    &[Four, Row(0x04)],                                             // FieldLayout
    &[Blob],                                                        // StandAloneSig
    &[Row(0x02), Row(0x14)],                                        // EventMap
    &[Row(0x14)],                                                   // EventPtr
    &[Two, String, TYPE_DEF_OR_REF],                                // Event
    &[Row(0x02), Row(0x17)],                                        // PropertyMap
    &[Row(0x17)],                                                   // PropertyPtr
    &[Two, String, Blob],                                           // Property
    &[Two, Row(0x06), HAS_SEMANTICS],                               // MethodSemantics
    &[Row(0x02), METHOD_DEF_OR_REF, METHOD_DEF_OR_REF],             // MethodImpl
    &[String],                                                      // ModuleRef
    &[Blob],                                                        // TypeSpec
    &[Two, MEMBER_FORWARDED, String, Row(0x1A)],                    // ImplMap
    &[Four, Row(0x04)],                                             // FieldRVA
    &[Four, Four],                                                  // EncLog
    &[Four],                                                        // EncMap
    &[Four, Two, Two, Two, Two, Four, Blob, String, String],        // Assembly
];

/// The tables of an assembly.
pub struct Tables<'a> {
    bytes: &'a [u8],
    rows: [u32; 64],
    starts: [usize; SCHEMA.len()],
    heaps: u8,
}

const WIDE_STRINGS: u8 = 1;
const WIDE_GUIDS: u8 = 2;
const WIDE_BLOBS: u8 = 4;
/// Bounds the time that a hostile file can take; the largest assembly of .NET itself has under 10,000.
const MAXIMUM_TYPES: u32 = 200_000;
/// Four bytes more stand behind the row counts: written by old compilers' edit-and-continue.
const EXTRA_DATA: u8 = 0x40;

impl<'a> Tables<'a> {
    /// Reads the row counts and finds where each table starts.
    pub fn read(metadata: &Metadata<'a>) -> Result<Self, Refusal> {
        const WHAT: &str = "the list of tables";
        let bytes = metadata.tables;
        let heaps = *bytes.get(6).ok_or(Refusal::Outside(WHAT))?;
        let present = u64::from(u32_at(bytes, 8, WHAT)?) | (u64::from(u32_at(bytes, 12, WHAT)?) << 32);
        let mut rows = [0; 64];
        let mut at = 24;
        for (table, rows) in rows.iter_mut().enumerate() {
            if present & (1 << table) != 0 {
                *rows = u32_at(bytes, at, WHAT)?;
                at += 4;
            }
        }
        if heaps & EXTRA_DATA != 0 {
            at += 4;
        }
        let crowded = |table: Table| rows[table.0] > MAXIMUM_TYPES;
        if [Table::TYPE_REF, Table::TYPE_DEF, Table::INTERFACE_IMPL, Table::TYPE_SPEC].into_iter().any(crowded) {
            return Err(Refusal::Damaged("it names more types than any assembly has"));
        }
        let mut tables = Self { bytes, rows, starts: [0; SCHEMA.len()], heaps };
        for (table, count) in rows.into_iter().enumerate().take(SCHEMA.len()) {
            tables.starts[table] = at;
            let size = (count as usize).checked_mul(tables.width(table));
            let end = size.and_then(|size| at.checked_add(size)).filter(|end| *end <= bytes.len());
            at = end.ok_or(Refusal::Outside("a table"))?;
        }
        Ok(tables)
    }

    /// How many rows a table has.
    pub fn rows(&self, table: Table) -> u32 {
        self.rows[table.0]
    }

    /// A cell: rows count from 1, columns from 0.
    pub fn cell(&self, table: Table, row: u32, column: usize) -> Result<u32, Refusal> {
        let Some(index) = row.checked_sub(1).filter(|index| *index < self.rows[table.0]) else {
            return Err(Refusal::Outside("a row"));
        };
        let columns = SCHEMA[table.0];
        let before: usize = columns[..column].iter().map(|column| self.column_width(*column)).sum();
        let at = self.starts[table.0] + index as usize * self.width(table.0) + before;
        match self.column_width(columns[column]) {
            2 => u16_at(self.bytes, at, "a row").map(u32::from),
            _ => u32_at(self.bytes, at, "a row"),
        }
    }

    fn width(&self, table: usize) -> usize {
        SCHEMA[table].iter().map(|column| self.column_width(*column)).sum()
    }

    fn column_width(&self, column: Column) -> usize {
        let wide = match column {
            Two => false,
            Four => true,
            String => self.heaps & WIDE_STRINGS != 0,
            Guid => self.heaps & WIDE_GUIDS != 0,
            Blob => self.heaps & WIDE_BLOBS != 0,
            Row(table) => self.rows[table] >= 1 << 16,
            Coded(bits, tables) => tables.iter().any(|table| self.rows[*table] >= 1 << (16 - bits)),
        };
        if wide { 4 } else { 2 }
    }
}

//! Enums that people choose from on the command line: each variant has a name and one line of explanation.

macro_rules! worded {
    ($(#[$attribute:meta])* pub enum $enum:ident; $($variant:ident $name:literal $text:literal;)*) => {
        $(#[$attribute])*
        pub enum $enum { $(#[doc = $text] $variant,)* }

        impl $enum {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One line for people.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}
pub(super) use worded;

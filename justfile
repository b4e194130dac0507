# The commands of daily work: `just` lists them. Each is a script or one cargo command; nothing needs just.

_list:
    @just --list --unsorted

# Under a minute: formatting, lints of the library, unit tests, the fast half of the behaviour tests
quick:
    bash tests/quick

# Everything but what takes hours: installs what it needs
test:
    bash tests/run

# What must pass before a change lands: `test`, formatting, lints, docs
ci:
    bash .ci/run

# The long runs: just nightly differential fuzz
nightly *parts:
    bash tests/nightly {{ parts }}

# The library without a machine under it
core:
    CLIPPY_CONF_DIR=tests/tools/core cargo clippy --lib --no-default-features -- -D warnings
    bash tests/tools/core/dependencies.sh

# Builds the example and applies it in the sandbox
example:
    cargo run --release -- apply examples/contoso-widgets --sandbox

# Schemas, references and snapshots anew, after a change that means to change them
update:
    DVPACK_UPDATE=1 DVPACK_UPDATE_DOCS=1 INSTA_UPDATE=always cargo test --locked

# The commands of daily work: `just` lists them. Each is a script or one cargo command; just is optional.

_list:
    @just --list --unsorted

# Under a minute: formatting, lints of the library, unit tests, the fast half of the behaviour tests
quick:
    bash tests/quick

# The full test suite except what takes hours; installs missing tools
test:
    bash tests/run

# What must pass before a change lands: `test`, formatting, lints, docs
ci:
    bash .ci/run

# The long runs: just nightly differential fuzz
nightly *parts:
    bash tests/nightly {{ parts }}

# Lint the core: the library without a machine under it
core:
    CLIPPY_CONF_DIR=tests/tools/core cargo clippy --lib --no-default-features -- -D warnings
    bash tests/tools/core/dependencies.sh

# Build the example and apply it to the sandbox
example:
    cargo run --release -- apply examples/contoso-widgets --sandbox

# Update schemas, reference pages and snapshots after an intended change
update:
    DVPACK_UPDATE=1 DVPACK_UPDATE_DOCS=1 INSTA_UPDATE=always cargo test --locked

# `just check` is exactly what CI runs.
check:
    ./ops/test

# The small loop while writing one crate.
crate name:
    cargo fmt -p {{name}}
    cargo clippy -p {{name}} --all-targets -- -D warnings
    cargo test -p {{name}}

demo:
    ./ops/demo

# Figures beside other programs, on this machine.
bench:
    ./ops/bench-peers

bytes nodes="20":
    ./ops/namespaces/bytes --nodes {{nodes}}

//! The program `prodos`.

fn main() -> std::process::ExitCode {
    prodos_cli::main()
}

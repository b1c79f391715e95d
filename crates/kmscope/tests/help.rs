//! The help of every command, as users see it.

use clap::CommandFactory;
use kmscope::arguments::Arguments;

#[test]
fn help_of_every_command() {
    let mut all = Arguments::command().term_width(100);
    all.build();
    insta::assert_snapshot!("kmscope", all.render_long_help().to_string());
    for command in all.get_subcommands_mut().filter(|command| command.get_name() != "help") {
        let name = command.get_name().to_owned();
        let help = command.clone().term_width(100).render_long_help().to_string();
        insta::assert_snapshot!(name, help);
    }
}

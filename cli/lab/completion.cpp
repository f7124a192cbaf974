#include <algorithm>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

// One flag of a command, as completion wants to know it.
struct Flag {
  std::string name, help;
  std::vector<std::string> choices;  // of its value
  bool has_value = false;
};

struct Command {
  std::string name, help;
  std::vector<Flag> flags;           // its own, and those of all that it can do
  std::vector<std::string> actions;  // what it can do ("pose" in `regard annotate pose`); none for most
};

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  try {
    for (const auto& file : known_models()) names.push_back(file.stem());
  } catch (const Error&) {  // the rest can be completed without
  }
  return names;
}

// The words of "{a,b,c}" in what a check says of itself.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (type == "MODEL") return model_names();
  const auto begin = type.find('{'), end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

Command describe(const CLI::App& app) {
  Command command{app.get_name(), app.get_description(), {}, {}};
  for (const auto* option : app.get_options([](const CLI::Option*) { return true; }))
    for (const auto& name : option->get_lnames())
      command.flags.push_back({"--" + name, option->get_description(), choices_of(*option),
                               option->get_items_expected_max() > 0});
  return command;
}

// With what its own commands take, each flag once.
Command describe_with_actions(const CLI::App& app) {
  Command command = describe(app);
  for (const auto* action : app.get_subcommands([](const CLI::App*) { return true; })) {
    command.actions.push_back(action->get_name());
    for (auto& flag : describe(*action).flags)
      if (std::none_of(command.flags.begin(), command.flags.end(),
                       [&](const Flag& known) { return known.name == flag.name; }))
        command.flags.push_back(std::move(flag));
  }
  return command;
}

std::vector<Command> describe_commands(const CLI::App& app) {
  std::vector<Command> commands;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    commands.push_back(describe_with_actions(*command));
  return commands;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

template <class T>
std::string names_of(const std::vector<T>& things) {
  std::vector<std::string> names;
  for (const auto& thing : things) names.push_back(thing.name);
  return joined(names);
}

// In single quotes, for every shell; `'` inside becomes `'\''`.
std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash_script(const CLI::App& app, const std::vector<Command>& commands) {
  std::string flags, values;
  for (const auto& command : commands) {
    flags += "    " + command.name + ") words=" + shell_quoted(names_of(command.flags)) + " ;;\n";
    if (!command.actions.empty())
      values += "    '" + command.name + " " + command.name +
                "') words=" + shell_quoted(joined(command.actions)) + " ;;\n";
    for (const auto& flag : command.flags)
      if (!flag.choices.empty())
        values += "    '" + command.name + " " + flag.name +
                  "') words=" + shell_quoted(joined(flag.choices)) + " ;;\n";
  }
  return R"(# Completion of `regard` for bash: source it, or put it into ~/.local/share/bash-completion/completions/regard
_regard() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ')" +
         names_of(commands) + " " + names_of(describe(app).flags) + R"(' -- "$current"))
    return
  fi
  case "$command $previous" in
)" + values +
         R"(  esac
  if [ -z "$words" ] && [ "${current:0:1}" = - ]; then
    case "$command" in
)" + flags +
         R"(    esac
  fi
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -o default -F _regard regard
)";
}

std::string zsh_script(const std::vector<Command>& commands) {
  const auto escaped = [](std::string text) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (std::string_view("[]:\\").find(text[i]) != std::string_view::npos) text.insert(i++, 1, '\\');
    return text;
  };
  std::string names, cases;
  for (const auto& command : commands) {
    names += "    " + shell_quoted(escaped(command.name) + ":" + escaped(command.help)) + "\n";
    cases += "    " + command.name + ") _arguments";
    for (const auto& flag : command.flags) {
      std::string spec = flag.name + "[" + escaped(flag.help) + "]";
      if (flag.has_value)
        spec += ":value:" + (flag.choices.empty() ? "_files" : "(" + joined(flag.choices) + ")");
      cases += " \\\n      " + shell_quoted(spec);
    }
    if (!command.actions.empty()) cases += " \\\n      '1:command:(" + joined(command.actions) + ")'";
    cases += " \\\n      '*:file:_files' ;;\n";
  }
  return "#compdef regard\n# Completion of `regard` for zsh: put it as `_regard` into a folder of $fpath.\n"
         "_regard() {\n  local -a commands=(\n" +
         names +
         "  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
         "  local command=${words[2]}\n  shift words\n  (( CURRENT-- ))\n  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _regard ]; then _regard \"$@\"; else compdef _regard regard; fi\n";
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string script =
      "# Completion of `regard` for fish: put it into ~/.config/fish/completions/regard.fish\n";
  for (const auto& command : commands) {
    script += "complete -c regard -n __fish_use_subcommand -f -a " + command.name + " -d " +
              shell_quoted(command.help) + "\n";
    if (!command.actions.empty())
      script += "complete -c regard -n '__fish_seen_subcommand_from " + command.name + "' -f -a " +
                shell_quoted(joined(command.actions)) + "\n";
    for (const auto& flag : command.flags) {
      script += "complete -c regard -n '__fish_seen_subcommand_from " + command.name + "' -l " +
                flag.name.substr(2) + " -d " + shell_quoted(flag.help);
      if (!flag.choices.empty())
        script += " -x -a " + shell_quoted(joined(flag.choices));
      else if (flag.has_value)
        script += " -r";
      script += "\n";
    }
  }
  return script;
}

std::string script_for(const std::string& shell, const CLI::App& app) {
  const auto commands = describe_commands(app);
  if (shell == "bash") return bash_script(app, commands);
  return shell == "zsh" ? zsh_script(commands) : fish_script(commands);
}

}  // namespace

void add_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand(kCompletion.name, kCompletion.description);
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "examples:\n"
      "  source <(regard completion bash)\n"
      "  regard completion zsh > ~/.zfunc/_regard\n"
      "  regard completion fish > ~/.config/fish/completions/regard.fish");
  command->callback([shell, &app] { print(script_for(*shell, app)); });
}

}  // namespace regard

#include <iomanip>
#include <iostream>

#include "cli/commands.h"
#include "cli/common.h"
#include "regard/core/json.h"
#include "regard/model/model.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct ModelsOptions {
  std::string name, format = "text";
};

// What a model file says of itself, what it is, and what its network costs.
Json card(const fs::path& file) {
  const auto model = load_model(file);
  const auto network = describe_network(model.network);
  std::int64_t numbers = 0;
  for (const auto& parameter : network.parameters()) numbers += element_count(parameter.shape);
  Json card = {{"file", file.string()}, {"bytes", fs::file_size(file)}, {"sha256", model.hash()}};
  card.update(describe_model(model));
  card["parameters"] = numbers;
  card["multiply_adds"] = network.multiply_adds();
  return card;
}

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string percent(double share) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << 100 * share << " %";
  return text.str();
}

// Every accuracy among the results: "87.3 % of 3191 (valid)".
std::vector<std::string> accuracies(const Json& results, const std::string& name) {
  std::vector<std::string> found;
  if (results.contains("accuracy") && results["accuracy"].is_number()) {
    std::string text = percent(results["accuracy"].get<double>());
    if (results.contains("count")) text += " of " + results["count"].dump();
    const std::string split = results.contains("split") ? plain_text(results["split"]) : name;
    found.push_back(split.empty() ? text : text + " (" + split + ")");
  }
  for (const auto& [key, value] : results.items())
    if (value.is_object()) {
      const auto more = accuracies(value, key);
      found.insert(found.end(), more.begin(), more.end());
    }
  return found;
}

std::string summary(const Json& card) {
  std::ostringstream text;
  text << fs::path(card["file"].get<std::string>()).stem().string() << "\n  expressions: ";
  for (const auto& label : card["labels"])
    text << (label == card["labels"].front() ? "" : ", ") << label.get<std::string>();
  text << std::fixed << std::setprecision(1) << "\n  size: " << card["bytes"].get<double>() / 1e6 << " MB, "
       << card["multiply_adds"].get<double>() / 1e6 << " million multiply-adds per face"
       << "\n  chip: " << card["chip"]["size"] << " pixels a side\n";
  for (const auto& accuracy : accuracies(card["results"], "")) text << "  accuracy: " << accuracy << '\n';
  return text.str();
}

// Objects as indented lines, everything else on the line of its name.
std::string lines(const Json& object, std::size_t indent) {
  std::string text;
  for (const auto& [key, value] : object.items()) {
    text += std::string(indent, ' ') + key + ":";
    const bool nested = value.is_object() && !value.empty();
    text += nested ? "\n" + lines(value, indent + 2) : " " + plain_text(value) + "\n";
  }
  return text;
}

void show_one(const ModelsOptions& options) {
  const auto about = card(find_model(options.name));
  print(options.format == "json" ? json_shown(about) + "\n" : lines(about, 0));
}

void show_all(const ModelsOptions& options) {
  Json cards = Json::array();
  std::vector<std::string> failures;
  const auto files = known_models();
  for (const auto& file : files) try {
      cards.push_back(card(file));
    } catch (const std::exception& error) {
      failures.push_back(error.what());
    }
  std::string text = files.empty() ? "no models in " + models_folder().string() + "\n" : "";
  for (const auto& about : cards) text += summary(about);
  print(options.format == "json" ? json_shown(cards) + "\n" : text);
  if (failures.empty()) return;
  for (const auto& failure : failures) std::cerr << "regard: " << failure << '\n';
  throw Error(std::to_string(failures.size()) + " of " + std::to_string(files.size()) +
              " model files cannot be read");
}

}  // namespace

void add_models(CLI::App& app) {
  auto options = std::make_shared<ModelsOptions>();
  auto* command = app.add_subcommand("models", "lists the available models, or describes one");
  command->add_option("MODEL", options->name, "name of a shipped model, or a model file")->type_name("MODEL");
  command->add_option("--format", options->format, "output format")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      "examples:\n"
      "  regard models\n"
      "  regard models ferplus-mobilenet\n"
      "  regard models my-run/model.safetensors --format json | jq .recipe");
  command->callback([options] { options->name.empty() ? show_all(*options) : show_one(*options); });
}

}  // namespace regard

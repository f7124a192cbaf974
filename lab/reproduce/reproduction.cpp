#include "lab/reproduce/reproduction.h"

#include <algorithm>
#include <set>

#include "lab/data/packed.h"
#include "lab/recipe/input_size.h"
#include "lab/reproduce/kinds.h"
#include "lab/reproduce/measuring.h"

namespace regard {

namespace {

/// The recipe's backbone; empty if it does not say one.
std::string backbone_of(const Json& options) {
  const Json& seen = options.contains("views") ? options.at("views") : options;
  return seen.value("backbone", "");
}

std::string stated_backbone(const ManifestRow& row) {
  return row.recipe.empty() ? "" : backbone_of(read_recipe(row.recipe).options);
}

/// Whether rows differ in their backbone, so that each has to say what the protocol has made of that; else
/// the report says it once.
bool compares_backbones(const Manifest& manifest) {
  std::set<std::string> backbones;
  for (const auto& row : manifest.rows)
    if (const auto backbone = stated_backbone(row); !backbone.empty()) backbones.insert(backbone);
  return backbones.size() > 1;
}

void remark_backbone(RowResult& result) {
  if (result.models.empty()) return;
  const auto stated = stated_backbone(result.row), here = backbone_of(result.model().recipe.at("options"));
  if (stated != here) result.remarks.push_back(here + " here instead of " + stated);
}

bool is_same_network(const RowResult& one, const RowResult& other) {
  return !one.models.empty() && !other.models.empty() && one.row.evaluate == other.row.evaluate &&
         one.row.draws == other.row.draws && one.model().hash == other.model().hash;
}

/// Rows that have become one, and means of a network with itself.
void remark_same(const TableRun& run, RowResult& result) {
  for (const auto& other : run.table.rows) {
    if (&other == &result) break;
    if (other.is_run() && other.row.recipe != result.row.recipe && is_same_network(other, result))
      result.remarks.push_back("the same network here as '" + other.row.label + "'");
  }
  for (std::size_t i = 1; i < result.row.mean_of.size(); ++i) {
    const auto *first = run.find(result.row.mean_of.front()), *other = run.find(result.row.mean_of[i]);
    if (!first || !other || !is_same_network(*first, *other)) return;
    if (i + 1 == result.row.mean_of.size()) result.remarks.push_back("here a network averaged with itself");
  }
}

ImagesKey key_of(const ManifestRow& row, int size, int fold, bool held_out = true) {
  return {row.dataset, row.split, row.aligned, row.posed, size, row.folds, fold, held_out};
}

/// Of the splits that the paper trains on those that the packed file has, less the one that is measured.
std::vector<std::string> training_splits(const ManifestRow& row, const PackedDataset& packed,
                                         const std::string& measured) {
  auto splits = row.train_splits;
  std::erase_if(splits, [&](const std::string& split) {
    return split == measured || std::ranges::find(packed.splits(), split) == packed.splits().end();
  });
  return splits;
}

}  // namespace

Reproduction::Reproduction(ReproduceOptions options)
    : options_(std::move(options)), images_(options_.images), runs_(options_) {}

TableResult Reproduction::run(const Manifest& manifest,
                              const std::function<void(const TableResult&)>& on_row) {
  const auto& kind = find_kind(manifest.kind);
  TableResult table;
  table.manifest = manifest;
  TableRun run{options_, images_, runs_, table};
  for (const auto& row : manifest.rows) {
    auto& result = table.rows.emplace_back();
    result.row = row;
    result.skip_reason = kind.trains && row.is_quoted() ? "another's number" : "not yet run";
  }
  for (auto& result : table.rows) {
    if (kind.trains && result.row.is_quoted()) continue;
    expect_not_stopped(options_);
    if (options_.say) options_.say(manifest.name + ": " + result.row.label);
    run_row(run, result);
    compare_rows(table);
    if (on_row) on_row(table);
  }
  if (kind.finish) {
    kind.finish(run);
    if (on_row) on_row(table);
  }
  return table;
}

void Reproduction::run_row(TableRun& run, RowResult& result) {
  try {
    prepare(run, result);
    result.skip_reason.clear();
    if (compares_backbones(run.table.manifest)) remark_backbone(result);
    remark_same(run, result);
    find_kind(run.table.manifest.kind).measure(run, result);
    const auto images = images_.load(result.images.front(), false);
    result.split = images->set.split;
    result.chip_size = images->size;
  } catch (const Unavailable& why) {
    result.skip_reason = why.what();
  } catch (const Error& error) {
    if (options_.stopped && options_.stopped()) throw;
    result.skip_reason = std::string("failed: ") + error.what();
    if (options_.say) options_.say("failed: " + std::string(error.what()));
  }
}

/// Trains, if the row is trained, and determines its images for evaluation.
void Reproduction::prepare(TableRun& run, RowResult& result) {
  if (!result.row.recipe.empty()) return train(result);
  if (result.row.mean_of.empty()) {
    result.images = {key_of(result.row, 0, 0)};
    return;
  }
  const auto* first = run.find(result.row.mean_of.front());
  if (!first->is_run()) throw Unavailable("needs the row '" + first->row.label + "'");
  result.images = first->images;
  result.input_size = first->input_size;
}

void Reproduction::train(RowResult& result) {
  const auto& row = result.row;
  auto recipe = recipe_under(options_.protocol, row.recipe);
  result.input_size = input_size_of(recipe);
  const int folds = options_.most_folds > 0 ? std::min(row.folds, options_.most_folds) : row.folds;
  const bool held_out =
      !recipe.validate_on.empty() || images_.split_of(key_of(row, result.input_size, 0, false)) == "valid";
  for (int fold = 0; fold < std::max(1, folds); ++fold)
    result.images.push_back(key_of(row, result.input_size, fold, held_out));
  const auto first_seed = recipe.seed;
  std::vector<std::vector<TrainedModel>> models;
  for (int seed = 0; seed < options_.seeds; ++seed) {
    recipe.seed = first_seed + seed;
    auto& folds_of_seed = models.emplace_back();
    for (const auto& images : result.images) folds_of_seed.push_back(train_on(row, recipe, images));
  }
  result.models = std::move(models);  // all of them or, where one cannot be trained, none
}

TrainedModel Reproduction::train_on(const ManifestRow& row, Recipe recipe, const ImagesKey& measured) {
  auto key = measured;
  key.dataset = row.train_on;
  const auto pack = images_.pack(key);
  const auto packed = PackedDataset::open(pack);
  recipe.train_on = training_splits(row, packed, images_.split_of(measured));
  if (recipe.validate_on != kHeldOut &&
      std::ranges::find(packed.splits(), recipe.validate_on) == packed.splits().end())
    recipe.validate_on = "";
  return runs_.train(recipe, pack);
}

}  // namespace regard

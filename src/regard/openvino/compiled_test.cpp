#include "regard/openvino/compiled.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <openvino/opsets/opset8.hpp>
#include <thread>
#include <vector>

#include "regard/core/file_cache.h"
#include "regard/openvino/settings.h"
#include "tests/support.h"

namespace regard {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using test::Variable;

const ov::AnyMap& one_thread() {
  static const ov::AnyMap settings = cpu_settings(ov::element::f32, 1);
  return settings;
}

/// y = factor * x, [n, 2]. Counts how often it is built.
NetworkSource product(const std::string& identity, float factor, int& built) {
  return {identity, [factor, &built](ov::Core&) {
            ++built;
            const auto x = std::make_shared<ov::opset8::Parameter>(ov::element::f32, ov::PartialShape{-1, 2});
            x->output(0).set_names({"x"});
            const auto y = std::make_shared<ov::opset8::Multiply>(
                x, ov::opset8::Constant::create(ov::element::f32, {1, 2}, {factor, factor}));
            y->output(0).set_names({"y"});
            return std::make_shared<ov::Model>(ov::OutputVector{y->output(0)}, ov::ParameterVector{x});
          }};
}

/// What the network makes of 1.
float result_of(CompiledNetwork network) {
  auto request = network.model.create_infer_request();
  const std::vector<float> ones(6, 1);
  auto input = request.get_tensor("x");
  input.set_shape({3, 2});
  std::copy(ones.begin(), ones.end(), input.data<float>());
  request.infer();
  return request.get_tensor("y").data<const float>()[5];
}

/// The only file of a folder.
fs::path only_file_in(const fs::path& folder) {
  return fs::directory_iterator(folder)->path();
}

TEST(CompiledNetworkTest, IsBuiltOnce) {
  const TemporaryFolder folder;
  const Variable cache("REGARD_CACHE", folder.path().c_str());
  int built = 0;
  EXPECT_EQ(result_of(compile_network(product("triple", 3, built), one_thread())), 3);
  EXPECT_EQ(built, 1);
  EXPECT_EQ(result_of(compile_network(product("triple", 3, built), one_thread())), 3);
  EXPECT_EQ(built, 1);
  EXPECT_EQ(result_of(compile_network(product("double", 2, built), one_thread())), 2);
  EXPECT_EQ(built, 2) << "another network";
  const auto others = cpu_settings(ov::element::f32, 1, 2);
  EXPECT_EQ(result_of(compile_network(product("double", 2, built), others)), 2);
  EXPECT_EQ(built, 3) << "other settings";
}

TEST(CompiledNetworkTest, IsBuiltEachTimeWithoutAnIdentityOrACache) {
  const TemporaryFolder folder;
  int built = 0;
  {
    const Variable cache("REGARD_CACHE", folder.path().c_str());
    for (int i = 0; i < 2; ++i) EXPECT_EQ(result_of(compile_network(product("", 2, built), one_thread())), 2);
    EXPECT_EQ(built, 2);
    EXPECT_TRUE(fs::is_empty(folder.path()));
  }
  const Variable cache("REGARD_CACHE", "off");
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(result_of(compile_network(product("double", 2, built), one_thread())), 2);
  EXPECT_EQ(built, 4);
}

TEST(CompiledNetworkTest, WhatCannotBeReadIsBuiltAgain) {
  const TemporaryFolder folder, others;
  const Variable cache("REGARD_CACHE", folder.path().c_str());
  int built = 0;
  compile_network(product("double", 2, built), one_thread());
  FileCache(others.path()).keep("key", "no network");
  fs::copy_file(only_file_in(others.path()), only_file_in(folder.path()),
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(result_of(compile_network(product("double", 2, built), one_thread())), 2);
  EXPECT_EQ(built, 2);
  EXPECT_EQ(result_of(compile_network(product("double", 2, built), one_thread())), 2);
  EXPECT_EQ(built, 2) << "it was kept again";
}

TEST(CompiledNetworkTest, WorksOnWhenItsFileIsRemoved) {
  const TemporaryFolder folder;
  const Variable cache("REGARD_CACHE", folder.path().c_str());
  int built = 0;
  compile_network(product("double", 2, built), one_thread());
  auto network = compile_network(product("double", 2, built), one_thread());
  fs::remove(only_file_in(folder.path()));
  EXPECT_EQ(result_of(std::move(network)), 2);
  EXPECT_EQ(built, 1);
}

TEST(CompiledNetworkTest, ThreadsThatCompileTheSameAtOnce) {
  const TemporaryFolder folder;
  const Variable cache("REGARD_CACHE", folder.path().c_str());
  std::vector<std::thread> threads;
  std::vector<int> built(3);
  for (int& count : built)
    threads.emplace_back(
        [&count] { EXPECT_EQ(result_of(compile_network(product("double", 2, count), one_thread())), 2); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(result_of(compile_network(product("double", 2, built[0]), one_thread())), 2);
  for (const int count : built) EXPECT_LE(count, 1);
}

}  // namespace
}  // namespace regard

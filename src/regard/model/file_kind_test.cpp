#include "regard/model/file_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "regard/model/model.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace std::string_literals;
using test::error_of;
using testing::AllOf;
using testing::HasSubstr;

std::string kind_of(const std::string& bytes) {
  return describe(file_kind(std::as_bytes(std::span(bytes))));
}

TEST(FileKind, WhatStandsInAFilesPlaceIsNamedWithTheWayOn) {
  EXPECT_EQ(kind_of(""), "an empty file (the download failed: fetch the file itself)");
  EXPECT_THAT(kind_of("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
              AllOf(HasSubstr("a Git LFS pointer"), HasSubstr("git lfs pull")));
  for (const auto* page : {"<!DOCTYPE html>", "\xef\xbb\xbf\n <!doctype HTML>", "<html lang=en>"})
    EXPECT_EQ(kind_of(page), "an HTML page (the download failed: fetch the file itself)") << page;
  EXPECT_THAT(kind_of("<?xml version='1.0'?><Error/>"), HasSubstr("an XML file (the download failed"));
}

TEST(FileKind, ArchivesAndFilesOfOtherPrograms) {
  EXPECT_EQ(kind_of("PK\3\4"s + std::string(40, '\0')), "a ZIP archive (unpack it first)");
  EXPECT_EQ(kind_of("\x1f\x8b\x08"), "a gzip archive (unpack it first)");
  EXPECT_EQ(kind_of(std::string(257, 'a') + "ustar" + std::string(200, '\0')),
            "a tar archive (unpack it first)");
  EXPECT_THAT(kind_of("\x89HDF\r\n\x1a\n "), HasSubstr("an HDF5 file (save its weights"));
  EXPECT_THAT(kind_of("\x93NUMPY "), HasSubstr("a NumPy array (save its weights"));
  EXPECT_THAT(kind_of("\x1c\0\0\0TFL3    "s), HasSubstr("a TensorFlow Lite model"));
  EXPECT_EQ(kind_of("\x89PNG\r\n"), "an image");
  EXPECT_EQ(kind_of("%PDF-1.4"), "a PDF document");
  EXPECT_EQ(kind_of(" {\"error\": 404}"), "a JSON file");
  EXPECT_EQ(kind_of("no such file"), "text");
  EXPECT_EQ(kind_of("\1\2\3"), "something else");
}

TEST(FileKind, WeightsThatAreRead) {
  const auto kind = [](const std::string& bytes) { return file_kind(std::as_bytes(std::span(bytes))).kind; };
  EXPECT_EQ(kind("\x40\0\0\0\0\0\0\0{\"a\""s), FileKind::safetensors);
  EXPECT_EQ(kind("PK\3\4 archive/data.pkl"), FileKind::torch);
  EXPECT_EQ(kind("\x80\2\x8a\x0a"), FileKind::torch);
  EXPECT_EQ(kind("\x80\5\x95"), FileKind::torch);
  EXPECT_EQ(kind("\x08\x08\x12\x06regard"), FileKind::onnx);
  EXPECT_EQ(kind("\x08\x07\x3a\x06"s + "regard"), FileKind::onnx);
}

/// Wherever a model is wanted.
TEST(FileKind, ModelsThatAreSomethingElseAreCalledByTheirNames) {
  const test::TemporaryFolder folder;
  const auto error_with = [&](const std::string& bytes) {
    write_text_atomically(folder / "model", bytes);
    return error_of([&] { load_model(folder / "model"); });
  };
  EXPECT_THAT(
      error_with("\x80\2\x8a\x0a"),
      AllOf(HasSubstr("model: not a safetensors file; got a PyTorch file"), HasSubstr("regard import")));
  EXPECT_THAT(error_with("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("got a Git LFS pointer"));
  EXPECT_THAT(error_with("<!DOCTYPE html>"), HasSubstr("got an HTML page"));
  EXPECT_THAT(error_with(""), HasSubstr("got an empty file"));
  EXPECT_THAT(error_with("\x08\x08\x12\x06regard"), HasSubstr("got an ONNX file"));
}

}  // namespace
}  // namespace regard

#include "regard/archive/run.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "regard/archive/parts.h"
#include "regard/core/bounded_queue.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/output_file.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

ArchiveManifest manifest_of(const ArchiveOptions& options, const InputList& inputs, const MappedFile& table) {
  ArchiveManifest manifest{options.settings};
  manifest.json["format"] = options.format;
  manifest.json["chunk"] = options.chunk;
  manifest.json["images"] = inputs.images();
  manifest.json["inputs"] = sha256(table.bytes);
  return manifest;
}

ImageResult result_of(ImageOutput&& output) {
  ImageResult result;
  static_cast<ImageFaces&>(result) = std::move(static_cast<ImageFaces&>(output));
  if (output.error) {
    const std::string message = output.error->what(), before = result.file + ": ";
    result.error = message.starts_with(before) ? message.substr(before.size()) : message;
  } else if (result.faces.empty()) {
    result.error = "no face";
  }
  return result;
}

/// Reads images, keeping the tar file open that the last one came from.
class Inputs {
 public:
  Inputs(const MappedFile& table, const fs::path& folder)
      : reader_(text_of(table), inputs_file(folder).string()) {}

  void skip(std::size_t images) {
    for (std::size_t i = 0; i < images; ++i) reader_.next();
  }

  ImageInput next() {
    auto image = reader_.next().value();
    if (image.archive.empty()) return {.file = std::move(image.file)};
    if (!tar_ || tar_->path() != image.archive) tar_ = std::make_shared<TarFile>(image.archive);
    const TarEntry entry{image.file.substr(image.archive.size() + 1), image.offset, image.bytes};
    auto read = [tar = tar_, entry, file = image.file] {
      const std::string bytes = tar->read(entry);
      return decode_image(std::as_bytes(std::span(bytes)), file);
    };
    return {.file = std::move(image.file), .read = std::move(read)};
  }

 private:
  InputReader reader_;
  std::shared_ptr<TarFile> tar_;
};

/// A chunk on its way through the pipeline, held for this process until its part is written.
struct Chunk {
  std::size_t index = 0;
  std::unique_ptr<OutputLock> lock = {};
};

/// One way through the chunks: the source and the sink of a pipeline.
class Pass {
 public:
  Pass(const ArchiveOptions& options, const ArchiveManifest& manifest, const MappedFile& table,
       ArchiveReport& report)
      : options_(options),
        manifest_(manifest),
        format_(find_part_format(options.format)),
        inputs_(table, options.folder),
        writer_(format_.make(options.writer)),
        begun_(static_cast<std::size_t>(std::max(1, options.jobs)) * 2 + 4),
        report_(report) {}

  /// The source.
  std::optional<ImageInput> next() {
    while (left_ == 0) {
      if (next_ == manifest_.chunks()) return {};
      const auto chunk = next_++;
      const auto images = manifest_.images_of(chunk);
      if (begin(chunk))
        left_ = images;
      else
        inputs_.skip(images);
    }
    --left_;
    return inputs_.next();
  }

  /// The sink. It takes the chunks in the order in which the source has begun them.
  void take(ImageOutput&& image) {
    if (!chunk_) chunk_ = begun_.pop();
    report_.unreadable += image.error.has_value();
    ++report_.images;
    writer_->add(result_of(std::move(image)));
    if (++taken_ == manifest_.images_of(chunk_->index)) write();
  }

  /// Whether another process held chunks that were to be done.
  bool met_others() const { return met_others_; }

 private:
  fs::path part(std::size_t chunk) const { return part_file(options_.folder, chunk, format_.ending); }

  /// Takes a chunk, unless it is somebody else's or done.
  bool begin(std::size_t chunk) {
    if (!options_.shard.has(chunk) || fs::exists(part(chunk))) return false;
    auto lock = OutputLock::if_free(part(chunk));
    if (!lock) met_others_ = true;
    if (!lock || fs::exists(part(chunk))) return false;
    begun_.push({chunk, std::move(lock)});  // at most one more than there are images in the pipeline
    return true;
  }

  void write() {
    write_text_atomically(part(chunk_->index), writer_->take());
    chunk_.reset();
    taken_ = 0;
    ++report_.parts;
  }

  const ArchiveOptions& options_;
  const ArchiveManifest& manifest_;
  const PartFormat& format_;
  // Of the source's thread.
  Inputs inputs_;
  std::size_t next_ = 0, left_ = 0;
  bool met_others_ = false;
  // Of the sink's.
  std::unique_ptr<PartWriter> writer_;
  std::optional<Chunk> chunk_;
  std::size_t taken_ = 0;

  BoundedQueue<Chunk> begun_;
  ArchiveReport& report_;
};

/// What is there of a shard, and what is not.
struct Standing {
  std::size_t parts = 0, missing = 0, missing_images = 0;
};

Standing standing_of(const ArchiveOptions& options, const ArchiveManifest& manifest) {
  const auto& format = find_part_format(options.format);
  Standing standing;
  for (std::size_t i = 0; i < manifest.chunks(); ++i) {
    if (!options.shard.has(i)) continue;
    const bool there = fs::exists(part_file(options.folder, i, format.ending));
    there ? ++standing.parts : ++standing.missing;
    if (!there) standing.missing_images += manifest.images_of(i);
  }
  return standing;
}

}  // namespace

ArchiveReport run_archive(InputList& inputs, const FaceStage& faces, const ArchiveOptions& options) {
  find_part_format(options.format).make(options.writer);  // throws before anything is written if it must
  const auto table = inputs.table();
  const ArchiveManifest manifest = manifest_of(options, inputs, table);
  const bool was_there = open_run(options.folder, manifest, inputs);
  const auto before = standing_of(options, manifest);
  if (was_there && !options.resume && (options.shard.count == 1 || before.parts > 0))
    throw Error("there are results of this run already", options.folder.string(),
                "--resume, which continues it, or another folder");
  ArchiveReport report{.done_before = before.parts};
  const auto pass_through = [&] {
    Pass pass(options, manifest, table, report);
    run_pipeline([&] { return pass.next(); },
                 [&](const std::string& file, ImageView image) { return faces(file, image); },
                 [&](ImageOutput image) {
                   pass.take(std::move(image));
                   if (options.progress) options.progress(report.images, before.missing_images);
                 },
                 {.jobs = options.jobs, .stop = options.stop});
    return pass.met_others();
  };
  // What others held may have been left by them since.
  if (pass_through() && !options.stop.stop_requested()) pass_through();
  report.left = standing_of(options, manifest).missing;
  return report;
}

}  // namespace regard

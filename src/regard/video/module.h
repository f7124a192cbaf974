#pragma once

#include <filesystem>
#include <string>

#include "regard/video/reader.h"
#include "regard/video/writer.h"

/// What libregard_video.so exports.
namespace regard {

/// Opens a video; the caller owns the reader.
using OpenVideo = VideoReader* (*)(const std::filesystem::path& path);

/// The name of that function in the library; it changes when VideoReader does.
inline constexpr const char* kOpenVideo = "regard_open_video_1";

/// Opens a device of a kind that FFmpeg knows; the caller owns the reader.
using OpenDevice = VideoReader* (*)(const std::string& device, const std::string& kind);
inline constexpr const char* kOpenDevice = "regard_open_device_1";

/// Begins a video; the caller owns the writer.
using WriteVideo = VideoWriter* (*)(const std::filesystem::path& path, const VideoWriterOptions& options);
inline constexpr const char* kWriteVideo = "regard_write_video_1";

}  // namespace regard

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "lab/render/rasterizer.h"

namespace regard {

/// A mesh to be rendered and where its images go.
struct Scan {
  std::filesystem::path mesh;
  std::filesystem::path folder;  ///< of its images, below the output's: "F0001"
  std::string name;              ///< that they begin with: "F0001_AN01WH"
};

/// One mesh (.wrl or .obj), or those of a tree whose names end in _KIND: of BU-3DFE,
/// F0001/F0001_AN01WH_F3D.wrl (the face alone) or F0001/F0001_AN01WH_RAW.wrl (the whole scan). In order of
/// their paths; of two formats of one scan the first. Throws Error if there is none.
std::vector<Scan> find_scans(const std::filesystem::path& source, const std::string& kind);

/// Where a view of a scan goes, as the data set bu3dfe expects it: FOLDER/F0001_AN01WH_y+30_p-15.png.
std::filesystem::path view_path(const Scan& scan, int yaw, int pitch);

struct RenderJob {
  std::vector<Scan> scans;
  std::filesystem::path out;
  std::vector<int> yaws, pitches;  ///< degrees, as HeadPose has them; every yaw at every pitch
  RenderOptions options;
  std::function<void(std::size_t scans)> done;         ///< called now and then; may be empty
  std::function<void(const std::string& why)> on_bad;  ///< called for a scan that is left out; may be empty
};

struct RenderReport {
  std::size_t written = 0;  ///< images
  std::size_t kept = 0;     ///< images that were there already
  std::size_t bad = 0;      ///< scans that cannot be read
};

/// Renders all views of all scans on all cores. Images that are there already are kept, so that an
/// interrupted job can be continued. Throws Error for angles and options out of their ranges, if an image
/// cannot be written, and if every scan is bad.
RenderReport render_scans(const RenderJob& job);

}  // namespace regard

#include "lab/render/scans.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "regard/core/error.h"
#include "regard/core/parallel.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings{".wrl", ".obj", ".WRL", ".OBJ"};
constexpr std::array kKinds{"_F3D", "_RAW"};

bool is_mesh(const fs::path& path) {
  return std::ranges::find(kEndings, path.extension().string()) != kEndings.end();
}

/// The stem without the kind of the scan.
std::string name_of(const fs::path& mesh) {
  auto stem = mesh.stem().string();
  for (const std::string kind : kKinds)
    if (stem.ends_with(kind)) stem.resize(stem.size() - kind.size());
  return stem;
}

/// A single mesh goes into its person's folder if it lies in one.
Scan single_scan(const fs::path& mesh) {
  if (!is_mesh(mesh)) throw Error("file is no mesh", mesh.string(), "a name that ends in .wrl or .obj");
  const auto folder = fs::absolute(mesh).parent_path().filename().string(), name = name_of(mesh);
  const bool persons = !folder.empty() && name.starts_with(folder + "_");
  return {mesh, persons ? fs::path(folder) : fs::path(), name};
}

void check_angles(const std::vector<int>& angles, const char* what, int most) {
  if (angles.empty()) throw Error("there is no view to render", what, "1 or more angles");
  for (const int angle : angles)
    if (angle < -most || angle > most)
      throw Error("angle is out of range", what, std::to_string(-most) + " to " + std::to_string(most),
                  std::to_string(angle));
}

std::string signed_angle(int angle) {
  return formatted("%+d", angle);
}

/// Counts what several threads have done, and passes it on one at a time.
class Tally {
 public:
  explicit Tally(const RenderJob& job) : job_(job) {}

  void add(std::size_t written, std::size_t kept) {
    const std::lock_guard lock(mutex_);
    report_.written += written;
    report_.kept += kept;
    if (job_.done) job_.done(++scans_);
  }

  void add_bad(const std::string& why) {
    const std::lock_guard lock(mutex_);
    ++report_.bad;
    last_ = why;
    if (job_.on_bad) job_.on_bad(why);
    if (job_.done) job_.done(++scans_);
  }

  RenderReport report() const {
    if (report_.bad == job_.scans.size())
      throw Error("none of the scans can be rendered", last_, {}, std::to_string(report_.bad) + " scans");
    return report_;
  }

 private:
  const RenderJob& job_;
  std::mutex mutex_;
  RenderReport report_;
  std::size_t scans_ = 0;
  std::string last_;
};

struct View {
  int yaw, pitch;
  fs::path path;
};

std::vector<View> missing_views(const RenderJob& job, const Scan& scan) {
  std::vector<View> views;
  for (const int yaw : job.yaws)
    for (const int pitch : job.pitches) {
      const auto path = job.out / view_path(scan, yaw, pitch);
      if (!fs::exists(path)) views.push_back({yaw, pitch, path});
    }
  return views;
}

void render_scan(const RenderJob& job, const Scan& scan, Tally& tally) {
  const auto views = missing_views(job, scan);
  const auto kept = job.yaws.size() * job.pitches.size() - views.size();
  if (views.empty()) return tally.add(0, kept);
  Mesh mesh;
  try {
    mesh = read_mesh(scan.mesh);
  } catch (const Error& error) {
    return tally.add_bad(error.what());
  }
  for (const auto& [yaw, pitch, path] : views) {
    const HeadPose pose{static_cast<float>(yaw), static_cast<float>(pitch), 0};
    write_image(path, render_mesh(mesh, pose, job.options));
  }
  tally.add(views.size(), kept);
}

}  // namespace

std::vector<Scan> find_scans(const fs::path& source, const std::string& kind) {
  if (!fs::is_directory(source)) return {single_scan(source)};
  std::vector<Scan> scans;
  for (const auto& entry : fs::recursive_directory_iterator(source))
    if (entry.is_regular_file() && is_mesh(entry.path()) &&
        entry.path().stem().string().ends_with("_" + kind))
      scans.push_back({entry.path(), fs::relative(entry.path().parent_path(), source).lexically_normal(),
                       name_of(entry.path())});
  if (scans.empty())
    throw Error("folder has no scans", source.string(), "F0001/F0001_AN01WH_" + kind + ".wrl and the like");
  std::ranges::sort(scans, {}, [](const Scan& scan) {
    return std::pair(scan.folder / scan.name, scan.mesh.extension() == ".obj");
  });
  const auto same = std::unique(scans.begin(), scans.end(), [](const Scan& a, const Scan& b) {
    return a.folder == b.folder && a.name == b.name;
  });
  scans.erase(same, scans.end());
  return scans;
}

fs::path view_path(const Scan& scan, int yaw, int pitch) {
  return scan.folder / (scan.name + "_y" + signed_angle(yaw) + "_p" + signed_angle(pitch) + ".png");
}

RenderReport render_scans(const RenderJob& job) {
  check_options(job.options);
  check_angles(job.yaws, "yaw", 180);
  check_angles(job.pitches, "pitch", 90);
  Tally tally(job);
  for_each_index(job.scans.size(), usual_threads(),
                 [&](std::size_t, std::size_t i) { render_scan(job, job.scans[i], tally); });
  return tally.report();
}

}  // namespace regard

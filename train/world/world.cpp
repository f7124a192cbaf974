#include "train/world/world.h"

#include <string>
#include <string_view>
#include <unordered_map>

#include "regard/core/environment.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>
#endif

namespace regard {

namespace {

int number(const char* name, int least, int most) {
  const auto text = environment(name);
  const auto value = whole_number<int>(text);
  if (!value || *value < least || *value > most)
    throw Error("environment variable cannot be used", name,
                "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
                text.empty() ? "nothing" : text);
  return *value;
}

}  // namespace

#ifdef USE_C10D_GLOO

struct World::Link {
  c10::intrusive_ptr<c10d::ProcessGroup> group;
};

namespace {

std::string master_address() {
  const auto address = environment("MASTER_ADDR");
  return address.empty() ? "127.0.0.1" : address;
}

/// Where the processes find each other: in the first one, or in the agent of torchrun, where each restart
/// has keys of its own.
c10::intrusive_ptr<c10d::Store> meeting_point(int rank, int size) {
  const bool agent = environment("TORCHELASTIC_USE_AGENT_STORE") == "True";
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(number("MASTER_PORT", 1, 65535));
  options.isServer = rank == 0 && !agent;
  options.numWorkers = static_cast<std::size_t>(size);
  options.waitWorkers = false;
  const auto store = c10::make_intrusive<c10d::TCPStore>(master_address(), options);
  return c10::make_intrusive<c10d::PrefixStore>("regard/" + environment("TORCHELASTIC_RESTART_COUNT"), store);
}

/// The network interface to use. A host's own name may resolve to an address that nobody answers, so that
/// processes of one machine speak over its loopback.
std::shared_ptr<gloo::transport::Device> network_device(int size) {
  const auto interface = environment("GLOO_SOCKET_IFNAME"), address = master_address();
  if (!interface.empty()) return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  const bool local = address == "localhost" || address.starts_with("127.") || address == "::1" ||
                     environment("LOCAL_WORLD_SIZE") == std::to_string(size);
  return local ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
               : c10d::ProcessGroupGloo::createDefaultDevice();
}

c10::intrusive_ptr<c10d::ProcessGroup> process_group(int rank, int size) {
  const auto store = meeting_point(rank, size);
  const auto options = c10d::ProcessGroupGloo::Options::create();
  options->devices.push_back(network_device(size));
  const auto gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
  auto group = c10::make_intrusive<c10d::ProcessGroup>(store, rank, size);
  group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO, gloo);
  group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
  return group;
}

/// Replaces a tensor by its sum over all processes.
void add_up(c10d::ProcessGroup& group, at::Tensor tensor) {
  std::vector<at::Tensor> tensors{std::move(tensor)};
  group.allreduce(tensors)->wait();
}

/// The sum of 1, 2, ... size: with a Gloo that does not fit, training would go on with wrong gradients.
void check_sums(c10d::ProcessGroup& group, int rank, int size) {
  const auto numbers = at::full({1000}, rank + 1, at::kFloat);
  add_up(group, numbers);
  const float expected = static_cast<float>(size) * static_cast<float>(size + 1) / 2;
  if (!numbers.eq(expected).all().item<bool>())
    throw Error("processes do not agree on a sum of known numbers", "training by several processes",
                std::to_string(expected), std::to_string(numbers[0].item<float>()));
}

}  // namespace

World World::from_environment() {
  World world;
  if (environment("WORLD_SIZE").empty()) return world;
  world.size_ = number("WORLD_SIZE", 1, 1 << 20);
  world.rank_ = number("RANK", 0, world.size_ - 1);
  if (world.size_ == 1) return world;
  try {
    world.link_ = std::make_shared<Link>(process_group(world.rank_, world.size_));
    check_sums(*world.link_->group, world.rank_, world.size_);
  } catch (const c10::Error& error) {
    throw Error("processes cannot train together", "rank " + std::to_string(world.rank_), {},
                error.what_without_backtrace());
  }
  return world;
}

void World::average(const std::vector<at::Tensor>& tensors) const {
  if (!link_ || tensors.empty()) return;
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> flat;
  for (const auto& tensor : tensors) flat.push_back(tensor.reshape({-1}));
  const auto all = at::cat(flat);
  add_up(*link_->group, all);
  all.div_(size_);
  std::int64_t begin = 0;
  for (auto tensor : tensors) {
    tensor.copy_(all.slice(0, begin, begin + tensor.numel()).view(tensor.sizes()));
    begin += tensor.numel();
  }
}

void World::copy_from_first(const std::vector<at::Tensor>& tensors) const {
  if (!link_) return;
  const at::NoGradGuard no_gradients;
  for (const auto& tensor : tensors) {
    std::vector<at::Tensor> one{tensor.detach().contiguous()};
    link_->group->broadcast(one)->wait();
    tensor.detach().copy_(one[0]);
  }
}

bool World::agrees(const std::vector<at::Tensor>& tensors) const {
  if (!link_) return true;
  bool differ = false;
  for (const auto& tensor : tensors) {
    const auto of_first = tensor.detach().clone();
    copy_from_first({of_first});
    differ = differ || !of_first.equal(tensor);
  }
  return !any(differ);
}

bool World::any(bool value) const {
  if (!link_) return value;
  const auto votes = at::full({1}, value ? 1 : 0, at::kFloat);
  add_up(*link_->group, votes);
  return votes.item<float>() > 0;
}

GradientAverage::GradientAverage(const World& world, std::vector<at::Tensor> parameters) {
  if (!world.link_) return;
  // Gradients come last layer first.
  std::vector<at::Tensor> backward(parameters.rbegin(), parameters.rend());
  const auto [buckets, sizes] = c10d::compute_bucket_assignment_by_size(
      backward, {c10d::kDefaultFirstBucketBytes, c10d::kDefaultBucketBytesCap});
  const std::vector<bool> dense(backward.size(), false);
  reducer_ = std::make_shared<c10d::Reducer>(
      std::move(backward), buckets, world.link_->group, dense, c10d::kDefaultBucketBytesCap,
      /*find_unused_parameters=*/true, /*gradient_as_bucket_view=*/false,
      /*param_names=*/std::unordered_map<std::size_t, std::string>{}, c10d::kDefaultFirstBucketBytes,
      /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false,
      /*bucket_bytes_cap_list=*/std::vector<std::int64_t>{});
}

void GradientAverage::prepare(const at::Tensor& loss) const {
  if (reducer_) reducer_->prepare_for_backward({loss});
}

#else

struct World::Link {};

World World::from_environment() {
  const auto size = environment("WORLD_SIZE");
  if (!size.empty() && number("WORLD_SIZE", 1, 1 << 20) > 1)
    throw Error("this build trains with one process only", "WORLD_SIZE",
                "a build with Gloo's headers (libgloo-dev)", size);
  return {};
}

void World::average(const std::vector<at::Tensor>&) const {}
void World::copy_from_first(const std::vector<at::Tensor>&) const {}

bool World::agrees(const std::vector<at::Tensor>&) const {
  return true;
}

bool World::any(bool value) const {
  return value;
}

GradientAverage::GradientAverage(const World&, std::vector<at::Tensor>) {}
void GradientAverage::prepare(const at::Tensor&) const {}

#endif

}  // namespace regard

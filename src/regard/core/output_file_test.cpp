#include "regard/core/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// What a child process ends with; it runs the function and ends at once.
template <class Function>
int status_of_child(Function&& function) {
  const pid_t child = ::fork();
  if (child == 0) {
    function();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(OutputFile, HasItsNameWhenItIsWholeAndNotBefore) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a");
  file.write(bytes_of("one, "));
  file.write(bytes_of("two"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  file.commit();
  EXPECT_EQ(read_text(folder / "a"), "one, two");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a"));
}

TEST(OutputFile, WithoutCommitNothingIsLeft) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a", "old");
  for (const char* name : {"a", "b"}) OutputFile(folder / name).write(bytes_of("half"));
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a"));
}

TEST(OutputFile, TwoWritersOfOneNameDoNotMeet) {
  const TemporaryFolder folder;
  OutputFile first(folder / "a"), second(folder / "a");
  first.write(bytes_of("first"));
  second.write(bytes_of("second"));
  second.commit();
  EXPECT_EQ(read_text(folder / "a"), "second");
  first.commit();
  EXPECT_EQ(read_text(folder / "a"), "first");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a"));
}

TEST(OutputFile, AKilledWriterLeavesNothing) {
  const TemporaryFolder folder;
  const int status = status_of_child([&] {
    OutputFile file(folder / "a");
    file.write(bytes_of("half"));
    ::raise(SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  write_text_atomically(folder / "b", "x");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("b"));
}

TEST(OutputFile, LeftoversOfKilledRunsGoAndThoseInUseStay) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a", "old");
  std::ofstream(folder / ".regard.tmp-1-0") << "half";
  std::ofstream(folder / ".regard.tmp-2-0") << "in use";
  const Descriptor held(::open((folder / ".regard.tmp-2-0").c_str(), O_RDONLY));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  write_text_atomically(folder / "a", "new");
  EXPECT_THAT(names_in(folder.path()), ElementsAre(".regard.tmp-2-0", "a"));
}

// As where the file system knows no files without names.
TEST(OutputFile, UnderANameOfItsOwnItIsTheSame) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a", "old");
  OutputFile first(folder / "a", /*unnamed=*/false), second(folder / "a", /*unnamed=*/false);
  first.write(bytes_of("first"));
  second.write(bytes_of("second"));
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_EQ(names_in(folder.path()).size(), 3u);
  second.commit();
  first.commit();
  EXPECT_EQ(read_text(folder / "a"), "first");
  OutputFile(folder / "b", /*unnamed=*/false).write(bytes_of("half"));
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a"));
}

TEST(OutputFile, UnderANameOfItsOwnItGoesWithASignalOrWithTheNextRun) {
  const TemporaryFolder folder;
  const auto end_by = [&](int signal) {
    status_of_child([&] {
      ::signal(SIGTERM, [](int) {
        remove_unfinished_files();
        ::_exit(0);
      });
      OutputFile file(folder / "a", /*unnamed=*/false);
      ::raise(signal);
    });
  };
  end_by(SIGTERM);
  EXPECT_THAT(names_in(folder.path()), ElementsAre());
  end_by(SIGKILL);
  EXPECT_EQ(names_in(folder.path()).size(), 1u);
  OutputFile next(folder / "b", /*unnamed=*/false);
  next.commit();
  EXPECT_THAT(names_in(folder.path()), ElementsAre("b"));
}

TEST(OutputFile, AFullDiskSaysSo) {
  const auto status = status_of_child([] {
    const TemporaryFolder folder;
    write_text_atomically(folder / "a", "old");
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 16, 1 << 16};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
    const std::string text(1 << 17, 'x');
    const auto error = error_of([&] { write_text_atomically(folder / "a", text); });
    if (error.find("file cannot be written; got File too large") == error.npos) ::_exit(2);
    ScratchFile scratch(folder / "a");
    const auto other = error_of([&] { scratch.append(bytes_of(text)); });
    if (other.find("a: file cannot be written; got File too large") == other.npos) ::_exit(3);
    if (read_text(folder / "a") != "old" || names_in(folder.path()).size() != 1) ::_exit(4);
  });
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_THAT(error_of([] { write_text_atomically("/dev/full", "x"); }),
              AllOf(HasSubstr("/dev/full"), HasSubstr("No space left on device")));
}

TEST(ScratchFile, KeepsBytesUnderNoName) {
  const TemporaryFolder folder;
  std::optional<ScratchFile> scratch(folder / "new/a");
  EXPECT_TRUE(scratch->map().bytes.empty());
  scratch->append(bytes_of("one, "));
  scratch->append(bytes_of("two"));
  EXPECT_THAT(names_in(folder / "new"), ElementsAre());
  const auto mapped = scratch->map();
  scratch.reset();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size()), "one, two");
}

TEST(OutputLock, IsForOneAtATime) {
  const TemporaryFolder folder;
  std::optional<OutputLock> lock(folder / "a.pack");
  EXPECT_THAT(error_of([&] { OutputLock(folder / "a.pack"); }),
              AllOf(HasSubstr("a.pack"), HasSubstr("another run is writing this")));
  EXPECT_EQ(error_of([&] { OutputLock(folder / "b.pack"); }), "");
  lock.reset();
  EXPECT_THAT(names_in(folder.path()), ElementsAre());
  EXPECT_EQ(error_of([&] { OutputLock(folder / "a.pack"); }), "");
}

TEST(OutputLock, IfItIsFree) {
  const TemporaryFolder folder;
  auto lock = OutputLock::if_free(folder / "part.csv");
  EXPECT_TRUE(lock);
  EXPECT_FALSE(OutputLock::if_free(folder / "part.csv"));
  EXPECT_TRUE(OutputLock::if_free(folder / "other.csv"));
  lock.reset();
  EXPECT_TRUE(OutputLock::if_free(folder / "part.csv"));
}

TEST(OutputLock, AKilledRunHoldsNobodyUp) {
  const TemporaryFolder folder;
  status_of_child([&] {
    OutputLock lock(folder / "a.pack");
    ::raise(SIGKILL);
  });
  EXPECT_THAT(names_in(folder.path()), ElementsAre(".a.pack.lock"));
  EXPECT_EQ(error_of([&] { OutputLock(folder / "a.pack"); }), "");
  EXPECT_THAT(names_in(folder.path()), ElementsAre());
}

TEST(OutputLock, OfAFolderAndOfADevice) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "out");
  {
    const OutputLock lock(folder / "out/");
    EXPECT_THAT(error_of([&] { OutputLock(folder / "out"); }), HasSubstr("another run is writing this"));
    const OutputLock device("/dev/null");
    EXPECT_EQ(error_of([&] { OutputLock("/dev/null"); }), "");
  }
  EXPECT_THAT(names_in(folder.path()), ElementsAre("out"));
}

TEST(UnfinishedFiles, GoWithASignal) {
  const TemporaryFolder folder;
  status_of_child([&] {
    ::signal(SIGTERM, [](int) {
      remove_unfinished_files();
      ::_exit(0);
    });
    OutputLock lock(folder / "a.pack");
    ::raise(SIGTERM);
  });
  EXPECT_THAT(names_in(folder.path()), ElementsAre());
}

TEST(AppendText, AddsToTheEnd) {
  const TemporaryFolder folder;
  append_text(folder / "log", "one\n");
  append_text(folder / "log", "two\n");
  EXPECT_EQ(read_text(folder / "log"), "one\ntwo\n");
  EXPECT_THAT(error_of([] { append_text("/dev/full", "x"); }), HasSubstr("No space left"));
}

}  // namespace
}  // namespace regard

#pragma once

#include <string>
#include <vector>

#include "lab/reproduce/results.h"

/// The text of a report on a table, other than its numbers.
namespace regard {

/// A difference of shares in points, "−0.3", and its interval, "−1.1 to +0.4".
std::string rounded_points(double share);
std::string interval_points(const Interval& interval);

/// Whether a paper's numbers stand beside ours.
bool has_paper(const TableResult& table);

/// One line for every data set and column: its images, as the first row has them.
std::vector<std::string> image_lines(const TableResult& table);

/// Everything in which the runs differ from the paper: methods that are always others here, images, sizes,
/// what was held out or left out of the data, the start, and the recipe's keys that the protocol has changed.
std::vector<Difference> differences(const TableResult& table, const ReproduceOptions& options);

/// Why the paper's numbers and ours cannot be compared directly; empty if nothing differs.
std::string warning(const TableResult& table, const ReproduceOptions& options);

}  // namespace regard

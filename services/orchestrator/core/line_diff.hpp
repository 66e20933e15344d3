// What changed between two texts, line by line (a longest common subsequence). Pure; bounded by diff_lines_max.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace carillon::orchestrator {

inline constexpr std::size_t diff_lines_max = 2'000;  // of either text; beyond, all is shown as replaced

struct DiffLine {
  enum class Kind { SAME, REMOVED, ADDED } kind = Kind::SAME;
  std::string text;
};

std::vector<DiffLine> line_diff(std::string_view from, std::string_view to);

}  // namespace carillon::orchestrator

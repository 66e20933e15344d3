#include "orchestrator/core/line_diff.hpp"

#include <algorithm>
#include <cstdint>

namespace carillon::orchestrator {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// common[i][j], row by row: how many lines from[i…] and to[j…] have in common, in order.
std::vector<std::uint16_t> common_lengths(const Lines& from, const Lines& to) {
  const std::size_t width = to.size() + 1;
  std::vector<std::uint16_t> common((from.size() + 1) * width);
  for (std::size_t i = from.size(); i-- > 0;)
    for (std::size_t j = to.size(); j-- > 0;)
      common[i * width + j] = from[i] == to[j] ? static_cast<std::uint16_t>(common[(i + 1) * width + j + 1] + 1)
                                               : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
  return common;
}

}  // namespace

std::vector<DiffLine> line_diff(std::string_view from_text, std::string_view to_text) {
  using Kind = DiffLine::Kind;
  const Lines from = lines_of(from_text), to = lines_of(to_text);
  std::vector<DiffLine> diff;
  const auto add = [&diff](Kind kind, std::string_view line) { diff.push_back({kind, std::string(line)}); };
  std::size_t i = 0, j = 0;
  if (from.size() <= diff_lines_max && to.size() <= diff_lines_max) {
    const std::size_t width = to.size() + 1;
    const auto common = common_lengths(from, to);
    while (i < from.size() && j < to.size()) {
      if (from[i] == to[j]) {
        add(Kind::SAME, from[i]);
        ++i, ++j;
      } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) {
        add(Kind::REMOVED, from[i++]);
      } else {
        add(Kind::ADDED, to[j++]);
      }
    }
  }
  while (i < from.size()) add(Kind::REMOVED, from[i++]);
  while (j < to.size()) add(Kind::ADDED, to[j++]);
  return diff;
}

}  // namespace carillon::orchestrator

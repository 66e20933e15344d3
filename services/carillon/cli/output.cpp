#include "carillon/cli/output.hpp"

namespace carillon::cli {
namespace {

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_row(std::string& out, const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    out += row[i];
    if (i + 1 < row.size()) out.append(widths[i] - code_points(row[i]) + 2, ' ');
  }
  out += '\n';
}

}  // namespace

std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& title : head) widths.push_back(code_points(title));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], code_points(row[i]));
  std::string out;
  append_row(out, head, widths);
  for (const auto& row : rows) append_row(out, row, widths);
  return out;
}

std::string for_terminal(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return out;
}

}  // namespace carillon::cli

#include "service/setting_docs.hpp"

#include <algorithm>

namespace carillon::service {
namespace {

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

void print_settings_table(std::ostream& out, const std::vector<SettingDoc>& docs) {
  std::vector<SettingDoc> sorted = docs;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  out << "| Name | Type | Default | | Description | Read in |\n|---|---|---|---|---|---|\n";
  for (const SettingDoc& doc : sorted) {
    const char* marks = doc.required && doc.secret ? "required, secret"
                        : doc.required             ? "required"
                        : doc.secret               ? "secret"
                                                   : "";
    out << "| `" << doc.name << "` | " << cell(doc.type) << " | "
        << (doc.default_value.empty() ? std::string() : "`" + cell(doc.default_value) + "`") << " | " << marks << " | "
        << cell(doc.description) << " | " << doc.file << ':' << doc.line << " |\n";
  }
}

}  // namespace carillon::service

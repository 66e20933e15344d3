// carillon config: every setting with its default and meaning.
#include <iostream>

#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "carillon/platform_services.hpp"
#include "http/message.hpp"
#include "service/setting_docs.hpp"

namespace carillon::cli {
namespace {

constexpr std::size_t description_chars_max = 90;

void print_settings(bool json, bool markdown) {
  const auto docs = service::collect_setting_docs(whole_platform());
  if (markdown) return service::print_settings_table(std::cout, docs);
  std::vector<std::vector<std::string>> rows;
  for (const auto& doc : docs) {
    if (json)
      std::cout << "{\"name\":" << http::json_string(doc.name) << ",\"type\":" << http::json_string(doc.type)
                << ",\"default\":" << http::json_string(doc.default_value)
                << ",\"required\":" << (doc.required ? "true" : "false")
                << ",\"secret\":" << (doc.secret ? "true" : "false")
                << ",\"description\":" << http::json_string(doc.description) << "}\n";
    rows.push_back(
        {doc.name, doc.required ? "(required)" : doc.default_value, doc.description.substr(0, description_chars_max)});
  }
  if (!json) std::cout << table({"SETTING", "DEFAULT", "MEANING"}, rows);
}

}  // namespace

void add_config(CLI::App& app) {
  struct Options {
    bool json = false, markdown = false;
  };
  auto options = std::make_shared<Options>();
  auto* config = app.add_subcommand("config", "Every setting with its default: carillon config");
  config->add_flag("--json", options->json, "one JSON object a line");
  config->add_flag("--markdown", options->markdown, "the table of docs/NOTIFICATION_ENV_VARS.md");
  config->callback([options] { print_settings(options->json, options->markdown); });
}

}  // namespace carillon::cli

// carillon template list|show|activate|preview
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/url.hpp"

namespace carillon::cli {
namespace {

struct TemplateOptions {
  std::string key, locale, variables_file;
  int version = 0;
  bool json = false;
};

std::string path_of(const std::string& key) {
  return "/api/admin/templates/" + http::percent_encoded(key);
}

// Of several lines, each fit for a terminal.
std::string plain_lines(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) out += for_terminal(line) + '\n';
  return out;
}

void list_templates(bool json) {
  Api api;
  const auto answer = api.get("/api/admin/templates");
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : answer["templates"].GetArray()) {
    if (json) std::cout << to_line(entry) << '\n';
    rows.push_back({text_of(entry, "key"), text_of(entry, "channel"), text_of(entry, "audience"),
                    text_of(entry, "active_version"), text_of(entry, "active") == "true" ? "active" : "inactive",
                    text_of(entry, "priority")});
  }
  if (!json) std::cout << table({"KEY", "CHANNEL", "AUDIENCE", "VERSION", "STATE", "PRIORITY"}, rows);
}

void show(const TemplateOptions& options) {
  Api api;
  const auto entry = api.get(path_of(options.key));
  if (options.json) {
    std::cout << to_line(entry) << '\n';
    return;
  }
  const std::string active = text_of(entry, "active_version");
  std::cout << fmt::format("{}  {} for {}, {}\n\n", text_of(entry, "key"), text_of(entry, "channel"),
                           text_of(entry, "audience"), text_of(entry, "active") == "true" ? "active" : "inactive");
  std::vector<std::vector<std::string>> rows;
  for (const auto& each : entry["versions"].GetArray())
    rows.push_back({text_of(each, "version"), text_of(each, "version") == active ? "active" : "",
                    text_of(each, "created_at"), for_terminal(text_of(each, "created_by")), text_of(each, "locales")});
  std::cout << table({"VERSION", "", "MADE", "BY", "LOCALES"}, rows);
  for (const auto& body : entry["bodies"].GetArray())
    std::cout << fmt::format("\n[{}] {}\n{}", text_of(body, "locale"), for_terminal(text_of(body, "subject")),
                             plain_lines(text_of(body, "text")));
}

void activate(const TemplateOptions& options) {
  Api api;
  const auto answer = api.post(path_of(options.key) + "/activate", fmt::format("{{\"version\":{}}}", options.version));
  if (options.json) {
    std::cout << to_line(answer) << '\n';
  } else {
    std::cout << fmt::format("{}: version {} is active, it was version {}\n", options.key,
                             text_of(answer, "active_version"), text_of(answer, "replaced"));
  }
}

std::string read_file(const std::string& name) {
  std::ifstream file(name);
  if (!file) throw CommandFailed{WRONG_USAGE, name + " can't be read"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void preview(const TemplateOptions& options) {
  std::string body = "{\"locale\":" + http::json_string(options.locale);
  if (options.version > 0) body += fmt::format(",\"version\":{}", options.version);
  if (!options.variables_file.empty()) body += ",\"variables\":" + read_file(options.variables_file);
  Api api;
  const auto answer = api.post(path_of(options.key) + "/preview", body + "}");
  if (options.json) {
    std::cout << to_line(answer) << '\n';
    return;
  }
  if (const auto problem = text_of(answer, "problem"); !problem.empty())
    throw CommandFailed{REFUSED, "it can't be sent like this: " + for_terminal(problem)};
  if (const auto subject = text_of(answer, "subject"); !subject.empty())
    std::cout << "Subject: " << for_terminal(subject) << "\n\n";
  std::cout << plain_lines(text_of(answer, "text"));
  if (answer.HasMember("sms"))
    std::cout << fmt::format("\n{}, {} characters, {} segments\n", text_of(answer["sms"], "encoding"),
                             text_of(answer["sms"], "units"), text_of(answer["sms"], "segments"));
  for (const auto& name : answer["missing_variables"].GetArray())
    std::cerr << "without a value: " << name.GetString() << '\n';
}

}  // namespace

void add_template(CLI::App& app) {
  auto options = std::make_shared<TemplateOptions>();
  auto* command = app.add_subcommand("template", "Templates: carillon template list")->require_subcommand(1);
  const auto json = [&options](CLI::App* to) { to->add_flag("--json", options->json, "one JSON object a line"); };
  const auto key = [&options](CLI::App* to) {
    to->add_option("key", options->key, "such as WELCOME_EMAIL")->required();
  };
  auto* list = command->add_subcommand("list", "all templates with their active version");
  json(list);
  list->callback([options] { list_templates(options->json); });
  auto* shown = command->add_subcommand("show", "one with its versions and the words that are active");
  key(shown);
  json(shown);
  shown->callback([options] { show(*options); });
  auto* activated = command->add_subcommand("activate", "send with this version from now on; an older one rolls back");
  key(activated);
  activated->add_option("version", options->version, "its number")->required()->check(CLI::PositiveNumber);
  json(activated);
  activated->callback([options] { activate(*options); });
  auto* previewed = command->add_subcommand("preview", "what a message would look like; nothing is sent");
  key(previewed);
  previewed->add_option("--locale", options->locale, "such as de-AT");
  previewed->add_option("--version", options->version, "the active one unless it is given")->check(CLI::PositiveNumber);
  previewed->add_option("--variables", options->variables_file,
                        "a file with a JSON object; else the template's samples");
  json(previewed);
  previewed->callback([options] { preview(*options); });
}

}  // namespace carillon::cli

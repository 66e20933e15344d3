#include "carillon/cli/api.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "carillon/cli/output.hpp"
#include "http/url.hpp"

namespace carillon::cli {

namespace {

// As the services read it: the last line break is cut.
std::string content_of(const std::string& path, const std::string& setting) {
  std::ifstream file(path);
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (!file) throw CommandFailed{WRONG_USAGE, setting + ": can't read " + path};
  if (content.ends_with('\n')) content.pop_back();
  if (content.empty()) throw CommandFailed{WRONG_USAGE, setting + ": " + path + " is empty"};
  return content;
}

}  // namespace

std::string required_environment(const char* name, const char* help) {
  const std::string file_setting = std::string(name) + "_FILE";
  const char* file = std::getenv(file_setting.c_str());
  const char* value = std::getenv(name);
  const bool named = value != nullptr && *value != '\0';
  if (!named && file != nullptr && *file != '\0') return content_of(file, file_setting);
  if (!named) throw CommandFailed{WRONG_USAGE, std::string(name) + " is not set; " + help};
  return value;
}

namespace {

constexpr const char* environment_help = "after ./dev up: set -a; . .carillon/dev.env; set +a";

rapidjson::Document parsed(const http::Answer& answer) {
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  if (document.HasParseError()) document.SetNull();
  return document;
}

CommandFailed refusal(const http::Answer& answer) {
  const auto problem = parsed(answer);
  std::string message = "HTTP " + std::to_string(answer.status);
  if (problem.IsObject()) {
    for (const char* part : {"code", "detail"})
      if (const auto text = text_of(problem, part); !text.empty()) message += (part[0] == 'c' ? " " : ": ") + text;
  }
  if (answer.status == 401) message += std::string("; set CARILLON_API_KEY, ") + environment_help;
  return {REFUSED, for_terminal(message)};
}

}  // namespace

Api::Api()
    : url_(required_environment("CARILLON_URL", environment_help)),
      key_(required_environment("CARILLON_API_KEY", environment_help)),
      client_(runtime_) {}

rapidjson::Document Api::get(const std::string& path) {
  return call(http::Method::GET, path, {}, {}, 0);
}

bool Api::get_entries(const std::string& path, const http::Fields& query, int entries_max,
                      const std::function<void(const rapidjson::Value&)>& take) {
  std::string cursor;
  int left = entries_max;
  do {
    http::Fields page_query = query;
    page_query.emplace_back("limit", std::to_string(std::min(left, page_entries_max)));
    if (!cursor.empty()) page_query.emplace_back("cursor", cursor);
    const auto page = get(path + "?" + http::form_encoded(page_query));
    const auto entries = page["items"].GetArray();
    for (const auto& entry : entries) take(entry);
    left -= static_cast<int>(entries.Size());
    cursor = text_of(page, "next_cursor");
  } while (!cursor.empty() && left > 0);
  return !cursor.empty();
}

rapidjson::Document Api::get_unless(const std::string& path, int status) {
  return call(http::Method::GET, path, {}, {}, status);
}

rapidjson::Document Api::post(const std::string& path, const std::string& body, const http::Fields& headers) {
  return call(http::Method::POST, path, body, headers, 0);
}

rapidjson::Document Api::put(const std::string& path, const std::string& body, const http::Fields& headers) {
  return call(http::Method::PUT, path, body, headers, 0);
}

rapidjson::Document Api::remove(const std::string& path) {
  return call(http::Method::DELETE_, path, {}, {}, 0);
}

rapidjson::Document Api::call(http::Method method, const std::string& path, const std::string& body,
                              const http::Fields& headers, int quiet_status) {
  http::Call call;
  call.method = method;
  call.url = url_ + path;
  call.headers = headers;
  call.headers.emplace_back("Authorization", "Bearer " + key_);
  if (!body.empty()) call.headers.emplace_back("Content-Type", "application/json");
  call.body = body;
  const auto answer = client_.call_and_wait(std::move(call));
  if (answer.status == 0)
    throw CommandFailed{NOT_REACHABLE, url_ + " can't be reached (" + http::to_string(answer.error) +
                                           "); is it running? ./dev up starts it, CARILLON_URL says where it is"};
  if (answer.status == quiet_status) return {};
  if (answer.status / 100 != 2) throw refusal(answer);
  return parsed(answer);
}

pg::ConnectionSettings owner_connection() {
  pg::ConnectionSettings settings;
  settings.url = required_environment("CARILLON_DATABASE_URL", environment_help);
  settings.application_name = "carillon-cli";
  return settings;
}

OwnerBus::OwnerBus() : bell_(owner_connection()) {
  pg::Connection connection(owner_connection());
  bus::PostgresBusSettings settings;
  settings.connection = owner_connection();
  settings.partitions = connection.run("SELECT partitions FROM bus.settings").at(0).at(0).as<int>();
  bus_ = bus::make_postgres_bus(settings, bell_, clock_);
}

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || member->value.IsNull()) return {};
  if (member->value.IsString()) return {member->value.GetString(), member->value.GetStringLength()};
  return to_line(member->value);
}

std::string to_line(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

}  // namespace carillon::cli

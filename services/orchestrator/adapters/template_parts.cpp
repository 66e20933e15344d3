#include "orchestrator/adapters/template_parts.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using pages::Values;

constexpr std::string_view preview_policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox";

http::Response frame_document(const Values& values, int status) {
  kainjow::mustache::mustache source{std::string(page_file("preview.mustache"))};
  http::Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = source.render(values);
  response.headers = {{"Content-Security-Policy", std::string(preview_policy)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"X-Frame-Options", "SAMEORIGIN"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
                      {"X-Robots-Tag", "noindex"},
                      {"Cache-Control", "no-store"}};
  return response;
}

Values sms_values(const SmsSegments& sms) {
  const bool gsm = sms.encoding == SmsEncoding::GSM_7;
  const int one = gsm ? 160 : 70, of_several = gsm ? 153 : 67;
  Values values = object();
  values["encoding"] = gsm ? "GSM-7" : "UCS-2";
  values["units"] = std::to_string(sms.units);
  values["segments"] = sms.segments == 1 ? "1 segment" : std::to_string(sms.segments) + " segments";
  values["room"] = std::to_string(sms.segments > 1 ? sms.segments * of_several : one);
  return values;
}

}  // namespace

Values texts(const std::vector<std::string>& lines) {
  Values all = list();
  for (const std::string& line : lines) {
    Values one = object();
    one["text"] = line;
    all << one;
  }
  return all;
}

pages::Page templates_frame(const http::Request& request, std::string title, std::string sentence) {
  pages::Page page;
  page.title = std::move(title);
  page.sentence = std::move(sentence);
  page.visitor = pages::visitor_of(request);
  page.path = templates_path;
  return page;
}

std::string template_path(const std::string& key) {
  std::string path = templates_path;  // appended piece by piece: GCC 12 misreads one long sum
  path += '/';
  path += key;
  return path;
}

std::string query_of(const http::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::string shown(const std::string& text) {
  return is_valid_utf8(text) ? text : std::string();
}

int number_of(const std::string& text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() && number > 0 ? number : 0;
}

Values moment(UtcTime at, UtcTime now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - at).count();
  Values values = object();
  values["exact"] = to_rfc3339(at);
  values["ago"] = seconds < 60          ? std::string("just now")
                  : seconds < 3600      ? fmt::format("{} min ago", seconds / 60)
                  : seconds < 2 * 86400 ? fmt::format("{} h ago", seconds / 3600)
                                        : fmt::format("{} days ago", seconds / 86400);
  return values;
}

std::string who(const std::string& by, const std::string& email) {
  if (by == "seed") return "the program";
  return email.empty() ? by : email;
}

std::string message_path(const std::string& message_id) {
  return "/admin/messages/" + message_id;
}

http::Response unreadable(const service::Platform& platform, const http::Request& request, const Failure& failure) {
  pages::Page page = templates_frame(request, "Nothing was changed", "");
  page.status = failure.code == "FORM_TOO_LARGE" ? 413 : 400;
  return pages::notice(platform, page, "What was sent can't be read: " + failure.detail + ".",
                       pages::Action{"All templates", templates_path});
}

http::Response unknown_template(const service::Platform& platform, const http::Request& request) {
  pages::Page page = templates_frame(request, "There is no such template", "");
  page.status = 404;
  return pages::notice(platform, page, "Perhaps its name was mistyped.",
                       pages::Action{"All templates", templates_path});
}

http::Response nothing_changed(const service::Platform& platform, const http::Request& request, const std::string& key,
                               const Failure& failure) {
  pages::Page page = templates_frame(request, "Nothing was changed", "");
  page.status = failure.code == "TEMPLATE_CHANGED" ? 409 : failure.code == "TEMPLATE_NOT_FOUND" ? 404 : 422;
  return pages::notice(platform, page, failure.detail + ".", pages::Action{"Back to " + key, template_path(key)});
}

http::Response preview_document(const Preview& preview, const TemplateMeta& meta) {
  Values values = object();
  values["locale"] = preview.locale;
  if (!preview.problem.empty()) values["problem"] = preview.problem;
  if (!preview.missing_variables.empty()) {
    std::string names;
    for (const std::string& name : preview.missing_variables) names += (names.empty() ? "" : ", ") + name;
    values["missing"] = names;
  }
  if (preview.problem.empty()) {
    if (meta.channel != events::Channel::SMS) values["subject"] = preview.rendered.subject;
    if (preview.sms) values["sms"] = sms_values(*preview.sms);
    values["text"] = preview.rendered.text;
    if (!preview.rendered.html.empty()) values["html"] = preview.rendered.html;
  }
  return frame_document(values, 200);
}

http::Response preview_refusal(const std::string& text, int status) {
  Values values = object();
  values["locale"] = "en";
  values["problem"] = text;
  return frame_document(values, status);
}

}  // namespace carillon::orchestrator

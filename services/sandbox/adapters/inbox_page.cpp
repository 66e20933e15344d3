#include "sandbox/adapters/inbox_page.hpp"

#include <charconv>
#include <fstream>
#include <iterator>

#include "http/url.hpp"
#include "sandbox/adapters/inbox_view.hpp"
#include "sandbox/adapters/switches_view.hpp"
#include "sandbox/adapters/web_files.hpp"
#include "sandbox/core/form.hpp"
#include "sandbox/core/message_view.hpp"

namespace carillon::sandbox {
namespace {

// A mail's own HTML: shown, but without scripts, network and access to the page around it.
constexpr std::string_view mail_headers =
    "Content-Security-Policy: sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors "
    "'self'\r\n"
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n";
constexpr std::string_view asset_headers = "X-Content-Type-Options: nosniff\r\nCache-Control: max-age=300\r\n";

std::string not_found() {
  return http_response(404, "text/plain; charset=utf-8", "Sandbox: not found\n", page_headers);
}

std::string see_other(std::string_view path) {
  return http_response(303, "text/plain; charset=utf-8", "", "Location: " + std::string(path) + "\r\n");
}

// Only paths of this page, so that the redirect can't lead elsewhere and holds no line break.
std::string safe_back(std::string back) {
  const bool mine = back.substr(0, 1) == "/" && (back.size() == 1 || back[1] == '?');
  for (const char c : back) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F) return "/";
  }
  return mine ? back : "/";
}

// For a header: a name without path, quotes and control characters, and the same name in full by RFC 8187.
std::string disposition(const std::string& file_name) {
  std::string name, plain;
  for (const char c : file_name.empty() ? std::string("attachment") : file_name) {
    const auto byte = static_cast<unsigned char>(c);
    name += c == '/' || c == '\\' || byte < 0x20 || byte == 0x7F ? '_' : c;
    plain += name.back() == '"' || byte >= 0x80 ? '_' : name.back();
  }
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + http::percent_encoded(name);
}

// Saved, never shown: whatever type it claims to be, a browser gets it as bytes.
std::string attachment(const StoredMessage& message, std::string_view number) {
  std::size_t at = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), at);
  if (error != std::errc{} || end != number.data() + number.size()) return not_found();
  const std::vector<FileView> files = attachments_of(message);
  if (at >= files.size()) return not_found();
  std::string headers(mail_headers);
  headers += "Content-Disposition: " + disposition(files[at].file_name) + "\r\n";
  return http_response(200, "application/octet-stream", files[at].content, headers);
}

std::string message_part(const SandboxState& state, std::string_view path) {
  constexpr std::string_view begin = "/messages/";
  const std::string_view rest = path.substr(begin.size());
  const std::size_t slash = rest.find('/');
  std::uint64_t id = 0;
  if (slash == std::string_view::npos ||
      std::from_chars(rest.data(), rest.data() + slash, id).ptr != rest.data() + slash)
    return not_found();
  const StoredMessage* message = state.inbox.find(id);
  if (message == nullptr) return not_found();
  const std::string_view part = rest.substr(slash + 1);
  if (part == "html") return http_response(200, "text/html; charset=utf-8", view_of(*message).html, mail_headers);
  if (part == "raw") return http_response(200, "text/plain; charset=utf-8", message->raw, mail_headers);
  constexpr std::string_view attachments = "attachments/";
  if (part.substr(0, attachments.size()) == attachments) return attachment(*message, part.substr(attachments.size()));
  return not_found();
}

}  // namespace

struct InboxPage::State {
  kainjow::mustache::mustache page{std::string(web_file("inbox.mustache"))};
  std::string bootstrap;
};

InboxPage::InboxPage(const std::string& bootstrap_dir) : state_(new State) {
  std::ifstream file(bootstrap_dir + "/css/bootstrap.min.css", std::ios::binary);
  state_->bootstrap.assign(std::istreambuf_iterator<char>(file), {});
}

InboxPage::~InboxPage() = default;

std::string InboxPage::get(const SandboxState& state, const HttpRequest& request) const {
  if (request.path == "/")
    return http_response(200, "text/html; charset=utf-8", state_->page.render(inbox_view(state, request)),
                         page_headers);
  if (request.path == "/assets/bootstrap.min.css")
    return http_response(200, "text/css; charset=utf-8", state_->bootstrap, asset_headers);
  if (request.path == "/assets/sandbox.css")
    return http_response(200, "text/css; charset=utf-8", web_file("sandbox.css"), asset_headers);
  if (request.path == "/assets/sandbox.js" || request.path == "/assets/otp.js")
    return http_response(200, "text/javascript; charset=utf-8", web_file(request.path.substr(8)), asset_headers);
  if (request.path.substr(0, 10) == "/messages/") return message_part(state, request.path);
  return not_found();
}

std::string InboxPage::apply_switch(SandboxState& state, const HttpRequest& request) const {
  const std::string provider = form_value(request.body, "provider"), key = form_value(request.body, "switch");
  if (provider != "*" && !provider_from(provider))
    return http_response(400, "text/plain; charset=utf-8", "Sandbox: unknown provider\n", page_headers);
  for (const Switch& one : switches()) {
    if (one.key != key) continue;
    Order order = one.order;
    order.provider = provider;
    // A click means the whole provider: finer orders for it are taken back first.
    Order none;
    none.provider = provider;
    (void)state.faults.set(none);
    if (auto set = state.faults.set(order); !set)
      return http_response(400, "text/plain; charset=utf-8", "Sandbox: " + set.error().detail + "\n", page_headers);
    return see_other(safe_back(form_value(request.body, "back")));
  }
  return http_response(400, "text/plain; charset=utf-8", "Sandbox: unknown switch\n", page_headers);
}

std::string InboxPage::empty_inbox(SandboxState& state) const {
  state.inbox.drop_messages();
  return see_other("/");
}

}  // namespace carillon::sandbox

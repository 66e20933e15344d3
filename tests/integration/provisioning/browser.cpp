#include "integration/provisioning/browser.hpp"

#include <catch2/catch.hpp>

#include "http/url.hpp"
#include "pages/visitor.hpp"
#include "security/passwords.hpp"

namespace carillon::provisioning::testing {

http::Answer Browser::get(const std::string& path) {
  return call(http::Method::GET, path, {}, {});
}

http::Answer Browser::post(const std::string& path, const http::Fields& fields, http::Fields headers) {
  headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return call(http::Method::POST, path, http::form_encoded(fields), std::move(headers));
}

http::Answer Browser::log_in(const std::string& email, const std::string& password, const std::string& next) {
  return post("/login", {{"email", email}, {"password", password}, {"next", next}});
}

std::string Browser::csrf_token(const std::string& path) {
  const std::string page = get(path).body, begin = R"(name="csrf" value=")";
  const auto at = page.find(begin);
  if (at == std::string::npos) return {};
  return page.substr(at + begin.size(), page.find('"', at + begin.size()) - at - begin.size());
}

std::string Browser::cookie() const {
  const auto found = cookies_.find(std::string(pages::session_cookie_name));
  return found == cookies_.end() ? "" : found->second;
}

void Browser::set_cookie(const std::string& token) {
  cookies_[std::string(pages::session_cookie_name)] = token;
}

http::Answer Browser::call(http::Method method, const std::string& path, const std::string& body,
                           http::Fields headers) {
  headers.emplace_back("Authorization", "none");  // instead of the world's key
  std::string sent;
  for (const auto& [name, value] : cookies_) sent += (sent.empty() ? "" : "; ") + name + "=" + value;
  if (!sent.empty()) headers.emplace_back("Cookie", sent);
  http::Answer answer = world_.call(method, path, body, std::move(headers));
  for (const auto& [name, value] : answer.headers) {
    if (name != "Set-Cookie" && name != "set-cookie") continue;
    const auto equals = value.find('='), end = value.find(';');
    const std::string cookie = value.substr(0, equals);
    cookies_.erase(cookie);
    if (value.find("Max-Age=0") == std::string::npos) cookies_[cookie] = value.substr(equals + 1, end - equals - 1);
  }
  return answer;
}

std::string somebody(World& world, const std::string& email, security::Role role, const std::string& client_id,
                     const std::string& password) {
  static security::Passwords passwords;
  std::string id;
  world.change([&](pg::Transaction& tx, bus::Outbox&) {
    id = security::make_account(tx, email, role, client_id, world.clock.now()).value().account.id;
    security::set_password(tx, id, passwords.hash(password).value(), world.clock.now());
  });
  return id;
}

std::string some_link(World& world, const std::string& email, security::LinkPurpose purpose) {
  std::string token;
  world.change([&](pg::Transaction& tx, bus::Outbox&) {
    token = security::make_password_link(tx, security::find_account(tx, email)->id, purpose, std::chrono::hours{1},
                                         world.clock.now());
  });
  return "/set-password?t=" + token;
}

}  // namespace carillon::provisioning::testing

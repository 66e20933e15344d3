#include "provisioning/adapters/http_clients.hpp"

#include <fmt/format.h>

#include <charconv>

#include "http/media_type.hpp"
#include "http/url.hpp"
#include "provisioning/adapters/client_json.hpp"
#include "provisioning/adapters/http_answers.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::string_view merge_patch = "application/merge-patch+json";  // RFC 7396

std::optional<Failure> wrong_media_type(const http::Request& request) {
  const std::string type = http::media_type(request);
  if (http::is_json(type) || (request.method == http::Method::PATCH && type == merge_patch)) return std::nullopt;
  return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json"};
}

// If-Match: "<version>" or *.
Result<Precondition> precondition_of(const http::Request& request) {
  Precondition precondition;
  if (std::string_view match = http::field(request.headers, "if-match"); match == "*") {
    precondition.must_exist = true;
  } else if (!match.empty()) {
    std::int64_t version = 0;
    const char* const end = match.data() + match.size() - 1;
    const bool quoted = match.size() > 2 && match.front() == '"' && match.back() == '"';
    const auto read = quoted ? std::from_chars(match.data() + 1, end, version) : std::from_chars_result{};
    if (!quoted || read.ec != std::errc{} || read.ptr != end)
      return Failure{"INVALID_FIELD", "If-Match: must be the ETag of an answer, such as \"3\", or *"};
    precondition.version = version;
  }
  return precondition;
}

http::Response answer(int status, const Client& client) {
  http::Response response = http::json(status, client_json(client, Recipients::CLEAR));
  response.headers.emplace_back("ETag", "\"" + std::to_string(client.version) + "\"");
  return response;
}

http::Response answer(const Result<EditedClient>& edited) {
  if (!edited) return refused(edited.error());
  http::Response response = answer(edited->is_new ? 201 : 200, edited->client);
  if (edited->is_new)
    response.headers.emplace_back("Location",
                                  fmt::format("/api/admin/clients/{}", http::percent_encoded(edited->client.id)));
  return response;
}

http::Response list(const http::Request& request, EditClients& clients) {
  const auto filter = read_client_filter(request.query);
  if (!filter) return refused(filter.error());
  const ClientPage page = clients.list(*filter);
  std::string out = "{\"items\":[";
  for (const Client& client : page.clients)
    out += (&client == page.clients.data() ? "" : ",") + client_json(client, Recipients::MASKED);
  out += "],\"next_cursor\":" + (page.next ? http::json_string(page_cursor(*page.next)) : "null") + "}";
  return http::json(200, std::move(out));
}

http::Response create(const http::Request& request, EditClients& clients) {
  if (const auto wrong = wrong_media_type(request)) return refused(*wrong);
  return answer(clients.create(request.body, caller_of(request)));
}

http::Response view(const http::Request& request, EditClients& clients) {
  const auto client = clients.view(request.params.at("id"), caller_of(request));
  return client ? answer(200, *client) : refused(client.error());
}

http::Response change(const http::Request& request, EditClients& clients, ChangeKind kind) {
  if (const auto wrong = wrong_media_type(request)) return refused(*wrong);
  const auto precondition = precondition_of(request);
  if (!precondition) return refused(precondition.error());
  return answer(clients.change(request.params.at("id"), request.body, kind, *precondition, caller_of(request)));
}

http::Response remove(const http::Request& request, EditClients& clients) {
  const auto precondition = precondition_of(request);
  if (!precondition) return refused(precondition.error());
  const auto gone = clients.remove(request.params.at("id"), *precondition, caller_of(request));
  return gone ? answer(200, *gone) : refused(gone.error());
}

http::Response republish(const http::Request& request, EditClients& clients) {
  return http::json(200, "{\"published\":" + std::to_string(clients.republish(caller_of(request))) + "}");
}

}  // namespace

void add_client_routes(http::Router& router, EditClients& clients, const http::Guard& guard) {
  const auto with = [&](auto handle) {
    return [&clients, handle](const http::Request& request) { return handle(request, clients); };
  };
  const auto replace = [](const http::Request& request, EditClients& to) {
    return change(request, to, ChangeKind::REPLACE);
  };
  const auto merge = [](const http::Request& request, EditClients& to) {
    return change(request, to, ChangeKind::MERGE);
  };
  router.add(http::Method::GET, "/api/admin/clients", with(list), guard);
  router.add(http::Method::POST, "/api/admin/clients", with(create), guard);
  router.add(http::Method::GET, "/api/admin/clients/{id}", with(view), guard);
  router.add(http::Method::PUT, "/api/admin/clients/{id}", with(replace), guard);
  router.add(http::Method::PATCH, "/api/admin/clients/{id}", with(merge), guard);
  router.add(http::Method::DELETE_, "/api/admin/clients/{id}", with(remove), guard);
  router.add(http::Method::POST, "/api/admin/client-state/republish", with(republish), guard);
}

}  // namespace carillon::provisioning

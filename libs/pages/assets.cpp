#include "pages/assets.hpp"

#include "layout_web.hpp"
#include "packages_web.hpp"
#include "security/digest.hpp"

namespace carillon::pages {
namespace {

constexpr std::size_t digest_bytes = 6;
constexpr std::string_view template_type = "text/html; charset=utf-8";  // of mustache files

const http::StaticFile* find(std::string_view path) {
  for (const auto& file : packages::files) {
    if (file.path == path) return &file;
  }
  for (const auto& file : layout::files) {
    if (file.path == path && file.content_type != template_type) return &file;
  }
  return nullptr;
}

std::string digest() {
  std::string all;
  for (const auto& file : packages::files) all += file.bytes;
  for (const auto& file : layout::files) all += file.bytes;
  return security::hex(security::sha256(all).substr(0, digest_bytes));
}

}  // namespace

const std::string& assets_path() {
  static const std::string path = "/assets/" + digest();
  return path;
}

void add_asset_routes(http::Router& router) {
  router.add_async(http::Method::GET, "/assets/{digest}/{file}", [](http::Request&& request, http::Reply reply) {
    const http::StaticFile* file = find(request.params.at("file"));
    if (file == nullptr) return reply(http::problem(404, "NOT_FOUND", "there is no such file"));
    // A page of another version of ours, during an update, gets what there is, and asks again the next time.
    const bool current = assets_path() == "/assets/" + request.params.at("digest");
    reply({200,
           std::string(file->content_type),
           std::string(file->bytes),
           {{"Cache-Control", current ? "public, max-age=31536000, immutable" : "no-cache"},
            {"X-Content-Type-Options", "nosniff"},
            {"Cross-Origin-Resource-Policy", "same-origin"}}});
  });
}

}  // namespace carillon::pages

#include "http/router.hpp"

#include <catch2/catch.hpp>

using namespace carillon::http;

namespace {

Handler answer(std::string text) {
  return [text = std::move(text)](const Request&) { return json(200, text); };
}

struct Found {
  std::string handler;
  std::map<std::string, std::string> params;
  bool path_known = false;
  std::string allowed;
};

Found find(const Router& router, Method method, std::string path) {
  Request request;
  request.method = method;
  request.path = std::move(path);
  Found found;
  const Route* route = router.find(request, found.path_known, found.allowed);
  if (route != nullptr) found.handler = route->handler(request).body;
  found.params = request.params;
  return found;
}

}  // namespace

TEST_CASE("router: parameters are taken from the path and never empty") {
  Router router;
  router.add(Method::GET, "/api/tenants/{tenant}/items/{item}", answer("item"));
  const Found found = find(router, Method::GET, "/api/tenants/t1/items/a b");
  CHECK(found.handler == "item");
  CHECK(found.params == std::map<std::string, std::string>{{"tenant", "t1"}, {"item", "a b"}});
  CHECK(find(router, Method::GET, "/api/tenants//items/1").handler.empty());
  CHECK(find(router, Method::GET, "/api/tenants/t1/items/1/").handler.empty());
  CHECK(find(router, Method::GET, "/api/tenants/t1/items").handler.empty());
}

TEST_CASE("router: literals win over parameters, parameters over a rest, in any order of adding") {
  Router router;
  router.add(Method::GET, "/a/{rest...}", answer("rest"));
  router.add(Method::GET, "/a/{id}", answer("parameter"));
  router.add(Method::GET, "/a/new", answer("literal"));
  router.add(Method::GET, "/a/{id}/edit", answer("edit"));
  CHECK(find(router, Method::GET, "/a/new").handler == "literal");
  CHECK(find(router, Method::GET, "/a/7").handler == "parameter");
  CHECK(find(router, Method::GET, "/a/7/edit").handler == "edit");
  const Found rest = find(router, Method::GET, "/a/7/x/y.css");
  CHECK(rest.handler == "rest");
  CHECK(rest.params == std::map<std::string, std::string>{{"rest", "7/x/y.css"}});
  CHECK(find(router, Method::GET, "/a/").params == std::map<std::string, std::string>{{"rest", ""}});
}

TEST_CASE("router: another method of a known path is named, an unknown path is not known") {
  Router router;
  router.add(Method::GET, "/a/new", answer("get"));
  router.add(Method::POST, "/a/{id}", answer("post"));
  const Found wrong_method = find(router, Method::DELETE_, "/a/new");
  CHECK(wrong_method.path_known);
  CHECK(wrong_method.allowed == "GET, POST, HEAD");
  CHECK(wrong_method.params.empty());
  const Found nothing = find(router, Method::GET, "/b");
  CHECK_FALSE(nothing.path_known);
  CHECK(nothing.allowed.empty());
}

TEST_CASE("router: a method that the literal lacks is found at the parameter") {
  Router router;
  router.add(Method::GET, "/a/new", answer("get"));
  router.add(Method::DELETE_, "/a/{id}", answer("delete"));
  CHECK(find(router, Method::DELETE_, "/a/new").handler == "delete");
}

TEST_CASE("router: HEAD goes to the GET route unless it has its own") {
  Router router;
  router.add(Method::GET, "/a/{id}", answer("get"));
  router.add(Method::GET, "/b", answer("get"));
  router.add(Method::HEAD, "/b", answer("head"));
  const Found found = find(router, Method::HEAD, "/a/7");
  CHECK(found.handler == "get");
  CHECK(found.params.at("id") == "7");
  CHECK(find(router, Method::HEAD, "/b").handler == "head");
}

TEST_CASE("router: malformed and doubled patterns are refused when they are added") {
  Router router;
  router.add(Method::GET, "/a/{id}", answer("x"));
  CHECK_THROWS_AS(router.add(Method::GET, "/a/{name}", answer("y")), std::logic_error);
  CHECK_NOTHROW(router.add(Method::PUT, "/a/{name}", answer("y")));
  CHECK_THROWS_AS(router.add(Method::GET, "a", answer("y")), std::logic_error);
  CHECK_THROWS_AS(router.add(Method::GET, "/{a", answer("y")), std::logic_error);
  CHECK_THROWS_AS(router.add(Method::GET, "/{}", answer("y")), std::logic_error);
  CHECK_THROWS_AS(router.add(Method::GET, "/{a...}/b", answer("y")), std::logic_error);
  router.add(Method::GET, "/same", answer("x"));
  CHECK_THROWS_AS(router.add(Method::GET, "/same", answer("y")), std::logic_error);
}

TEST_CASE("reply: answers once, and with 500 when it is dropped") {
  std::vector<int> statuses;
  const auto record = [&](const Response& response) { statuses.push_back(response.status); };
  {
    Reply reply(record);
    reply(json(202, "{}"));
    reply(json(200, "{}"));
  }
  CHECK(statuses == std::vector<int>{202});
  { Reply dropped(record); }
  CHECK(statuses == std::vector<int>{202, 500});
  {
    Reply first(record);
    Reply second(std::move(first));
    first = Reply([&](const Response&) { statuses.push_back(-1); });
    second(json(204, ""));
    first(json(204, ""));
  }
  CHECK(statuses == std::vector<int>{202, 500, 204, -1});
}

TEST_CASE("router: a larger body is allowed for one method and path, with any query") {
  Router router;
  router.add(Method::POST, "/files", answer("file"));
  router.allow_large_body(Method::POST, "/files", 7'000'000);
  CHECK(router.large_body_bytes_max(Method::POST, "/files") == 7'000'000);
  CHECK(router.large_body_bytes_max(Method::POST, "/files?name=a") == 7'000'000);
  CHECK_FALSE(router.large_body_bytes_max(Method::PUT, "/files"));
  CHECK_FALSE(router.large_body_bytes_max(Method::POST, "/files/"));
  CHECK_FALSE(router.large_body_bytes_max(Method::POST, "/file"));
  CHECK_FALSE(router.large_body_bytes_max(Method::POST, ""));
  CHECK_THROWS_AS(router.allow_large_body(Method::POST, "/files/{id}", 1), std::logic_error);
}

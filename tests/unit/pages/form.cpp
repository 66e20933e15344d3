#include "pages/form.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::pages;

namespace {
Result<Form> read(std::string body, std::string type = "application/x-www-form-urlencoded; charset=utf-8") {
  http::Request request;
  request.headers = {{"content-type", std::move(type)}};
  request.body = std::move(body);
  return read_form(request);
}
}  // namespace

TEST_CASE("form: fields are decoded, absent ones are empty, of a repeated one the last counts") {
  const auto form = read("a=1&b=two+words%21&a=3&c=");
  REQUIRE(form);
  CHECK((*form)["a"] == "3");
  CHECK((*form)["b"] == "two words!");
  CHECK((*form)["c"].empty());
  CHECK((*form)["d"].empty());
  CHECK(form->has("c"));
  CHECK_FALSE(form->has("d"));
}

TEST_CASE("form: spaces around are left out where asked for, and only there") {
  const auto form = read("a=+ann%40example.com%09+");
  CHECK(form->trimmed("a") == "ann@example.com");
  CHECK((*form)["a"].size() == 18);
  CHECK(read("a=+++")->trimmed("a").empty());
}

TEST_CASE("form: other types, too much text, too many fields and broken encodings are refused") {
  CHECK(read("a=1", "application/json").error().code == "UNSUPPORTED_MEDIA_TYPE");
  CHECK(read("a=1", "").error().code == "UNSUPPORTED_MEDIA_TYPE");
  CHECK(read("a=" + std::string(form_bytes_max, 'x')).error().code == "FORM_TOO_LARGE");
  CHECK(read(std::string(form_fields_max, '&')).error().code == "FORM_TOO_LARGE");
  CHECK(read("a=%zz").error().code == "MALFORMED_FORM");
  CHECK(read("a=%00").error().code == "MALFORMED_FORM");
  CHECK(read("a=%FF").error().code == "MALFORMED_FORM");
  CHECK(read("%ED%A0%80=1").error().code == "MALFORMED_FORM");
}

#include "events/headers.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace carillon::events;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const Headers& headers) {
  Pairs all;
  for (const auto& [name, value] : headers) all.emplace_back(name, value);
  return all;
}

}  // namespace

TEST_CASE("headers: they keep their order, repeat, may be empty and hold any bytes") {
  const std::string bytes("\0\xff\x80", 3);
  const std::string long_text(20'000, 'x');
  const Pairs all{{"a", "1"}, {"", ""}, {"a", "2"}, {"bytes", bytes}, {"long", long_text}, {"", ""}};
  Headers headers;
  for (const auto& [name, value] : all) headers.emplace_back(name, value);
  CHECK(headers.size() == all.size());
  CHECK(pairs(headers) == all);
  CHECK(pairs(Headers{}).empty());
  CHECK(Headers{{"a", "b"}} != Headers{{"ab", ""}});
}

TEST_CASE("headers: packed ones are unpacked as they were, and what follows is left") {
  const Headers headers{{"a", "1"}, {"b", std::string(300, 'y')}};
  const std::string bytes = headers.packed() + "rest";
  std::string_view left = bytes;
  Headers read;
  REQUIRE(Headers::unpack(left, 2, read));
  CHECK(read == headers);
  CHECK(left == "rest");
}

TEST_CASE("headers: bytes that end too soon or have an endless length are refused") {
  const std::string packed = Headers{{"name", "value"}, {"n", std::string(200, 'v')}}.packed();
  for (std::size_t size = 0; size < packed.size(); ++size) {
    std::string_view cut = std::string_view(packed).substr(0, size);
    Headers read;
    CHECK_FALSE(Headers::unpack(cut, 2, read));
  }
  std::string_view endless = "\xff\xff\xff\xff\xff\xff\xff";
  Headers read;
  CHECK_FALSE(Headers::unpack(endless, 1, read));
}

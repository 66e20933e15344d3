#include "security/passwords.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

namespace carillon::security {
namespace {

constexpr PasswordCost cheap{64, 1, 1};

std::string code_of(std::string_view password, std::string_view email = "ann@example.com") {
  const auto refused = password_refusal(password, email);
  return refused ? refused->code : "";
}

std::string varied(std::size_t length) {  // no pattern, no run
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + (i * i * 7 + i / 3) % 26);
  return text;
}

TEST_CASE("password: one of 11 characters is too short, one of 12 is taken") {
  CHECK(code_of(varied(11)) == "PASSWORD_TOO_SHORT");
  CHECK(code_of(varied(12)).empty());
  CHECK(code_of("") == "PASSWORD_TOO_SHORT");
}

TEST_CASE("password: one of 1,024 characters is taken, one more is too long") {
  CHECK(code_of(varied(1'024)).empty());
  CHECK(code_of(varied(1'025)) == "PASSWORD_TOO_LONG");
  CHECK(code_of(varied(10'000)) == "PASSWORD_TOO_LONG");
}

TEST_CASE("password: lengths count characters, not bytes") {
  std::string text;
  for (const char* c : {"ä", "ß", "日", "本", "🔔", "é", "ñ", "ø", "ж", "ע", "ا"}) text += c;  // 11
  CHECK(code_of(text) == "PASSWORD_TOO_SHORT");
  CHECK(code_of(text + "x").empty());
}

TEST_CASE("password: control characters and broken UTF-8 are refused") {
  CHECK(code_of("twelve\ncharacters") == "PASSWORD_INVALID");
  CHECK(code_of("twelve\xff characters") == "PASSWORD_INVALID");
}

TEST_CASE("password: spaces are characters like others") {
  CHECK(code_of("a horse, some staples").empty());
}

TEST_CASE("password: what is guessed first is refused") {
  CHECK(code_of("aaaaaaaaaaaaaa") == "PASSWORD_GUESSABLE");
  CHECK(code_of("abcabcabcabcabc") == "PASSWORD_GUESSABLE");
  CHECK(code_of("123456789012345") == "PASSWORD_GUESSABLE");
  CHECK(code_of("zyxwvutsrqponm") == "PASSWORD_GUESSABLE");
  CHECK(code_of("Carillon2026!") == "PASSWORD_GUESSABLE");
  CHECK(code_of("Ann@Example.com") == "PASSWORD_GUESSABLE");
  CHECK(code_of("margarete.b-2026", "margarete.b@example.com") == "PASSWORD_GUESSABLE");
}

TEST_CASE("password: refusals never repeat it") {
  for (const std::string& password : {varied(5), std::string("Carillon2026!"), varied(2'000)})
    CHECK(password_refusal(password, "ann@example.com")->detail.find(password) == std::string::npos);
}

TEST_CASE("password hash: the right password is right and any other wrong") {
  Passwords passwords(cheap);
  const std::string encoded = passwords.hash("a horse, some staples").value();
  CHECK(passwords.is_right("a horse, some staples", encoded).value());
  CHECK_FALSE(passwords.is_right("a horse, some staple", encoded).value());
  CHECK_FALSE(passwords.is_right("", encoded).value());
  CHECK_FALSE(passwords.is_right(std::string(10'000, 'x'), encoded).value());
}

TEST_CASE("password hash: an account without password lets nobody in") {
  Passwords passwords(cheap);
  CHECK_FALSE(passwords.is_right("", "").value());
  CHECK_FALSE(passwords.is_right("a horse, some staples", "").value());
}

TEST_CASE("password hash: every one has a salt of its own") {
  Passwords passwords(cheap);
  CHECK(passwords.hash("a horse, some staples").value() != passwords.hash("a horse, some staples").value());
}

TEST_CASE("password hash: by default it costs what OWASP asks for") {
  Passwords passwords;
  const std::string encoded = passwords.hash("a horse, some staples").value();
  CHECK(encoded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK_FALSE(passwords.is_outdated(encoded));
  CHECK(passwords.is_outdated(Passwords(cheap).hash("a horse, some staples").value()));
  CHECK(passwords.is_right("a horse, some staples", Passwords(cheap).hash("a horse, some staples").value()).value());
}

TEST_CASE("password hash: who comes while too many are at it is refused at once") {
  // Nobody may hash: the first waits for its turn until wait_max, the others don't.
  Passwords none(cheap, {.hashes_at_once_max = 0, .waiting_max = 0, .wait_max = std::chrono::hours{1}});
  CHECK(none.hash("a horse, some staples").error().code == "PASSWORDS_BUSY");
  CHECK(none.is_right("a horse, some staples", "").error().code == "PASSWORDS_BUSY");
  Passwords patient(cheap, {.hashes_at_once_max = 0, .waiting_max = 1, .wait_max = std::chrono::milliseconds{1}});
  CHECK(patient.hash("a horse, some staples").error().code == "PASSWORDS_BUSY");
}

TEST_CASE("password hash: many at once all get their turn when they may wait") {
  Passwords passwords(cheap, {.hashes_at_once_max = 2, .waiting_max = 16, .wait_max = std::chrono::minutes{1}});
  const std::string encoded = passwords.hash("a horse, some staples").value();
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 16; ++i)
    answers.push_back(std::async(std::launch::async, [&] {
      const auto right = passwords.is_right("a horse, some staples", encoded);
      return right && *right;
    }));
  for (auto& answer : answers) CHECK(answer.get());
}

}  // namespace
}  // namespace carillon::security

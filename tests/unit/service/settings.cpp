#include "service/settings.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "service/known_names.hpp"
#include "service/setting_docs.hpp"

namespace carillon::service {
namespace {

// All errors as one text, "" when there are none.
std::string errors_of(const Settings& settings) {
  try {
    settings.finish();
    return "";
  } catch (const SettingsError& errors) {
    return errors.what();
  }
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string name = (std::filesystem::temp_directory_path() / "carillon-settings-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    REQUIRE(file >= 0);
    ::close(file);
    path_ = name;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST_CASE("settings: what is not given, or empty, has its default") {
  Settings s(Environment{{"A", ""}});
  CHECK(s.text("A", "x", "") == "x");
  CHECK(s.integer("B", 7, 0, 10, "") == 7);
  CHECK(s.number("C", 0.5, 0, 1, "") == 0.5);
  CHECK(s.flag("D", true, ""));
  CHECK(s.list("E", "a, b,,c ", "") == std::vector<std::string>{"a", "b", "c"});
  CHECK(s.one_of("F", "x", {"x", "y"}, "") == "x");
  CHECK(s.url("G", "http://localhost", "") == "http://localhost");
  CHECK(s.secret("H", "").empty());
  CHECK(errors_of(s).empty());
}

TEST_CASE("settings: what is given counts") {
  Settings s(Environment{{"A", "v"},
                         {"B", "-3"},
                         {"C", "2.5"},
                         {"D", "0"},
                         {"E", " x ,y"},
                         {"F", "y"},
                         {"G", "https://h:8443/p"},
                         {"H", "s"},
                         {"I", "1"}});
  CHECK(s.text("A", "x", "") == "v");
  CHECK(s.integer("B", 7, -5, 10, "") == -3);
  CHECK(s.number("C", 0.5, 0, 10, "") == 2.5);
  CHECK_FALSE(s.flag("D", true, ""));
  CHECK(s.flag("I", false, ""));
  CHECK(s.list("E", "", "") == std::vector<std::string>{"x", "y"});
  CHECK(s.one_of("F", "x", {"x", "y"}, "") == "y");
  CHECK(s.url("G", "", "") == "https://h:8443/p");
  CHECK(s.secret("H", "") == "s");
  CHECK(s.required("A", "again") == "v");
}

TEST_CASE("settings: bad numbers are refused and the default returned") {
  for (const std::string bad : {"x", "11", "-1", "3x", " 3", "3.0", "99999999999999999999", "0x3", "+3"}) {
    CAPTURE(bad);
    Settings s(Environment{{"N", bad}});
    CHECK(s.integer("N", 7, 0, 10, "") == 7);
    CHECK(errors_of(s) == "N: must be a whole number from 0 to 10, not '" + bad + "'");
  }
  for (const std::string bad : {"nan", "inf", "1.5", "-0.1", "0.5s", ","}) {
    CAPTURE(bad);
    Settings s(Environment{{"N", bad}});
    CHECK(s.number("N", 0.25, 0, 1, "") == 0.25);
    CHECK(errors_of(s) == "N: must be a number from 0 to 1, not '" + bad + "'");
  }
}

TEST_CASE("settings: bad flags and choices are refused with what is allowed") {
  Settings s(Environment{{"D", "yes"}, {"F", "z"}});
  CHECK(s.flag("D", true, ""));
  CHECK(s.one_of("F", "x", {"x", "y"}, "") == "x");
  CHECK(errors_of(s) == "D: must be true or false, not 'yes'\nF: must be one of x, y, not 'z'");
}

TEST_CASE("settings: URLs are http or https with a host, and nothing of a refused one is shown") {
  for (const std::string good :
       {"http://h", "https://h.example/path", "http://127.0.0.1:8080", "http://[::1]:80/", "http://h:65535"}) {
    Settings s(Environment{{"U", good}});
    CHECK(s.url("U", "", "") == good);
    CHECK(errors_of(s).empty());
  }
  for (const std::string bad : {"h", "ftp://h", "http://", "http:///x", "http://:80", "http://h:", "http://h:0",
                                "http://h:65536", "http://h:x", "http://user:hunter2@h", "http://h?q=hunter2",
                                "http://h#hunter2", "http://h h", "http://[]", "http://[::1", "http://[::1]x"}) {
    CAPTURE(bad);
    Settings s(Environment{{"U", bad}});
    CHECK(s.url("U", "http://default", "") == "http://default");
    CHECK(errors_of(s) == "U: must be http(s)://host[:port][/path], without user, query and fragment");
  }
}

TEST_CASE("settings: a missing required one says what it is for, once") {
  Settings s({});
  CHECK(s.required("A", "the database").empty());
  CHECK(s.required("A", "the database").empty());
  CHECK(s.required("B", "the key", Secret::YES).empty());
  CHECK(errors_of(s) == "A: must be set: the database\nB: must be set (or B_FILE): the key");
}

TEST_CASE("settings: a secret is read from the file of NAME_FILE, without its last line break") {
  for (const std::string end : {"", "\n", "\r\n"}) {
    const TemporaryFile file("s3cret " + end);
    Settings s(Environment{{"K_FILE", file.path()}});
    CHECK(s.secret("K", "") == "s3cret ");
    CHECK(s.required("K", "", Secret::YES) == "s3cret ");
  }
  const TemporaryFile two_lines("a\nb\n\n");
  Settings s(Environment{{"K_FILE", two_lines.path()}});
  CHECK(s.secret("K", "") == "a\nb\n");
}

TEST_CASE("settings: NAME_FILE is for secrets only") {
  const TemporaryFile file("x");
  Settings s(Environment{{"K_FILE", file.path()}});
  CHECK(s.text("K", "default", "") == "default");
}

TEST_CASE("settings: a secret and its file together, an unreadable, an empty and a huge file are errors") {
  const TemporaryFile file("from-file"), empty("\n"), huge(std::string(70'000, 'x'));
  Settings both(Environment{{"K", "direct"}, {"K_FILE", file.path()}});
  both.secret("K", "");
  CHECK(errors_of(both) == "K: both K and K_FILE are set; unset one");
  Settings absent(Environment{{"K_FILE", "/does/not/exist"}});
  absent.required("K", "the key", Secret::YES);
  CHECK(errors_of(absent) == "K_FILE: can't read /does/not/exist: No such file or directory");
  Settings nothing(Environment{{"K_FILE", empty.path()}});
  nothing.secret("K", "");
  CHECK(errors_of(nothing) == "K_FILE: " + empty.path() + " is empty");
  Settings large(Environment{{"K_FILE", huge.path()}});
  CHECK(large.secret("K", "").empty());
  CHECK(has(errors_of(large), "larger than 64 KiB"));
  Settings folder(Environment{{"K_FILE", "/tmp"}});
  folder.secret("K", "");
  CHECK(has(errors_of(folder), "K_FILE: "));
}

TEST_CASE("settings: all errors come at once, and no secret is among them") {
  Settings s(Environment{{"N", "x"},
                         {"D", "maybe"},
                         {"CARILLON_HTTP_PROT", "1"},
                         {"CARILLON_DATABASE_URL", "hunter2"},
                         {"CARILLON_NONSENSE", "hunter2"}});
  s.integer("N", 1, 0, 9, "");
  s.flag("D", false, "");
  s.required("R", "needed");
  s.secret("CARILLON_DATABASE_URL", "");
  s.error("N and D: choose one");
  const std::string errors = errors_of(s);
  CHECK(has(errors, "N: must be a whole number"));
  CHECK(has(errors, "D: must be true or false"));
  CHECK(has(errors, "R: must be set"));
  CHECK(has(errors, "N and D: choose one"));
  CHECK(has(errors, "CARILLON_HTTP_PROT: no setting of that name; did you mean CARILLON_HTTP_PORT?"));
  CHECK(has(errors, "CARILLON_NONSENSE: no setting of that name"));
  CHECK_FALSE(has(errors, "hunter2"));
}

TEST_CASE(
    "settings: every known name passes in any process, secrets as files too, others' names are not our business") {
  Environment environment{{"PATH", "/bin"}, {"POSTMARK_TOKEN", "x"}, {"CARILLON_PAYLOAD_KEY_FILE", "/x"}};
  for (const std::string_view name : known_names) environment[std::string(name)] = "1";
  CHECK(errors_of(Settings(environment)).empty());
  Settings port(Environment{{"CARILLON_HTTP_PORT_FILE", "/x"}});
  port.integer("CARILLON_HTTP_PORT", 0, 0, 65535, "");
  CHECK(has(errors_of(port), "CARILLON_HTTP_PORT_FILE: no setting of that name"));
  Settings own(Environment{{"CARILLON_ONLY_HERE", "1"}});
  own.flag("CARILLON_ONLY_HERE", false, "");
  CHECK(errors_of(own).empty());
}

TEST_CASE("settings: a name read twice with the same default is one setting, with another default an error") {
  Settings s({});
  s.integer("N", 1, 0, 9, "first");
  s.integer("N", 1, 0, 9, "second");
  CHECK(s.docs().size() == 1);
  CHECK(errors_of(s).empty());
  s.integer("N", 2, 0, 9, "third");
  CHECK(has(errors_of(s), "N: declared twice with different type or default, in tests/unit/service/settings.cpp:"));
}

TEST_CASE("settings: the docs name type, default, and the place in the checkout") {
  Settings s(Environment{{"K", "hunter2"}});
  const unsigned line = __LINE__ + 1;
  s.integer("N", 4, 1, 256, "Threads | workers.");
  s.required("K", "The key.", Secret::YES);
  REQUIRE(s.docs().size() == 2);
  CHECK(s.docs()[0].type == "integer 1 to 256");
  CHECK(s.docs()[0].default_value == "4");
  CHECK(s.docs()[0].file == "tests/unit/service/settings.cpp");
  CHECK(s.docs()[0].line == line);
  std::ostringstream table;
  print_settings_table(table, s.docs());
  const std::string place = "tests/unit/service/settings.cpp:";
  CHECK(table.str() ==
        "| Name | Type | Default | | Description | Read in |\n|---|---|---|---|---|---|\n"
        "| `K` | text |  | required, secret | The key. | " +
            place + std::to_string(line + 1) +
            " |\n"
            "| `N` | integer 1 to 256 | `4` |  | Threads \\| workers. | " +
            place + std::to_string(line) + " |\n");
}

TEST_CASE("settings: the environment of the process is read") {
  REQUIRE(::setenv("CARILLON_TEST_ENTRY", "a=b", 1) == 0);
  CHECK(process_environment().at("CARILLON_TEST_ENTRY") == "a=b");
  ::unsetenv("CARILLON_TEST_ENTRY");
  CHECK(process_environment().count("CARILLON_TEST_ENTRY") == 0);
}

TEST_CASE("settings: the known names are sorted, unique, and every CARILLON_ name in the sources is among them") {
  CHECK(std::is_sorted(known_names.begin(), known_names.end()));
  CHECK(std::set<std::string_view>(known_names.begin(), known_names.end()).size() == known_names.size());
  const std::regex name("\"(CARILLON_[A-Z0-9_]+)\"");
  int found = 0;
  for (const char* root : {"libs", "services"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream file(entry.path());
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      for (auto match = std::sregex_iterator(text.begin(), text.end(), name); match != std::sregex_iterator();
           ++match) {
        ++found;
        const std::string setting = (*match)[1].str();
        CAPTURE(entry.path().string(), setting);
        CHECK(std::binary_search(known_names.begin(), known_names.end(), std::string_view(setting)));
      }
    }
  }
  CHECK(found > 10);
}

}  // namespace
}  // namespace carillon::service

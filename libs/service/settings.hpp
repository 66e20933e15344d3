// Settings from the environment: each is declared where it is read, all errors are reported at once, and the table of
// docs/NOTIFICATION_ENV_VARS.md is made from the declarations. Used at start-up, one thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

namespace carillon::service {

using Environment = std::map<std::string, std::string>;
Environment process_environment();

enum class Secret { NO, YES };

// What the table of settings shows.
struct SettingDoc {
  std::string name, type, default_value, description, file;
  bool secret = false, required = false;
  unsigned line = 0;
};

struct SettingsError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Settings {
 public:
  using Where = std::source_location;
  explicit Settings(Environment environment);

  // Every secret NAME may be given as NAME_FILE (a path; the trailing line break is cut). Both given is an error.
  // A bad value is remembered as an error and the default returned. A name may be read by several services with the
  // same default.
  std::string text(const std::string& name, const std::string& default_value, const std::string& description,
                   Where where = Where::current());
  std::string secret(const std::string& name, const std::string& description, Where where = Where::current());
  std::string required(const std::string& name, const std::string& description, Secret secret = Secret::NO,
                       Where where = Where::current());
  std::int64_t integer(const std::string& name, std::int64_t default_value, std::int64_t min, std::int64_t max,
                       const std::string& description, Where where = Where::current());
  double number(const std::string& name, double default_value, double min, double max, const std::string& description,
                Where where = Where::current());
  bool flag(const std::string& name, bool default_value, const std::string& description,
            Where where = Where::current());  // true|false|1|0
  std::vector<std::string> list(const std::string& name, const std::string& default_value,
                                const std::string& description, Where where = Where::current());  // commas
  std::string one_of(const std::string& name, const std::string& default_value, const std::vector<std::string>& allowed,
                     const std::string& description, Where where = Where::current());
  std::string url(const std::string& name, const std::string& default_value, const std::string& description,
                  Where where = Where::current());  // http(s)://host[:port][/path]

  // For rules over several settings; the text names the setting and the fix.
  void error(const std::string& text);
  // Throws SettingsError listing all errors, among them every CARILLON_* name in the environment that is not a setting
  // (known_names.hpp) with the nearest known name.
  void finish() const;
  const std::vector<SettingDoc>& docs() const { return docs_; }

 private:
  std::optional<std::string> find(const std::string& name, bool secret);
  void declare(SettingDoc doc);
  Environment environment_;
  std::vector<SettingDoc> docs_;
  std::vector<std::string> errors_;
};

}  // namespace carillon::service

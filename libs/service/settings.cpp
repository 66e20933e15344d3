#include "service/settings.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include "service/known_names.hpp"

extern char** environ;

namespace carillon::service {
namespace {

constexpr std::string_view own_prefix = "CARILLON_";
constexpr std::string_view file_suffix = "_FILE";
constexpr std::size_t secret_file_bytes_max = 64 * 1024;

// The path inside the checkout, whatever directory the compiler was called from.
std::string inside_checkout(std::string_view file) {
  for (const std::string_view folder : {"libs/", "services/", "tests/"}) {
    if (file.substr(0, folder.size()) == folder) return std::string(file);
    const auto at = file.rfind("/" + std::string(folder));
    if (at != std::string_view::npos) return std::string(file.substr(at + 1));
  }
  return std::string(file);
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    if (part = trimmed(part); !part.empty()) parts.push_back(part);
  }
  return parts;
}

template <class N>
std::optional<N> parse_number(const std::string& text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string shown(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

bool is_http_url(std::string_view url) {
  const std::size_t scheme = url.substr(0, 7) == "http://" ? 7 : url.substr(0, 8) == "https://" ? 8 : 0;
  if (scheme == 0) return false;
  const std::string_view rest = url.substr(scheme);
  if (rest.find_first_of(" \t\r\n?#\\") != std::string_view::npos) return false;
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos) return false;
  std::size_t host_end = authority.size();
  if (!authority.empty() && authority.front() == '[') {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos || bracket < 2) return false;
    host_end = bracket + 1;
  } else {
    host_end = std::min(authority.find(':'), authority.size());
  }
  if (host_end == 0) return false;
  if (host_end == authority.size()) return true;
  const auto port = parse_number<int>(std::string(authority.substr(host_end + 1)));
  return authority[host_end] == ':' && port && *port >= 1 && *port <= 65535;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; entry && *entry; ++entry) {
    if (const char* equals = std::strchr(*entry, '=')) {
      environment.emplace(std::string(*entry, static_cast<std::size_t>(equals - *entry)), equals + 1);
    }
  }
  return environment;
}

Settings::Settings(Environment environment) : environment_(std::move(environment)) {}

void Settings::error(const std::string& text) {
  if (std::find(errors_.begin(), errors_.end(), text) == errors_.end()) errors_.push_back(text);
}

void Settings::declare(SettingDoc doc) {
  doc.file = inside_checkout(doc.file);
  for (SettingDoc& known : docs_) {
    if (known.name != doc.name) continue;
    if (known.type != doc.type || known.default_value != doc.default_value || known.secret != doc.secret) {
      error(doc.name + ": declared twice with different type or default, in " + known.file + ":" +
            std::to_string(known.line) + " and " + doc.file + ":" + std::to_string(doc.line));
    }
    known.required = known.required || doc.required;
    return;
  }
  docs_.push_back(std::move(doc));
}

// An empty value counts as not given: compose files and charts write NAME= for "none".
std::optional<std::string> Settings::find(const std::string& name, bool secret) {
  const auto value = [this](const std::string& key) -> std::optional<std::string> {
    const auto found = environment_.find(key);
    return found == environment_.end() || found->second.empty() ? std::nullopt : std::optional(found->second);
  };
  const std::optional<std::string> direct = value(name);
  if (!secret) return direct;
  const std::string file_name = name + std::string(file_suffix);
  const std::optional<std::string> path = value(file_name);
  if (!path) return direct;
  if (direct) {
    error(name + ": both " + name + " and " + file_name + " are set; unset one");
    return direct;
  }
  std::ifstream file(*path, std::ios::binary);
  std::string text(secret_file_bytes_max + 1, '\0');
  if (!file || (file.read(text.data(), static_cast<std::streamsize>(text.size())), file.bad())) {
    error(file_name + ": can't read " + *path + ": " + std::strerror(errno));
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > secret_file_bytes_max) {
    error(file_name + ": " + *path + " is larger than 64 KiB; give the file that holds only the value");
    return std::nullopt;
  }
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) error(file_name + ": " + *path + " is empty");
  return text.empty() ? std::nullopt : std::optional(text);
}

std::string Settings::text(const std::string& name, const std::string& default_value, const std::string& description,
                           Where where) {
  declare({name, "text", default_value, description, where.file_name(), false, false, where.line()});
  return find(name, false).value_or(default_value);
}

std::string Settings::secret(const std::string& name, const std::string& description, Where where) {
  declare({name, "text", "", description, where.file_name(), true, false, where.line()});
  return find(name, true).value_or("");
}

std::string Settings::required(const std::string& name, const std::string& description, Secret secret, Where where) {
  const bool is_secret = secret == Secret::YES;
  declare({name, "text", "", description, where.file_name(), is_secret, true, where.line()});
  const std::size_t errors_before = errors_.size();
  if (auto value = find(name, is_secret)) return *value;
  if (errors_.size() == errors_before) {
    error(name + ": must be set" + (is_secret ? " (or " + name + "_FILE)" : "") + ": " + description);
  }
  return "";
}

std::int64_t Settings::integer(const std::string& name, std::int64_t default_value, std::int64_t min, std::int64_t max,
                               const std::string& description, Where where) {
  declare({name, "integer " + std::to_string(min) + " to " + std::to_string(max), std::to_string(default_value),
           description, where.file_name(), false, false, where.line()});
  const auto given = find(name, false);
  if (!given) return default_value;
  const auto value = parse_number<std::int64_t>(*given);
  if (value && *value >= min && *value <= max) return *value;
  error(name + ": must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) + ", not '" +
        *given + "'");
  return default_value;
}

double Settings::number(const std::string& name, double default_value, double min, double max,
                        const std::string& description, Where where) {
  declare({name, "number " + shown(min) + " to " + shown(max), shown(default_value), description, where.file_name(),
           false, false, where.line()});
  const auto given = find(name, false);
  if (!given) return default_value;
  const auto value = parse_number<double>(*given);
  if (value && *value >= min && *value <= max) return *value;  // false for NaN
  error(name + ": must be a number from " + shown(min) + " to " + shown(max) + ", not '" + *given + "'");
  return default_value;
}

bool Settings::flag(const std::string& name, bool default_value, const std::string& description, Where where) {
  declare({name, "true or false", default_value ? "true" : "false", description, where.file_name(), false, false,
           where.line()});
  const auto given = find(name, false);
  if (!given) return default_value;
  if (*given == "true" || *given == "1") return true;
  if (*given == "false" || *given == "0") return false;
  error(name + ": must be true or false, not '" + *given + "'");
  return default_value;
}

std::vector<std::string> Settings::list(const std::string& name, const std::string& default_value,
                                        const std::string& description, Where where) {
  declare(
      {name, "list, separated by commas", default_value, description, where.file_name(), false, false, where.line()});
  return split_at_commas(find(name, false).value_or(default_value));
}

std::string Settings::one_of(const std::string& name, const std::string& default_value,
                             const std::vector<std::string>& allowed, const std::string& description, Where where) {
  declare(
      {name, "one of " + joined(allowed), default_value, description, where.file_name(), false, false, where.line()});
  const auto given = find(name, false);
  if (!given) return default_value;
  if (std::find(allowed.begin(), allowed.end(), *given) != allowed.end()) return *given;
  error(name + ": must be one of " + joined(allowed) + ", not '" + *given + "'");
  return default_value;
}

std::string Settings::url(const std::string& name, const std::string& default_value, const std::string& description,
                          Where where) {
  declare({name, "URL", default_value, description, where.file_name(), false, false, where.line()});
  const auto given = find(name, false);
  if (!given) return default_value;
  if (is_http_url(*given)) return *given;
  // The value is not repeated: it may hold a password, which is one of the reasons to refuse it.
  error(name + ": must be http(s)://host[:port][/path], without user, query and fragment");
  return default_value;
}

void Settings::finish() const {
  std::vector<std::string> errors = errors_;
  std::set<std::string> known(known_names.begin(), known_names.end());
  std::set<std::string> not_secret;
  for (const SettingDoc& doc : docs_) {
    known.insert(doc.name);
    if (!doc.secret) not_secret.insert(doc.name);
  }
  for (const auto& [name, value] : environment_) {
    if (name.substr(0, own_prefix.size()) != own_prefix || known.count(name)) continue;
    if (name.size() > file_suffix.size() && name.substr(name.size() - file_suffix.size()) == file_suffix) {
      const std::string base = name.substr(0, name.size() - file_suffix.size());
      if (known.count(base) && !not_secret.count(base)) continue;
    }
    const auto nearest = std::min_element(known.begin(), known.end(), [&name = name](const auto& a, const auto& b) {
      return distance(name, a) < distance(name, b);
    });
    errors.push_back(name + ": no setting of that name; did you mean " + *nearest + "?");
  }
  if (errors.empty()) return;
  std::string text;
  for (const std::string& line : errors) text += (text.empty() ? "" : "\n") + line;
  throw SettingsError(text);
}

}  // namespace carillon::service

// All templates at one moment: an immutable snapshot that any thread may read.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "orchestrator/core/render.hpp"
#include "orchestrator/core/template_meta.hpp"

namespace carillon::orchestrator {

struct TemplateVersion {
  std::map<std::string, std::shared_ptr<const CompiledBody>, std::less<>> bodies;  // by lower-case locale
};

struct Template {
  TemplateMeta meta;
  int active_version = 0;
  std::map<int, TemplateVersion> versions;
};

inline constexpr std::string_view default_locale = "en";

class TemplateCatalog {
 public:
  void add(Template entry);
  const Template* find(std::string_view key_or_alias) const;
  std::vector<const Template*> all() const;  // by key
  std::size_t size() const { return templates_.size(); }
  bool has_unsubscribable() const;  // an active one
  std::int64_t revision = -1;

 private:
  std::unordered_map<std::string, std::shared_ptr<const Template>> templates_;
  std::unordered_map<std::string, std::string> aliases_;
};

// The words for a locale: "de-AT" → "de" → "en"; nullptr when not even the default is there.
const CompiledBody* choose_body(const TemplateVersion& version, std::string_view locale);

}  // namespace carillon::orchestrator

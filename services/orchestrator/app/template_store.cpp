#include "orchestrator/app/template_store.hpp"

#include "events/events.hpp"
#include "orchestrator_sql.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {
namespace {

constexpr const char* seeder = "seed";

struct SeedState {
  int newest_version = 0;
  std::optional<std::string> active_seed_hash;  // nullopt: a person wrote the active version
};

std::map<std::string, SeedState> read_seed_state(pg::Transaction& tx) {
  std::map<std::string, SeedState> states;
  for (const auto& row : tx.run(orchestrator_sql::read_seed_state)) {
    SeedState state{row["newest"].as<int>(), std::nullopt};
    if (!row["seed_hash"].is_null()) state.active_seed_hash = pg::from_bytea(row["seed_hash"].as<std::string>());
    states[row["key"].as<std::string>()] = std::move(state);
  }
  return states;
}

void write_version(pg::Transaction& tx, const TemplateSeed& seed, int version, UtcTime now) {
  const TemplateMeta& m = seed.meta;
  tx.run(orchestrator_sql::put_template, pg::Params()
                                             .add(m.key)
                                             .add(m.alias)
                                             .add(events::enum_name(m.channel))
                                             .add(events::enum_name(m.audience))
                                             .add(m.category)
                                             .add(m.active)
                                             .add(seed.meta_json)
                                             .add(version)
                                             .add(now)
                                             .add(seeder));
  tx.run(orchestrator_sql::add_template_version,
         pg::Params().add(m.key).add(version).add_bytes(seed.hash).add(now).add(seeder));
  pg::Array locales, subjects, texts, htmls;
  for (const TemplateBody& body : seed.bodies) {
    locales.add(body.locale);
    subjects.add(body.subject);
    texts.add(body.text);
    htmls.add(body.html);
  }
  tx.run(orchestrator_sql::add_template_bodies, pg::Params()
                                                    .add(m.key)
                                                    .add(version)
                                                    .add(std::move(locales))
                                                    .add(std::move(subjects))
                                                    .add(std::move(texts))
                                                    .add(std::move(htmls)));
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

int TemplateStore::seed(pg::Connection& connection, std::span<const TemplateSeed> seeds, UtcTime now) {
  pg::Transaction tx(connection);
  tx.run(orchestrator_sql::lock_templates);
  const auto states = read_seed_state(tx);
  int written = 0;
  for (const TemplateSeed& seed : seeds) {
    const auto known = states.find(seed.meta.key);
    if (known == states.end()) {
      write_version(tx, seed, 1, now);
    } else if (known->second.active_seed_hash && *known->second.active_seed_hash != seed.hash) {
      write_version(tx, seed, known->second.newest_version + 1, now);
    } else {
      continue;
    }
    ++written;
  }
  if (written > 0) tx.run(orchestrator_sql::bump_template_revision);
  tx.commit();
  return written;
}

void TemplateStore::refresh(pg::Connection& connection) {
  const auto revision = connection.run(orchestrator_sql::read_template_revision)[0][0].as<std::int64_t>();
  const auto known = catalog();
  if (known && known->revision == revision) return;

  std::map<std::string, Template> templates;
  auto fresh = std::make_shared<TemplateCatalog>();
  fresh->revision = revision;  // read before the rows: a change in between is seen again at the next refresh
  for (const auto& row : connection.run(orchestrator_sql::read_templates)) {
    const auto key = row["key"].as<std::string>();
    auto meta = read_template_meta(key, row["meta"].as<std::string>());
    if (!meta) {
      log::error("TEMPLATE_UNREADABLE", {{"template_key", key}, {"reason", meta.error().detail}});
      continue;
    }
    meta->active = row["active"].as<bool>();
    templates[key] = Template{std::move(*meta), row["active_version"].as<int>(), {}};
  }
  for (const auto& row : connection.run(orchestrator_sql::read_template_bodies)) {
    const auto found = templates.find(row["key"].as<std::string>());
    if (found == templates.end()) continue;
    const TemplateBody body{row["locale"].as<std::string>(), row["subject"].as<std::string>(),
                            row["text"].as<std::string>(), row["html"].as<std::string>()};
    const int version = row["version"].as<int>();
    auto& compiled = compiled_[{found->first, version, body.locale}];
    if (!compiled) {
      auto result = CompiledBody::compile(body);
      if (!result) {
        log::error("TEMPLATE_BROKEN", {{"template_key", found->first},
                                       {"version", version},
                                       {"locale", body.locale},
                                       {"reason", result.error().detail}});
        continue;
      }
      compiled = std::move(*result);
    }
    found->second.versions[version].bodies[lower(body.locale)] = compiled;
  }
  for (auto& [key, entry] : templates) fresh->add(std::move(entry));
  const std::lock_guard lock(mutex_);
  catalog_ = std::move(fresh);
}

std::shared_ptr<const TemplateCatalog> TemplateStore::catalog() const {
  const std::lock_guard lock(mutex_);
  return catalog_;
}

}  // namespace carillon::orchestrator

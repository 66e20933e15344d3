#include "orchestrator/app/template_store.hpp"

#include <algorithm>

#include "events/events.hpp"
#include "orchestrator/app/template_rows.hpp"
#include "orchestrator_sql.hpp"
#include "service/log.hpp"
#include "values/lower_case.hpp"

namespace carillon::orchestrator {
namespace {

constexpr const char* seeder = "seed";

struct SeedState {
  int newest_version = 0;
  std::optional<std::string> active_seed_hash;  // nullopt: a person wrote the active version, or chose it
  std::string newest_seed_hash;                 // "": no version is a seed's
};

std::map<std::string, SeedState> read_seed_state(pg::Transaction& tx) {
  std::map<std::string, SeedState> states;
  for (const auto& row : tx.run(orchestrator_sql::read_seed_state)) {
    SeedState state{row["newest"].as<int>(), std::nullopt, {}};
    if (!row["seed_hash"].is_null() && row["by_seed"].as<bool>())
      state.active_seed_hash = pg::from_bytea(row["seed_hash"].as<std::string>());
    if (!row["newest_seed_hash"].is_null())
      state.newest_seed_hash = pg::from_bytea(row["newest_seed_hash"].as<std::string>());
    states[row["key"].as<std::string>()] = std::move(state);
  }
  return states;
}

pg::Params meta_params(const TemplateSeed& seed) {
  const TemplateMeta& m = seed.meta;
  pg::Params params;
  params.add(m.key).add(m.alias).add(events::enum_name(m.channel)).add(events::enum_name(m.audience)).add(m.category);
  return params;
}

// A new version, which becomes the active one; of a new template the first.
void write_active(pg::Transaction& tx, const TemplateSeed& seed, int version, UtcTime now) {
  tx.run(orchestrator_sql::put_template,
         meta_params(seed).add(seed.meta.active).add(seed.meta_json).add(version).add(now).add(seeder));
  insert_version(tx, {seed.meta.key, version, seed.hash, 0, seeder, seed.bodies}, now);
}

// A person's words stay active; the seed's are there to compare with, and to be activated.
void write_beside(pg::Transaction& tx, const TemplateSeed& seed, int version, UtcTime now) {
  tx.run(orchestrator_sql::follow_seed_meta, meta_params(seed).add(seed.meta_json));
  insert_version(tx, {seed.meta.key, version, seed.hash, 0, seeder, seed.bodies}, now);
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
      write_active(tx, seed, 1, now);
    } else if (const SeedState& state = known->second; state.active_seed_hash) {
      if (*state.active_seed_hash == seed.hash) continue;
      write_active(tx, seed, state.newest_version + 1, now);
    } else {
      if (state.newest_seed_hash == seed.hash) continue;
      write_beside(tx, seed, state.newest_version + 1, now);
    }
    ++written;
  }
  if (written > 0) tx.run(orchestrator_sql::bump_template_revision);
  tx.commit();
  return written;
}

void TemplateStore::refresh(pg::Connection& connection) {
  refresh_from(connection);
}
void TemplateStore::refresh(pg::Transaction& tx) {
  refresh_from(tx);
}

template <class Session>
void TemplateStore::refresh_from(Session& session) {
  const std::lock_guard refreshing(refresh_mutex_);
  const auto revision = session.run(orchestrator_sql::read_template_revision)[0][0].template as<std::int64_t>();
  const auto known = catalog();
  if (known && known->revision == revision) return;

  std::map<std::string, Template> templates;
  auto fresh = std::make_shared<TemplateCatalog>();
  fresh->revision = revision;  // read before the rows: a change in between is seen again at the next refresh
  for (const auto& row : session.run(orchestrator_sql::read_templates)) {
    const auto key = row["key"].template as<std::string>();
    auto meta = read_template_meta(key, row["meta"].template as<std::string>());
    if (!meta) {
      log::error("TEMPLATE_UNREADABLE", {{"template_key", key}, {"reason", meta.error().detail}});
      continue;
    }
    meta->active = row["active"].template as<bool>();
    templates[key] = Template{std::move(*meta), row["active_version"].template as<int>(), {}};
  }
  // After the templates: the words of whatever is active there were committed with it, or before.
  pg::Array keys, newest;
  for (const auto& [key, version] : newest_) {
    keys.add(key);
    newest.add(version);
  }
  for (const auto& row :
       session.run(orchestrator_sql::read_template_bodies, pg::Params().add(std::move(keys)).add(std::move(newest))))
    compile(row["key"].template as<std::string>(), row["version"].template as<int>(),
            {row["locale"].template as<std::string>(), row["subject"].template as<std::string>(),
             row["text"].template as<std::string>(), row["html"].template as<std::string>()});
  for (auto& [key, entry] : templates) {
    if (const auto versions = compiled_.find(key); versions != compiled_.end()) entry.versions = versions->second;
    for (auto& [number, version] : entry.versions) version.default_locale = lower_case(entry.meta.default_locale);
    fresh->add(std::move(entry));
  }
  const std::lock_guard lock(mutex_);
  catalog_ = std::move(fresh);
}

void TemplateStore::compile(const std::string& key, int version, const TemplateBody& body) {
  int& newest = newest_[key];
  newest = std::max(newest, version);
  auto result = CompiledBody::compile(body);
  if (result) {
    compiled_[key][version].bodies[lower_case(body.locale)] = std::move(*result);
  } else {
    log::error(
        "TEMPLATE_BROKEN",
        {{"template_key", key}, {"version", version}, {"locale", body.locale}, {"reason", result.error().detail}});
  }
}

std::shared_ptr<const TemplateCatalog> TemplateStore::catalog() const {
  const std::lock_guard lock(mutex_);
  return catalog_;
}

}  // namespace carillon::orchestrator
